"""XML that is broken, hostile or large, and XML that holds no news."""

import io
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Document, Rejected
from indexer.reading.documents import read_documents
from indexer.reading.fields import KNOWN
from indexer.reading.formats import xml_items
from indexer.reading.formats.xml import read_xml
from indexer.reading.input.packed import Source
from tests.indexer.reading.formats.test_feed import ATOM, RSS_1_0
from tests.indexer.reading.formats.test_newsml import MESSAGE, NEWSML_1, NITF

SAMPLES = [each.encode() for each in (RSS_1_0, ATOM, MESSAGE, NITF, NEWSML_1)]
ITEM = "<item><title>%s</title><description>The ferry sails on Monday.</description></item>"
FEED = "<rss><channel><title>Skerry Post</title>%s</channel></rss>"


def _read(path: Path, content: str | bytes) -> list[Document | Rejected]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = list(read_documents(path))
    for each in found:
        object.__setattr__(each, "location", each.location.removeprefix(str(path)))
    return found


def _told(found: list[Document | Rejected]) -> list[str | None]:
    return [each.title if isinstance(each, Document) else each.reason for each in found]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("<item><title>B</item>", None),
        ("<item><title>B</title><description>Oh <b>no</item>", "B"),
        ("<item><title>B</title><description>Never closed.</description>", "B"),
        ("<item><title>B</title><x:y>1</x:y><description>a < b</description></item>", "B"),
        ("<item>" + "<a>" * 100_000 + "</item>", "an item that is nested too deeply"),
        (
            f"<item x='{'a' * 10_100_000}'></item>",
            "an item with a text or an attribute longer than 10 MB",
        ),
        (
            f"<item><title>{'a' * 10_100_000}</title></item>",
            "an item with a text or an attribute longer than 10 MB",
        ),
        ("<item>" + "<a/>" * 500_001 + "</item>", "an item of more than 500,000 tags"),
        ("<item>" + "&" * 2_000_001 + "</item>", "an item of more than 2,000,000 references"),
        ("<item><title>B</title><![CDATA[" + "]" * 20_000_000, "an item longer than 16 MB"),
    ],
    ids=[
        "title",
        "inside",
        "item",
        "prefix",
        "deep",
        "attribute",
        "text",
        "tags",
        "references",
        "long",
    ],
)
def test_what_is_wrong_with_an_item_stays_in_it(
    tmp_path: Path, broken: str, told: str | None
) -> None:
    found = _read(tmp_path / "f.xml", FEED % ((ITEM % "A") + broken + (ITEM % "C")))
    assert [each.location for each in found] == [":1", ":2", ":3"]
    first, second, third = _told(found)
    assert (first, third) == ("A", "C")
    assert told is None or second == told


def test_tags_in_sections_and_comments_are_none(tmp_path: Path) -> None:
    section = "<![CDATA[<p>Write &lt;item> as </item> <item>.</p>]]>"
    item = f"<item><title>A</title><description>{section}</description></item>"
    comment = f"<!-- {ITEM % 'No'} -->"
    (document,) = _read(tmp_path / "f.xml", FEED % (comment + item + comment))
    assert isinstance(document, Document)
    assert (document.title, document.source) == ("A", "Skerry Post")
    assert "</item> <item>" in document.content


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ((FEED % (ITEM % "A" + ITEM % "B"))[:-60], "XML that breaks off: inside an item"),
        ((FEED % (ITEM % "A"))[:-6], "XML that breaks off: the end of <rss> is missing"),
        (f"<rss>{ITEM % 'A'}<item><title>B <![CDATA[x", "XML that breaks off: inside an item"),
    ],
)  # fmt: skip
def test_xml_that_breaks_off_gives_what_was_before(tmp_path: Path, content: str, told: str) -> None:
    assert _told(_read(tmp_path / "f.xml", content)) == ["A", told]


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{lines}]>'
    told = "XML that declares entities of its own: they are not expanded"
    assert _told(_read(tmp_path / "f.xml", bomb + FEED % (ITEM % "&l9;"))) == [told]
    file = '<!DOCTYPE rss [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
    assert _told(_read(tmp_path / "f.xml", file + FEED % (ITEM % "&secret;"))) == [told]
    # An outer document type and its parameters are not looked at.
    outer = '<!DOCTYPE rss SYSTEM "file:///etc/passwd" [<!ENTITY % a SYSTEM "http://x"> %a;]>'
    assert _told(_read(tmp_path / "f.xml", outer + FEED % (ITEM % "A"))) == ["A"]


