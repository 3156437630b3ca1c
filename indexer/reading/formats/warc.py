"""Web archives (WARC, WET and ARC, its forerunner): pages that a crawler kept, one a record.

Read here and by no library, since warcio reads a header, a chunk or brotli of any length whole.
"""

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from email.message import Message
from http.client import HTTPException, parse_headers
from io import SEEK_CUR, BufferedReader, BytesIO

from indexer.article import Rejected
from indexer.reading.fields import MAX_PAGE, MAX_TEXT
from indexer.reading.formats.extras import lacking
from indexer.reading.formats.record import Found, Records
from indexer.reading.input.decoding import decode
from indexer.reading.input.kinds import kind_of
from indexer.reading.input.packed import Source

# An answer as it was sent: a page, and its headers and chunks.
_MAX_ANSWER = MAX_PAGE + (1 << 20)
# What an archive in ARC begins with.
_ARC = b"filedesc://"
_MAX_LINE = _HEAD = 1 << 16
_BEGIN = re.compile(rb"WARC/[01]\.\d{1,2}\s*\n")
# Of ARC: address, host, moment, type, of the second version five facts more, and length.
_BEGIN_ARC = re.compile(
    rb"([a-z]{2,10}:\S{1,8000}) \S{1,100} (\d{8,14}) (\S{1,200})(?: [^\n]{0,9000}?)?"
    rb" (\d{1,15})\r?\n",
    re.I,
)
_STATUS = re.compile(rb"HTTP/[\d.]{1,3} (\d{3})\b[^\n]*\n")
_CHUNK = re.compile(rb"\s{0,4}([0-9A-Fa-f]{1,8})[^\n]{0,200}\n")
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
# What is passed over is counted by these, and by no name that a file makes up.
_TYPES = frozenset(
    {"warcinfo", "request", "metadata", "revisit", "conversion", "continuation"}
    | {"application", "audio", "font", "image", "text", "video"}
)
_LONGER_TEXT = f"text longer than {MAX_TEXT // 2**20} MB"
_LONGER = f"html longer than {MAX_PAGE // 2**20} MB"


class _Record:
    """A record: its headers, and the bytes of its block, which are read once."""

    def __init__(self, stream: BufferedReader, headers: Message, length: int) -> None:
        self.headers, self._stream, self._left = headers, stream, length

    def header(self, name: str) -> str:
        """A header, empty if there is none; they are UTF-8, and read as Latin-1."""
        value = str(self.headers.get(name) or "").strip().strip("<>")
        return value.encode("latin-1", "replace").decode("utf-8", "replace")

    def read(self, most: int) -> bytes:
        """At most so many of the bytes that are left; fewer only if there are no more."""
        data = self._stream.read(min(most, self._left))
        self._left -= len(data)
        return data

    def skip(self) -> None:
        """Pass over what is left."""
        if self._stream.seekable():
            self._stream.seek(self._left, SEEK_CUR)
            self._left = 0
        while self.read(1 << 20):
            pass

    @property
    def cut(self) -> bool:
        """Whether the file ends before the record, once that was read."""
        return self._left > 0


def read_warc(source: Source, reached: Callable[[int], None]) -> Records:
    """The pages of a web archive, by the numbers of their records; of others how many there are."""
    passed: Counter[str] = Counter()
    lacks = False
    for number, record in enumerate(_records(source.stream), start=1):
        reached(source.position())
        place = f"{source.place}:{number}"
        try:
            found = Rejected(place, record) if isinstance(record, str) else _page(place, record)
        except ModuleNotFoundError:
            lacks = True
            continue
        if isinstance(found, str):
            passed[found] += 1
        else:
            yield found
    if lacks:
        yield lacking(source.place, "warc")
    for kind, count in passed.items():
        reason = f"{kind}: {count:,} records of a web archive that are no pages"
        yield Rejected(source.place, reason, foreign=True)


def _records(stream: BufferedReader) -> Iterator[_Record | str]:
    """The records in their order, or what is wrong where one should begin."""
    lost = False
    begin = _BEGIN_ARC if stream.peek(len(_ARC)).startswith(_ARC) else _BEGIN
    while line := stream.readline(_MAX_LINE):
        found = begin.fullmatch(line)
        if found is None:
            if line.strip() and not lost:
                lost = True
                yield "damaged: no record of a web archive where one should begin"
            continue
        try:
            headers = parse_headers(stream) if begin is _BEGIN else _headers_of_arc(found)
            length = int(headers.get("Content-Length", ""))
        except (HTTPException, ValueError):
            length = -1
        lost = length < 0
        if lost:
            yield "damaged: the headers of a record of a web archive"
            continue
        record = _Record(stream, headers, length)
        yield record
        record.skip()


