"""A page of which all line ends were lost, cut where they stood.

Of each space between two words a small network says how likely a line ended there, from what both
words look like, and the ten before and behind it: menus are capitals without small words, sentences
end in a full stop. The weights are in glued_model.json, written by scripts/training/glued.py.
"""

import json
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from indexer.arrays import Float32, Int64, Mask
from indexer.letters import UNSPACED
from indexer.reading.body.furniture import WORD_LISTS
from indexer.reading.body.network import Network, read_network
from indexer.reading.days.dates import find_dates, month_of

MODEL = Path(__file__).with_name("glued_model.json")

# In characters: a shorter line is a paragraph, a longer one no page. And its share of the text.
SHORTEST, LONGEST, SHARE = 600, 500_000, 0.9
# Words before and behind a space that are looked at.
_NEAR = 10
# Gaps that are looked at at once, which bounds the memory.
_CHUNK = 50_000
# What words look like is kept of so many, none of them of more characters: a few megabytes.
_MOST_KEPT, _LONGEST_KEPT = 1 << 14, 40
# Of each listed word, and of the others, in which lists it stands.
_LISTS = [frozenset(words.split()) for words in WORD_LISTS.values()]
_LISTED = {word: [word in listed for listed in _LISTS] for word in frozenset().union(*_LISTS)}
_UNLISTED = [False] * len(_LISTS)
_AROUND = "\"'“”‘’()[]«»„,;:.!?…。"
_AGENCY = re.compile(r"\([A-Z][\w./]{1,15}\)[:.]?")
_DASHES = frozenset(("-", "–", "—", "--"))
_LABELS = frozenset(("date", "posted", "published", "updated"))
# Of a dateline, in words.
_LONGEST_DAY, _LONGEST_PLACE = 5, 3
# Its first sentence, in words.
_LONGEST_SENTENCE = 60
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
_CLOSING = "\"'”’)]»"
_BARS = frozenset(("|", "•", "·", "-", "–", "—", "»", "›", "/", ">", "*"))
# The columns that tell small words, and ends of sentences.
_LOWER, _STOP = 0, 6


@dataclass(frozen=True, slots=True)
class Model:
    """What tells the ends of lines, and the probability from which a space is one."""

    network: Network
    threshold: float


@cache
def load_model() -> Model:
    """The weights that come with the package."""
    read = json.loads(MODEL.read_text())
    return Model(read_network(read["network"]), read["threshold"])


def is_glued(lines: Sequence[str]) -> bool:
    """Whether nearly all of a text is one line, and longer than a paragraph is."""
    longest = max(map(len, lines))
    return SHORTEST <= longest <= LONGEST and longest >= SHARE * sum(map(len, lines))


def cut_line(line: str, model: Model) -> list[str]:
    """The lines that were glued into one, in order; nothing but space is left out."""
    words = line.split()
    likely = line_ends(words, model.network)
    ends = likely >= model.threshold
    _keep_dates(words, likely, ends)
    _cut_at_datelines(words, likely, ends)
    cuts = [0, *(np.flatnonzero(ends) + 1).tolist(), len(words)]
    return [" ".join(words[one:end]) for one, end in pairwise(cuts) if one < end]


def _keep_dates(words: Sequence[str], likely: Float32, ends: Mask) -> None:
    """Take back the line ends inside dates."""
    for gap in np.flatnonzero(ends).tolist():
        near = words[gap : gap + 2]
        if any(_has_digit(word[:20]) for word in near):
            before = " ".join(word[:20] for word in words[max(gap - 4, 0) : gap + 1])
            after = " ".join(word[:20] for word in words[gap + 1 : gap + 6])
            dates = find_dates(f"{before} {after}")
            if any(each.start < len(before) < each.end for each in dates):
                ends[gap], likely[gap] = False, 0


def _cut_at_datelines(words: Sequence[str], likely: Float32, ends: Mask) -> None:
    """End a line where a dateline likely begins, and not inside: "Seoul, Nov 30 (IANS): A cow"."""
    for agency, word in enumerate(words[:-1]):
        if agency == 0 or word[0] != "(" or not _AGENCY.fullmatch(word):
            continue
        day = agency
        while day > max(agency - _LONGEST_DAY, 0) and _is_of_day(words[day - 1]):
            day -= 1
        dash = words[agency + 1] in _DASHES
        if day == agency and not dash and not word.endswith(":"):
            continue
        # The place is of one word or some, which only a comma tells from a headline's last.
        first = day
        if day > 0 and words[day - 1][:1].isupper() and (dash or words[day - 1].endswith(",")):
            first = day - 1
            for other in range(day - 2, max(day - _LONGEST_PLACE, 0) - 1, -1):
                if not words[other][:1].isupper():
                    break
                if other == 0 or likely[other - 1] > likely[first - 1]:
                    first = other
        elif day > 0 and day < agency and words[day - 1].strip(":").casefold() in _LABELS:
            first = day - 1
        last = agency + 1
        while last < min(agency + _LONGEST_SENTENCE, len(ends)) and not _SENTENCE_END.search(
            words[last]
        ):
            last += 1
        ends[first:last] = False
        if 0 < first < agency:
            ends[first - 1] = True


def _is_of_day(word: str) -> bool:
    return _has_digit(word[:20]) or month_of(word.strip(",.")) is not None


