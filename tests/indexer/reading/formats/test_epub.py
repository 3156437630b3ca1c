"""Articles out of books."""

from pathlib import Path

from indexer.article import Document, Rejected
from indexer.reading.documents import read_documents
from tests.support.zipping import make_epub, make_zip

TEXT = "Councillors voted nine to two to turn the lighthouse into a museum. " * 5


def _page(text: str, title: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head>'
        f"<title>{title}</title></head><body><p>{text}</p></body></html>"
    )


def _read(path: Path, content: bytes) -> list[Document | Rejected]:
    path.write_bytes(content)
    found = list(read_documents(path))
    for each in found:
        object.__setattr__(each, "location", each.location.removeprefix(str(path)))
    return found


ABOUT = (
    "<dc:title>The Harbour Echo</dc:title><dc:creator>Ann Lee</dc:creator><dc:creator>Bo Ray"
    "</dc:creator><dc:date>2024-03-15</dc:date><dc:language>en</dc:language>"
    "<dc:publisher>Echo Press</dc:publisher>"
)
NAV = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><nav><ol><li><a href="b%20one.xhtml">The '
    '<i>vote</i></a></li><li><a href="a.xhtml#two">The ferry</a></li></ol></nav></html>'
)


def test_chapters_in_the_order_of_the_book(tmp_path: Path) -> None:
    chapters = {
        "cover.xhtml": _page("<img src='cover.jpg'/>"),
        "contents.xhtml": _page("".join(f"<a href='{n}'>{TEXT}</a>" for n in range(9))),
        "b%20one.xhtml": _page(TEXT, "Unnamed"),
        "a.xhtml": _page(TEXT + "Twice."),
    }
    content = make_epub(
        chapters, ABOUT, **{"OEBPS/nav.xhtml": NAV, "OEBPS/b one.xhtml": _page(TEXT)}
    )
    one, two, passed = _read(tmp_path / "a.epub", content)
    assert one == Document(
        ":3", _page(TEXT), "html", title="The vote", date="2024-03-15", source="Echo Press",
        author="Ann Lee, Bo Ray", language="en",
    )  # fmt: skip
    assert isinstance(two, Document)
    assert (two.location, two.title) == (":4", "The ferry")
    assert passed == Rejected("", "front matter: 2 parts of a book without text", foreign=True)


def test_the_list_of_contents_of_older_books(tmp_path: Path) -> None:
    ncx = (
        '<ncx xmlns="n"><navMap><navPoint><navLabel><text>The vote</text></navLabel>'
        '<content src="a.xhtml"/></navPoint></navMap></ncx>'
    )
    about = "<dc:date>0101-01-01T00:00:00+00:00</dc:date><dc:creator>calibre</dc:creator>"
    (document,) = _read(
        tmp_path / "a", make_epub({"a.xhtml": _page(TEXT)}, about, **{"OEBPS/toc.ncx": ncx})
    )
    assert isinstance(document, Document)
    assert (document.title, document.date, document.author) == ("The vote", None, None)


def test_protected_damaged_and_missing_chapters(tmp_path: Path) -> None:
    locked = (
        '<encryption><EncryptedData><CipherReference URI="OEBPS/a.xhtml"/></EncryptedData>'
        "</encryption>"
    )
    chapters = {"a.xhtml": "\0\1\2" * 99, "../../x.xhtml": _page(TEXT), "b.xhtml": _page(TEXT)}
    found = _read(tmp_path / "a.epub", make_epub(chapters, **{"META-INF/encryption.xml": locked}))
    assert {each.location: each.reason for each in found if isinstance(each, Rejected)} == {
        ":1": "encrypted: a chapter of a protected book",
        ":2": "damaged: the book lacks this chapter",
    }
    assert [each.location for each in found if isinstance(each, Document)] == [":3"]
    (found_,) = _read(tmp_path / "a.epub", make_zip({"mimetype": "application/epub+zip", "x": ""}))
    assert found_ == Rejected("", "damaged: a book without a list of its chapters")


def test_bombs(tmp_path: Path) -> None:
    large = make_epub({"a.xhtml": _page("x" * (11 << 20)), "b.xhtml": _page(TEXT)})
    long, document = _read(tmp_path / "a.epub", large)
    assert long == Rejected(":1", "html longer than 10 MB")
    assert isinstance(document, Document)
    many = make_epub({f"{n}.xhtml": _page("x" * (9 << 20)) for n in range(9)})
    *_, last = _read(tmp_path / "a.epub", many)
    assert isinstance(last, Rejected)
    assert "tighter" in last.reason
