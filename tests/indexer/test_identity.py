"""Ids: what tells one article from all others, and what it is served under."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Article, Document
from indexer.identity import distinct_ids, full_id
from indexer.storage.rows import plain_id

# Outlets, as a full id names them.
ONE, OTHER, THIRD = "@aaaaaaaaaaaa", "@bbbbbbbbbbbb", "@cccccccccccc"


def _full_id(declared: str | None, **fields: str) -> str:
    article = replace(
        Article(declared or "d1ce5", "Title", "Text.", location="/news/day.jsonl:3"),
        **fields,  # type: ignore[arg-type]
    )
    return full_id(article, Document("/news/day.jsonl:3", "Text.", "text", id=declared))


def test_a_full_id_says_where_it_is_from() -> None:
    echo = _full_id("1", source="Echo")
    # The first digits of the sha256 of "Echo".
    assert echo == "1@8335e4c92c40"
    assert plain_id(echo) == "1"
    # What it was read as, rather than what the outlet is called now.
    assert _full_id("1", source="The Echo", source_read="Echo") == echo
    assert _full_id("1", source="Herald") != echo
    # Without an outlet the file, whichever of its records.
    assert _full_id("1") == _full_id("1", location="/news/day.jsonl:4")
    assert _full_id("1") != _full_id("1", location="/news/other.jsonl:3")
    # What declares none has a digest of what it says.
    assert _full_id(None, source="Echo") == "d1ce5"


@pytest.mark.parametrize(
    ("full", "expected"),
    [
        ([], []),
        (["1" + ONE, "2" + ONE], ["1", "2"]),
        (["1" + ONE, "1" + OTHER, "1" + THIRD], ["1", "1" + OTHER, "1" + THIRD]),
        (["1" + OTHER, "1" + ONE], ["1", "1" + ONE]),
        # A digest is an id as it is.
        (["d1ce5", "1" + ONE], ["d1ce5", "1"]),
        # One declares what is the full id of another, before it or behind it.
        (
            ["1" + ONE, "1" + OTHER, "1" + OTHER + THIRD],
            ["1", "1" + OTHER + "@", "1" + OTHER],
        ),
        (
            ["1" + OTHER + THIRD, "1" + ONE, "1" + OTHER],
            ["1" + OTHER, "1", "1" + OTHER + "@"],
        ),
        (
            ["1" + ONE, "1" + OTHER, "1" + OTHER + THIRD, "1" + OTHER + "@" + THIRD],
            ["1", "1" + OTHER + "@@", "1" + OTHER, "1" + OTHER + "@"],
        ),
    ],
)
def test_distinct_ids(full: list[str], expected: list[str]) -> None:
    assert distinct_ids(full) == expected


_DECLARED = st.builds(
    "{}{}".format, st.sampled_from(["1", "2", ""]), st.sampled_from(["", ONE, OTHER, "@"])
)
_FULL = st.builds("{}{}".format, _DECLARED, st.sampled_from(["", ONE, OTHER, THIRD]))


@given(st.lists(_FULL, unique=True, max_size=12))
def test_no_two_articles_have_one_id_and_the_first_has_what_it_declares(full: list[str]) -> None:
    ids = distinct_ids(full)
    assert len(set(ids)) == len(ids) == len(full)
    declared = [plain_id(each) for each in full]
    for place, (identity, own) in enumerate(zip(ids, declared, strict=True)):
        if own not in declared[:place]:
            assert identity == own
        else:
            assert identity.rstrip("@") == full[place].rstrip("@")
