"""Mail, newsletters mostly; and web pages that a browser saved as mail (MHTML).

Headers are read as RFC 2047 has them and no further: the parser of structured ones, which `email`
uses unless it is told otherwise, needs 25 s for one of 200 KB and raises IndexError on others.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any

from indexer.article import Rejected
from indexer.reading.fields import MAX_FIELD
from indexer.reading.formats.mail_text import (
    Forwarded,
    forwarded,
    html_says_more,
    is_note,
    without_quotes,
)
from indexer.reading.formats.record import Found, Records
from indexer.reading.input.decoding import decode
from indexer.reading.input.mail_labels import in_english
from indexer.reading.input.packed import Source

# A mail with what is attached to it, in bytes: providers take 25 MB, a third more in base64.
MAX_MAIL = 36 * 2**20
# What takes far more memory than it is long: `email` makes objects of lines, headers and parts.
# Pictures of 36 MB are 474,000 lines.
_MOST_LINES, _MOST_PARTS = 600_000, 10_000
# Each line is compared with each boundary that is open: so many take 4 s.
_MOST_COMPARED = 50_000_000

# `email` takes those of a type apart in the square of their number, if they are in quotes.
_MOST_PARAMETERS = 25_000
_TYPES = re.compile(rb"^content-[a-z]{1,20}:[^\n]*(?:\n[ \t][^\n]*)*", re.I | re.M)
_REPLY = re.compile(r"^(?:(?:re|fwd?|fw|aw|wg|tr|rv|sv|antw)(?:\[\d+\])?\s*:\s*)+", re.I)
_HEAD = re.compile(rb".*?(?=\r?\n\r?\n)", re.S)
_LONGEST_HEAD = 1 << 14
_SAVED = re.compile(r"\s*<Saved by ", re.I)


def read_mail(source: Source) -> Records:
    """The records of a mail: one, and one of each message that it forwards."""
    content = source.whole(MAX_MAIL)
    if isinstance(content, Rejected):
        yield content
        return
    found = list(mail_records(content))
    for number, each in enumerate(found, start=1):
        place = source.place if len(found) == 1 else f"{source.place}:{number}"
        yield placed(place, each)


def placed(place: str, record: dict[str, Any] | str) -> Found:
    """A record, or why it is none, with its location."""
    return Rejected(place, record) if isinstance(record, str) else (place, record)


def mail_records(content: bytes) -> Iterator[dict[str, Any] | str]:
    """The records of a mail's bytes, or why it has none; at least one."""
    lines = content.count(b"\n") + content.count(b"\r")
    parts = content.count(b"\n--") + content.count(b"\r--")
    compared = lines * content.lower().count(b"boundary")
    if lines > 2 * _MOST_LINES or parts > _MOST_PARTS or compared > _MOST_COMPARED:
        yield "mail of too many lines and parts"
        return
    if any(found[0].count(b";") > _MOST_PARAMETERS for found in _TYPES.finditer(content)):
        yield "mail of too many parameters"
        return
    try:
        message = message_from_bytes(_headed(content), policy=compat32)
    except RecursionError:
        yield "mail that is nested too deeply"
        return
    own, *others = (_record(each) for each in _messages(message))
    # Who forwards a message may say a word about it, which is no article.
    if not others or (isinstance(own, dict) and not is_note(own.get("text") or own["html"])):
        yield own
    yield from others


def _headed(content: bytes) -> bytes:
    """A mail with its headers in English, in which one that was saved as text may not be."""
    content = content.lstrip(b"\xef\xbb\xbf\r\n")
    head = _HEAD.match(content[:_LONGEST_HEAD])
    lines = (decode(head[0]) or "").split("\n") if head else [""]
    if in_english(lines[0]) == lines[0] or head is None:
        return content
    return "\n".join(map(in_english, lines)).encode() + content[head.end() :]


def _messages(message: Message) -> Iterator[Message]:
    """A message, and those that are attached to it."""
    yield message
    waiting = [message]
    while waiting:
        part = waiting.pop()
        inside = _inside(part)
        if part.get_content_type() == "message/rfc822":
            yield from inside
        waiting.extend(reversed(inside))


def _inside(part: Message) -> list[Message]:
    """The parts of a part."""
    inside = part.get_payload() if part.is_multipart() else []
    return [each for each in inside if isinstance(each, Message)]


def _record(message: Message) -> dict[str, Any] | str:
    parts = list(_parts(message))
    if _is_saved_page(message):
        page = next((part for part in parts if part.get_content_type() == "text/html"), None)
        if page is not None:
            address = _header(message, "Snapshot-Content-Location")
            return {"html": _text(page), "url": address or _header(page, "Content-Location")}
    plain = "\n\n".join(_text(each) for each in parts if each.get_content_type() == "text/plain")
    page_text = "\n".join(_text(each) for each in parts if each.get_content_type() == "text/html")
    about = _about(message)
    if page_text.strip() and html_says_more(page_text, plain):
        return about | {"html": page_text}
    if not plain.strip():
        return "mail without a text"
    inner = forwarded(plain)
    if inner is not None:
        return {**about, **_about_forwarded(inner), "text": without_quotes(inner.text)}
    return about | {"text": without_quotes(plain)}


def _is_saved_page(message: Message) -> bool:
    sender = _header(message, "From")
    related = message.get_content_type() == "multipart/related"
    return _SAVED.match(sender) is not None or (related and not sender)


def _parts(message: Message) -> Iterator[Message]:
    """The texts of a message in their order: not what is attached, nor what is forwarded."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        kind = part.get_content_type()
        if part.is_multipart():
            if kind != "message/rfc822":
                waiting.extend(reversed(_inside(part)))
        elif kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment":
            yield part


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    charset = part.get_content_charset()
    return _decoded(content, charset) if isinstance(content, bytes) else ""


def _decoded(content: bytes, charset: str | None) -> str:
    if charset is not None and charset.startswith("iso-2022-jp"):
        return content.decode("iso2022_jp_ext", "replace")
    return decode(content, charset) or ""


def _header(message: Message, name: str) -> str:
    """A header as it is written, in one line and cut; empty if there is none."""
    values = (value for key, value in message.raw_items() if key.lower() == name.lower())
    return " ".join(str(next(values, ""))[: 2 * MAX_FIELD].split())


def _words(header: str) -> str:
    """What a header says, its encoded words decoded."""
    if not header.isascii():
        return decode(header.encode("utf-8", "surrogateescape")) or ""
    try:
        words = decode_header(header)
    except HeaderParseError:
        return header
    return "".join(
        _decoded(word, charset) if isinstance(word, bytes) else word for word, charset in words
    )


def _about(message: Message) -> dict[str, Any]:
    date = _header(message, "Date")
    return {
        "title": _title(_words(_header(message, "Subject"))),
        "source": _sender(_header(message, "From")),
        "date": _moment(date) if date else _words(_header(message, "Sent")),
    }


def _about_forwarded(inner: Forwarded) -> dict[str, Any]:
    read = {"title": _title(inner.subject), "source": _sender(inner.sender), "date": inner.date}
    return {name: value for name, value in read.items() if value}


def _title(subject: str) -> str:
    return _REPLY.sub("", subject.strip(), count=1)


def _sender(header: str) -> str | None:
    """Who sent it: a name, or the domain of the address."""
    try:
        name, address = parseaddr(header[:500])
    except RecursionError:
        return None
    return _words(name).strip() or address.rpartition("@")[2].removeprefix("www.") or None


def _moment(date: str) -> str:
    try:
        return parsedate_to_datetime(date).isoformat()
    except (ValueError, OverflowError):
        return date
