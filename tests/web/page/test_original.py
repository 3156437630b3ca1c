"""Links to the original, opened at a sentence."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.page.original import host, opened_at

PAGE = "https://ledger.example/storm?a=1"


@pytest.mark.parametrize(
    ("sentence", "address"),
    [
        ("Walls, new ones.", f"{PAGE}#:~:text=Walls%2C%20new%20ones."),
        ("A well-known R&D plan", f"{PAGE}#:~:text=A%20well%2Dknown%20R%26D%20plan"),
        ("50% “ß” 😀", f"{PAGE}#:~:text=50%25%20%E2%80%9C%C3%9F%E2%80%9D%20%F0%9F%98%80"),
        (
            "one two three four five six seven eight nine ten eleven twelve thirteen",
            f"{PAGE}#:~:text=one%20two%20three%20four%20five%20six,"
            "eight%20nine%20ten%20eleven%20twelve%20thirteen",
        ),
        ("x" * 1_000_000, PAGE),
        (" \n", PAGE),
        ("", PAGE),
    ],
)
def test_an_original_is_opened_at_the_sentence(sentence: str, address: str) -> None:
    assert opened_at(PAGE, sentence) == address


def test_an_original_keeps_its_own_fragment() -> None:
    assert opened_at(f"{PAGE}#part-2", "Walls.") == f"{PAGE}#part-2:~:text=Walls."
    assert opened_at(f"{PAGE}#part-2:~:text=old", "Walls.") == f"{PAGE}#part-2:~:text=Walls."


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_a_text_fragment_holds_the_words_and_no_sign_of_its_own(sentence: str) -> None:
    _, _, fragment = opened_at(PAGE, sentence).partition("#:~:text=")
    assert re.fullmatch(r"[A-Za-z0-9._~%,]*", fragment)
    assert fragment.count(",") == (len(sentence.split()) > 12)
    if "," not in fragment and fragment:
        assert unquote(fragment) == " ".join(sentence.split())


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://Ledger.example:8443/a", "ledger.example"),
        ("http://[::1]/a", "::1"),
        ("https://user@evil.example/", "evil.example"),
        ("ftp://ledger.example/", None),
        ("javascript:alert(1)", None),
        ("//ledger.example/", None),
        ("https://", None),
        ("http://[bad", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_web_address_has_a_host(url: str | None, name: str | None) -> None:
    assert host(url) == name
