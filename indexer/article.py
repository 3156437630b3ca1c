"""The nouns of the project, in the order in which they flow.

    Document → Article | Rejected → Passage

All offsets are Python code points, half-open: `article.text[start:end]`.
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal, NamedTuple

Precision = Literal["month", "day", "minute", "second"]
# The order of day, month and year in a date that is all numbers: 30/11/2024, 11/30/2024, 24-11-30.
Order = Literal["dmy", "mdy", "ymd"]
# How an article relates to the earliest of its story: the same text, an edited copy of it, or
# another report of the same event.
Degree = Literal["same", "edited", "event"]

# The version of reading, cleaning and cutting. It changes when the same files would give other
# articles or passages: the next run then cleans every file again, and embeds what is new.
CLEANING = 9
# Between the paragraphs of an article.
PARAGRAPH = "\n\n"


@dataclass(frozen=True, slots=True)
class Remark:
    """A field that a document declares and that cannot be read, so that the text was asked instead.

    value: what it holds, cut to a line
    """

    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Document:
    """One raw article as a file holds it, with what the file itself declares.

    `location` is the file's path as given, followed by `//` and the name of a member inside an
    archive, and by `:` and a number inside a file of several records.
    A declared field wins over what cleaning would guess.

    captured: when a crawler had it, so that no date of it is later
    created: when its file was made, which may be its day if no other is known
    pages: how many letters and digits of the content stand before each page of its file
    """

    location: str
    content: str
    format: Literal["text", "html"]
    id: str | None = None
    title: str | None = None
    date: str | None = None
    source: str | None = None
    url: str | None = None
    author: str | None = None
    language: str | None = None
    captured: str | None = None
    created: str | None = None
    remarks: tuple[Remark, ...] = ()
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file, or one record of a file, that could not become an article, and why.

    reason: its kind, and what is particular behind a colon
    unread: what is there, from here to the end of the file, could not be read at the moment
    foreign: it is of a kind that holds no articles, a picture or a program
    """

    location: str
    reason: str
    unread: bool = False
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a date that is all numbers may mean; which of it, its source's other dates tell.

    readings: each possible order with the date in ISO 8601, the likeliest first
    usual: the first is meant where nothing tells: who writes points puts the day first
    certain: the date is, once its order is known
    """

    readings: tuple[tuple[Order, str], ...]
    usual: bool = False
    certain: bool = True

    @property
    def open(self) -> bool:
        """Whether only other dates can tell the order."""
        return len(self.readings) > 1 and not self.usual


@dataclass(frozen=True, slots=True)
class Date:
    """A date that an article carries, as precise as it was found.

    iso: ISO 8601: `2024-11`, `2024-11-30`, `2024-11-30T09:12`, `2024-11-30T09:12:00+09:00`
    certain: False if it may be another's: the page frame's, or one whose year was guessed
    line: what it was read from: a line of the text, or the name of a declared field
    numbers: what else it may mean, if it was all numbers with the year last or of two digits
    """

    iso: str
    certain: bool = True
    line: str | None = None
    numbers: Numbers | None = None

    @property
    def precision(self) -> Precision:
        """The smallest unit that the date names."""
        if "T" not in self.iso:
            return "day" if len(self.iso) == len("2024-11-30") else "month"
        return "second" if self.iso[16:17] == ":" else "minute"


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The slice of `text` that this span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Mention:
    """Words in an article's text that name days, and the days: ISO 8601, both ends inclusive.

    "on Saturday" is one day; "last week" is seven.
    """

    span: Span
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A paragraph that many articles of one source share, or that is the headline again.

    position: counted from 0 among all paragraphs, before any was removed
    """

    position: int
    text: str


class PageStart(NamedTuple):
    """Where in an article a page of its file begins.

    position: of the paragraph, counted from 0 among all, before any was removed
    offset: in that paragraph
    """

    position: int
    offset: int


@dataclass(frozen=True, slots=True)
class Article:
    """One cleaned article; its paragraphs are separated by blank lines.

    title_made: there was no headline, so it was made of the first sentence
    source: the outlet, else the agency
    language: ISO 639-1
    removed: what is left out of `text` because other articles of the source have it too
    mentioned: days that the text names
    remarks: declared fields that could not be read
    title_read: the title with what the titles of its source repeat, if that is left out of it
    source_read: what the source was before other articles of its host told the outlet's name
    pages: where each page of its file begins, if that has pages
    """

    id: str
    title: str
    text: str
    published: Date | None = None
    source: str | None = None
    url: str | None = None
    author: str | None = None
    location: str = ""
    updated: Date | None = None
    agency: str | None = None
    language: str | None = None
    title_made: bool = False
    removed: tuple[Removed, ...] = ()
    mentioned: tuple[Mention, ...] = ()
    remarks: tuple[Remark, ...] = ()
    title_read: str | None = None
    source_read: str | None = None
    pages: tuple[PageStart, ...] = ()

    def paragraphs(self) -> list[str]:
        """The paragraphs, those that were removed among them."""
        found = self.text.split(PARAGRAPH)
        for each in self.removed:
            found.insert(each.position, each.text)
        return found

    def page(self, offset: int) -> int | None:
        """The page of its file, from 1, on which an offset of the text is; None without pages."""
        if not self.pages:
            return None
        above = self.text[:offset].split(PARAGRAPH)
        position = len(above) - 1
        for each in self.removed:
            position += each.position <= position
        return bisect_right(self.pages, PageStart(position, len(above[-1])))


@dataclass(frozen=True, slots=True)
class Passage:
    """A verbatim slice of an article's text, and the sentences it is made of.

    `span` and `sentences` are offsets into the article's text; the sentences are in order, do not
    overlap and lie inside the span.
    """

    span: Span
    sentences: tuple[Span, ...]
