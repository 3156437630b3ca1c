"""The headline of an article in a text dump: a line above its body or at its beginning.

Each line above the body, and the first of the body, is scored by what headlines look like and how
much of the body they name; the weights are those of a conditional logistic regression (McFadden
1974, https://eml.berkeley.edu/reprints/mcfadden/zarembka.pdf): of a page's lines one is it, or
none.
"""

import heapq
import itertools
import math
import operator
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.day_words import MONTHS
from indexer.letters import UNSPACED
from indexer.reading.body.furniture import is_furniture
from indexer.reading.days.dates import find_dates
from indexer.reading.facts.byline import is_byline

# Characters; a longer line is a paragraph.
MAX_HEADLINE = 220
# Where the headline is looked for: so many lines before the body's main block, and into it.
ABOVE, BELOW = 150, 6
# Copies of the headline are looked for so many lines further.
COPIES = 50
# So many lines between two lines of the body divide it into blocks.
GAP = 6
# The headline is looked for among so many lines of the body, above its first paragraph.
FIRST_LINES = 10
# A paragraph's characters; one of a script without spaces counts for three.
LEAST_PARAGRAPH = 90
# A block of this share of the largest one's text may be the article's beginning.
LARGE_BLOCK = 0.3
# Characters of the body that a headline is compared with.
BEGINNING = 3_000
# Characters of a line that are compared with other lines, and that are read at all.
PREFIX, LONGEST_LINE = 40, 160
# Characters of the first paragraph that tell what the article is about.
LEAD = 600
# So many lines are looked at closely, the likeliest by what is quickly found.
LIKELIEST = 10
# A date or byline of so many words is nothing else.
LONGEST_DATE = 6
# A line of fewer words is nearly always of a menu.
FEWEST = 4
# Of fewer it may be the headline where it is the first of its text.
SHORTEST = 2
# And characters of a sentence below it.
LEAST_PROSE = 40
# One of more words is more often a standfirst.
LONG_HEADLINE = 22

# What a line has to score to be the headline.
NO_HEADLINE = 1.46
# Log-odds of a line to be the headline, for each feature of a candidate; fitted on 325 pages by
# scripts/benchmarks/headlines.py.
WEIGHTS: Mapping[str, float] = {
    "less of the topic than another": -3.26,
    "5-7 words": 1.23,
    "8-16 words": 1.78,
    "over 22 words": -0.83,
    "full stop": -2.3,
    "log of lines below its start": -1.71,
    "taken for the body": -1.04,
    "bar": -1.47,
    "date or byline": -1.03,
    "one in the next 2 lines": 1.01,
    "one in the next 5 lines": 2.03,
    "repeated": -1.21,
    "begins another line": 1.08,
    "before a short line": -0.87,
    "title case": 0.56,
    "lines around of a headline's length": -0.39,
    "credit": -1.6,
    "stems in the body's first lines": 1.16,
    "stems in the body, 5 at most": 0.34,
    "just below a better line": -1.62,
}

