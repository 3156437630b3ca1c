"""The page that describes the JSON service."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from web.page.reference import limits


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


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "description": "A question", "minLength": 1, "maxLength": 9},
         "A question, string, 1 or more characters, at most 9 characters"),
        ({"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
         "integer, from 1, to 100, default 10"),
        # A default of 0, of an empty list or of false is none worth telling.
        ({"type": "integer", "default": 0}, "integer"),
        ({"type": "array", "maxItems": 20, "default": []}, "array, at most 20 times"),
        ({"enum": ["story", "article"], "type": "string", "default": "article"},
         "story or article, default article"),
        ({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}, "date"),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, "string"),
        ({}, ""),
    ],
)  # fmt: skip
def test_limits_in_words(schema: dict[str, Any], words: str) -> None:
    assert limits(schema) == words
