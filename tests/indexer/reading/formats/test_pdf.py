"""Articles out of PDFs, as printing programs of several kinds lay them out."""

import gzip
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.article import Article, Document, Rejected
from indexer.reading.cleaning import clean
from indexer.reading.documents import read_documents
from indexer.reading.formats import pdf
from tests.support.printing import Printed, make_pdf

LEFT = [
    "The harbour council met on Monday to decide the future of the old light-",
    "house, which has stood empty since the last keeper left. Nine members",
    "voted for a museum and two against. The mayor said that the work will",
    "begin in spring and that \x01shermen keep their berths, whoever owns",
]
RIGHT = [
    "them now. The \x02ood of letters, some two hundred in one week, and",
    "a well-known architect changed the minds of many. He draws the well-",
    "known plans, and the county pays half of what it costs, the mayor told",
    "the paper on Tuesday evening.",
]
TEXT = (
    "The harbour council met on Monday to decide the future of the old lighthouse, which has stood "
    "empty since the last keeper left. Nine members voted for a museum and two against. The mayor "
    "said that the work will begin in spring and that fishermen keep their berths, whoever owns "
    "them now. The flood of letters, some two hundred in one week, and a well-known architect "
    "changed the minds of many. He draws the well-known plans, and the county pays half of what it "
    "costs, the mayor told the paper on Tuesday evening."
)
DIGITS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
HEADLINE = "Old lighthouse becomes a museum of the sea"


def _column(lines: list[str], left: float, top: float = 700, size: float = 7) -> list[Printed]:
    return [(left, top - number * 1.3 * size, size, line) for number, line in enumerate(lines)]


def _read(path: Path, content: bytes) -> list[Document | Rejected]:
    path.write_bytes(content)
    found = list(read_documents(path))
    for each in found:
        object.__setattr__(each, "location", each.location.removeprefix(str(path)))
    return found


def _text(path: Path, pages: list[list[Printed]], **about: str) -> str:
    (document,) = _read(path, make_pdf(pages, about))
    assert isinstance(document, Document)
    return document.content


@pytest.mark.parametrize("order", ["by column", "by row", "from the bottom"])
def test_columns_are_read_one_after_the_other(tmp_path: Path, order: str) -> None:
    left, right = _column(LEFT, 50), _column(RIGHT, 300)
    body = left + right
    if order == "by row":
        body = [each for row in zip(left, right, strict=True) for each in row]
    if order == "from the bottom":
        body = body[::-1]
    page = [(50.0, 750.0, 20.0, HEADLINE), *body]
    assert _text(tmp_path / "a.pdf", [page]).split("\n\n") == [HEADLINE, TEXT]


def test_what_runs_over_two_columns_parts_the_page(tmp_path: Path) -> None:
    second = "Sheep cross the frozen river"
    one = "A shepherd led four hundred sheep over the ice before sunrise, and"
    two = "nobody in the village remembers that this was ever done before him"
    page = [
        (50.0, 760.0, 20.0, HEADLINE), *_column(LEFT, 50), *_column(RIGHT, 300),
        (50.0, 600.0, 20.0, second + " in the north of the county"),
        *_column([one] * 4, 50, 560), *_column([two] * 4, 300, 560),
    ]  # fmt: skip
    found = _text(tmp_path / "a.pdf", [page]).split("\n\n")
    assert found[:3] == [HEADLINE, TEXT, second + " in the north of the county"]
    assert found[3].startswith("A shepherd led")
    assert found[3].endswith("done before him")


def test_paragraphs_go_on_over_pages_and_running_heads_do_not(tmp_path: Path) -> None:
    def page(number: int, lines: list[str]) -> list[Printed]:
        head = (50.0, 800.0, 8.0, f"The Harbour Echo, 15 March 2024, page {number}")
        return [head, *_column(lines, 50, size=10), (290.0, 30.0, 8.0, f"- {number} -")]

    pages = [page(1, LEFT), page(2, RIGHT), page(3, ["Nobody spoke against it in the end."])]
    assert _text(tmp_path / "a.pdf", pages).split("\n\n") == [
        TEXT,
        "Nobody spoke against it in the end.",
    ]


