"""Where an index lies."""

from pathlib import Path

import pytest

from indexer.errors import SettingsError
from indexer.index_url import IndexUrl, index_at


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("index", Path("index")),
        ("/mnt/news", Path("/mnt/news")),
        ("a:b", Path("a:b")),
        ("file:///mnt/news", IndexUrl(Path("/mnt/news"))),
        ("FILE:///mnt/a%20b/", IndexUrl(Path("/mnt/a b"))),
    ],
)
def test_what_is_named(text: str, index: Path | IndexUrl) -> None:
    assert index_at(text) == index


def test_as_it_is_written() -> None:
    assert str(index_at("file:///mnt/a%20b")) == "file:///mnt/a%20b"


@pytest.mark.parametrize(
    "text",
    [
        "http://host/news",
        "gs://bucket",
        "file://mnt/news",
        "file://news",
        "file:///a?b",
        "file:///a#b",
    ],
)
def test_no_index_is_there(text: str) -> None:
    with pytest.raises(SettingsError, match="file"):
        index_at(text)
