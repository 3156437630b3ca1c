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
        ("file:///mnt/news", IndexUrl("file", "/mnt/news")),
        ("s3://bucket", IndexUrl("s3", "bucket")),
        ("S3://my.bucket-1/news/2024/", IndexUrl("s3", "my.bucket-1/news/2024")),
        ("FILE:///mnt/a%20b/", IndexUrl("file", "/mnt/a b")),
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


@pytest.mark.parametrize(
    "place", ["", "B", "b/..//c", "key:secret@bucket/news", "b/a?x=secret", "b/a b"]
)
def test_no_bucket_and_nothing_secret_is_told(place: str) -> None:
    with pytest.raises(SettingsError, match="names a bucket") as told:
        index_at(f"s3://{place}")
    assert "secret" not in str(told.value)
