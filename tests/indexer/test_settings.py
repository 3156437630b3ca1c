"""What the environment may say, and what it may not."""

from pathlib import Path

import pytest

from indexer.errors import SettingsError
from indexer.settings import DEFAULT_MODEL, DEVICES, Settings


def test_defaults() -> None:
    settings = Settings.from_environment({})
    assert settings.index == Path("index")
    assert settings.model == DEFAULT_MODEL
    assert settings.cache == Path.home() / ".cache" / "article-search"
    assert (settings.device, settings.download) == ("auto", False)
    assert settings.threads >= 1


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
