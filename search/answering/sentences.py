"""Which sentences of an article can answer: none that asks, labels, or leads elsewhere."""

import re

from indexer.article import Span
from indexer.letters import UNSPACED

_ENDS = re.compile(r"""[.!…"”'’)\]。！．」』）।۔]\s*$""")
_WORD = re.compile(r"[^\W\d_]+")
# A line without an end is a heading, a caption or a byline, unless it is as long as a sentence.
_LONG_ENOUGH = 12
_LEADS_ELSEWHERE = re.compile(
    r"^\W*(?:read|watch|listen|see|more|related|recommended|also|up next|don['’]?t miss|"
    r"must[ -]watch|must[ -]read|subscribe|sign up|click|follow|download|share|advertisement|"
    r"editor['’]?s? note|photos?|image|video|gallery|graphic|source|credit|caption|newsletter|"
    r"live updates?|in pictures|opinion|analysis|exclusive|fact check|story continues)\b"
    r"[^.!?]{0,40}(?:[:>»|]|\b(?:more|here|below|now)\b)",
    re.I,
)
# For text in lower case: a pattern that ignores case takes three times as long.
_FURNITURE = re.compile(
    r"(?:sign up for|subscribe to|follow (?:us|him|her|them|\w+) on|click here|tap here|"
    r"read more|contributed to this (?:report|story)|reported from|all rights reserved|"
    r"(?:reach|contact|email|call)\s[^.]{0,60}(?:@|\d{3}[-. ]\d{4})|"
    r"is a (?:reporter|staff writer))",
)
_CREDITED = re.compile(
    r"(?:\((?:photo|image|picture|ap|afp|reuters|getty|file)\b[^)]*\)|"
    r"(?:/|\| ?)(?:afp|ap|getty images?|reuters)\b|getty images|"
    r"(?:photo|photograph|picture|image|illustration)s?(?: by|:)|"
    r"\bap photo\b|\bfile photo\b|\bin this (?:file |undated |\w+ \d{4} )?(?:photo|image|picture))",
)
_BYLINE = re.compile(
    r"^\W*(?:by|from|written by|words by)\s+(?:[A-Z][\w.'’-]+\s*){1,4}(?:[,|–—-].*)?$"
)
_PRONOUN = re.compile(
    r"""^["'“‘(\[]*(?:and |but |so |then |yet |also,? |still,? |now,? |later,? |instead,? )?"""
    r"(?:he|she|it|they|his|her|its|their|him|them|this|that|these|those|here|there|"
    r"the (?:two|three|pair|couple|former|latter|company|firm|man|woman|boy|girl|team|group|"
    r"\d+-year-old))\b",
    re.I,
)
_ASKS_OR_LEADS = ("?", ":", "?”", '?"', "?’", "？", "：", "？」", "？”", "؟")
_OPENS, _CLOSES = "“", "”"


def can_answer(sentence: str) -> bool:
    """Whether a sentence says something that may answer a question."""
    said = sentence.strip()
    if not said or said.endswith(_ASKS_OR_LEADS):
        return False
    words = len(_WORD.findall(said)) + len(UNSPACED.findall(said)) // 2
    if words < 2 or (words < _LONG_ENOUGH and not _ENDS.search(said)):
        return False
    lower = said.lower()
    return not (
        _LEADS_ELSEWHERE.search(said)
        or _FURNITURE.search(lower)
        or _CREDITED.search(lower)
        or _BYLINE.search(said)
    )


def leans_on_the_one_before(sentence: str) -> bool:
    """Whether a sentence opens with a word for what the one before it named."""
    return _PRONOUN.match(sentence) is not None


def alone_or_with_the_next(text: str, sentence: Span, following: Span | None) -> Span:
    """A sentence, or it and the next where it opens a quotation that only that one closes."""
    said = sentence.of(text)
    if following is None or "\n" in text[sentence.end : following.start]:
        return sentence
    open_still = said.count(_OPENS) > said.count(_CLOSES)
    closes = following.of(text).count(_CLOSES) > following.of(text).count(_OPENS)
    return Span(sentence.start, following.end) if open_still and closes else sentence
