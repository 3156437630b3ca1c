"""Why each line of a document is, or is not, part of its article: to look into a wrong decision."""

from collections.abc import Iterator
from dataclasses import dataclass

from indexer.article import Article, Document, Rejected
from indexer.reading.cleaning import judged_lines
from indexer.reading.page import visible_lines

# A shorter line may stand in a paragraph by chance.
CONTAINED = 30


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """A line of a document, whether its article has it, and why or why not."""

    text: str
    kept: bool
    why: str


def explain(document: Document, article: Article | Rejected) -> Iterator[ExplainedLine]:
    """Every line that has text, in order; `article` is what was made of the document.

    Whether a line was kept is looked up in the article, not asked of what decided it.
    """
    known = _Known(article)
    if document.format == "html":
        for text in visible_lines(document.content):
            yield known.explained(text, "part of the page, not of the article")
    else:
        for line in judged_lines(document):
            yield known.explained(line.text, line.why, line.kept)


class _Known:
    """What an article has, to look lines up in."""

    def __init__(self, article: Article | Rejected) -> None:
        self._facts: dict[str, str] = {}
        self._kept: set[str] = set()
        self._text = ""
        if isinstance(article, Rejected):
            self._rejected = article.reason
            return
        self._rejected = ""
        if not article.title_made:
            self._facts[_squeezed(article.title)] = "the headline"
        for name, date in (("published", article.published), ("updated", article.updated)):
            if date and date.line:
                self._facts.setdefault(_squeezed(date.line), f"the date: {name} {date.iso}")
        for each in article.removed:
            self._facts[_squeezed(each.text)] = f"in many articles of {article.source or 'others'}"
        self._kept = {_squeezed(line) for line in article.text.split("\n")}
        self._text = _squeezed(article.text)

    def explained(self, line: str, why: str, judged: bool = False) -> ExplainedLine:
        squeezed = _squeezed(line)
        kept = squeezed in self._kept or (len(squeezed) >= CONTAINED and squeezed in self._text)
        if not kept and any(each and squeezed.endswith(each) for each in self._kept):
            kept, why = True, f"{why}; what is before the text was cut off"
        if not kept:
            told = self._rejected or self._facts.get(squeezed)
            why = told or ("headline or byline at the body's beginning" if judged else why)
        return ExplainedLine(line, kept, why)


def _squeezed(text: str) -> str:
    return " ".join(text.split())
