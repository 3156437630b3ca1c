"""What the corpus says of each article: what is written, and what is not."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from indexer.storage.corpus_writer import Standing, write_corpus

STANDINGS = [
    Standing(4, 0, "a", 7, "same"),
    Standing(7, 2, "b 🦉", 7, None),
    Standing(0, 1, "c", 7, "edited"),
    Standing(9, 3, "d", 9, None),
    Standing(2, 4, "e", 9, "event"),
]


def _rows(file: Path, query: str) -> Sequence[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def test_each_standing_is_a_row(tmp_path: Path) -> None:
    file = tmp_path / "with space & 100% of #1?.db"
    write_corpus(file, iter(STANDINGS))
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    rows = _rows(file, "SELECT number, place, id, story, degree FROM standings ORDER BY place")
    assert rows == [
        (4, 0, "a", 7, "same"),
        (0, 1, "c", 7, "edited"),
        (7, 2, "b 🦉", 7, None),
        (9, 3, "d", 9, None),
        (2, 4, "e", 9, "event"),
    ]


def test_a_story_is_found_by_an_index(tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus.db", STANDINGS)
    plan = _rows(
        tmp_path / "corpus.db", "EXPLAIN QUERY PLAN SELECT * FROM standings WHERE story = 7"
    )
    assert "standings_by_story" in str(plan)


def test_the_file_does_not_depend_on_the_order(tmp_path: Path) -> None:
    write_corpus(tmp_path / "one", STANDINGS)
    write_corpus(tmp_path / "other", reversed(STANDINGS))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_no_article_at_all(tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus.db", [])
    assert _rows(tmp_path / "corpus.db", "SELECT count(*) FROM standings") == [(0,)]


@pytest.mark.parametrize(
    "more",
    [
        Standing(4, 5, "new", 4, None),
        Standing(5, 0, "new", 5, None),
        Standing(5, 5, "a", 5, None),
        Standing(5, 5, "new", 7, "alike"),  # type: ignore[arg-type]
    ],
)
def test_what_contradicts_is_refused(tmp_path: Path, more: Standing) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        write_corpus(tmp_path / "corpus.db", [*STANDINGS, more])
