"""Keys: who asks, as far as that is known, and what they may do."""

import base64
import binascii
import hmac
from collections.abc import Iterable
from hashlib import sha256

from search.http.access import Access

ADMIN = "admin"


class Keys:
    """The keys of a server, each with a name that may be logged."""

    def __init__(self, access: Access) -> None:
        """Know the keys of `access`; the admin key reads as well."""
        named = [(f"read-{at}", key) for at, key in enumerate(access.read_keys, start=1)]
        if access.admin_key:
            named.append((ADMIN, access.admin_key))
        self._digests = [(name, sha256(key.encode()).digest()) for name, key in named]
        self.required = bool(access.read_keys)

    def name(self, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """The name of the key in a request's headers, if it is one of these.

        `Authorization: Bearer KEY`, `X-API-Key: KEY`, or HTTP Basic with the key as password.
        Basic does not administer: browsers send it along unasked, also from other sites' pages.
        """
        if not self._digests:
            return None
        # All are looked at: a proxy may send a password of its own beside the key.
        return next(filter(None, (self._of(*header) for header in headers)), None)

    def _of(self, header: bytes, value: bytes) -> str | None:
        if header == b"x-api-key":
            return self._find(value)
        if header != b"authorization":
            return None
        scheme, _, credentials = value.partition(b" ")
        if scheme.lower() == b"bearer":
            return self._find(credentials.strip())
        if scheme.lower() == b"basic":
            name = self._find(_password(credentials))
            return "read-admin" if name == ADMIN else name
        return None

    def _find(self, key: bytes) -> str | None:
        # Digests are of one length, and all are looked at: time tells nothing about a key.
        digest = sha256(key).digest()
        found = None
        for name, known in self._digests:
            if hmac.compare_digest(digest, known):
                found = name
        return found


def _password(credentials: bytes) -> bytes:
    """The password of HTTP Basic (RFC 7617)."""
    try:
        return base64.b64decode(credentials.strip(), validate=True).partition(b":")[2]
    except binascii.Error:
        return b""
