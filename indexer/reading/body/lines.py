"""The body of an article from the raw text of its page, line by line.

From what a line and its surroundings look like, a small network says how likely it belongs to the
body. A second one looks again, knowing what the first took for the body. A few rules overrule both:
furniture is dropped, and so are a headline above the body and all that follows the article's end;
on a page that is nearly all body, what stands between its lines is kept.

The weights are in line_model.json, written by scripts/training/lines.py.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from indexer.arrays import Float32, Mask
from indexer.batches import batches
from indexer.reading.body import glued
from indexer.reading.body.furniture import ends_article, ends_page, is_furniture, is_menu, is_pitch
from indexer.reading.body.line_features import LineFeatures, describe_lines, weighted
from indexer.reading.body.markdown import less_marks
from indexer.reading.body.network import Network, read_network
from indexer.reading.body.words import count_words
from indexer.reading.body.wrapped import PROSE_END, unwrapped

MODEL = Path(__file__).with_name("line_model.json")

_DECORATION = " #*_=>\t"
# Characters and lines of a page that are judged at once: hardly one has more, memory is bounded.
_CHUNK_CHARACTERS = 1_000_000
_CHUNK_LINES = 10_000
# Pages are judged together up to so many characters, of which a line counts for some more: what
# NumPy takes for a call is shared by then, and their features still fit into a cache.
_TOGETHER = 300_000
_OF_LINE = 100
# Prose that the model is so sure of is not compared with the patterns of furniture.
_CERTAIN = 0.9
_LONGEST_HEADING = 100
_SAID = [f"model: {percent / 100:.2f}" for percent in range(101)]
_LONGEST_HEADLINE = 220
_HIGHLIGHT = "@highlight"
# The share of the kept text above the readers' part or the small print; and above a heading like
# "Related", which also stands between paragraphs. By F1 over raw pages.
_BEFORE_END = 0.5
_BEFORE_TAIL = 0.75
# A text is nearly all body from this share of its characters; from the lower one if few short lines
# have a word of a page's frame. With less, raw pages lose F1; with more, clean texts lose words.
_NEARLY_ALL = 0.85
_UNFRAMED = 0.4
_FEW_FRAMED = 0.04
# A text that was glued and has fewer line ends inside sentences, by word, may be a body alone. Of
# 500 such bodies 95% have, and of 181 pages 5%.
_FEW_INSIDE = 0.026


class JudgedLine(NamedTuple):
    """One line of a page; a tuple, for being quick to make: there are hundreds a page.

    text: whitespace collapsed, Markdown decoration gone, links reduced to their text
    kept: whether it is part of the body
    why: what decided, in plain words
    """

    text: str
    kept: bool
    why: str


class Page(NamedTuple):
    """The lines of a page, unwrapped, and whether its headline is known from elsewhere."""

    lines: Sequence[str]
    titled: bool = False


class _Shown(NamedTuple):
    """The lines of a page that show something: their texts, and as they were."""

    texts: list[str]
    raw: Sequence[str]
    titled: bool


@dataclass(frozen=True, slots=True)
class Model:
    """The two looks at a page, and the probability from which a line is kept."""

    first: Network
    second: Network
    threshold: float


@cache
def load_model() -> Model:
    """The weights that come with the package."""
    read = json.loads(MODEL.read_text())
    first, second = read_network(read["first"]), read_network(read["second"])
    return Model(first, second, read["threshold"])


def judge(content: str, titled: bool = False) -> list[JudgedLine]:
    """Say of each line with text whether it is the article's, in order.

    titled: the headline is known from elsewhere, so that the text is likelier a body alone
    """
    return judge_all([content], [titled])[0]


def judge_all(contents: Sequence[str], titled: Sequence[bool]) -> list[list[JudgedLine]]:
    """Judge the lines of several texts, each as `judge` does, in less time."""
    split = [content.split("\n") for content in contents]
    is_glued = list(map(glued.is_glued, split))
    pages = [
        Page(unwrapped(lines), known)
        for lines, known, cut in zip(split, titled, is_glued, strict=True)
        if not cut
    ]
    judged = iter(_judge_whole(pages, load_model()))
    return [
        judge_glued(lines, glued.load_model(), load_model(), known) if cut else next(judged)
        for lines, known, cut in zip(split, titled, is_glued, strict=True)
    ]


def _judge_whole(pages: Sequence[Page], model: Model) -> list[list[JudgedLine]]:
    """Judge the lines of pages, also of those that are too large to be judged at once."""
    chunks = [list(_chunks(page)) for page in pages]
    together = batches(chain.from_iterable(chunks), _size, _TOGETHER)
    judged = chain.from_iterable(judge_pages(some, model) for some in together)
    return [list(chain.from_iterable(islice(judged, len(own)))) for own in chunks]


def _judge_lines(lines: Sequence[str], model: Model, titled: bool) -> list[JudgedLine]:
    return _judge_whole([Page(lines, titled)], model)[0]


def judge_glued(
    lines: Sequence[str], ends: glued.Model, model: Model, titled: bool = False
) -> list[JudgedLine]:
    """Judge the lines of a page that were glued into one; of a body alone nothing is cut.

    ends: tells where the lines ended
    """
    cut = [piece for line in lines for piece in glued.cut_line(line, ends)]
    judged = _judge_lines(cut, model, titled)
    inside = sum(not PROSE_END.search(piece) for piece in cut)
    prose = titled and inside < _FEW_INSIDE * sum(map(count_words, cut))
    if prose or all(line.kept for line in judged):
        return _judge_lines(lines, model, titled)
    return list(_whole_sentences(judged))


def _whole_sentences(judged: Sequence[JudgedLine]) -> Iterator[JudgedLine]:
    """The lines, those that are kept joined where they were cut inside a sentence."""
    begun: list[JudgedLine] = []
    for line in judged:
        if begun and not (begun[-1].kept and line.kept and _goes_on(begun[-1].text, line.text)):
            yield _joined(begun)
            begun = []
        begun.append(line)
    if begun:
        yield _joined(begun)


def _joined(lines: Sequence[JudgedLine]) -> JudgedLine:
    if len(lines) == 1:
        return lines[0]
    return lines[0]._replace(text=" ".join(each.text for each in lines))


def _goes_on(cut: str, following: str) -> bool:
    """Whether a sentence goes on behind a cut; a short line of its own may be a heading."""
    if PROSE_END.search(cut):
        return False
    inside = following[0].islower() or cut.rsplit(" ", 1)[-1][0].islower()
    return inside or len(cut) > _LONGEST_HEADING


def judge_pages(pages: Sequence[Page], model: Model) -> list[list[JudgedLine]]:
    """Judge the lines of a few pages by a given model; see `judge`."""
    shown = list(map(_shown, pages))
    several = [page for page in shown if len(page.texts) > 1]
    judged = iter(_judge_several(several, model) if several else ())
    return [next(judged) if len(page.texts) > 1 else _judge_alone(page.texts) for page in shown]


def _shown(page: Page) -> _Shown:
    texts = plain_lines(page.lines)
    if all(texts):
        return _Shown(texts, page.lines, page.titled)
    raw = [line for text, line in zip(texts, page.lines, strict=True) if text]
    return _Shown(list(filter(None, texts)), raw, page.titled)


def _judge_several(pages: Sequence[_Shown], model: Model) -> list[list[JudgedLine]]:
    features = describe_lines([page.texts for page in pages])
    likely = model.second(second_features(features, model.first(first_features(features))))
    return [
        _Verdicts(page, features, number, likely).decide(model.threshold)
        for number, page in enumerate(pages)
    ]


def _judge_alone(texts: Sequence[str]) -> list[JudgedLine]:
    """Judge the only line of a page, if it has one."""
    kept = [len(text) > _LONGEST_HEADING or not is_furniture(text) for text in texts]
    return [
        JudgedLine(text, keep, "the only line" if keep else "furniture")
        for text, keep in zip(texts, kept, strict=True)
    ]


def plain_line(raw: str) -> str:
    """A line with its whitespace collapsed and without the marks of Markdown."""
    return plain_lines([raw])[0]


def plain_lines(raw: Sequence[str]) -> list[str]:
    """Lines as `plain_line` has each."""
    stripped = [line.strip(_DECORATION) for line in less_marks(raw)]
    # No white space is printable but the space.
    return [
        line if "  " not in line and line.isprintable() else " ".join(line.split())
        for line in stripped
    ]


def first_features(page: LineFeatures) -> Float32:
    """What the first look sees, (n, f): all prose counts as the body."""
    return second_features(page, page.prose.astype(np.float32))


def second_features(page: LineFeatures, likely: Float32) -> Float32:
    """What the second look sees, (n, f), given what the first found, (n,)."""
    return np.concatenate([page.shape, weighted(page, likely)], axis=1)


class _Verdicts:
    """What becomes of each line: first as the model says, then as the rules do."""

    def __init__(self, page: _Shown, features: LineFeatures, number: int, likely: Float32) -> None:
        """`number` is that of the page among those that `features` and `likely` are of."""
        self.texts, self.raw, self.titled = page
        self.span = features.places.spans[number]
        self.features, self.framed = features, features.framed[number]
        self.lengths, self.prose = features.lengths[self.span], features.prose[self.span]
        self.likely = likely[self.span]
        percents = np.rint(self.likely * 100).astype(int).tolist()
        self.why = [_SAID[percent] for percent in percents]
        self.end = len(self.texts)

    def decide(self, threshold: float) -> list[JudgedLine]:
        self.keep = self.likely >= threshold
        self._drop_furniture()
        self._drop_after_end()
        self._drop_headline()
        highlights = self._highlights()
        self.keep[highlights] = False
        if self.keep.any():
            self._keep_between()
        else:
            prose = self.prose
            self._keep(prose if prose.any() else ~prose, "no line of the page is likelier")
        for i in highlights:
            self._set(i, False, "highlight, which sums the article up")
        return list(map(JudgedLine, self.texts, self.keep.tolist(), self.why))

    def _set(self, i: int, keep: bool, why: str) -> None:
        self.keep[i], self.why[i] = keep, f"{why}; {self.why[i]}"

    def _is_furniture(self, i: int) -> bool:
        # The raw line too: the wide gaps between the cells of a menu are lost in the text.
        text, raw = self.texts[i], self.raw[i]
        return is_furniture(text) or ends_article(text) or (raw != text and is_menu(raw))

    def _drop_furniture(self) -> None:
        doubted = self.keep & ~(self.prose & (self.likely > _CERTAIN))
        for i in np.flatnonzero(doubted).tolist():
            if self._is_furniture(i):
                self._set(i, False, "furniture")
        for i in np.flatnonzero(self.keep & self.prose).tolist():
            if is_pitch(self.texts[i]):
                self._set(i, False, "asks to subscribe")

    def _drop_after_end(self) -> None:
        above = np.cumsum(self.lengths * self.keep)
        if above[-1] == 0:
            return
        share = above / above[-1]
        candidates = (self.lengths <= _LONGEST_HEADING) & (share >= _BEFORE_END)
        # Below the last line that is kept, nothing is left to drop.
        candidates[np.flatnonzero(self.keep)[-1] + 1 :] = False
        for i in np.flatnonzero(candidates).tolist():
            text = self.texts[i]
            if ends_page(text) or (share[i] >= _BEFORE_TAIL and ends_article(text)):
                self.end = i
                for after in (np.flatnonzero(self.keep[i:]) + i).tolist():
                    self._set(after, False, f"after the article's end, “{text}”")
                return

    def _highlights(self) -> list[int]:
        """The lines `@highlight` of CNN and Daily Mail stories, and the one below each."""
        marks = [i for i, text in enumerate(self.texts) if text == _HIGHLIGHT]
        if marks and not any(self.keep[marks[-1] + 2 :]):
            self.end = min(self.end, marks[0])
        return [i for mark in marks for i in (mark, mark + 1) if i < len(self.texts)]

    def _drop_headline(self) -> None:
        """Drop the first line above the body's prose that shares words with it, and its copies.

        What the model keeps below the headline is a standfirst.
        """
        keep = self.keep
        prose = np.flatnonzero(keep & self.prose)
        if not len(prose) or not keep[: prose[0]].any():
            return
        start = int(prose[0])
        stems, lines = self.features.words_of(self.span)
        body = np.zeros(stems.max(initial=0) + 1, np.bool_)
        body[stems[keep[lines] & (lines >= start)]] = True
        shared = np.bincount(lines[body[stems]], minlength=len(keep))[:start]
        fits = (shared >= 2) & (self.lengths[:start] <= _LONGEST_HEADLINE)
        for i in np.flatnonzero(fits).tolist():
            if not self.texts[i].endswith(".") and not self._is_furniture(i):
                for copy in range(i, start):
                    if keep[copy] and self.texts[copy] == self.texts[i]:
                        self._set(copy, False, "headline above the body")
                return

    def _keep_between(self) -> None:
        """Keep the short lines of a page that is nearly all body: poems, lists, subheadings."""
        share = self.lengths[self.keep].sum() / self.lengths.sum()
        unframed = self.framed <= _FEW_FRAMED and (self.titled or share >= _UNFRAMED)
        if share < _NEARLY_ALL and not unframed:
            return
        inside = np.flatnonzero(self.keep)
        # A body alone may end with a list.
        stop = self.end if unframed and self.titled else inside[-1]
        between = ~self.keep
        between[: inside[0]] = between[stop:] = False
        self._keep(between, "between lines of the body, or right below")

    def _keep(self, those: Mask, why: str) -> None:
        for i in np.flatnonzero(those).tolist():
            if not self._is_furniture(i):
                self._set(i, True, why)


def _chunks(page: Page) -> Iterator[Page]:
    """The lines of a page that have text, in parts that are not too large to be judged at once."""
    raw = [line for line in page.lines if line and not line.isspace()]
    if len(raw) <= _CHUNK_LINES and sum(map(len, raw)) <= _CHUNK_CHARACTERS:
        yield Page(raw, page.titled)
        return
    start = size = 0
    for i, line in enumerate(raw):
        size += min(len(line), _CHUNK_CHARACTERS)
        if size >= _CHUNK_CHARACTERS or i - start + 1 >= _CHUNK_LINES:
            yield Page(raw[start : i + 1], page.titled)
            start, size = i + 1, 0
    if start < len(raw):
        yield Page(raw[start:], page.titled)


def _size(page: Page) -> int:
    return sum(map(len, page.lines)) + _OF_LINE * len(page.lines)
