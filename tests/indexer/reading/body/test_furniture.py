"""Lines that news pages print around an article."""

import pytest

from indexer.day_words import MONTHS, WEEKDAYS
from indexer.reading.body.furniture import (
    WORD_LISTS,
    ends_article,
    ends_page,
    is_furniture,
    is_menu,
    is_pitch,
)


@pytest.mark.parametrize(
    "line",
    ["ADVERTISEMENT", "• Share on Facebook", "Facebook Twitter WhatsApp", "Read more: A quay",
     "Photo: Lars Lund", "3 min read", "Skip to main content", "Accept all cookies",
     "Video Player is loading. Play Mute Current Time 0:00 / Duration 1:23", "Current Time 0:00",
     "Sign up for our free newsletter and get the best stories", "Back to front page",
     "MENAFN13072025000045017169ID1109793436", "Home | News | Sport | Weather"],
)  # fmt: skip
def test_furniture(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    ["", "The council met.", "He asked visitors to share", "Read the letter", "Photography is art",
     "Advertisement is a trade", "share " * 100, "Play is what children do all day",
     "Back to school", "play " + "1:" * 190 + "é", "Duration of the talks was not known."],
)  # fmt: skip
def test_no_furniture(line: str) -> None:
    assert not is_furniture(line)


@pytest.mark.parametrize(
    "line",
    ["You have read all your free articles this month. Subscribe for 9 crowns a month.",
     "You’ve reached your monthly limit of free stories", "You have 2 free articles remaining.",
     "Already a subscriber? Log in here.", "To continue reading, please log in or subscribe.",
     "This article is for subscribers only.", "This article is reserved for subscribers",
     "Start your free trial", "Cancel any time", "Unlimited access to all articles",
     "Sie haben bereits drei kostenlose Artikel gelesen", "Cet article est réservé aux abonnés",
     "¿Ya eres suscriptor? Inicia sesión"],
)  # fmt: skip
def test_pitches(line: str) -> None:
    assert is_pitch(line)
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    ["“You have read all your free articles,” the page told him.", "You have read the news.",
     "Subscribers of the Courier paid 9 crowns a month.", "This article is about subscribers.",
     "Members only met on Sunday, the club said.", "To continue, the ferry needs a new engine."],
)  # fmt: skip
def test_no_pitches(line: str) -> None:
    assert not is_pitch(line)


@pytest.mark.parametrize(
    ("line", "article", "page"),
    [
        ("Leave a Comment", True, True),
        ("12 comments", True, True),
        ("© 2024 Tidende", True, True),
        ("Related stories:", True, False),
        ("Tags: sea, lamps", True, False),
        ("About the author", True, True),
        ("Your email address will not be published.", False, True),
        ("Comments were made", False, False),
        ("copyright " * 100, False, False),
    ],
)
def test_what_ends_the_article_or_the_page(line: str, article: bool, page: bool) -> None:
    assert (ends_article(line), ends_page(line)) == (article, page)


@pytest.mark.parametrize(
    ("line", "menu"),
    [
        ("Home    News    Sport    Weather", True),
        ("Home | News | Sport | Weather", True),
        ("Home | News | Sport", False),
        ("Home News Sport Weather", False),
        ("One | Two | Three | a cell of too many words", False),
        ("a | " * 200, False),
    ],
)
def test_menus(line: str, menu: bool) -> None:
    assert is_menu(line) == menu


def test_word_lists_are_lower_case_words() -> None:
    for words in WORD_LISTS.values():
        assert words == words.lower()
        assert all(word.isalpha() for word in words.split())


def test_months_and_weekdays_are_listed() -> None:
    listed = set(WORD_LISTS["month"].split())
    assert listed > {*MONTHS, *WEEKDAYS, "août", "märz", "diciembre", "gennaio", "outubro", "pm"}
    assert not listed & {"novembro", "januari", "fevr", "января", "set", "out"}