def _headers_of_arc(found: re.Match[bytes]) -> Message:
    """What the line above a record of ARC says, as WARC has it."""
    address, moment, type_, length = (each.decode("latin-1") for each in found.groups())
    headers = Message()
    headers["WARC-Type"] = "warcinfo" if found[1].startswith(_ARC) else "response"
    headers["WARC-Target-URI"] = address
    headers["WARC-Date"] = f"{moment[:4]}-{moment[4:6]}-{moment[6:8]}"
    headers["Content-Type"] = type_
    headers["Content-Length"] = length
    return headers


def _page(place: str, record: _Record) -> Found | str:
    """The page of a record or, of WET, its text; or the kind of what it is instead.

    Raises:
        ModuleNotFoundError: it is packed by brotli, and that is not installed.
    """
    kind = record.header("WARC-Type").lower()
    of_text = kind == "conversion"
    if kind not in ("response", "resource", "conversion"):
        return _named(kind)
    block, mime, sent = record.read(_HEAD), record.header("Content-Type"), Message()
    if kind == "response":
        status = _STATUS.match(block)
        if status is None:
            return "not of the web"
        if status[1] != b"200":
            return f"status {status[1].decode()}"
        rest = BytesIO(block[status.end() :])
        try:
            sent = parse_headers(rest)
        except HTTPException as error:
            return Rejected(place, f"damaged: the headers of an answer: {error}")
        block, mime = rest.read(), str(sent.get("Content-Type") or "")
    type_ = mime.partition(";")[0].strip().lower()
    if of_text and type_ != "text/plain":
        return _named(kind)
    if type_ and type_ not in _PAGES and not of_text:
        return _named(type_.partition("/")[0])
    block += record.read(_MAX_ANSWER)
    if len(block) > _MAX_ANSWER:
        return Rejected(place, _LONGER_TEXT if of_text else _LONGER)
    if record.cut:
        return Rejected(place, "damaged: the record is cut short")
    content = _plain(place, block, sent)
    if isinstance(content, Rejected):
        return content
    if not type_ and kind_of(content[:_HEAD], "") != "html":
        return "other"
    text = decode(content)
    if text is None:
        return Rejected(place, "binary, not text")
    if not text.strip():
        return Rejected(place, "empty")
    about = {"url": record.header("WARC-Target-URI"), "warcdate": record.header("WARC-Date")}
    return place, {"text" if of_text else "html": text, **about}


def _named(kind: str) -> str:
    return kind if kind in _TYPES else "other"


def _plain(place: str, body: bytes, sent: Message) -> bytes | Rejected:
    """The page in what was sent: joined of its chunks and unpacked, unless the crawler did that."""
    if "chunked" in str(sent.get("Transfer-Encoding") or "").lower():
        body = _of_chunks(body)
    for coding in reversed(str(sent.get("Content-Encoding") or "").lower().split(",")[:3]):
        try:
            body = _unpacked(body, coding.strip())
        except (ValueError, zlib.error) as error:
            if kind_of(body[:_HEAD], "") == "html":
                break
            return Rejected(place, f"damaged: a page in {coding.strip()[:20]}: {error}")
    return body if len(body) <= MAX_PAGE else Rejected(place, _LONGER)


def _of_chunks(body: bytes) -> bytes:
    parts, at = [], 0
    while (found := _CHUNK.match(body, at)) and (size := int(found[1], 16)):
        parts.append(body[found.end() : found.end() + size])
        at = found.end() + size
    return b"".join(parts) or body


def _unpacked(body: bytes, coding: str) -> bytes:
    """A body unpacked, up to one byte more than a page may have.

    Raises:
        ValueError, zlib.error: it is not packed so.
    """
    if coding in ("gzip", "x-gzip"):
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, MAX_PAGE + 1)
    if coding == "deflate":
        # By the standard with a header, by many servers without one.
        wrapped = body[:1] and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
        bits = zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS
        return zlib.decompressobj(bits).decompress(body, MAX_PAGE + 1)
    if coding == "br":
        import brotli

        try:
            return bytes(brotli.Decompressor().process(body, output_buffer_limit=MAX_PAGE + 1))
        except brotli.error as error:
            raise ValueError(str(error)) from error
    if coding in ("", "identity"):
        return body
    raise ValueError("a coding that is not read")
