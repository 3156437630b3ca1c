"""Addresses, and those of copies in web archives."""

import pytest

from indexer.reading.facts.address import host_of, is_archive, original_address

ORIGINAL = "http://skerry.example/auction?id=3"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.coast.example/a", "coast.example"),
        ("//Coast.example:80", "coast.example"),
        ("/a", ""),
        ("https://[bad", ""),
        (None, ""),
    ],
)
def test_hosts(url: str | None, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    [
        ORIGINAL,
        f"https://web.archive.org/web/20190711123456/{ORIGINAL}",
        f"http://web.archive.org/web/2019id_/{ORIGINAL}",
        "https://web.archive.org/web/20190711123456/http://skerry.example:80/auction?id=3",
        "https://web.archive.org/web/20190711123456/http:/skerry.example/auction?id=3",
        f"/web/20190711123456/{ORIGINAL}",
        f"https://archive.ph/2019.07.11-123456/{ORIGINAL}",
        f"https://archive.today/20190711123456/{ORIGINAL}",
        f"https://webarchive.nationalarchives.example/20190711123456/{ORIGINAL}",
        "https://webcache.googleusercontent.com/search?q=cache:2zG0XwvQyhMJ:"
        "http%3A%2F%2Fskerry.example%2Fauction%3Fid%3D3+&cd=1&hl=en",
        "http://webcache.googleusercontent.com/search?q=cache:skerry.example/auction?id=3",
    ],
)
def test_the_address_of_a_copy_is_that_of_the_page(url: str) -> None:
    assert original_address(url) == ORIGINAL


@pytest.mark.parametrize(
    "url", ["https://archive.ph/AbCdE", "https://perma.cc/AB12-CD34", "", None]
)
def test_an_address_that_does_not_tell_the_page(url: str | None) -> None:
    assert original_address(url) is None


def test_an_address_in_another_that_is_no_archives() -> None:
    url = f"https://skerry.example/2019/{ORIGINAL}"
    assert original_address(url) == url


@pytest.mark.parametrize(
    ("host", "archive"),
    [
        ("web.archive.org", True),
        ("archive.ph", True),
        ("perma.cc", True),
        ("archive.skerry.example", False),
        ("skerryarchive.org", False),
        ("", False),
    ],
)
def test_hosts_of_archives(host: str, archive: bool) -> None:
    assert is_archive(host) == archive
