"""What a file is: by its first bytes, else by the structure of its text, else by its name.

Whatever crawlers and exporters call it: JSON lines named `.json`, pages named `index.html?p=3`.
"""

import re
from dataclasses import dataclass
from os.path import splitext
from typing import Literal

from indexer.reading.fields import is_field
from indexer.reading.input.decoding import decode
from indexer.reading.input.mail_labels import in_english
from indexer.reading.input.markup import is_html

Format = Literal[
    "text", "html", "json", "json lines", "table", "xml", "mail", "mailbox", "warc",
    "parquet", "arrow", "pdf", "word", "epub",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Foreign:
    """A kind of file that holds no articles: pictures, programs, style sheets."""

    name: str


_MAGIC: tuple[tuple[bytes, Format | Foreign], ...] = (
    (b"%PDF-", "pdf"),
    (b"PAR1", "parquet"),
    (b"ARROW1\0\0", "arrow"),
    (b"WARC/", "warc"),
    (b"filedesc://", "warc"),
    *(
        (magic, Foreign(name))
        for name, magics in {
            "picture": (
                b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*",
                b"\0\0\1\0", b"8BPS",
            ),
            "sound or film": (
                b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"\xff\xfb", b"\xff\xf3", b"FLV\x01",
            ),
            "font": (b"wOFF", b"wOF2", b"OTTO", b"\0\1\0\0\0", b"true"),
            "program": (b"\x7fELF", b"MZ", b"\0asm", b"\xca\xfe\xba\xbe", b"#!"),
            "database": (b"SQLite format 3\0",),
            "archive of another kind": (b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x9d", b"!<arch>"),
            "leftover of a Mac": (b"\0\5\x16\7", b"\0\0\0\1Bud1"),
            "old office document": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
            "rich text document": (b"{\\rtf",),
        }.items()
        for magic in magics
    ),
)  # fmt: skip
# Text, but of no article, that only a name tells.
_FOREIGN = {
    **dict.fromkeys((".css", ".scss", ".less"), "style sheet"),
    **dict.fromkeys((".js", ".mjs", ".ts", ".map", ".vue", ".jsx"), "script"),
    **dict.fromkeys(
        (".py", ".sh", ".c", ".h", ".cpp", ".java", ".go", ".rs", ".rb", ".pl", ".bat", ".sql"),
        "program",
    ),
    **dict.fromkeys((".yml", ".yaml", ".toml", ".ini", ".cfg", ".conf", ".lock"), "settings"),
    **dict.fromkeys((".xsl", ".xsd", ".dtd", ".xslt"), "schema"),
    **dict.fromkeys((".vtt", ".srt", ".ics", ".vcf", ".m3u", ".m3u8"), "captions or cards"),
}
_LINES = frozenset({".jsonl", ".ndjson", ".jl", ".jsonlines"})
_TABLES = frozenset({".csv", ".tsv", ".tab", ".psv"})
_MAILS = frozenset({".eml", ".mht", ".mhtml"})
_PAGES = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_XMLS = frozenset({".xml", ".rss", ".atom", ".rdf", ".nitf"})
_READ = frozenset({".txt", ".text", ".md", ".json", *_PAGES, *_LINES, *_TABLES, *_MAILS, *_XMLS})

# A text may begin with the letters of a magic number of no more than these by chance.
_SHORT = 4
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.I)
_PROLOG = re.compile(r"(?:<\?.{0,2000}?\?>|<!--.{0,2000}?-->|\s+)*+", re.S)
_XML = re.compile(
    r"<\?xml\b|<(?:!DOCTYPE\s+)?(?:\w{1,20}:)?"
    r"(?:rss|feed|RDF|nitf|newsItem|newsMessage|NewsML|urlset|sitemapindex)\b"
)
# Collections of articles, one an element, that have no first element around them.
_SGML = re.compile(r"(?:<!DOCTYPE[^>]{0,200}>\s*)?<(?:DOC|doc|REUTERS)(?=[\s>])")
_SVG = re.compile(r"(?:<!DOCTYPE\s+svg\b[^>]*>\s*)?<svg\b")
# Of an array a value follows, of an object a key or its end.
_JSON = re.compile(r"\[\s*(?:[\[{\]\"\d-]|true|false|null|$)|\{\s*(?:\"|\}|$)")
_ARRAY_OF_OBJECTS = re.compile(r"\[\s*\{")
_JSON_LINE = re.compile(r"\s*\{.*\}\s*$")
_FROM = re.compile(r"From \S+.{0,60}\d\d:\d\d")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,40}):(?: |\t|$)")
_OF_MAIL = frozenset({"from", "to", "subject", "date", "reply-to"})
# Without one of these, or an address, lines that look like headers are a memo's, or a page's.
_ONLY_OF_MAIL = frozenset({"mime-version", "message-id", "received", "return-path",
                           "delivered-to", "content-transfer-encoding"})  # fmt: skip
_ADDRESS = re.compile(r"[^\s@<>:]@[\w-]{1,60}\.\w")
# Above the names of a table: its delimiter, for Excel, and comments.
ABOVE_NAMES = re.compile(r"#|\"?sep=.\"?\r?$", re.I)
MOST_ABOVE = 100
_DELIMITERS = ",;\t|"


