"""Which values of a field are meant by those that are asked for."""

import pytest

from indexer.storage.fields import FIELDS

BY_NAME = {field.name: field for field in FIELDS}


@pytest.mark.parametrize(
    ("name", "value", "asked", "accepted"),
    [
        ("author", "Łukasz Ørsted", "lukasz orsted", True),
        ("author", "lukasz orsted", "Ørsted", True),
        ("author", "Lee Kim-Poe", "POE lee", True),
        ("author", "Łukasz Ørsted", "lukas", False),
        ("author", "Łukasz Ørsted", " ", False),
        ("source", "Écho", "écho", True),
        ("source", "Écho", "Echo", False),
        ("language", "de", "DE-at", True),
        ("language", "de", "d", False),
    ],
)
def test_what_is_meant(name: str, value: str, asked: str, accepted: bool) -> None:
    field = BY_NAME[name]
    assert field.accepts([asked])(field.key(value)) is accepted
    assert field.accepts(["nobody", asked])(field.key(value)) is accepted
    assert not field.accepts([])(field.key(value))
