"""The headline among the lines of a text dump. The pages are made up."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Article, Document
from indexer.reading.cleaning import clean
from indexer.reading.facts.headline import WEIGHTS, candidates, headline, short_headline
from scripts.training.headlines import choices, fit, same, trained
from tests.support.ferry import BODY as PARAGRAPHS
from tests.support.ferry import TITLE

BODY = PARAGRAPHS[:3]
MENU = ["Home", "News Sport Weather Podcasts Jobs", "Search", "Log in", "Islands"]
BYLINE = "By Tor Lund | Published 12 March 2024"


def _found(head: list[str], tail: list[str] | None = None) -> str | None:
    lines = [*head, *BODY, *(tail or [])]
    line = headline(lines, range(len(head), len(head) + len(BODY)))
    return None if line is None else lines[line]


def test_the_line_above_the_byline() -> None:
    lines = [*MENU, TITLE, BYLINE, "Share on Facebook", *BODY]
    assert headline(lines, range(len(lines) - len(BODY), len(lines))) == len(MENU)


def test_not_the_standfirst() -> None:
    standfirst = "Islanders lined the quay as the ferry came in with new engines and a new door."
    assert _found([*MENU, TITLE, standfirst, BYLINE]) == TITLE


def test_not_a_headline_of_another_article() -> None:
    teaser = "Council votes to close three village schools by the summer"
    assert _found([*MENU, teaser, "Opinion", TITLE, BYLINE]) == TITLE


def test_not_a_standfirst_without_a_full_stop() -> None:
    standfirst = "Harbour master says the winter without engines cost the island half its visitors"
    assert _found([*MENU, TITLE, standfirst, BYLINE]) == TITLE


def test_not_a_caption() -> None:
    caption = "The ferry between Aldvik and Skarholm on Monday. Photo: Tor Lund"
    assert _found([*MENU, TITLE, BYLINE, caption]) == TITLE


def test_not_one_of_a_list_of_teasers() -> None:
    teasers = [
        "Island ferry engine orders rise at every shipyard",
        "Harbour visitors complain about the new parking fees",
        "Winter storms on the sound will come earlier this year",
        "Shipyard workers on the island ask for better pay",
    ]
    assert _found([*teasers, *MENU, TITLE, BYLINE]) == TITLE


def test_a_dump_that_begins_with_it() -> None:
    assert headline([TITLE, *BODY], range(1, 4)) == 0


def test_twice_running_and_in_a_comment_form() -> None:
    assert _found([*MENU, TITLE, TITLE, "Islands"]) == TITLE
    assert _found([*MENU, TITLE], tail=["Leave a comment", f"Title: {TITLE}"]) == TITLE


def test_taken_for_the_first_line_of_the_body() -> None:
    assert headline([*MENU, TITLE, *BODY], range(len(MENU), len(MENU) + 4)) == len(MENU)


def test_a_sentence_of_the_body_is_not_taken_away() -> None:
    assert headline(["The ferry is back.", *BODY], range(4)) is None


def test_a_notice_far_above_taken_for_the_body() -> None:
    notice = "We and our partners keep cookies on your device to measure how you use this site."
    lines = [notice, *MENU, *MENU, TITLE, BYLINE, *BODY]
    body = [0, *range(len(lines) - 3, len(lines))]
    assert headline(lines, body) == lines.index(TITLE)


def test_no_line_of_a_menu() -> None:
    assert _found(["Home", "Search"]) is None


@given(
    st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=30),
    st.sets(st.integers(0, 29), min_size=1),
)
def test_of_any_lines_one_or_none(lines: list[str], kept: set[int]) -> None:
    body = sorted(i for i in kept if i < len(lines)) or [0]
    found = headline(lines, body)
    assert found is None or found in {each.line for each in candidates(lines, body)}


def test_lines_of_any_length() -> None:
    lines = ["A line " * 500_000, "x" * 5_000_000, TITLE, "( " * 100_000, *BODY * 10_000]
    assert headline(lines, range(4, len(lines))) == 2


def test_there_is_a_weight_for_each_feature() -> None:
    (only,) = candidates([TITLE, *BODY], range(1, 4))
    assert len(only.features) == len(WEIGHTS)


def test_the_weights_can_be_fitted() -> None:
    pages = [(([*MENU, TITLE, BYLINE, *BODY], range(7, 10)), TITLE)] * 3
    weights = trained(pages)
    assert list(weights) == [*WEIGHTS, "none"]
    whole = choices(pages[0])[0]
    assert whole.right[(whole.features @ fit(choices(pages[0]))).argmax()]


@pytest.mark.shared
def test_the_seeds(shared: Path) -> None:
    starts = ["pyongyang will stand", None, "north korea’s leader pledges", "putin says russia"]
    starts.append("north korean leader meets")
    for path, start in zip(sorted((shared / "seeds").iterdir()), starts, strict=True):
        lines = [" ".join(line.split()) for line in path.read_text("utf-8").split("\n")]
        lines = [line for line in lines if line]
        first = next(i for i, line in enumerate(lines) if len(line) > 150)
        last = max(i for i, line in enumerate(lines) if len(line) > 150)
        found = headline(lines, range(first, last + 1))
        assert (found is None) == (start is None)
        assert found is None or start is None or lines[found].casefold().startswith(start)


def test_same_drops_case_and_punctuation() -> None:
    assert same("Ferry’s back", "FERRY S BACK!")
    assert not same("Ferry’s back", "Ferry")


def test_an_agency_slug_is_no_headline() -> None:
    lines = [
        "XQ5502 4 pol 0230 BSN /HARBOUR-VOTE",
        "Council votes for a new harbour wall",
        "Lowick (BSN) - The council of Lowick voted on Monday for a new wall in the harbour.",
        "The harbour wall will cost four million crowns, said the mayor after the vote.",
    ]
    assert headline(lines, [2, 3]) == 1


PROSE = (
    "The mayor of Aldvik has resigned after eleven years, the council said on Monday evening, and "
    "a new one will be chosen in June."
)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"Mayor resigns\n\n{PROSE}", "Mayor resigns"),
        (f"\nFish auction\n \n4 March 1889\n\nBy Ada Quill\n\n{PROSE}", "Fish auction"),
        (f"MAYOR RESIGNS\n\nThe Skerry Post, 4 March 1889\n\n{PROSE}", "MAYOR RESIGNS"),
        (
            f"Mayor resigns\n\nThe mayor of Aldvik resigned on Monday evening.\n\n{PROSE}",
            "Mayor resigns",
        ),
        (f"Ada Quill\n\n{PROSE}", None),
        (f"ISLAND TODAY\n\n{PROSE}", None),
        (f"Mayor\n\n{PROSE}", None),
        (f"Mayor resigns.\n\n{PROSE}", None),
        (f"Mayor resigns\n{PROSE}", None),
        (f"Mayor resigns\n\nHome\n\n{PROSE}", None),
        (f"Subscribe now\n\n{PROSE}", None),
        (f"The Skerry Post\n\n{PROSE}", None),
        (f"By Ada Quill\n\n{PROSE}", None),
        (f"4 March 2024\n\n{PROSE}", None),
        ("Mayor resigns", None),
        ("", None),
    ],
)
def test_a_headline_of_few_words(text: str, title: str | None) -> None:
    assert short_headline(text) == title


def test_a_headline_of_few_words_is_no_text() -> None:
    article = clean(Document("a", f"Mayor resigns\n\n{PROSE}", "text"))
    assert isinstance(article, Article)
    assert (article.title, article.title_made, article.text) == ("Mayor resigns", False, PROSE)
