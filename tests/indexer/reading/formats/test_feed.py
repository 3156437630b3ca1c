"""Feeds, whatever their version and the names of their files."""

from pathlib import Path

import pytest

from indexer.article import Document, Rejected
from indexer.reading.documents import read_documents

TEXT = "Councillors voted nine to two to turn the lighthouse into a museum."
HTML = f"<p>{TEXT}</p><p>The work costs 4.2 million crowns.</p>"
ESCAPED = HTML.replace("<", "&lt;").replace(">", "&gt;")

RSS_0_91 = f"""<?xml version="1.0"?>
<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
 "http://my.netscape.com/publish/formats/rss-0.91.dtd">
<rss version="0.91"><channel><title>Skerry Post</title><language>en-gb</language>
<item><title>Museum vote</title><link>https://skerry.example/museum</link>
<description>{TEXT}</description></item></channel></rss>"""
RSS_1_0 = f"""<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel rdf:about="x"><title>Skerry Post</title><items><rdf:Seq/></items></channel>
<image><title>Logo</title></image>
<item rdf:about="y"><title>Museum vote</title><link>https://skerry.example/museum</link>
<dc:date>2024-02-01T10:00:00Z</dc:date><dc:creator>Ann Ek</dc:creator>
<description>A teaser.</description><content:encoded><![CDATA[{HTML}]]></content:encoded></item>
</rdf:RDF>"""
RSS_2_0 = f"""<rss version="2.0"><channel><title>Skerry Post</title>
<image><title>Logo</title><url>x</url></image>
<item><title>Museum vote</title><link>https://skerry.example/museum</link>
<author>desk@skerry.example (Ann Ek)</author><pubDate>Thu, 01 Feb 2024 10:00:00 GMT</pubDate>
<guid isPermaLink="false">skerry-7</guid><description>{ESCAPED}</description></item>
</channel></rss>"""
ATOM = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Skerry Post</title>
<link rel="self" href="https://skerry.example/feed"/><updated>2024-02-02T00:00:00Z</updated>
<entry><title type="html">Museum vote</title><id>tag:skerry.example,2024:7</id>
<link rel="replies" href="https://skerry.example/r"/><link href="https://skerry.example/museum"/>
<updated>2024-02-02T10:00:00Z</updated><published>2024-02-01T10:00:00Z</published>
<author><name>Ann Ek</name><email>a@skerry.example</email></author>
<author><name>Bo Dal</name></author><summary>A teaser.</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{HTML}</div></content></entry></feed>"""
PREFIXED = (
    ATOM.replace("<", "<a:")
    .replace("<a:/", "</a:")
    .replace("<a:?", "<?")
    .replace("xmlns=", "xmlns:a=")
)


def _read(path: Path, content: str | bytes) -> list[Document | Rejected]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = list(read_documents(path))
    for each in found:
        object.__setattr__(each, "location", each.location.removeprefix(str(path)))
    return found


def _one(path: Path, content: str | bytes) -> Document:
    (document,) = _read(path, content)
    assert isinstance(document, Document)
    return document


@pytest.mark.parametrize("name", ["feed.xml", "feed", "a.txt", "index.html"])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (RSS_0_91, Document(":1", TEXT, "text", language="en-gb")),
        (RSS_1_0, Document(":1", HTML, "html", date="2024-02-01T10:00:00Z", author="Ann Ek")),
        (
            RSS_2_0,
            Document(":1", HTML, "html", "skerry-7", date="Thu, 01 Feb 2024 10:00:00 GMT",
                     author="Ann Ek"),
        ),
        (
            ATOM,
            Document(":1", f'<div xmlns="http://www.w3.org/1999/xhtml">{HTML}</div>', "html",
                     "tag:skerry.example,2024:7", date="2024-02-01T10:00:00Z",
                     author="Ann Ek, Bo Dal", language="en"),
        ),
    ],
    ids=["0.91", "1.0", "2.0", "atom"],
)  # fmt: skip
def test_an_item_is_an_article(tmp_path: Path, name: str, content: str, expected: Document) -> None:
    document = _one(tmp_path / name, content)
    assert (document.title, document.source, document.url) == (
        "Museum vote",
        "Skerry Post",
        "https://skerry.example/museum",
    )
    for field in ("location", "format", "id", "date", "author", "language"):
        assert getattr(document, field) == getattr(expected, field)
    if content is ATOM:
        assert HTML in document.content
    else:
        assert document.content == expected.content


def test_elements_with_a_prefix(tmp_path: Path) -> None:
    document = _one(tmp_path / "feed", PREFIXED)
    assert (document.title, document.date) == ("Museum vote", "2024-02-01T10:00:00Z")
    assert TEXT in document.content


def test_each_item_is_numbered_and_one_without_a_text_is_told(tmp_path: Path) -> None:
    items = (f"<item><title>Vote {n}</title><description>{TEXT}</description></item>" for n in "12")
    empty = "<item><title>Nothing</title></item>"
    found = _read(
        tmp_path / "f", f"<rss><channel>{next(items)}{empty}{next(items)}</channel></rss>"
    )
    assert [each.location for each in found] == [":1", ":2", ":3"]
    assert isinstance(found[1], Rejected)
    assert found[1].reason.startswith("has no text: its fields are")
    assert isinstance(found[2], Document)
    assert found[2].title == "Vote 2"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Museum &lt;b&gt;vote&lt;/b&gt;", "Museum vote"),
        ("Salt &amp;amp; pepper", "Salt & pepper"),
        ("<![CDATA[Salt & pepper, <i>again</i>]]>", "Salt & pepper, again"),
        ("Salt & pepper", "Salt & pepper"),
        ("Caf&eacute;&nbsp;on the quay &hellip;", "Café on the quay …"),
        ("Unknown &skerry; thing", "Unknown &skerry; thing"),
        ("A bell\x07 and &#7; rings", "A bell and rings"),
        ("3 &lt; 4", "3 < 4"),
        ("Write &amp;lt;b&amp;gt; for bold", "Write <b> for bold"),
        ("<![CDATA[Write &lt;b&gt;, not &amp;lt;]]>", "Write <b>, not &lt;"),
        ("Salt &amp;amp;amp; pepper", "Salt &amp; pepper"),
    ],
)
def test_titles(tmp_path: Path, title: str, expected: str) -> None:
    item = f"<item><title>{title}</title><description>{TEXT}</description></item>"
    document = _one(tmp_path / "f.xml", f"<rss><channel>{item}</channel></rss>")
    assert document.title == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("<title>Write &lt;b&gt; &amp;amp; wait</title>", "Write <b> &amp; wait"),
        ("<title type='text'>Salt &amp;lt; pepper</title>", "Salt &lt; pepper"),
        ("<title type='html'>Write &amp;lt;b&amp;gt; &lt;i&gt;now&lt;/i&gt;</title>",
         "Write <b> now"),
        ("<title type='html'><![CDATA[Salt &amp; <b>pepper</b>]]></title>", "Salt & pepper"),
        ("<title type='text/html' mode='escaped'>Salt &amp;amp; pepper</title>", "Salt & pepper"),
        ("<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>Write &lt;b&gt; <i>now</i>"
         "</div></title>", "Write <b> now"),
    ],
)  # fmt: skip
def test_titles_of_atom(tmp_path: Path, title: str, expected: str) -> None:
    author = "<author><name>Ek &amp;amp; Li</name></author>"
    feed = ATOM.replace('<title type="html">Museum vote</title>', title + author)
    assert title in feed
    document = _one(tmp_path / "f.xml", feed.replace("<title>Skerry Post</title>", title))
    assert (document.title, document.source) == (expected, expected)
    assert str(document.author).startswith("Ek &amp; Li")


def test_addresses_keep_their_ampersands(tmp_path: Path) -> None:
    item = f"<item><link>https://s.example/?a=1&copy=2&b=3</link><description>{TEXT}</description>"
    document = _one(tmp_path / "f.xml", f"<rss><channel>{item}</item></channel></rss>")
    assert document.url == "https://s.example/?a=1&copy=2&b=3"


def test_whoever_wrote_it_first_is_the_outlet(tmp_path: Path) -> None:
    item = f"<item><source url='https://e.example'>Echo</source><description>{TEXT}</description>"
    channel = f"<channel><title>All the news</title>{item}</item></channel>"
    assert _one(tmp_path / "f.xml", f"<rss>{channel}</rss>").source == "Echo"


@pytest.mark.parametrize(
    "head",
    ["\n\n <?xml version='1.0'?>", "\ufeff<?xml version='1.0'?>", "<!-- made by hand -->\n", ""],
)
def test_what_stands_before_a_feed(tmp_path: Path, head: str) -> None:
    assert _one(tmp_path / "f", head + RSS_2_0).title == "Museum vote"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("utf-8", "cp1252"),
        ("iso-8859-1", "iso-8859-1"),
        ("iso-8859-1", "utf-8"),
        ("utf-16", "utf-16"),
        ("windows-1252", "cp1252"),
    ],
)
def test_encodings(tmp_path: Path, declared: str, encoding: str) -> None:
    item = "<item><title>Café</title><description>Le café reste ouvert l’été.</description></item>"
    item = item.replace("’", "'") if encoding == "iso-8859-1" else item
    feed = f'<?xml version="1.0" encoding="{declared}"?><rss><channel>{item}</channel></rss>'
    document = _one(tmp_path / "f.xml", feed.encode(encoding))
    assert document.title == "Café"
    assert document.content.replace("’", "'") == "Le café reste ouvert l'été."


def test_an_undeclared_prefix(tmp_path: Path) -> None:
    item = f"<item><title>A</title><content:encoded>{ESCAPED}</content:encoded></item>"
    assert _one(tmp_path / "f", f"<rss><channel>{item}</channel></rss>").content == HTML


def _post(number: int, kind: str, status: str, content: str = HTML) -> str:
    return f"""<item><title>Post {number}</title><link>https://skerry.example/{number}</link>
    <pubDate>Thu, 01 Feb 2024 23:30:00 +0000</pubDate><dc:creator><![CDATA[ann]]></dc:creator>
    <guid isPermaLink="false">https://skerry.example/?p={number}</guid>
    <content:encoded><![CDATA[{content}]]></content:encoded>
    <wp:post_date><![CDATA[2024-02-02 00:30:00]]></wp:post_date>
    <wp:post_type><![CDATA[{kind}]]></wp:post_type><wp:status>{status}</wp:status></item>"""


def test_an_export_of_wordpress(tmp_path: Path) -> None:
    posts = [
        _post(1, "post", "publish"),
        _post(2, "attachment", "inherit"),
        _post(3, "post", "draft"),
        _post(4, "nav_menu_item", "publish"),
        _post(5, "page", "publish", f'{TEXT}\n\nAnn <em>was</em> there.[gallery ids="1"]'),
    ]
    found = _read(
        tmp_path / "export.xml",
        f"""<?xml version="1.0" encoding="UTF-8" ?><!-- generator="WordPress/6.4" -->
        <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
        xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
        <channel><title>Skerry Post</title><language>en-GB</language>
        <wp:author><wp:author_login>ann</wp:author_login>
        <wp:author_display_name><![CDATA[Ann Ek]]></wp:author_display_name></wp:author>
        {"".join(posts)}</channel></rss>""",
    )
    one, five = (each for each in found if isinstance(each, Document))
    assert one == Document(
        ":1", HTML, "html", "https://skerry.example/?p=1", "Post 1", "2024-02-02 00:30:00",
        "Skerry Post", "https://skerry.example/1", "Ann Ek", "en-GB",
    )  # fmt: skip
    # A blank line is a paragraph in the editor of old, and codes are no text.
    assert five.content == f"<p>{TEXT}</p>\n<p>Ann <em>was</em> there.</p>"
    others = [each for each in found if isinstance(each, Rejected)]
    assert [(each.location, each.reason.partition(":")[0]) for each in others] == [
        (":2", "attachment"),
        (":3", "draft"),
        (":4", "nav_menu_item"),
    ]
    assert all(each.foreign for each in others)
