"""Why each line of a document is, or is not, part of its article: to look into a wrong decision."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.article import PARAGRAPH, Article, Document, Rejected
from indexer.reading.body.background import is_background
from indexer.reading.body.page import visible_lines
from indexer.reading.cleaning import judged_lines, unframed
from indexer.reading.facts.declared import key_of
from indexer.reading.input.decoding import tidy

# A shorter line may stand in a paragraph by chance.
CONTAINED = 30
IN_ARTICLE = "in the article"
NOT_SHOWN = "hidden, but in the article"
OF_PAGE = "part of the page, not of the article"
OF_ARCHIVE = "frame of a web archive"
TAKEN_OUT = "headline or byline at the body's beginning"


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """A line of a document, whether its article has it, and why or why not.

    becomes: what the article has of it, if that is not the same
    """

    text: str
    kept: bool
    why: str
    becomes: str | None = None


def explain(document: Document, article: Article | Rejected) -> Iterator[ExplainedLine]:
    """Every line that has text, in order; `article` is what was made of the document.

    Whether a line was kept is looked up in the article, not asked of what decided it.
    """
    known = _Known(article)
    if document.format == "html":
        for text, shown in known.among(visible_lines(document.content)):
            kept = not shown or known.has(text)
            why = IN_ARTICLE if shown else NOT_SHOWN
            yield ExplainedLine(text, kept, why if kept else known.why(text, OF_PAGE))
        return
    bare = unframed(document)
    for text in _frame(document.content, bare.content):
        yield ExplainedLine(text, False, known.why(text, OF_ARCHIVE))
    for line in judged_lines(bare):
        kept = line.kept and known.has(line.text)
        why = known.why(line.text, TAKEN_OUT if line.kept else line.why)
        becomes = known.becomes(line.text) if kept else None
        yield ExplainedLine(line.text, kept, line.why if kept else why, becomes)


def _frame(framed: str, bare: str) -> Iterator[str]:
    """The lines of a text that were cut out of it in one piece, if any were."""
    if framed == bare:
        return
    before, after = framed.split("\n"), bare.split("\n")
    apart = (n for n, (one, other) in enumerate(zip(before, after, strict=False)) if one != other)
    first = next(apart, len(after))
    for line in before[first : first + len(before) - len(after)]:
        if text := " ".join(line.split()):
            yield text


class _Known:
    """What an article has, to look lines up in."""

    def __init__(self, article: Article | Rejected) -> None:
        self._facts: dict[str, str] = {}
        self._kept: set[str] = set()
        self._paragraphs: list[str] = []
        self._text = self._beginning = ""
        self._rejected = article.reason if isinstance(article, Rejected) else None
        if isinstance(article, Rejected):
            return
        if not article.title_made:
            self._facts[_squeezed(article.title)] = "the headline"
        if article.title_read:
            less = f"the headline, less what titles of {article.source or 'its folder'} repeat"
            self._facts[_squeezed(article.title_read)] = less
        for name, date in (("published", article.published), ("updated", article.updated)):
            if date and date.line:
                self._facts.setdefault(_squeezed(date.line), f"the date: {name} {date.iso}")
        for each in article.removed:
            many = f"in many articles of {article.source or 'others'}"
            if key_of(each.text) == key_of(article.title):
                many = "the headline"
            elif is_background(each.text, article.source):
                many += "; the first keeps it"
            self._facts[_squeezed(each.text)] = many
        self._paragraphs = article.text.split(PARAGRAPH)
        lines = article.text.split("\n")
        self._beginning = _squeezed(lines[0])
        self._kept = {_squeezed(part) for line in lines for part in (line, *line.split(" | "))}
        self._text = _squeezed(article.text)

    def has(self, line: str) -> bool:
        """Whether the article's text has the line, less a date that was before the first."""
        squeezed = _squeezed(line)
        if squeezed in self._kept:
            return True
        if self._rejected or len(squeezed) < CONTAINED:
            return False
        return squeezed in self._text or squeezed.endswith(self._beginning)

    def becomes(self, line: str) -> str | None:
        """What the article has of a line that it has: less a date before it, or the same."""
        squeezed = _squeezed(line)
        dated = squeezed not in self._text and squeezed.endswith(self._beginning)
        return self._beginning if dated else None

    def among(self, lines: Sequence[str]) -> Iterator[tuple[str, bool]]:
        """The lines that a page shows, and the article's paragraphs that it does not, in order."""
        seen = " ".join(map(_squeezed, lines)).replace(" | ", " ")
        behind: dict[str, list[str]] = {}
        above = ""
        for paragraph in self._paragraphs:
            if _squeezed(paragraph.replace(" | ", " ")) in seen:
                above = _squeezed(paragraph)
            else:
                behind.setdefault(above, []).append(paragraph)
        for line in lines:
            yield line, True
            for paragraph in behind.pop(_squeezed(line), ()):
                yield paragraph, False
        for paragraphs in behind.values():
            for paragraph in paragraphs:
                yield paragraph, False

    def why(self, line: str, otherwise: str) -> str:
        """Why the article does not have a line."""
        return self._rejected or self._facts.get(_squeezed(line), otherwise)


def _squeezed(text: str) -> str:
    return " ".join(tidy(text).removeprefix("- ").split())
