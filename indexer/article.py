"""The nouns of the project, in the order in which they flow.

    Document → Article | Rejected → Passage

All offsets are Python code points, half-open: `article.text[start:end]`.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Document:
    """One raw article as a file holds it, with what the file itself declares.

    `location` is the file's path as given, followed by `:LINE` inside a JSONL file.
    A declared field wins over what cleaning would guess.
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


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file, or one record of a file, that could not become an article, and why.

    `unread`: what is there, from here to the end of the file, could not be read at the moment.
    """

    location: str
    reason: str
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """One cleaned article.

    `published` is ISO 8601, as precise as was found (`2024-11-30`, `2024-11-30T09:12:00+09:00`).
    """

    id: str
    title: str
    text: str
    published: str | None = None
    source: str | None = None
    url: str | None = None
    author: str | None = None
    location: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The slice of `text` that this span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Passage:
    """A verbatim slice of an article's text, and the sentences it is made of.

    `span` and `sentences` are offsets into the article's text; the sentences are in order, do not
    overlap and lie inside the span.
    """

    span: Span
    sentences: tuple[Span, ...]
