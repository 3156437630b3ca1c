"""From a record, as exporters write it, to a document: which of its fields is what.

A record is what a JSON object, a row of a table or an item of a feed holds. Names are compared
without case and signs, `publishedAt` = `published_at`; fields inside fields are joined by a point,
`headline.main`. What a user maps wins over all that is known here.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from indexer.article import Document, Rejected, Remark
from indexer.reading.input.characters import unescaped, unquoted
from indexer.reading.input.decoding import tidy
from indexer.reading.input.markup import is_html, less_inline_tags

# The longest pages of news, pictures inside them and all, are under 10 MB; the longest texts are
# under 1 MB, and cutting one into sentences takes some 400 times its size.
MAX_PAGE = 10 * 2**20
MAX_TEXT = 2 * 2**20
# A field of metadata that is longer than this is not metadata.
MAX_FIELD = 2000
# How deep a record is looked into, and at how many fields.
_DEPTH, _MOST = 3, 1000
_MOST_AUTHORS = 20
_MOST_PAGES = 1000
# Objects that hold the fields of the record that they are in: JSON:API, Elasticsearch, LangChain.
_CONTAINERS = frozenset(
    {"_source", "article", "attributes", "data", "document", "fields", "meta", "metadata", "node"}
)
# What a paragraph that is an object keeps its text in.
_PARAGRAPH = ("text", "content", "value", "html", "bodyHtml", "body", "paragraph")
# Names as pandas writes a list of them into a cell: "['Ann Ek', 'Bo Li']".
_LIST = re.compile(r"\[(?:'[^']*'|\"[^\"]*\"|,|\s)+\]")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
# As ASP.NET writes a moment: "/Date(1710496800000)/".
_TICKS = re.compile(r"/Date\((\d{9,13})(?:[+-]\d{4})?\)/")
# Where an object keeps its text, as WordPress, the New York Times and XML made JSON do.
_INSIDE = ("rendered", "main", "name", "title", "value", "$t", "#text")


class Plain(str):
    """A text that is decoded as its format says, so that no more references and tags are in it."""

    __slots__ = ()


Name = Literal["text", "html", "title", "date", "source", "url", "author", "id", "language"]
NAMES: tuple[Name, ...] = (
    "text", "html", "title", "date", "source", "url", "author", "id", "language",
)  # fmt: skip

# When the page of a web archive was taken.
_CAPTURED = "warcdate"
# When the file of a document was made, by its properties.
_CREATED = "filecreated"
# How many letters and digits stand before each page of it.
_PAGES = "pagestarts"
# NewsAPI cuts its texts: "… [+1234 chars]".
_CUT = re.compile(r"\s*+(?:(?:…|\.\.\.)\s*+)?\[\+\d+ chars\]\s*$")
_SIGNS = re.compile(r"[^\w.]|(?<!^)_")
_UNITS = re.compile(r"[1-9]\d{8,18}")


def key(name: str) -> str:
    """The name of a field as it is compared."""
    return _SIGNS.sub("", name.strip().casefold())


_ORDER: dict[str, dict[str, int]] = {
    name: {key(each): place for place, each in reversed(list(enumerate(known)))}
    for name, known in tomllib.loads(
        files("indexer.reading").joinpath("field_names.toml").read_text("utf-8")
    ).items()
}


def field_of(name: str) -> str | None:
    """The article's field that a name is one of; a summary's is "summary"."""
    known = key(name)
    return next((field for field, order in _ORDER.items() if known in order), None)


def is_field(name: str) -> bool:
    """Whether a column's name is one of an article's field."""
    return field_of(name) is not None


@dataclass(frozen=True, slots=True)
class Fields:
    """How the records of a run are read: which of their fields is what, beside what is known.

    mapped: ours → theirs, as a user wrote them; "headline.main" is a field inside a field
    """

    mapped: Mapping[Name, str]

    def document(self, place: str, record: Mapping[str, Any]) -> Document | Rejected:
        """The document that a record is."""
        flat = dict(_flat(record))
        text = self._content(flat)
        if text is None:
            return Rejected(place, _nothing_in(flat))
        content, kind = text
        if kind == "text":
            # At the end alone: of a run of blanks the time would grow with the square.
            content = less_inline_tags(content[:-100] + _CUT.sub("", content[-100:]))
        remarks: list[Remark] = []
        found: dict[str, Any] = {}
        for name, read in _READERS.items():
            found[name], wrong = self._field(flat, name, read)
            if wrong is not None:
                remarks.append(wrong)
        made = Document(
            place,
            tidy(content[: MAX_PAGE + 1]),
            kind,
            captured=_line(flat.get(_CAPTURED)),
            created=_line(flat.get(_CREATED)),
            pages=_pages(flat.get(_PAGES)),
            remarks=tuple(remarks),
            **found,
        )
        return sized(made)

    def known(self, names: Sequence[str]) -> int:
        """How many of some names are those of an article's fields."""
        mapped = {key(theirs) for theirs in self.mapped.values()}
        return sum(is_field(name) or key(name) in mapped for name in names)

    def has_text(self, record: Mapping[str, Any]) -> bool:
        """Whether a record is an article's."""
        return self._content(dict(_flat(record))) is not None

    def _content(self, flat: Mapping[str, Any]) -> tuple[str, Literal["html", "text"]] | None:
        """The text of a record, or else its page, or else its summary."""
        for name in ("text", "html"):
            for value in self._values(flat, name):
                text = _text_of(value)
                if text:
                    return (text, "html") if name == "html" else _marked_up(text)
        order = _ORDER["summary"]
        texts = (text for name in flat if name in order and (text := _text_of(flat[name])))
        longest = max(texts, key=len, default=None)
        return _marked_up(longest) if longest else None

    def _values(self, flat: Mapping[str, Any], name: Name) -> Iterator[Any]:
        """The values that may be a field's, the surest first."""
        mapped = key(self.mapped.get(name, ""))
        if mapped in flat:
            yield flat[mapped]
            return
        # A page or a text beside the records that are meant has no field of theirs.
        order = _ORDER[name]
        taken = {key(theirs) for theirs in self.mapped.values()}
        names = (each for each in flat if each in order and each not in taken)
        for known in sorted(names, key=order.__getitem__):
            yield flat[known]

    def _field(
        self, flat: Mapping[str, Any], name: Name, read: Any
    ) -> tuple[str | None, Remark | None]:
        """A field of metadata, or None and, if one was declared, what is wrong with it."""
        wrong = None
        for value in self._values(flat, name):
            if value is None or value == "" or value == [] or value == {}:
                continue
            text = read(value)
            if text:
                return text, None
            wrong = wrong or Remark(name, _shown(value), "cannot be read")
        return None, wrong


