"""The page that describes the JSON service."""

import re

from fastapi.testclient import TestClient


def test_the_reference_lists_every_route_and_loads_nothing_from_elsewhere(
    client: TestClient,
) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    for path in client.get("/openapi.json").json()["paths"]:
        assert path in page.text
    assert "from 1, to 100, default 10" in page.text
    assert "hybrid or semantic or lexical" in page.text
    assert not re.findall(r"""(?:src|href)=["']https?:""", page.text)