def test_paragraphs_by_space_and_by_their_first_line(tmp_path: Path) -> None:
    lines = [
        (50.0, 700.0, 10.0, "The harbour council met on Monday to decide the future of the tower"),
        (50.0, 687.0, 10.0, "which has stood empty since the last keeper left on a cold evening."),
        (65.0, 674.0, 10.0, "Nine members voted for a museum, and two voted against it after an"),
        (50.0, 661.0, 10.0, "evening of speeches."),
        (50.0, 630.0, 10.0, "The mayor said that the work will begin in the spring of next year"),
        (50.0, 617.0, 10.0, "and that fishermen keep their berths."),
    ]  # fmt: skip
    found = _text(tmp_path / "a.pdf", [lines]).split("\n\n")
    assert [each.split()[0] for each in found] == ["The", "Nine", "The"]


@pytest.mark.parametrize("turned", ["0 1 -1 0", "-1 0 0 -1", "0 -1 1 0"])
def test_turned_pages(tmp_path: Path, turned: str) -> None:
    page = _column(LEFT, 50) + _column(RIGHT, 300)
    (document,) = _read(tmp_path / "a.pdf", make_pdf([page], turned=turned))
    assert isinstance(document, Document)
    assert document.content == TEXT


def test_a_word_is_whole_as_the_document_writes_it_elsewhere(tmp_path: Path) -> None:
    lines = ["The co-operative met again on a Monday, and the co-", "operative won in the after-"]
    text = _text(tmp_path / "a.pdf", [_column([*lines, "noon of the Anglo-", "Saxon day."], 50)])
    assert text.endswith("and the co-operative won in the afternoon of the Anglo-Saxon day.")


@pytest.mark.parametrize(
    ("title", "author", "expected"),
    [
        (HEADLINE, "Ann Lee", (HEADLINE, "Ann Lee")),
        ("Microsoft Word - museum.doc", "Microsoft Office User", (None, None)),
        ("museum-final-2.indd", "alee", (None, None)),
        ("Template of the spring brochure", "Admin", (None, None)),
        ("", "", (None, None)),
    ],
)
def test_title_and_author(
    tmp_path: Path, title: str, author: str, expected: tuple[str | None, str | None]
) -> None:
    content = make_pdf(
        [[(50.0, 750.0, 20.0, HEADLINE), *_column(LEFT + RIGHT, 50)]],
        {"Title": title, "Author": author},
    )
    (document,) = _read(tmp_path / "a.pdf", content)
    assert isinstance(document, Document)
    assert (document.title, document.author) == expected


def test_an_article_of_it(tmp_path: Path) -> None:
    page = [(50.0, 750.0, 20.0, HEADLINE), (50.0, 735.0, 8.0, "By Ann Lee, 15 March 2024")]
    (document,) = _read(
        tmp_path / "a.pdf", make_pdf([[*page, *_column(LEFT, 50), *_column(RIGHT, 300)]])
    )
    assert isinstance(document, Document)
    article = clean(document)
    assert isinstance(article, Article)
    assert (article.title, article.text, article.author) == (HEADLINE, TEXT, "Ann Lee")
    assert article.published is not None
    assert article.published.iso == "2024-03-15"


def _pages_of(article: Article, *words: str) -> list[int | None]:
    return [article.page(article.text.index(each)) for each in words]


def test_the_pages_of_an_article(tmp_path: Path) -> None:
    def page(number: int, lines: list[str]) -> list[Printed]:
        head = (50.0, 800.0, 8.0, f"The Harbour Echo, 15 March 2024, page {number}")
        return [head, *_column(lines, 50, size=10), (290.0, 30.0, 8.0, f"- {number} -")]

    divided = [*LEFT[:3], "begin in the old light-"]
    pages = [
        page(1, divided),
        # Words go on over the end of a page; a page may be empty.
        page(2, ["house, and that \x01shermen keep their berths, whoever owns"]),
        [],
        page(4, ["(them now. The ood of letters, some two hundred in one week, and", *RIGHT[1:]]),
        page(5, ["Nobody spoke against it in the end, as the clerk wrote on Tuesday."]),
    ]
    (document,) = _read(tmp_path / "a.pdf", make_pdf(pages))
    assert isinstance(document, Document)
    article = clean(document)
    assert isinstance(article, Article)
    assert "old lighthouse, and" in article.text
    found = _pages_of(article, "The harbour", "light", "house, and", "owns", "(them", "Nobody")
    assert found == [1, 1, 2, 2, 4, 5]
    assert article.page(len(article.text)) == 5
    assert replace(article, pages=()).page(0) is None


