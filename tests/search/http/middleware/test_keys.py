"""Who asks, by the headers of a request."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from search.http.middleware.keys import Keys
from tests.support.keys import KEYS, READ, basic


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
