"""Articles out of tables in columns: Parquet, and Arrow's files and streams."""

import io
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import ipc
from pyarrow import parquet as pq

from indexer.article import Document, Rejected
from indexer.reading.documents import read_documents
from indexer.reading.fields import Fields

TEXT = "Councillors voted nine to two to turn the lighthouse into a museum."


def _parquet(table: pa.Table) -> bytes:
    content = io.BytesIO()
    pq.write_table(table, content, use_dictionary=False, compression="zstd", write_statistics=False)
    return content.getvalue()


def _arrow(table: pa.Table, opened: Callable[..., Any]) -> bytes:
    content = io.BytesIO()
    with opened(content, table.schema, options=ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table, max_chunksize=2)
    return content.getvalue()


WRITERS: dict[str, Callable[[pa.Table], bytes]] = {
    "parquet": _parquet,
    "file of arrow": lambda table: _arrow(table, ipc.new_file),
    "stream of arrow": lambda table: _arrow(table, ipc.new_stream),
}


def _read(path: Path, content: bytes, fields: Fields | None = None) -> list[Document | Rejected]:
    path.write_bytes(content)
    found = list(read_documents(path, fields) if fields else read_documents(path))
    for each in found:
        object.__setattr__(each, "location", each.location.removeprefix(str(path)))
    return found


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_rows_of_every_kind(tmp_path: Path, write: Callable[[pa.Table], bytes]) -> None:
    when = datetime(2024, 3, 15, 6, 30, tzinfo=UTC)
    table = pa.table(
        {
            "headline": [{"main": "Vote", "print": "A Vote"}, {"main": "Ferry"}, {"main": "Storm"}],
            "body": [TEXT, "It sails.", None],
            "pub_date": pa.array([when] * 3, pa.timestamp("ns", "UTC")),
            "authors": [["Ann Lee", "Bo Ray"], [], None],
            "source": pa.array(["Echo", "Echo", "Post"]).dictionary_encode(),
            "id": [1, 2, 3],
            "picture": [b"\x89PNG"] * 3,
        }
    )  # fmt: skip
    one, two, three = _read(tmp_path / "a", write(table))
    assert one == Document(
        ":1",
        TEXT,
        "text",
        "1",
        "Vote",
        "2024-03-15T06:30:00+00:00",
        "Echo",
        author="Ann Lee, Bo Ray",
    )
    assert isinstance(two, Document)
    assert (two.location, two.title, two.author) == (":2", "Ferry", None)
    assert isinstance(three, Rejected)
    assert three.location == ":3"
    # Only what is a field was read.
    assert "picture" not in three.reason


def test_days_bytes_and_nested_texts(tmp_path: Path) -> None:
    table = pa.table(
        {
            "content": [{"rendered": f"<p>{TEXT}</p><p>More.</p>", "protected": False}],
            "date": [date(2024, 3, 15)],
            "title": pa.array([b"Caf\xc3\xa9"], pa.binary()),
        }
    )
    assert _read(tmp_path / "a.parquet", _parquet(table)) == [
        Document(":1", f"<p>{TEXT}</p><p>More.</p>", "html", title="Café", date="2024-03-15")
    ]


def test_columns_that_are_mapped(tmp_path: Path) -> None:
    content = _parquet(pa.table({"kop": ["Vote"], "verhaal": [{"inhoud": TEXT, "lengte": 3}]}))
    (rejected,) = _read(tmp_path / "a", content)
    assert isinstance(rejected, Rejected)
    assert "its columns are kop, verhaal" in rejected.reason
    fields = Fields({"text": "verhaal.inhoud", "title": "kop"})
    assert _read(tmp_path / "a", content, fields) == [Document(":1", TEXT, "text", title="Vote")]


def test_a_row_that_cannot_be_read_does_not_hide_the_rest(tmp_path: Path) -> None:
    table = pa.table({"text": [TEXT] * 3, "date": pa.array([0, 1 << 52, 0], pa.timestamp("s"))})
    one, two, three = _read(tmp_path / "a", _parquet(table))
    assert isinstance(one, Document)
    assert one.date == "1970-01-01T00:00:00"
    assert isinstance(two, Rejected)
    assert two.reason.startswith("cannot be read")
    assert isinstance(three, Document)


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_an_endless_cell(tmp_path: Path, write: Callable[[pa.Table], bytes]) -> None:
    endless = pa.array(["x" * (20 << 20), TEXT])
    long, document = _read(tmp_path / "a", write(pa.table({"text": endless})))
    assert long == Rejected(":1", "longer than 16 MB")
    assert isinstance(document, Document)
    assert document.content == TEXT
    more = pa.table({"text": pa.array(["x" * (1 << 29)])})
    content = write(more)
    assert len(content) < 1 << 20
    assert _read(tmp_path / "a", content) == [Rejected("", "needs more than 400 MB of memory")]


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_damaged_and_empty(tmp_path: Path, write: Callable[[pa.Table], bytes]) -> None:
    content = write(pa.table({"text": [TEXT] * 9}))
    assert _read(tmp_path / "a", write(pa.table({"text": pa.array([], pa.string())}))) == [
        Rejected("", "empty")
    ]
    found = _read(tmp_path / "a", content[: len(content) // 2])
    assert isinstance(found[-1], Rejected)
    assert found[-1].reason.startswith("damaged")


def test_many_rows_packed_and_in_an_archive(tmp_path: Path) -> None:
    content = _parquet(pa.table({"text": [f"{TEXT} {number}" for number in range(1000)]}))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.parquet", content)
    found = list(read_documents(tmp_path / "a.zip"))
    assert len(found) == 1000
    assert found[-1].location == f"{tmp_path}/a.zip//b.parquet:1000"


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = _parquet(pa.table({"text": [TEXT] * 9}))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert _read(tmp_path / "a", content) == [
        Rejected("", "needs the extra parquet: pip install 'article-search[parquet]'")
    ]