KNOWN = Fields({})


def sized(document: Document) -> Document | Rejected:
    """The document, unless it is longer than an article can be."""
    most = MAX_PAGE if document.format == "html" else MAX_TEXT
    if len(document.content) <= most:
        return document
    return Rejected(document.location, f"{document.format} longer than {most // 2**20} MB")


def _flat(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of a record by their compared names, and those inside them."""
    waiting: list[tuple[str, Mapping[str, Any], int]] = [("", record, 1)]
    count = 0
    seen: set[str] = set()
    while waiting:
        above, fields, depth = waiting.pop(0)
        for name, value in fields.items():
            count += 1
            if count > _MOST:
                return
            known = above + key(str(name))
            if known not in seen:
                seen.add(known)
                yield known, value
            if isinstance(value, Mapping) and depth < _DEPTH:
                waiting.append((f"{known}.", value, depth + 1))
                if key(str(name)) in _CONTAINERS:
                    waiting.append((above, value, depth + 1))


def _text_of(value: Any) -> str | None:
    """A text, or the paragraphs of one: a list of texts, or of objects that have one each."""
    if isinstance(value, list):
        value = "\n\n".join(text for each in value if (text := _paragraph(each)))
    return value if isinstance(value, str) and value.strip() else None


def _paragraph(value: Any) -> str | None:
    if isinstance(value, Mapping):
        value = next((value[name] for name in _PARAGRAPH if isinstance(value.get(name), str)), None)
    return value if isinstance(value, str) else None


def _marked_up(text: str) -> tuple[str, Literal["html", "text"]]:
    """A text less what it was escaped with, and whether that is a page's."""
    text = unquoted(text)
    if is_html(text):
        return text, "html"
    if "&lt;" in text and is_html(page := unescaped(text)):
        return page, "html"
    return text, "text"


def _line(value: Any) -> str | None:
    """A field of text in one line."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Mapping):
        value = next((value[name] for name in _INSIDE if isinstance(value.get(name), str)), None)
    if not isinstance(value, str):
        return None
    # Space is a part of it only between words, so a field may be cut before it is tidied.
    text = value.strip()[: 2 * MAX_FIELD]
    if not isinstance(value, Plain):
        text = less_inline_tags(unescaped(unquoted(text)))
    return " ".join(tidy(text).split())[:MAX_FIELD] or None


def _pages(value: Any) -> tuple[int, ...]:
    """Where pages begin, of a list of whole numbers as `pdf` makes it."""
    numbers = value if isinstance(value, list) and len(value) <= _MOST_PAGES else []
    return tuple(each for each in numbers if type(each) is int and each >= 0)


def _names(value: Any) -> str | None:
    """A person, or several."""
    if isinstance(value, str) and _LIST.fullmatch(value[:MAX_FIELD]):
        value = [one or other for one, other in _QUOTED.findall(value)]
    if isinstance(value, list):
        names = [name for each in value[:_MOST_AUTHORS] if (name := _line(each))]
        return ", ".join(dict.fromkeys(names))[:MAX_FIELD] or None
    return _line(value)


def _identity(value: Any) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("$oid") or value.get("rendered") or value.get("#text")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return _line(str(value))


def _moment(value: Any) -> str | None:
    """A date as text: of a number the seconds since 1970, whatever it counts."""
    for name in ("$date", "$numberLong", "value", "iso", "rendered", "#text"):
        if isinstance(value, Mapping) and name in value:
            value = value[name]
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if (
        isinstance(value, list)
        and 3 <= len(value) <= 7
        and all(type(each) is int for each in value)
    ):
        year, month, day = value[:3]
        return f"{year:04}-{month:02}-{day:02}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not 0 < value < 1e19:
            return None
        value = str(int(value))
    text = _line(value)
    if text and (ticks := _TICKS.fullmatch(text)):
        text = ticks[1]
    # Of 12 or 14 digits it may be 20240315103000.
    counted = text and _UNITS.fullmatch(text) and len(text) not in (12, 14)
    return seconds(text) if text and counted else text


def seconds(digits: str) -> str:
    """Seconds since 1970, of so many seconds, milli-, micro- or nanoseconds."""
    thousands = max(0, (len(digits) - 8) // 3) if len(digits) > 10 else 0
    return str(int(digits) // 1000**thousands)


_READERS: dict[Name, Any] = {
    "id": _identity, "title": _line, "date": _moment, "source": _line, "url": _line,
    "author": _names, "language": _line,
}  # fmt: skip


def _shown(value: Any) -> str:
    return " ".join(tidy(repr(value)[:200]).split())[:80]


def _nothing_in(flat: Mapping[str, Any]) -> str:
    names = [name for name in flat if "." not in name][:12]
    of = f"its fields are {', '.join(names)}" if names else "it has no fields"
    return f"has no text: {of}; name the one that holds it with --map text=FIELD"
