"""Which values of a field are meant by those that are asked for."""

import pytest

from indexer.storage.fields import FIELDS

BY_NAME = {field.name: field for field in FIELDS}


@pytest.mark.parametrize(
    ("name", "value", "asked", "accepted"),
    [
        ("author", "Łukasz Ørsted", "lukasz orsted", True),
        ("author", "lukasz orsted", "Ørsted", True),
        ("author", "Lee Kim-Poe", "POE lee", True),
        ("author", "Łukasz Ørsted", "lukas", False),
        ("author", "Łukasz Ørsted", " ", False),
        ("source", "Écho", "écho", True),
        ("source", "Écho", "Echo", False),
        ("language", "de", "DE-at", True),
        ("language", "de", "d", False),
        ("site", "news.echo.example", "echo.example", True),
        ("site", "echo.example", "www.Echo.example", True),
        ("site", "echo.example", "https://echo.example:8080/a?b=c#d", True),
        ("site", "echo.example", "news.echo.example", False),
        ("site", "thecho.example", "cho.example", False),
        ("site", "echo.example", ".example", False),
        ("site", "echo.example", " echo.example. ", True),
        ("site", "echo.example", "echo.example/a//b", True),
        ("site", "echo.example", "//echo.example/a", True),
        ("site", "echo.example", "other.example/?u=https://echo.example", False),
        ("site", "echo.com", "www.com", False),
        ("site", "münchen.example", "xn--mnchen-3ya.example", True),
        ("site", "echo.example", "http://[x/", False),
        ("site", "echo.example", "", False),
    ],
)
def test_what_is_meant(name: str, value: str, asked: str, accepted: bool) -> None:
    field = BY_NAME[name]
    assert field.accepts([asked])(field.key(value)) is accepted
    assert field.accepts(["nobody", asked])(field.key(value)) is accepted
    assert not field.accepts([])(field.key(value))


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.Echo.example/a", "echo.example"),
        ("http://news.echo.example:8080/?q=www.other.example", "news.echo.example"),
        ("https://www.example", "www.example"),
        ("https://www.com/", "www.com"),
        (" https://News.Echo.Example./a", "news.echo.example"),
        ("https://xn--mnchen-3ya.example/", "münchen.example"),
        ("https://MÜNCHEN.example/", "münchen.example"),
        ("https://user@echo.example/", "echo.example"),
        ("http://[2001:db8::1]/a", "2001:db8::1"),
        ("http://[x/", None),
        ("https:///a", None),
        ("https://www./a", "www"),
        ("echo.example/a", None),
    ],
)
def test_the_site_of_an_address(url: str, site: str | None) -> None:
    assert BY_NAME["site"].value(url) == site
