"""Words divided at line ends."""

import pytest

from indexer.reading.body.hyphens import Hyphens


@pytest.mark.parametrize(
    ("before", "line", "joined"),
    [
        ("it will dis-", "continue its service", "it will discontinue its service"),
        ("of share-", "holders, who", "of shareholders, who"),
        ("Mr. Wal-", "demar Brink.", "Mr. Waldemar Brink."),
        ("Mr. Walde-", "mar Brink.", "Mr. Waldemar Brink."),
        ("the announce‐", "ment of", "the announcement of"),
        ("the ferry¬", "man of", "the ferryman of"),
        ("THE WIN-", "TER SERVICE", "THE WINTER SERVICE"),
        ("a well-", "known singer", "a well-known singer"),
        ("sister Mary-", "Kate Olsen", "sister Mary-Kate Olsen"),
        ("an ex-", "pected rise", "an expected rise"),
        ("its ex-", "president", "its ex-president"),
        ("the long-", "term plan", "the long-term plan"),
        ("the 300-", "year lease", "the 300-year lease"),
        ("since COVID-", "19 came", "since COVID-19 came"),
        ("two-", "and three-year terms", "two- and three-year terms"),
        ("It rained -", "and snowed", "It rained - and snowed"),
        ("It rained--", "and snowed", "It rained-- and snowed"),
        ("no hyphen", "here", "no hyphen here"),
    ],
)
def test_divided_words(before: str, line: str, joined: str) -> None:
    assert Hyphens([before, line]).joined(before, line) == joined


@pytest.mark.parametrize(
    ("elsewhere", "joined"),
    [("A fisherwoman spoke.", "The fisherwoman"), ("A fisher-woman spoke.", "The fisher-woman")],
)
def test_the_text_itself_decides(elsewhere: str, joined: str) -> None:
    lines = [elsewhere, "The fisher-", "woman"]
    assert Hyphens(lines).joined("The fisher-", "woman") == joined
