"""A published database: read by many threads, never written, and its damage told."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from indexer.errors import IndexDamaged
from indexer.storage.database import CONNECTIONS, Database

ROWS = 2000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "a name? with 100% of #signs.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE words (number INTEGER PRIMARY KEY, word TEXT)")
        words = ((number, f"word {number} " * 9) for number in range(ROWS))
        connection.executemany("INSERT INTO words VALUES (?, ?)", words)
        connection.execute("INSERT INTO words VALUES (-1, CAST(x'ff' AS TEXT))")
        connection.commit()
    return file


def _word(database: Database, number: int) -> str:
    ((word,),) = database.rows("SELECT word FROM words WHERE number = ?", number)
    return str(word)


def test_rows(file: Path) -> None:
    database = Database(file)
    query = "SELECT number FROM words WHERE number > ? AND word LIKE ? ORDER BY number"
    assert database.rows(query, 1990, "word 199%") == [(number,) for number in range(1991, 2000)]
    assert database.rows(query, ROWS, "%") == []


def test_more_threads_than_connections(file: Path) -> None:
    database = Database(file)
    with ThreadPoolExecutor(4 * CONNECTIONS) as pool:
        words = list(pool.map(lambda number: _word(database, number), range(ROWS)))
    assert words == [f"word {number} " * 9 for number in range(ROWS)]


def test_the_file_may_be_gone_before_the_last_query(file: Path) -> None:
    database = Database(file)
    file.unlink()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        assert len(set(pool.map(lambda number: _word(database, number), range(99)))) == 99


def test_it_is_never_written(file: Path) -> None:
    before = file.read_bytes()
    database = Database(file)
    for query in (
        "DELETE FROM words",
        "CREATE TABLE more (number)",
        "INSERT INTO words VALUES (?1, '')",
    ):
        with pytest.raises(IndexDamaged, match="readonly"):
            database.rows(query, *([ROWS] if "?1" in query else []))
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"not a database",
        lambda content: content[:50],
        lambda content: b"\xff" + content[1:],
    ],
)
def test_what_is_no_database_is_not_opened(file: Path, damage: Callable[[bytes], bytes]) -> None:
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(IndexDamaged, match="go back with `rollback`"):
        Database(file)
    file.unlink()
    with pytest.raises(IndexDamaged, match=r"#signs\.db is damaged"):
        Database(file)


def test_damage_is_found_when_it_is_read_and_costs_no_connection(file: Path) -> None:
    content = file.read_bytes()
    half = len(content) // 2
    file.write_bytes(content[:half] + bytes(len(content) - half))
    database = Database(file)
    for _ in range(2 * CONNECTIONS):
        with pytest.raises(IndexDamaged, match="reindex --full"):
            database.rows("SELECT sum(length(word)) FROM words")
        with pytest.raises(IndexDamaged):
            database.rows("SELECT word FROM nowhere")
    assert _word(database, 0) == "word 0 " * 9


def test_text_that_is_not_utf8_is_damage(file: Path) -> None:
    with pytest.raises(IndexDamaged):
        _word(Database(file), -1)