def _has_digit(word: str) -> bool:
    # Most words are letters alone, which is seen at once.
    return not word.isalpha() and any(map(str.isdigit, word))


def line_ends(words: Sequence[str], network: Network) -> Float32:
    """The probability that a line ended behind each of the words but the last, (words - 1,)."""
    if len(words) < 2:
        return np.zeros(0, np.float32)
    likely = np.concatenate([network(each) for each in gap_features(words)])
    # Where words are not spaced, each space was a line end.
    likely[_between_unspaced(words)] = 1
    return likely


def gap_features(words: Sequence[str]) -> Iterator[Float32]:
    """What the network sees of the spaces between words, in parts of (gaps, f)."""
    rows = _rows(words)  # (n, f)
    last = len(rows) - 1
    for start in range(0, last, _CHUNK):
        stop = min(start + _CHUNK, last)
        gap = np.arange(start, stop)  # the word before each
        low, high = np.maximum(gap - _NEAR + 1, 0), np.minimum(gap + _NEAR, last) + 1
        first = max(start - _NEAR, 0)
        total = np.zeros((stop + _NEAR - first + 2, rows.shape[1]))  # of the words above each
        part = rows[first : stop + _NEAR + 1]
        np.cumsum(part, axis=0, out=total[1 : len(part) + 1])
        middle = total[gap + 1 - first]
        before = (middle - total[low - first]) / (gap + 1 - low)[:, None]
        after = (total[high - first] - middle) / (high - gap - 1)[:, None]
        yield np.concatenate(
            [rows[gap], rows[gap + 1], before, after],
            axis=1,
            dtype=np.float32,
            casting="same_kind",
        )


def _rows(words: Sequence[str]) -> Float32:
    """What each word looks like by itself and on its page, (n, f)."""
    n = len(words)
    kinds = {word: number for number, word in enumerate(dict.fromkeys(words))}
    ids = np.fromiter(map(kinds.__getitem__, words), np.int64, n)
    own = np.frombuffer(b"".join(map(_looks, kinds)), np.float32).reshape(len(kinds), -1)[ids]
    folded: dict[str, int] = {}
    of_kind = [folded.setdefault(word.casefold(), len(folded)) for word in kinds]
    same = np.array(of_kind)[ids]  # (n,) words that are the same but for case
    pairs = same[:-1] * len(folded) + same[1:]
    _, which, often = np.unique(pairs, return_inverse=True, return_counts=True)
    small = {word.strip(_AROUND) for word in kinds if word[:1].islower()}
    lowers = np.array([word.strip(_AROUND).casefold() in small for word in kinds])
    on_page = np.zeros((n, 6), np.float32)
    on_page[:, 0] = np.minimum(np.bincount(same)[same], 5) / 5
    on_page[:-1, 1] = often[which] > 1
    on_page[:, 2] = lowers[ids]
    stops = own[:, _STOP] > 0
    on_page[:, 3] = np.log1p(_since(stops)) / 4
    on_page[:, 4] = np.log1p(_since(stops[::-1])[::-1]) / 4
    on_page[:, 5] = np.log1p(_since(own[:, _LOWER] == 0)) / 3
    return np.concatenate([own, on_page], axis=1)


def _looks(word: str) -> bytes:
    """What one word looks like, (f,), float32."""
    return _kept_looks(word) if len(word) <= _LONGEST_KEPT else _packed_looks(word)


def _packed_looks(word: str) -> bytes:
    return array("f", _measured(word)).tobytes()


_kept_looks = lru_cache(maxsize=_MOST_KEPT)(_packed_looks)


def _measured(word: str) -> list[float]:
    core = word.strip(_AROUND)
    bare = word.rstrip(_CLOSING)
    last, first, small = bare[-1:], core[:1], core.casefold()
    return [
        core.islower(),
        first.isupper() and not core.isupper(),
        len(core) > 1 and core.isupper(),
        len(core) == 1 and core.isupper(),
        _has_digit(core),
        core.isdigit(),
        last in (".", "!", "?", "…", "。"),
        last == ",",
        last in (":", ";"),
        last == "." and (len(core) <= 2 or "." in core),
        not core,
        word[:1] in ('"', "“", "‘", "(", "«"),
        len(bare) < len(word),
        min(len(core), 15) / 8,
        word in _BARS,
        "@" in word or "http" in word or ".com" in word,
        not core[1:].islower()
        and any(one.islower() and other.isupper() for one, other in pairwise(core)),
        "'s" in word or "’s" in word,
        *_LISTED.get(small, _UNLISTED),
    ]


def _since(those: Mask) -> Int64:
    """How many words ago the last of those was, 0 at one; from the beginning before the first."""
    places = np.arange(len(those))
    return places - np.maximum.accumulate(np.where(those, places, -1))


def _between_unspaced(words: Sequence[str]) -> Mask:
    """Between which words both sides are of a script without spaces, (words - 1,)."""
    starts = np.array(list(map(_is_unspaced, words)), np.bool_)
    if not starts.any():
        return starts[1:]
    ends = np.array([_is_unspaced(word[-2:-1] or word) for word in words], np.bool_)
    return ends[:-1] & starts[1:]


def _is_unspaced(word: str) -> bool:
    return not word.isascii() and UNSPACED.match(word) is not None
