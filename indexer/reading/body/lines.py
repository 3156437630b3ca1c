"""The body of an article from the raw text of its page, line by line.

From what a line and its surroundings look like, a small network says how likely it belongs to the
body. A second one looks again, knowing what the first took for the body. A few rules overrule both:
furniture is dropped, and so are a headline above the body and all that follows the article's end;
on a page that is nearly all body, what stands between its lines is kept.

The weights are in line_model.json, written by scripts/training/lines.py.
"""

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from indexer.arrays import Float32, Mask
from indexer.reading.body.furniture import ends_article, ends_page, is_furniture, is_menu, is_pitch
from indexer.reading.body.line_features import LineFeatures, describe_lines, weighted

MODEL = Path(__file__).with_name("line_model.json")

# Characters of a line that was wrapped at a fixed width, unless it ends a paragraph.
_LONGEST_WRAPPED = 130
_SHORTEST_WRAPPED = 50
_PROSE_END = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^\[\])\s]{0,1000}\)")
_DECORATION = " #*_=>\t"
# Characters and lines that are judged at once: a page is rarely longer, memory stays bounded.
_CHUNK_CHARACTERS = 1_000_000
_CHUNK_LINES = 10_000
# Prose that the model is so sure of is not compared with the patterns of furniture.
_CERTAIN = 0.9
_LONGEST_HEADING = 100
_SAID = [f"model: {percent / 100:.2f}" for percent in range(101)]
_LONGEST_HEADLINE = 220
# The share of the kept text above the readers' part or the small print; and above a heading like
# "Related", which also stands between paragraphs. By F1 over raw pages.
_BEFORE_END = 0.5
_BEFORE_TAIL = 0.75
# A text is nearly all body from this share of its characters; from the lower one if few short lines
# have a word of a page's frame. With less, raw pages lose F1; with more, clean texts lose words.
_NEARLY_ALL = 0.85
_UNFRAMED = 0.4
_FEW_FRAMED = 0.04


class JudgedLine(NamedTuple):
    """One line of a page; a tuple, for being quick to make: there are hundreds a page.

    text: whitespace collapsed, Markdown decoration gone, links reduced to their text
    kept: whether it is part of the body
    why: what decided, in plain words
    """

    text: str
    kept: bool
    why: str


@dataclass(frozen=True, slots=True)
class Network:
    """One hidden layer; f features, h hidden units.

    hidden: (f, h); bias: (h,); output: (h,); offset: of the log-odds
    """

    hidden: Float32
    bias: Float32
    output: Float32
    offset: float

    def __call__(self, features: Float32) -> Float32:
        """The probability of each row of (n, f) to be body, (n,)."""
        units = features @ self.hidden
        units += self.bias
        odds = np.maximum(units, 0, out=units) @ self.output + self.offset
        # The logistic function, without its overflow.
        found: Float32 = np.tanh(odds / 2) / 2 + 0.5
        return found


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
    first, second = (
        Network(
            np.array(stage["hidden"], np.float32),
            np.array(stage["bias"], np.float32),
            np.array(stage["output"], np.float32),
            stage["offset"],
        )
        for stage in (read["first"], read["second"])
    )
    return Model(first, second, read["threshold"])


def judge(content: str, titled: bool = False) -> list[JudgedLine]:
    """Say of each line with text whether it is the article's, in order.

    titled: the headline is known from elsewhere, so that the text is likelier a body alone
    """
    raw = [line for line in _unwrapped(content.split("\n")) if line and not line.isspace()]
    small = len(raw) <= _CHUNK_LINES and len(content) <= _CHUNK_CHARACTERS
    chunks = [raw] if small else _chunks(raw)
    return [line for chunk in chunks for line in judge_page(chunk, load_model(), titled)]


def judge_page(raw: Sequence[str], model: Model, titled: bool = False) -> list[JudgedLine]:
    """Judge the lines of one page, unwrapped, by a given model; see `judge`."""
    texts = list(map(plain_line, raw))
    if not all(texts):
        raw = [line for text, line in zip(texts, raw, strict=True) if text]
        texts = list(filter(None, texts))
    if not texts:
        return []
    if len(texts) == 1:
        kept = len(texts[0]) > _LONGEST_HEADING or not is_furniture(texts[0])
        return [JudgedLine(texts[0], kept, "the only line" if kept else "furniture")]
    page = describe_lines(texts)
    likely = model.second(second_features(page, model.first(first_features(page))))
    return _Verdicts(texts, raw, page, likely, titled).decide(model.threshold)


def plain_line(raw: str) -> str:
    """A line with its whitespace collapsed and without Markdown decoration."""
    if "](" in raw:
        raw = _MARKDOWN_LINK.sub(r"\1", raw)
    raw = raw.strip(_DECORATION)
    # No white space is printable but the space.
    return raw if "  " not in raw and raw.isprintable() else " ".join(raw.split())


def first_features(page: LineFeatures) -> Float32:
    """What the first look sees, (n, f): all prose counts as the body."""
    return second_features(page, page.prose.astype(np.float32))


