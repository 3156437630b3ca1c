"""From an article to passages: whole sentences, about 80 words, that fit the model's window.

Sentences come from sentencex (Wikimedia, MIT): abbreviations and quotations right on news prose, 68
MB/s, offsets in code points. A line never shares a sentence with the next.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

import sentencex

from indexer.article import Article, Passage, Span
from indexer.embedding.tokenizer import PassageTokenizer
from indexer.letters import UNSPACED

# Words. On news_quiz_dev RR@10 by passage was best at 80 (docs/evaluation.md).
TARGET = 80
LONGEST_PASSAGE = 100
SHORTEST_PASSAGE = 40

_WORD = re.compile(r"\S+")
# What has no space behind it.
_COMMA = re.compile("[\u3001\uff0c\uff1b\uff1a]+")
# The last word of what may be a sentence, if it ends in a point.
_LAST = re.compile(r"""(?:^|[\s("'“‘[])([^\s("'“‘[]+\.)\s*$""")
_DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
_ZONE = r"(?:(?:E|C|M|P|A|B|G)[SMD]?T|UTC|CET|IST|Eastern|Central|Mountain|Pacific|local|time)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*"
# Points that sentencex takes for ends of sentences, by what stands before them and what follows;
# found in news, where it is wrong for one boundary in 200 (docs/reading.md#sentences).
_ABBREVIATIONS = tuple(
    (re.compile(abbreviation), re.compile(goes_on))
    for abbreviation, goes_on in (
        (r"[ap]\.m\.", rf"\(?(?:{_DAY}|{_ZONE}|{_MONTH})\b"),
        # J.D. Vance, W. Seventh Street; not Plan B. It
        (r"(?!U\.|D\.C)[A-Z]\.[A-Z]\.", r"(?!(?:The|He|She|It|They|But|And|In|A|We|I|On)\b)[A-Z]"),
        (r"[NSEW]\.", r"(?!(?:The|He|She|It|They|But|And|In|A|We|I|On)\b)[A-Z][a-z]"),
        # D-N.Y., written with a space
        (r"(?:[DRI]-)?[NSW]\.", r"[A-Z]\."),
        (
            r"(?:Mr|Mrs|Ms|Dr|Prof|Rev|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Capt|Cmdr|Adm|Hon|Ft|Mt|St)\.",
            r"[A-Z]",
        ),
        (r"(?i:nos?|figs?|vols?|pp?|ch|sec|art|par|ed|approx|ca|est|mon|thurs)\.", r"[$\d]|[a-z]"),
        (
            r"(?:mg|tsp|tbsp|lbs?|oz|ft|cts|km|cm|mm|min|hr|dept|Mon|Tues|Wed|Thurs|Fri|Sat|Sun)\.",
            r"[a-z\d]",
        ),
    )
)


def cut(article: Article, tokenizer: PassageTokenizer) -> list[Passage]:
    """Cut an article's text into passages, each a verbatim slice; nothing but space is left out."""
    sentences = list(split_sentences(article.text))
    fitting = _split_long(article.text, sentences, tokenizer)
    words = [_length(span.of(article.text)) for span, _ in fitting]
    passages: list[Passage] = []
    tokens = [count for _, count in fitting]
    stops = _boundaries(words, tokens, tokenizer.max_passage_tokens)
    for start, stop in pairwise([0, *stops]):
        spans = tuple(span for span, _ in fitting[start:stop])
        passages.append(Passage(Span(spans[0].start, spans[-1].end), spans))
    return passages


def split_sentences(text: str) -> Iterator[Span]:
    """The sentences of a text in order, without the space around them."""
    line_start = 0
    for line in text.split("\n"):
        if line and not line.isspace():
            start = 0
            for boundary in sentencex.get_sentence_boundaries("en", line):
                end = boundary["end_index"]
                if end < len(line) and _goes_on(line[start:end], line[end:]):
                    continue
                yield from _stripped(text, line_start + start, line_start + end)
                start = end
        line_start += len(line) + 1


def _goes_on(said: str, rest: str) -> bool:
    """Whether what was taken for the end of a sentence is the point of an abbreviation."""
    last, following = _LAST.search(said), rest.lstrip()
    if last is None:
        return False
    return any(
        abbreviation.fullmatch(last[1]) and goes_on.match(following)
        for abbreviation, goes_on in _ABBREVIATIONS
    )


def _stripped(text: str, start: int, end: int) -> Iterator[Span]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    if end > start:
        yield Span(start, end)


def _split_long(
    text: str, sentences: list[Span], tokenizer: PassageTokenizer
) -> list[tuple[Span, int]]:
    """Every sentence with its tokens; one that is too long alone is cut between tokens."""
    counts = tokenizer.count([span.of(text) for span in sentences])
    # Token counts of parts need not add up to that of the whole: leave room for one a sentence.
    limit = tokenizer.max_passage_tokens - 2
    fitting: list[tuple[Span, int]] = []
    for span, count in zip(sentences, counts, strict=True):
        words = _length(span.of(text))
        if count <= limit and words <= LONGEST_PASSAGE:
            fitting.append((span, count + 1))
        else:
            fitting.extend(_pieces(text, span, tokenizer, limit))
    return fitting


def _length(text: str) -> int:
    """How many words a text has; where no space is between them, two letters count as one."""
    words = len(_WORD.findall(text))
    return words if text.isascii() else words + len(UNSPACED.findall(text)) // 2


def _pieces(
    text: str, span: Span, tokenizer: PassageTokenizer, limit: int
) -> Iterator[tuple[Span, int]]:
    """Cut one long sentence into pieces of at most `limit` tokens and `LONGEST_PASSAGE` words."""
    sentence = span.of(text)
    start, tokens, words = 0, 0, 0.0
    breaks = {match.start() for match in _WORD.finditer(sentence)}
    breaks |= {match.end() for match in _COMMA.finditer(sentence)}
    last_break, last_tokens = 0, 0
    for token_start, token_end in tokenizer.word_spans(sentence):
        if token_start in breaks and token_start > last_break:
            last_break, last_tokens = token_start, tokens
            words += 1
        if tokens + 1 > limit or words >= LONGEST_PASSAGE:
            # Between words where there is a word break, inside a word of a thousand letters.
            between = last_break > start
            end, taken = (last_break, last_tokens) if between else (token_start, tokens)
            for piece in _stripped(text, span.start + start, span.start + end):
                yield piece, taken + 1
            start, tokens, words = end, tokens - taken, 0
        tokens += token_end > token_start
        words += len(UNSPACED.findall(sentence[token_start:token_end])) / 2
    for piece in _stripped(text, span.start + start, span.end):
        yield piece, tokens + 1


def _boundaries(words: list[int], tokens: list[int], max_tokens: int) -> list[int]:
    """Where each passage stops, as an index into the sentences."""
    n_words = n_tokens = 0
    stops: list[int] = []
    for i, (word, token) in enumerate(zip(words, tokens, strict=True)):
        full = n_words + word > LONGEST_PASSAGE or n_tokens + token > max_tokens
        if n_words and (full or n_words >= TARGET):
            stops.append(i)
            n_words = n_tokens = 0
        n_words += word
        n_tokens += token
    if words:
        stops.append(len(words))
    return _balanced(stops, words, tokens, max_tokens)


def _balanced(stops: list[int], words: list[int], tokens: list[int], max_tokens: int) -> list[int]:
    """Even out the last two passages if the last is short: 95 + 12 words become 55 + 52."""
    if len(stops) < 2:
        return stops
    first, middle, last = [0, *stops][-3:]
    if sum(words[middle:last]) >= SHORTEST_PASSAGE:
        return stops
    total = sum(words[first:last])
    if total <= LONGEST_PASSAGE and sum(tokens[first:last]) <= max_tokens:
        return [*stops[:-2], last]
    while middle - first > 1 and sum(words[middle:last]) < SHORTEST_PASSAGE:
        moved = sum(words[middle - 1 : last])
        if moved > LONGEST_PASSAGE or sum(tokens[middle - 1 : last]) > max_tokens:
            break
        middle -= 1
    return [*stops[:-2], middle, last]
