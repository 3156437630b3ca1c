"""Articles out of Word documents."""

import zipfile
from pathlib import Path

import pytest

from indexer.article import Article, Document, Rejected
from indexer.reading.cleaning import clean
from indexer.reading.documents import read_documents
from tests.support.zipping import make_docx, make_zip

TEXT = "Councillors voted nine to two to turn the lighthouse into a museum."


def _read(path: Path, content: bytes) -> Document | Rejected:
    path.write_bytes(content)
    (found,) = read_documents(path)
    object.__setattr__(found, "location", found.location.removeprefix(str(path)))
    return found


def _p(*runs: str) -> str:
    return "<w:p>" + "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def test_paragraphs_headings_and_tables(tmp_path: Path) -> None:
    body = (
        _p("Old light", "house") + _p("Councillors", " voted.") + "<w:p/>"
        "<w:p><w:r><w:t>One</w:t><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t>"
        "<w:noBreakHyphen/><w:t>four</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
        f"<w:tbl><w:tr><w:tc>{_p('For')}</w:tc><w:tc>{_p('9')}{_p('members')}</w:tc></w:tr>"
        f"<w:tr><w:tc>{_p('Against')}</w:tc><w:tc>{_p('2')}</w:tc></w:tr></w:tbl>"
        f"<w:tbl><w:tr><w:tc>{_p('A frame')}{_p('around text')}</w:tc></w:tr></w:tbl>"
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>" + _p("In a box")
        + "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>" + _p("In a box")
        + "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>Last</w:t></w:r>"
        "</w:p>"
    )  # fmt: skip
    found = _read(tmp_path / "a.docx", make_docx(body))
    assert isinstance(found, Document)
    assert found.content.split("\n\n") == [
        "Old lighthouse", "Councillors voted.", "One two\nthree-four", "For | 9 members",
        "Against | 2", "A frame", "around text", "In a box", "Last",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("core", "expected"),
    [
        (
            {"title": "Old lighthouse", "creator": "Ann Lee", "created": "2024-03-15T06:30:00Z"},
            ("Old lighthouse", "Ann Lee", "2024-03-15T06:30:00Z"),
        ),
        ({"title": "museum.docx", "creator": "Microsoft Office User"}, (None, None, None)),
        (
            {"title": "", "creator": "python-docx", "created": "2013-12-23T23:15:00Z"},
            (None, None, None),
        ),
    ],
)
def test_properties(
    tmp_path: Path, core: dict[str, str], expected: tuple[str | None, str | None, str | None]
) -> None:
    found = _read(tmp_path / "a", make_docx(_p(TEXT), **core))
    assert isinstance(found, Document)
    assert (found.title, found.author, found.created) == expected
    assert found.date is None
    assert (found.content, found.location) == (TEXT, "")


@pytest.mark.parametrize(
    ("printed", "day", "certain"),
    [("15 March 2024", "2024-03-15", True), ("", "2025-01-02", False)],
)
def test_a_printed_day_is_before_that_of_the_file(
    tmp_path: Path, printed: str, day: str, certain: bool
) -> None:
    body = _p("Councillors vote on the old lighthouse") + _p(printed) + _p(TEXT) * 2
    found = _read(tmp_path / "a.docx", make_docx(body, created="2025-01-02T06:30:00Z"))
    assert isinstance(found, Document)
    article = clean(found)
    assert isinstance(article, Article)
    assert article.published is not None
    assert (article.published.iso[:10], article.published.certain) == (day, certain)


def test_the_text_may_have_another_name_and_lie_in_an_archive(tmp_path: Path) -> None:
    whole = make_docx(_p(TEXT)).replace(b"word/document.xml", b"word/documenta.xm")
    relations = (
        '<Relationships><Relationship Type="http://x/officeDocument" Target="/word/documenta.xm"/>'
        "</Relationships>"
    )
    with zipfile.ZipFile(tmp_path / "b.docx", "w") as archive:
        archive.writestr("_rels/.rels", relations)
        with zipfile.ZipFile(_saved(tmp_path / "whole", whole)) as other:
            for name in other.namelist():
                archive.writestr(name, other.read(name))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "b.docx", "in/b.docx")
    (found,) = read_documents(tmp_path / "a.zip")
    assert isinstance(found, Document)
    assert (found.location, found.content) == (f"{tmp_path}/a.zip//in/b.docx", TEXT)


def _saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "empty"),
        ("<w:p>", "damaged: "),
        ("<w:p/>" * 20_000, "too long"),
        (f"<w:p>{'<w:r/>' * 20_000}</w:p>", "too long"),
        (f"<!--{'x' * 1000}-->" * (20 << 10), "packed tighter"),
        (_p("x" * (20 << 20)), "damaged: "),
        (_p(TEXT) * 40_000, "text longer than 2 MB"),
    ],
)
def test_hostile_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, reason: str
) -> None:
    if reason == "too long":
        monkeypatch.setattr("indexer.reading.formats.word._MOST_ELEMENTS", 10_000)
    found = _read(tmp_path / "a.docx", make_docx(body))
    assert isinstance(found, Rejected)
    assert found.reason.startswith(reason)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    secret = _saved(tmp_path / "secret", b"the secret")
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<!DOCTYPE d [<!ENTITY e0 "x"><!ENTITY f SYSTEM "file://{secret}">{levels}]>'
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = f'{head}<w:d xmlns:w="{name}"><w:p><w:t>{TEXT}&e11;&f;</w:t></w:p></w:d>'
    found = _read(
        tmp_path / "a.docx", make_zip({"[Content_Types].xml": "", "word/document.xml": text})
    )
    assert isinstance(found, Rejected) or "secret" not in found.content
    assert isinstance(found, Rejected) or len(found.content) < 1000


def test_other_documents_of_an_office_are_passed_over(tmp_path: Path) -> None:
    found = _read(tmp_path / "a.xlsx", make_zip({"[Content_Types].xml": "<Types/>", "xl/a": "x"}))
    assert isinstance(found, Rejected)
    assert found.reason == "document of an office: not a kind of file that is read"
