"""What the environment may say, and what it may not."""

from pathlib import Path

import pytest

from indexer.errors import SettingsError
from indexer.settings import DEFAULT_MODEL, DEVICES, Access, Settings


def test_defaults() -> None:
    settings = Settings.from_environment({})
    assert settings.index == Path("index")
    assert settings.model == DEFAULT_MODEL
    assert settings.cache == Path.home() / ".cache" / "article-search"
    assert (settings.device, settings.download) == ("auto", False)
    assert settings.threads >= 1
    assert settings.access == Access()
    assert (settings.access.read_keys, settings.access.admin_key) == ((), None)


def test_everything_set() -> None:
    assert Settings.from_environment(
        {
            "ARTICLE_SEARCH_INDEX": "/i",
            "ARTICLE_SEARCH_MODEL": "m",
            "ARTICLE_SEARCH_CACHE": "/c",
            "ARTICLE_SEARCH_DEVICE": "cpu",
            "ARTICLE_SEARCH_THREADS": "3",
            "ARTICLE_SEARCH_DOWNLOAD": "1",
            "XDG_CACHE_HOME": "/ignored",
        }
    ) == Settings(Path("/i"), "m", Path("/c"), "cpu", 3, True)


def test_the_cache_follows_xdg() -> None:
    settings = Settings.from_environment({"XDG_CACHE_HOME": "/xdg"})
    assert settings.cache == Path("/xdg/article-search")


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "", " 2", "²", "٣"])
def test_wrong_threads(value: str) -> None:
    with pytest.raises(SettingsError, match="ARTICLE_SEARCH_THREADS"):
        Settings.from_environment({"ARTICLE_SEARCH_THREADS": value})


def test_wrong_device() -> None:
    with pytest.raises(SettingsError, match=", ".join(DEVICES)):
        Settings.from_environment({"ARTICLE_SEARCH_DEVICE": "tpu"})


@pytest.mark.parametrize("value", ["", "0", "yes"])
def test_only_1_allows_a_download(value: str) -> None:
    assert not Settings.from_environment({"ARTICLE_SEARCH_DOWNLOAD": value}).download


KEY, OTHER = "0123456789abcdef", "!another-KEY~of=20."


def test_who_may_ask() -> None:
    assert Settings.from_environment(
        {
            "ARTICLE_SEARCH_READ_KEY": f" {KEY} ,,{OTHER},{KEY}",
            "ARTICLE_SEARCH_ADMIN_KEY": OTHER,
            "ARTICLE_SEARCH_HOSTS": "News.Example.org, *.in.example,[::1],10.0.0.1",
            "ARTICLE_SEARCH_CORS_ORIGINS": "https://a.example,http://localhost:3000, *",
            "ARTICLE_SEARCH_RATE": "120",
            "ARTICLE_SEARCH_DEADLINE": "3",
        }
    ).access == Access(
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
        assert Settings.from_environment(environment).access == Access()


@pytest.mark.parametrize(
    "key", [KEY[:-1], "x" * 201, f"{KEY} {KEY}", f"{KEY}é", f"{KEY}\n{KEY}", f"{KEY}\udcff"]
)
def test_a_key_that_cannot_be_used_is_not_shown(key: str) -> None:
    for name in ("ARTICLE_SEARCH_READ_KEY", "ARTICLE_SEARCH_ADMIN_KEY"):
        with pytest.raises(SettingsError, match=name) as refused:
            Settings.from_environment({name: f"{KEY},{key}" if "READ" in name else key})
        assert key[:12] not in str(refused.value)


def test_keys_are_not_shown() -> None:
    settings = Settings.from_environment(
        {"ARTICLE_SEARCH_READ_KEY": KEY, "ARTICLE_SEARCH_ADMIN_KEY": OTHER}
    )
    assert KEY not in repr(settings)
    assert OTHER not in repr(settings)


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
        Settings.from_environment({f"ARTICLE_SEARCH_{name}": value})
