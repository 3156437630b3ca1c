"""What the environment may say of who may ask, and what it may not."""

import pytest

from indexer.errors import SettingsError
from search.http.access import Access


def test_defaults() -> None:
    access = Access.from_environment({})
    assert access == Access()
    assert (access.read_keys, access.admin_key) == ((), None)


KEY, OTHER = "0123456789abcdef", "!another-KEY~of=20."


def test_who_may_ask() -> None:
    assert Access.from_environment(
        {
            "ARTICLE_SEARCH_READ_KEY": f" {KEY} ,,{OTHER},{KEY}",
            "ARTICLE_SEARCH_ADMIN_KEY": OTHER,
            "ARTICLE_SEARCH_HOSTS": "News.Example.org, *.in.example,[::1],10.0.0.1",
            "ARTICLE_SEARCH_CORS_ORIGINS": "https://a.example,http://localhost:3000, *",
            "ARTICLE_SEARCH_RATE": "120",
            "ARTICLE_SEARCH_DEADLINE": "3",
        }
    ) == Access(
        read_keys=(KEY, OTHER),
        admin_key=OTHER,
        hosts=("news.example.org", "*.in.example", "[::1]", "10.0.0.1"),
        origins=("https://a.example", "http://localhost:3000", "*"),
        rate=120,
        deadline=3,
    )


def test_what_is_empty_is_not_set() -> None:
    names = ("READ_KEY", "ADMIN_KEY", "HOSTS", "CORS_ORIGINS")
    for value in ("", " ", ",", " , "):
        environment = {f"ARTICLE_SEARCH_{name}": value for name in names}
        assert Access.from_environment(environment) == Access()


@pytest.mark.parametrize(
    "key", [KEY[:-1], "x" * 201, f"{KEY} {KEY}", f"{KEY}é", f"{KEY}\n{KEY}", f"{KEY}\udcff"]
)
def test_a_key_that_cannot_be_used_is_not_shown(key: str) -> None:
    for name in ("ARTICLE_SEARCH_READ_KEY", "ARTICLE_SEARCH_ADMIN_KEY"):
        with pytest.raises(SettingsError, match=name) as refused:
            Access.from_environment({name: f"{KEY},{key}" if "READ" in name else key})
        assert key[:12] not in str(refused.value)


def test_keys_are_not_shown() -> None:
    access = Access.from_environment(
        {"ARTICLE_SEARCH_READ_KEY": KEY, "ARTICLE_SEARCH_ADMIN_KEY": OTHER}
    )
    assert KEY not in repr(access)
    assert OTHER not in repr(access)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADMIN_KEY", f"{KEY},{OTHER}"),
        ("HOSTS", "https://news.example.org"),
        ("HOSTS", "news.example.org:8000"),
        ("HOSTS", "*"),
        ("HOSTS", "a.*.example"),
        ("CORS_ORIGINS", "app.example"),
        ("CORS_ORIGINS", "https://app.example/"),
        ("CORS_ORIGINS", "https://*.example"),
        ("CORS_ORIGINS", "null"),
        ("RATE", "-1"),
        ("RATE", "fast"),
        ("DEADLINE", "0"),
        ("DEADLINE", "1.5"),
    ],
)
def test_wrong_values(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"ARTICLE_SEARCH_{name} "):
        Access.from_environment({f"ARTICLE_SEARCH_{name}": value})
