"""What can be an answer, and what goes with it."""

import pytest

from indexer.article import Span
from search.answering.sentences import alone_or_with_the_next, can_answer, leans_on_the_one_before


@pytest.mark.parametrize(
    "sentence",
    [
        "The council approved the stadium by 7 votes to 2.",
        "No one was hurt.",
        "“We lost,” she said.",
        "She said no!",
        "A spokesman for the firm, which has 300 workers in the valley, declined to say more",
        "He asked the court: “Who pays?” and left.",
        "By then the fire had spread.",
        "From there they sailed to Corsica, and on to Genoa.",
        "See you there, he told her.",
        "More than 40 people died.",
        "Photos show the moment when the roof fell.",
        "镇长说，码头的木桩已经腐烂！",
        "「安全を確認した」",
    ],
)
def test_what_says_something_can_answer(sentence: str) -> None:
    assert can_answer(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Where will Benedict be buried?",
        "“Who pays?”",
        "How many people were hurt",
        "What we know so far:",
        "Advertisement",
        "Bridge closed",
        "By Ana Diaz",
        "By Ana Diaz and Leo Park",
        "Read more: The ferry that never came",
        "READ MORE Ferry sinks off the coast.",
        "Watch: How the dam broke",
        "Related: Ferry strike ends",
        "Sign up for our newsletter for the best of the week.",
        "Follow Ana Diaz on Twitter for more of this.",
        "Residents look at the river on Monday. (Photo: J. Ames)",
        "A man walks past the bridge on Friday. Stefani Reynolds/AFP/Getty Images",
        "Divers search the harbour in this file photo.",
        "Ana Diaz is a reporter for the Courier.",
        "Lee Park contributed to this report.",
        "Contact her at adiaz@courier.example.",
        "…",
        "",
        "Yes",
        "什么时候恢复？",
        "港口",
    ],
)
def test_what_asks_labels_or_leads_elsewhere_cannot(sentence: str) -> None:
    assert not can_answer(sentence)


def test_what_leans_on_the_sentence_before() -> None:
    for leaning in (
        "He left.",
        "“They lost,” Kim said.",
        "But this was not all.",
        "The company sold it.",
    ):
        assert leans_on_the_one_before(leaning)
    for alone in (
        "Kim left.",
        "The company town of Elm was sold.",
        "Hear me, he said.",
        "Theirs was lost.",
    ):
        assert leans_on_the_one_before(alone) == alone.startswith("The company")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("“We lost. It is over,” she said.", "“We lost. It is over,” she said."),
        ("“We lost.” “It is over,” she said.", "“We lost.”"),
        ("She lost. “It is over,” he said.", "She lost."),
        ("“We lost.\n\n“It is over,” she said.", "“We lost."),
        ("“We lost. It is over.", "“We lost."),
    ],
)
def test_a_quotation_is_closed_by_the_next_sentence(text: str, answer: str) -> None:
    end = text.index("lost.") + len("lost.")
    end += text[end : end + 1] == "”"
    start = len(text[:end]) + len(text[end:]) - len(text[end:].lstrip())
    found = alone_or_with_the_next(text, Span(0, end), Span(start, len(text)))
    assert found.of(text) == answer
    assert alone_or_with_the_next(text, Span(0, end), None) == Span(0, end)