_STEM = re.compile(r"(\w{4,5})\w*+")
_STOP = re.compile(r"[.。।][\"'”’»)\]」』]*$")
_BLANK = re.compile(r"\n[ \t]*\n\s*")
# One line of words: no day, no stop, no label, no outlet.
_SHORT = re.compile(
    r"(?!.*\b(?:news|post|times|gazette|herald|tribune|journal|courier|daily|weekly|press)\b)"
    r"[^\W\d_][\w'’,?! -]{5,60}",
    re.I,
)
# What agencies print above a headline: "XQ5502 4 pol 0230 ABC /HARBOUR".
_SLUG = re.compile(r"[A-Z]{1,4}[0-9]{3,}\s+[0-9]+\s")
_BAR = re.compile(r"\s[•·›»>/]\s|\|")
_CREDIT = re.compile(r"\b(?:photo|image|video|credit|courtesy|getty|reuters|afp)")
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_MONTH = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b|[年月日]|[0-9][:/.-][0-9]{{2}}")
_BYLINE = re.compile(r"\W*(?:(?:written |reported |posted |story )?by\b|author\b)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that may be the headline: its number, and its features in the order of WEIGHTS."""

    line: int
    features: tuple[float, ...]


def headline(lines: Sequence[str], body: Sequence[int]) -> int | None:
    """The number of the line that is likeliest to be the headline; None if none is likely.

    `lines` are those of the page that have text, whitespace collapsed; `body` are the numbers of
    the article's lines, ascending, at least one.
    """
    scored = [
        (math.fsum(map(operator.mul, each.features, WEIGHTS.values())), -each.line)
        for each in candidates(lines, body)
    ]
    score, line = max(scored, default=(0.0, 0))
    return -line if score > NO_HEADLINE else None


def short_headline(text: str) -> str | None:
    """The first line of a text if it is alone above prose, of too few words to be scored.

    A day or byline may stand between.
    """
    first, *below = [block.strip() for block in _BLANK.split(text[:BEGINNING].strip(), 4)[:4]]
    while (
        below
        and len(below[0]) < LEAST_PROSE
        and (is_byline(below[0]) or any(find_dates(below[0], old=True)))
    ):
        below.pop(0)
    prose = below and len(below[0]) >= LEAST_PROSE and _STOP.search(below[0][-10:])
    if not prose or not SHORTEST <= _count(first) < FEWEST or not _SHORT.fullmatch(first):
        return None
    # Capitals alone may be a name's, whose place is above the text too.
    named = set(_stems(below[0][:LEAD].casefold()))
    if _is_title_case(first) and named.isdisjoint(_stems(first.casefold())):
        return None
    return None if is_furniture(first) or is_byline(first) else first


def candidates(lines: Sequence[str], body: Sequence[int]) -> list[Candidate]:
    """The lines that may be the headline, with their features; see `headline`."""
    main = _main_block(lines, body)
    start, kept = _start(lines, main), set(body)
    low, high = max(0, start - ABOVE), min(start + BELOW, len(lines))
    whole = "\n".join([line[:LONGEST_LINE] for line in lines[low : high + COPIES]]).casefold()
    near = whole.split("\n")
    dated = [_is_dated(line) for line in near[: high - low + 5]]
    beginning = "\n".join(lines[i][:BEGINNING] for i in main[:50])[:BEGINNING].casefold()
    topic = Counter(_stems(beginning))
    # By number among the lines that are read: its words, its stems, how far they are frequent in
    # the body, 0 to 1, and with it a rough score, by which the candidates are chosen.
    words_of: dict[int, int] = {}
    stems_of: dict[int, list[str]] = {}
    shares: dict[int, float] = {}
    scored: list[tuple[float, int]] = []
    for i in range(low, high):
        line, n = lines[i], i - low
        if len(line) > MAX_HEADLINE or (words := _count(line)) < FEWEST:
            continue
        # The headline may have been taken for one of the first lines of the body.
        # A text with nothing above its body has none but its first line.
        if i in kept and (i > (start if body[0] else 0) or dated[n] or _STOP.search(line)):
            continue
        if (dated[n] and words <= LONGEST_DATE) or _SLUG.match(line):
            continue
        words_of[n] = words
        stems = stems_of[n] = _stems(near[n])
        counts = [min(topic[stem], 4) for stem in stems if stem in topic]
        shares[n] = sum(counts) / (4 * max(len(stems), 1))
        likely = shares[n] + 0.3 * math.log(words) - 0.05 * math.log1p(max(start - i, 0))
        scored.append((likely - 0.1 * (i in kept), n))
    likeliest = [
        n for _, n in heapq.nlargest(LIKELIEST, scored) if not is_furniture(lines[low + n])
    ]
    most = max((shares[n] for n in likeliest), default=0.0)
    rivals = {n: shares[n] for n in likeliest if words_of[n] <= LONG_HEADLINE}
    lead = set(_stems(lines[start][:LEAD].casefold()))
    result: list[Candidate] = []
    for n in sorted(likeliest):
        line, folded, after = lines[low + n], near[n], near[n + 1 : n + 4]
        words, stems = words_of[n], stems_of[n]
        following = dated[n + 1 : n + 6]
        around = [*range(max(0, n - 3), n), *range(n + 1, n + 1 + len(after))]
        features = (
            most - shares[n],
            5 <= words <= 7,
            8 <= words <= 16,
            words > LONG_HEADLINE,
            _STOP.search(line) is not None,
            math.log1p(max(low + n - start, 0)),
            low + n in kept,
            _BAR.search(line) is not None,
            dated[n],
            any(following[:2]),
            any(following),
            near.count(folded) > 1,
            whole.count(folded[:PREFIX]) > 1,
            not after or len(after[0]) < 25,
            _is_title_case(line),
            sum([30 <= len(near[m]) <= 90 for m in around if low + m not in kept]),
            _CREDIT.search(folded) is not None,
            sum([stem in lead for stem in stems]) / max(len(stems), 1),
            min(5, sum([stem in topic for stem in stems])),
            any(rivals.get(above, -1.0) >= shares[n] for above in (n - 1, n - 2)),
        )
        result.append(Candidate(low + n, features))
    return result


def _main_block(lines: Sequence[str], body: Sequence[int]) -> Sequence[int]:
    """The first large block of the body: a notice above it may be kept too, and comments below."""
    ends = [n for n in range(1, len(body)) if body[n] - body[n - 1] > GAP] + [len(body)]
    blocks = [body[one:end] for one, end in zip([0, *ends], ends, strict=False)]
    sizes = [sum(len(lines[i]) for i in block) for block in blocks]
    return next(
        block for block, size in zip(blocks, sizes, strict=True) if size >= LARGE_BLOCK * max(sizes)
    )


def _start(lines: Sequence[str], block: Sequence[int]) -> int:
    """The first paragraph of a block; what is above it may be its headline."""
    for i in block[:FIRST_LINES]:
        unspaced = UNSPACED.findall(lines[i][:LEAST_PARAGRAPH])
        if len(lines[i]) + 2 * len(unspaced) >= LEAST_PARAGRAPH:
            return i
    return block[0]


def _stems(folded: str) -> list[str]:
    """The first letters of the longer words, pairs of characters where words are not spaced."""
    stems = _STEM.findall(folded)
    if not folded.isascii():
        characters = UNSPACED.findall(folded)
        stems += [one + other for one, other in itertools.pairwise(characters)]
    return stems


def _count(line: str) -> int:
    words = line.count(" ") + 1
    return words if line.isascii() else words + len(UNSPACED.findall(line)) // 2


def _is_title_case(line: str) -> bool:
    words = line.split()
    return sum([word[:1].isupper() for word in words]) >= 0.7 * len(words)


def _is_dated(folded: str) -> bool:
    """Whether a line is a byline or holds a date."""
    if len(folded) > 120:
        return False
    # Most lines have none of these, which is seen faster than by a regular expression.
    if ("20" in folded or "19" in folded) and _YEAR.search(folded) and _MONTH.search(folded):
        return True
    return ("by" in folded or "author" in folded) and _BYLINE.match(folded) is not None
