"""Who asks, by the headers of a request."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.http.access import Access
from search.http.middleware.keys import Keys
from tests.support.keys import ADMIN, KEYS, OTHER, READ, basic


@given(st.binary(max_size=60), st.sampled_from([b"authorization", b"x-api-key"]))
def test_no_header_is_a_key_by_chance(value: bytes, header: bytes) -> None:
    keys = Keys(KEYS)
    for prefix in (b"", b"Bearer ", b"Basic ", b"basic " + base64.b64encode(value)):
        assert keys.name([(header, prefix + value)]) is None


def test_a_password_of_a_proxy_does_not_hide_the_key() -> None:
    keys = Keys(KEYS)
    proxy = (b"authorization", basic("of-the-proxy")["Authorization"].encode())
    key = (b"x-api-key", READ.encode())
    assert keys.name([proxy]) is None
    assert keys.name([proxy, key]) == keys.name([key, proxy]) == "read-1"


@pytest.mark.parametrize(
    ("header", "value", "name"),
    [
        ("x-api-key", READ, "read-1"),
        ("x-api-key", OTHER, "read-2"),
        ("x-api-key", ADMIN, "admin"),
        ("authorization", f"Bearer {READ}", "read-1"),
        ("authorization", f"bearer   {ADMIN} ", "admin"),
        ("authorization", basic(OTHER)["Authorization"], "read-2"),
        # A browser sends it along unasked.
        ("authorization", basic(ADMIN)["Authorization"], "read-admin"),
        ("authorization", READ, None),
        ("authorization", "Basic !", None),
        ("cookie", READ, None),
    ],
)
def test_the_name_of_a_key(header: str, value: str, name: str | None) -> None:
    assert Keys(KEYS).name([(b"accept", b"*/*"), (header.encode(), value.encode())]) == name


def test_a_key_is_needed_only_to_read_what_is_not_open() -> None:
    assert Keys(KEYS).required
    nobody, admin = Keys(Access()), Keys(Access(admin_key=ADMIN))
    assert not nobody.required
    assert not admin.required
    sent = [(b"x-api-key", ADMIN.encode())]
    assert (nobody.name(sent), admin.name(sent)) == (None, "admin")
