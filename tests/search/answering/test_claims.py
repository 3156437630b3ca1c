"""What is a claim, and what refutes it."""

import pytest

from indexer.article import Span
from search.answering.claims import verdict

PARK = "Posts shared on Facebook claim that the mayor of Elm sold the park."


@pytest.mark.parametrize(
    ("title", "text", "refuted_by"),
    [
        (
            "Fact check: Did the mayor sell the park?",
            f"{PARK} The park covers nine acres.\n\nIt has a pond.\n\nWe rate this claim FALSE.",
            "We rate this claim FALSE.",
        ),
        (
            "The park of Elm",
            f"{PARK} “There is no truth in it,” the mayor said. Work goes on.",
            "“There is no truth in it,” the mayor said.",
        ),
        (
            "A star's divorce",
            "Rumors that she had left her band spread on Monday. Her agent denied the report.",
            "Her agent denied the report.",
        ),
        (
            "False claim about the park",
            "The sale never happened.\n\n" + PARK,
            "The sale never happened.",
        ),
    ],
)
def test_a_claim_and_its_verdict(title: str, text: str, refuted_by: str) -> None:
    begin = text.index("Posts" if "Posts" in text else "Rumors")
    sentence = Span(begin, text.index(".", begin) + 1)
    found = verdict(title, text, sentence)
    assert found is not None
    assert found.of(text) == refuted_by


@pytest.mark.parametrize(
    "text",
    [
        "The mayor of Elm sold the park. There is no evidence of a fire, police said.",
        f"{PARK} The council met on Monday. It voted for a new bridge.",
        PARK + " " + "The pond was cleaned and the trees were cut back. " * 12 + "That was wrong.",
        "Claims that the mayor sold the park are false. There is no evidence for it.",
    ],
)
def test_no_claim_or_nothing_that_refutes_it(text: str) -> None:
    assert verdict("The park of Elm", text, Span(0, text.index(".") + 1)) is None


def test_an_endless_text_is_read_quickly() -> None:
    text = PARK + " claim" * 300_000
    assert verdict("Fact check", text, Span(0, len(PARK))) is None