def test_the_pages_of_an_article_with_lines_left_out(tmp_path: Path) -> None:
    menu = [
        (50.0, 700.0 - 40 * row, 10.0, f"Section {row} | Contents | Subscribe") for row in range(9)
    ]
    title = [(50.0, 750.0, 20.0, HEADLINE), (50.0, 735.0, 8.0, "By Ann Lee, 15 March 2024")]
    pages = [menu, [*title, *_column(LEFT, 50), *_column(RIGHT, 300)], _column(LEFT, 50, size=10)]
    (document,) = _read(tmp_path / "a.pdf", make_pdf(pages))
    assert isinstance(document, Document)
    article = clean(document)
    assert isinstance(article, Article)
    assert article.text.startswith(TEXT)
    assert _pages_of(article, "The harbour", "told the paper") == [2, 2]
    assert article.page(len(TEXT) + 10) == 3


def _reasons(found: list[Document | Rejected]) -> list[str]:
    return [each.reason for each in found if isinstance(each, Rejected)]


def test_scanned_encrypted_and_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    assert _reasons(_read(path, make_pdf([[], []]))) == [
        "no text: its pages are empty, or pictures of text"
    ]
    locked = (
        b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<" + b"00" * 32 + b">/U<" + b"11" * 32
        + b">>>/ID[<00><00>]"
    )  # fmt: skip
    assert _reasons(_read(path, make_pdf([_column(LEFT, 50)], trailer=locked))) == [
        "encrypted: a PDF with a password"
    ]
    assert _reasons(_read(path, b"%PDF-1.7\n" + bytes(range(256)) * 99)) == ["damaged: no PDF"]


def test_a_vocabulary_decides_where_the_document_does_not(tmp_path: Path) -> None:
    lines = [
        "The council met on Monday, and for the first time in years the share-",
        "holders of the ferry line were asked as well. They wait for a long-",
        "term plan, said the chairman, whom nobody in the harbour knew before.",
    ]
    text = _text(tmp_path / "a.pdf", [_column(lines, 50)])
    assert text == (
        "The council met on Monday, and for the first time in years the shareholders of the ferry "
        "line were asked as well. They wait for a long-term plan, said the chairman, whom nobody "
        "in the harbour knew before."
    )


def test_a_long_document_is_read_in_part_and_that_is_told(tmp_path: Path) -> None:
    def words(number: int) -> str:
        return " ".join(DIGITS[int(digit)] for digit in str(number))

    pages = [
        _column([f"{words(number)} people {line} there" for line in LEFT], 50)
        for number in range(10_000)
    ]
    first, last = _read(tmp_path / "a.pdf", make_pdf(pages))
    assert isinstance(first, Document)
    assert f"{words(pdf.MAX_PAGES - 1)} people" in first.content
    assert f"{words(pdf.MAX_PAGES)} people" not in first.content
    assert last == Rejected("", f"too long: {pdf.MAX_PAGES} of its 10,000 pages are read")


def test_a_page_that_unpacks_to_more_than_there_is_room_for(tmp_path: Path) -> None:
    content = make_pdf([[(50.0, 700.0, 7.0, "lighthouse " * (1 << 24))]])
    assert len(content) < 1 << 20
    (found,) = _read(tmp_path / "a.pdf", content)
    assert isinstance(found, Rejected)
    assert found.reason == "damaged, or needs more than 400 MB of memory"


def test_pdfs_in_archives_and_behind_a_mark(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf\n" + make_pdf([_column(LEFT, 50) + _column(RIGHT, 300)])
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("b.pdf", content)
    (document,) = read_documents(tmp_path / "a.zip")
    assert isinstance(document, Document)
    assert (document.location, document.content) == (f"{tmp_path}/a.zip//b.pdf", TEXT)
    (document,) = _read(tmp_path / "a.bin", gzip.compress(content))
    assert isinstance(document, Document)
    assert document.content == TEXT


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    assert _reasons(_read(tmp_path / "a.pdf", make_pdf([_column(LEFT, 50)]))) == [
        "needs the extra pdf: pip install 'article-search[pdf]'"
    ]