def kind_of(head: bytes, name: str) -> Format | Foreign:
    """The kind of a file.

    head: its first bytes, unpacked, up to 64 KB
    name: its name, lower case, without the suffix of what packed it
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic) and not (
            len(magic) <= _SHORT and isinstance(kind, Foreign) and _is_text(head)
        ):
            return kind
    if head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:12] in (b"WAVE", b"AVI ")):
        return Foreign("sound or film")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Foreign("picture")
    if head.startswith(b"\xff\xff\xff\xff") and int.from_bytes(head[4:8], "little") < 1 << 24:
        return "arrow"  # a stream of it: the length of its schema comes first
    if head[:1024].lstrip(b"\xef\xbb\xbf\0 \t\r\n").startswith(b"%PDF-"):
        return "pdf"
    suffix = splitext(name)[1]
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head, suffix)
    text = decode(head)
    if text is None and suffix in _READ:
        text = ""
    if text is None:
        return Foreign(f"binary ({suffix})" if suffix else "binary")
    return _of_text(text.lstrip("\ufeff\0 \t\r\n"), suffix)


def _is_text(head: bytes) -> bool:
    """Whether bytes are a text that begins with the letters of a short magic number by chance."""
    return not head.startswith((b"\xff", b"#!")) and decode(head[:512]) is not None


# The first part of a book, which is not packed.
_EPUB = b"application/epub+zip"


def _zipped(head: bytes, suffix: str) -> Format | Foreign:
    if suffix == ".epub" or b"META-INF/container.xml" in head or head[38:58] == _EPUB:
        return "epub"
    if suffix in (".docx", ".docm") or b"word/document.xml" in head:
        return "word"
    # Of a zip that is a document the first parts are these.
    office = b"[Content_Types].xml" in head or head[30:38] == b"mimetype"
    return Foreign("document of an office" if office else "archive inside an archive")


def _of_text(text: str, suffix: str) -> Format | Foreign:
    if structure := _structure(text, suffix):
        return structure
    if suffix in _FOREIGN:
        return Foreign(_FOREIGN[suffix])
    if suffix in _PAGES:
        return "html"
    if suffix in _LINES:
        return "json lines"
    if suffix == ".json":
        return "json"
    if suffix in _TABLES:
        return "table"
    if suffix in _MAILS:
        return "mail"
    return "mailbox" if suffix == ".mbox" else "text"


def _structure(text: str, suffix: str) -> Format | Foreign | None:
    """What the structure of a text says; None if it says nothing."""
    if text.startswith("<"):
        prolog = _PROLOG.match(text)
        begin = prolog.end() if prolog else 0
        if _SVG.match(text, begin):
            return Foreign("picture")
        if _SGML.match(text, begin):
            return "xml"
        if _HTML.match(text, begin):
            return "html"
        if _XML.match(text) or _XML.match(text, begin) or suffix in _XMLS:
            return "xml"
        if suffix != ".md" and is_html(text):
            return "html"
    if _JSON.match(text):
        return _json(text, suffix)
    if _FROM.match(text):
        return "mailbox"
    if _is_mail(text):
        return "mail"
    return "table" if _begins_table(text) else None


def _json(text: str, suffix: str) -> Format:
    lines = [line for line in text[: 1 << 16].split("\n", 4)[:4] if line.strip()]
    several = len(lines) > 1 and all(_JSON_LINE.match(line) for line in lines[:2])
    named = suffix in _LINES and lines[0].strip() not in ("{", "[")
    if text.startswith("["):
        objects = _ARRAY_OF_OBJECTS.match(text) is not None
        named = named and (not objects or (len(lines) > 1 and bool(_JSON_LINE.match(lines[1]))))
    return "json lines" if several or named else "json"


def _is_mail(text: str) -> bool:
    headers: dict[str, str] = {}
    ended = False
    for line in text[: 1 << 14].split("\n")[:200]:
        if not line.strip():
            ended = True
            break
        if line[:1] in " \t" and headers:
            continue
        line = in_english(line)
        found = _HEADER.match(line)
        if found is None:
            return False
        headers.setdefault(found[1].lower(), line[found.end() :])
    names = headers.keys()
    if len(names & _OF_MAIL) >= 2 and names & _ONLY_OF_MAIL:
        return True
    # As a program for mail saves one as text.
    sent = "subject" in names and bool(names & {"date", "sent"})
    return ended and sent and _ADDRESS.search(headers.get("from", "")) is not None


def _begins_table(text: str) -> bool:
    """Whether a text begins with names of columns, below what is above a table's names."""
    for line in text[: 1 << 14].split("\n")[:MOST_ABOVE]:
        if _is_table(line):
            return True
        if not ABOVE_NAMES.match(line):
            return False
    return False


def _is_table(first: str) -> bool:
    """Whether a first line names columns, two of which are fields of an article."""
    for delimiter in _DELIMITERS:
        cells = [cell.strip().strip('"') for cell in first.split(delimiter)]
        if 2 <= len(cells) <= 500 and sum(map(is_field, cells)) >= 2:
            return max(map(len, cells)) <= 60
    return False