def second_features(page: LineFeatures, likely: Float32) -> Float32:
    """What the second look sees, (n, f), given what the first found, (n,)."""
    return np.concatenate([page.shape, weighted(page, likely)], axis=1)


class _Verdicts:
    """What becomes of each line: first as the model says, then as the rules do."""

    def __init__(
        self,
        texts: list[str],
        raw: Sequence[str],
        page: LineFeatures,
        likely: Float32,
        titled: bool,
    ) -> None:
        self.texts, self.raw, self.page, self.likely = texts, raw, page, likely
        self.titled = titled
        self.why = [_SAID[percent] for percent in np.rint(likely * 100).astype(int).tolist()]
        self.end = len(texts)

    def decide(self, threshold: float) -> list[JudgedLine]:
        self.keep = self.likely >= threshold
        self._drop_furniture()
        self._drop_after_end()
        self._drop_headline()
        if self.keep.any():
            self._keep_between()
        else:
            prose = self.page.prose
            self._keep(prose if prose.any() else ~prose, "no line of the page is likelier")
        return list(map(JudgedLine, self.texts, self.keep.tolist(), self.why))

    def _set(self, i: int, keep: bool, why: str) -> None:
        self.keep[i], self.why[i] = keep, f"{why}; {self.why[i]}"

    def _is_furniture(self, i: int) -> bool:
        # The raw line too: the wide gaps between the cells of a menu are lost in the text.
        text, raw = self.texts[i], self.raw[i]
        return is_furniture(text) or ends_article(text) or (raw != text and is_menu(raw))

    def _drop_furniture(self) -> None:
        doubted = self.keep & ~(self.page.prose & (self.likely > _CERTAIN))
        for i in np.flatnonzero(doubted).tolist():
            if self._is_furniture(i):
                self._set(i, False, "furniture")
        for i in np.flatnonzero(self.keep & self.page.prose).tolist():
            if is_pitch(self.texts[i]):
                self._set(i, False, "asks to subscribe")

    def _drop_after_end(self) -> None:
        above = np.cumsum(self.page.lengths * self.keep)
        if above[-1] == 0:
            return
        share = above / above[-1]
        candidates = (self.page.lengths <= _LONGEST_HEADING) & (share >= _BEFORE_END)
        # Below the last line that is kept, nothing is left to drop.
        candidates[np.flatnonzero(self.keep)[-1] + 1 :] = False
        for i in np.flatnonzero(candidates).tolist():
            text = self.texts[i]
            if ends_page(text) or (share[i] >= _BEFORE_TAIL and ends_article(text)):
                self.end = i
                for after in (np.flatnonzero(self.keep[i:]) + i).tolist():
                    self._set(after, False, f"after the article's end, “{text}”")
                return

    def _drop_headline(self) -> None:
        """Drop the first line above the body's prose that shares words with it, and its copies.

        What the model keeps below the headline is a standfirst.
        """
        page, keep = self.page, self.keep
        prose = np.flatnonzero(keep & page.prose)
        if not len(prose) or not keep[: prose[0]].any():
            return
        start = int(prose[0])
        body = np.zeros(page.stems.max(initial=0) + 1, np.bool_)
        body[page.stems[keep[page.lines] & (page.lines >= start)]] = True
        shared = np.bincount(page.lines[body[page.stems]], minlength=len(keep))[:start]
        fits = (shared >= 2) & (page.lengths[:start] <= _LONGEST_HEADLINE)
        for i in np.flatnonzero(fits).tolist():
            if not self.texts[i].endswith(".") and not self._is_furniture(i):
                for copy in range(i, start):
                    if keep[copy] and self.texts[copy] == self.texts[i]:
                        self._set(copy, False, "headline above the body")
                return

    def _keep_between(self) -> None:
        """Keep the short lines of a page that is nearly all body: poems, lists, subheadings."""
        share = self.page.lengths[self.keep].sum() / self.page.lengths.sum()
        unframed = self.page.framed <= _FEW_FRAMED and (self.titled or share >= _UNFRAMED)
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


def _chunks(raw: Sequence[str]) -> Iterator[Sequence[str]]:
    start = size = 0
    for i, line in enumerate(raw):
        size += min(len(line), _CHUNK_CHARACTERS)
        if size >= _CHUNK_CHARACTERS or i - start + 1 >= _CHUNK_LINES:
            yield raw[start : i + 1]
            start, size = i + 1, 0
    if start < len(raw):
        yield raw[start:]


def _unwrapped(lines: list[str]) -> list[str]:
    """Join the lines of paragraphs that were wrapped at a fixed width, as agencies send them."""
    if max(map(len, lines)) > _LONGEST_WRAPPED:
        return lines
    pairs = [(one, other) for one, other in itertools.pairwise(lines) if one.strip() and other]
    broken = sum(other[:1].islower() and not _PROSE_END.search(one) for one, other in pairs)
    if broken * 4 < len(pairs):
        return lines
    paragraphs: list[list[str]] = [[]]
    for before, line in zip(["", *lines], lines, strict=False):
        if len(before) <= _SHORTEST_WRAPPED or not line.strip():
            paragraphs.append([])
        paragraphs[-1].append(line)
    return [" ".join(paragraph) for paragraph in paragraphs[1:]]
