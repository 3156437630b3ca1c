"""Hosts of addresses."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.hosts import hostname

HOSTS = st.sampled_from(["coast.example", "www.coast.example", "a-1.example", "localhost", "[::1]"])
ENDS = st.text(":@[]/?#.-_\\ \t\nAbé3", max_size=8)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.coast.example/a?b", "www.coast.example"),
        ("http://coast.example", "coast.example"),
        ("//Coast.example:80", "coast.example"),
        ("https://someone:secret@coast.example:8443/", "coast.example"),
        ("https://[bad", ""),
        ("coast.example/a", ""),
        ("", ""),
    ],
)
def test_hosts(url: str, host: str) -> None:
    assert hostname(url) == host


@given(st.tuples(st.sampled_from(["http://", "https://", "//", "ftp://", " http://"]), HOSTS, ENDS))
@example(("http://", "coast.example", "\n.other.example/"))
@example(("http://", "coast.example", ":80@other.example/"))
def test_plain_addresses_are_read_as_all_others(parts: tuple[str, ...]) -> None:
    url = "".join(parts)
    try:
        expected = urlsplit(url).hostname or ""
    except ValueError:
        expected = ""
    assert hostname(url) == expected
