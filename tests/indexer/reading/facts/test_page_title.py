"""The headline of a page, among what it declares and what it shows."""

import pytest

from tests.support.ferry import TITLE, about, html_of


@pytest.mark.parametrize(
    ("declared", "shown", "title"),
    [
        (f"{TITLE} - Aldvik Courier", "Aldvik Courier", TITLE),
        (f"Aldvik Courier: {TITLE}", "Aldvik Courier", TITLE),
        (f"{TITLE} | Courier", TITLE, TITLE),
        ("Ferry to Skarholm is back after winter in dry dock", TITLE, TITLE),
        (TITLE, "Menu", TITLE),
    ],
)
def test_the_headline_is_agreed_upon(declared: str, shown: str, title: str) -> None:
    assert about(html_of(f"<title>{declared}</title>", title=shown)).title == title