@pytest.mark.parametrize(
    ("content", "told", "foreign"),
    [
        ("<urlset><url><loc>x</loc></url></urlset>", "<urlset>", True),
        ('<?xml version="1.0"?>\n<opml version="2.0"/>', "<opml>", True),
        ('<n:articles xmlns:n="x"><article/></n:articles>', "<articles>", False),
    ],
)  # fmt: skip
def test_other_xml(tmp_path: Path, content: str, told: str, foreign: bool) -> None:
    (rejected,) = _read(tmp_path / "a.xml", content)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == f"XML that is no news: its first element is {told}"
    assert rejected.foreign is foreign


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("<?xml version='1.0'?><!-- never closed", "XML without an element"),
        ("<?xml version='1.0'?>", "XML without an element"),
        ("<rss><channel></channel></rss>", "XML without an item: it is an empty <rss>"),
        ("<?xml version='1.0'?>" + " " * 3_000_000, "XML without an element"),
    ],
)
def test_xml_without_an_item(tmp_path: Path, content: str, told: str) -> None:
    assert _told(_read(tmp_path / "a.xml", content)) == [told]


def test_memory_is_that_of_an_item(tmp_path: Path) -> None:
    item = (ITEM % "A").encode()
    with (tmp_path / "f.xml").open("wb") as file:
        file.write(b"<rss><channel>" + b"<skipped>x</skipped>\n" * 50_000)
        file.writelines(item for _ in range(2_000))
        file.write(b"</channel></rss>")
    tracemalloc.start()
    try:
        assert (
            sum(isinstance(each, Document) for each in read_documents(tmp_path / "f.xml")) == 2_000
        )
        assert tracemalloc.get_traced_memory()[1] < 6 << 20
    finally:
        tracemalloc.stop()


@given(
    st.lists(st.text(st.characters(categories=["L", "Nd"], include_characters=" &]"), min_size=1)),
    st.integers(1, 300),
)
def test_pieces_do_not_depend_on_blocks(texts: list[str], block: int) -> None:
    """Whatever sizes a file is read in, its items are the same."""
    items = [f"<item><![CDATA[{text}]]></item>".encode() for text in texts]
    content = b"<a>" + b"<!-- <item> -->".join([b"", *items]) + b"</rss>"
    blocks = (content[at : at + block] for at in range(0, len(content), block))
    root = xml_items.Root("rss", b"<rss>", b"</rss", None)
    read = iter([*blocks, b""])
    joined = xml_items._blocks(lambda _: next(read), lambda: None)
    _, *pieces = xml_items._pieces(root, ["item"], joined)
    assert pieces == items


@given(
    st.sampled_from(SAMPLES),
    st.lists(
        st.tuples(
            st.floats(0, 1), st.binary(max_size=6) | st.sampled_from([b"<a:b>", b"</", b"&"])
        ),
        max_size=20,
    ),
)
def test_no_damage_raises(sample: bytes, damage: list[tuple[float, bytes]]) -> None:
    content = bytearray(sample)
    for where, put in damage:
        at = int(where * len(content))
        content[at : at + 3] = put
    stream: Any = io.BufferedReader(io.BytesIO(content))
    for each in read_xml(Source("a", "a", stream, stream.tell), lambda position: None):
        assert isinstance(each, Rejected) or isinstance(KNOWN.document(*each), Document | Rejected)
