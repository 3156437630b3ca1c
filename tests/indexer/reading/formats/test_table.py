"""Tables as spreadsheets, databases and pandas write them."""

from pathlib import Path

import pytest

from indexer.article import Document, Rejected
from indexer.reading.documents import read_documents
from indexer.reading.fields import Fields
from indexer.reading.formats import table

TEXT = "Councillors voted nine to two to turn the lighthouse into a museum."


def _read(
    path: Path, content: str | bytes, fields: Fields | None = None
) -> list[Document | Rejected]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = list(read_documents(path, fields) if fields else read_documents(path))
    for each in found:
        object.__setattr__(each, "location", each.location.removeprefix(str(path)))
    return found


@pytest.mark.parametrize("delimiter", list(table.DELIMITERS))
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_marks_and_line_ends(
    tmp_path: Path, delimiter: str, mark: str, end: str
) -> None:
    rows = [["id", "title", "body", "published"], ["7", "Vote", TEXT, "2024-02-01"]]
    content = mark + end.join(delimiter.join(row) for row in rows) + end
    (document,) = _read(tmp_path / "a.csv", content)
    assert isinstance(document, Document)
    assert document == Document(":2", TEXT, "text", "7", "Vote", "2024-02-01")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    content = 'title,text\n"Café – «l’été»",Le café reste ouvert à tous en été.\n'
    (document,) = _read(tmp_path / "a.csv", content.encode(encoding))
    assert isinstance(document, Document)
    assert (document.title, document.content) == (
        "Café – «l’été»",
        "Le café reste ouvert à tous en été.",
    )


def test_quotes_commas_and_line_ends_in_cells(tmp_path: Path) -> None:
    content = 'title,text\n"A ""quoted"", thing","One.\n\nTwo, three."\nB,"Four."\n'
    first, second = _read(tmp_path / "a.csv", content)
    assert isinstance(first, Document)
    assert (first.title, first.content) == ('A "quoted", thing', "One.\n\nTwo, three.")
    assert isinstance(second, Document)
    assert (second.location, second.title) == (":3", "B")


def test_quotes_that_are_escaped(tmp_path: Path) -> None:
    (document,) = _read(tmp_path / "a.csv", 'title,text\nA,"He said \\"no\\", and left."\n')
    assert isinstance(document, Document)
    assert document.content == 'He said "no", and left.'


def test_rows_that_do_not_fit_and_blank_ones(tmp_path: Path) -> None:
    content = "title,text\nA,One.\n\n,\nB,Two,three,four\nC,Five.,,\n"
    one, broken, five = _read(tmp_path / "a.csv", content)
    assert isinstance(one, Document)
    assert isinstance(broken, Rejected)
    assert (broken.location, broken.reason) == (":5", "more cells than columns: 4 for 2")
    assert isinstance(five, Document)
    assert five.location == ":6"


def test_an_endless_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_CELL", 1000)
    monkeypatch.setattr(table, "MAX_LINE", 2000)
    content = f'title,text\nA,"{"x " * 400}\n{"y " * 400}\nB,Two.\nC,{"z" * 3000}\nD,Four.\n'
    found = _read(tmp_path / "a.csv", content)
    assert [each.content for each in found if isinstance(each, Document)] == ["Two.", "Four."]
    assert len([each for each in found if isinstance(each, Rejected)]) == 2


def test_a_table_without_texts_is_refused_once(tmp_path: Path) -> None:
    (rejected,) = _read(tmp_path / "a.csv", "country,people\nNorland,5\n" + "x,1\n" * 99)
    assert isinstance(rejected, Rejected)
    assert "country, people" in rejected.reason


def test_a_column_that_is_mapped(tmp_path: Path) -> None:
    content = f"kop,verhaal\nVote,{TEXT}\n"
    fields = Fields({"text": "verhaal", "title": "kop"})
    (document,) = _read(tmp_path / "a.csv", content, fields)
    assert isinstance(document, Document)
    assert (document.title, document.content) == ("Vote", TEXT)


@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "above", ["sep=;\n", '\ufeff"sep=;"\n', "# made by a crawler; 2024\n# of two lines\n", "#\n"]
)
def test_what_stands_above_the_names_is_no_row(
    tmp_path: Path, name: str, end: str, above: str
) -> None:
    content = f"{above}title;text;date\nVote;{TEXT};2024-02-01\n"
    (document,) = _read(tmp_path / name, content.replace("\n", end))
    assert isinstance(document, Document)
    assert document == Document(":2", TEXT, "text", None, "Vote", "2024-02-01")


def test_names_may_begin_with_a_sign(tmp_path: Path) -> None:
    (document,) = _read(tmp_path / "a.csv", f"#title,text\nVote,{TEXT}\n")
    assert isinstance(document, Document)
    assert (document.title, document.content) == ("Vote", TEXT)


def test_comments_alone_are_told(tmp_path: Path) -> None:
    (found,) = _read(tmp_path / "a.csv", "# a\n" * 1000)
    assert isinstance(found, Rejected)
