"""Keys of a server, and the headers that send them."""

import base64

from search.http.access import Access

READ, OTHER, ADMIN = "read-key-of-sixteen", "another-reading-key", "the-key-of-the-admin"


KEYS = Access(read_keys=(READ, OTHER), admin_key=ADMIN)


def basic(key: str, user: str = "anybody") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
