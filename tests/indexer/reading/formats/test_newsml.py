"""What agencies send: NITF, NewsML-G2 and NewsML 1."""

from pathlib import Path

import pytest

from indexer.article import Document, Rejected
from indexer.reading.documents import read_documents

PARAGRAPHS = ["Councillors voted nine to two.", "The work costs 4.2 million crowns."]
TEXT = "\n\n".join(PARAGRAPHS)
NITF = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nitf SYSTEM "nitf-3-2.dtd">
<nitf xml:lang="en"><head><title>Museum</title>
<docdata><doc-id id-string="skerry-7" regsrc="SK"/><date.issue norm="20240201T100000Z"/></docdata>
<pubdata name="Skerry Post" date.publication="20240202" ex-ref="https://skerry.example/museum"/>
</head><body><body.head><hedline><hl1>Museum <em>vote</em></hl1></hedline>
<byline>By <person>Ann Ek</person>, staff</byline></body.head>
<body.content><block><p>{PARAGRAPHS[0]}</p>
<media media-type="image"><media-caption><p>A lamp.</p></media-caption></media>
<p>The work  costs
 <money>4.2 million crowns</money>.</p></block></body.content></body></nitf>"""
XHTML = f"""<html xmlns="http://www.w3.org/1999/xhtml"><head><title>No</title></head>
<body><p>{PARAGRAPHS[0]}</p><figure><p>A lamp.</p></figure><p>{PARAGRAPHS[1]}</p></body></html>"""


def _g2(guid: str, content: str, status: str = "stat:usable") -> str:
    return f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{guid}" version="1">
    <itemMeta><itemClass qcode="ninat:text"/><provider literal="skerry.example">
    <name>Skerry Agency</name></provider><versionCreated>2024-02-02T11:00:00Z</versionCreated>
    <firstCreated>2024-02-01T10:00:00Z</firstCreated><pubStatus qcode="{status}"/></itemMeta>
    <contentMeta><by>Ann Ek</by><language tag="en-GB"/><headline>Museum vote</headline>
    </contentMeta><contentSet>{content}</contentSet></newsItem>"""


INLINE = f'<inlineXML contenttype="application/xhtml+xml">{XHTML}</inlineXML>'
NITF_INSIDE = f"<inlineXML><nitf xmlns=''>{NITF.partition('<nitf xml:lang=')[2][5:]}</inlineXML>"
PLAIN = f'<inlineData contenttype="text/plain">{TEXT}</inlineData>'
PICTURE = '<remoteContent href="lamp.jpg" contenttype="image/jpeg"/>'
MESSAGE = f"""<?xml version="1.0"?>
<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header><sent>2024-02-02</sent></header>
<itemSet>{_g2("urn:1", INLINE)}{_g2("urn:2", PICTURE)}
<packageItem guid="urn:3"><itemMeta><itemClass qcode="ninat:composite"/></itemMeta></packageItem>
{_g2("urn:4", PLAIN, "stat:canceled")}{_g2("urn:5", PLAIN)}</itemSet></newsMessage>"""
NEWSML_1 = f"""<?xml version="1.0"?><!DOCTYPE NewsML SYSTEM "NewsML_1.2.dtd">
<NewsML><NewsEnvelope><DateAndTime>20240202T110000Z</DateAndTime></NewsEnvelope><NewsItem>
<Identification><NewsIdentifier><ProviderId>skerry.example</ProviderId><DateId>20240201</DateId>
<NewsItemId>7</NewsItemId><PublicIdentifier>urn:newsml:skerry.example:7</PublicIdentifier>
</NewsIdentifier></Identification><NewsManagement><FirstCreated>20240201T100000Z</FirstCreated>
</NewsManagement><NewsComponent><NewsLines><HeadLine>Museum vote</HeadLine>
<ByLine>Ann Ek</ByLine></NewsLines><AdministrativeMetadata><Provider>
<Party FormalName="Skerry Agency"/></Provider></AdministrativeMetadata>
<DescriptiveMetadata><Language FormalName="en"/></DescriptiveMetadata>
<NewsComponent><Role FormalName="Caption"/><ContentItem><DataContent><p>A lamp.</p>
</DataContent></ContentItem></NewsComponent><NewsComponent><ContentItem><DataContent>
<nitf><body><body.head><hedline><hl1>Not this</hl1></hedline></body.head>
<body.content><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p></body.content></body></nitf>
</DataContent></ContentItem></NewsComponent></NewsComponent></NewsItem></NewsML>"""


def _read(path: Path, content: str) -> list[Document | Rejected]:
    path.write_text(content, "utf-8")
    found = list(read_documents(path))
    for each in found:
        object.__setattr__(each, "location", each.location.removeprefix(str(path)))
    return found


def test_nitf(tmp_path: Path) -> None:
    assert _read(tmp_path / "a.xml", NITF) == [
        Document("", TEXT, "text", "skerry-7", "Museum vote", "2024-02-01T10:00:00+00:00",
                 "Skerry Post", "https://skerry.example/museum", "Ann Ek", "en")
    ]  # fmt: skip


def test_several_nitf_in_a_row(tmp_path: Path) -> None:
    found = _read(tmp_path / "a", NITF + "\n" + NITF.replace("Museum <em>vote</em>", "Goat"))
    assert [(each.location, each.title) for each in found if isinstance(each, Document)] == [
        ("", "Museum vote"),
        (":2", "Goat"),
    ]


@pytest.mark.parametrize("content", [INLINE, NITF_INSIDE, PLAIN], ids=["html", "nitf", "plain"])
def test_newsml_g2(tmp_path: Path, content: str) -> None:
    url = "https://skerry.example/museum" if content is NITF_INSIDE else None
    assert _read(tmp_path / "a", _g2("urn:7", content)) == [
        Document("", TEXT, "text", "urn:7", "Museum vote", "2024-02-01T10:00:00+00:00",
                 "Skerry Agency", url, "Ann Ek", "en-GB")
    ]  # fmt: skip


def test_a_message_of_newsml_g2(tmp_path: Path) -> None:
    found = _read(tmp_path / "a.xml", MESSAGE)
    documents = [each for each in found if isinstance(each, Document)]
    assert [(each.location, each.id, each.content) for each in documents] == [
        (":1", "urn:1", TEXT),
        (":5", "urn:5", TEXT),
    ]
    others = [each for each in found if isinstance(each, Rejected)]
    assert [(each.location, each.reason.partition(":")[0], each.foreign) for each in others] == [
        (":2", "text", True),
        (":3", "composite", True),
        (":4", "canceled", True),
    ]


def test_newsml_1(tmp_path: Path) -> None:
    assert _read(tmp_path / "a.xml", NEWSML_1) == [
        Document(":1", TEXT, "text", "urn:newsml:skerry.example:7", "Museum vote",
                 "2024-02-01T10:00:00+00:00", "Skerry Agency", None, "Ann Ek", "en")
    ]  # fmt: skip
