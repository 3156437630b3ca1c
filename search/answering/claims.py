"""Claims: sentences that report what the article itself, a fact check or a denial refutes.

A reader who asks "did the mayor sell the park" and is shown "Posts claim that the mayor sold the
park" has been misled, however well the sentence answers. So what refutes it is shown beside it.
English only, by the words that fact checks and denials are made of.
"""

import re

from indexer.article import Span

_CLAIMS = re.compile(
    r"\b(?:claim(?:s|ed|ing)?|alleg(?:e|es|ed|edly|ing|ations?)|rumou?r(?:s|ed)?|purport\w*|"
    r"supposed(?:ly)?|falsely|viral|hoax|accus(?:e|es|ed|ing|ations?)|speculation|"
    r"(?:social media |facebook |online )?posts?|(?:widely )?shared|circulat\w+|"
    r"(?:reports?|stories|videos?|images?|memes?) (?:that|saying|said|suggest\w*|show\w*))\b",
    re.I,
)
_REFUTES = re.compile(
    r"\b(?:(?:is|are|was|were|be|been|as|it|that['’]s|this is) (?:simply |completely |entirely |"
    r"totally |all |just )?(?:false|fake|untrue|baseless|unfounded|fabricated|made up|a hoax|a lie|"
    r"nonsense|not true|incorrect|wrong|misleading)|"
    r"rat(?:e|es|ed|ing)\b[^.]{0,60}\b(?:false|fake|misleading|wrong|pants on fire|mostly false)|"
    r"there (?:is|was|were|are|has been) no (?:evidence|truth|proof|basis|record)|"
    r"no (?:evidence|truth|proof) (?:of|for|to|that)|"
    r"(?:den(?:y|ies|ied|ying)|reject(?:s|ed|ing)?|dismiss(?:es|ed|ing)?|refut(?:e|es|ed|ing)|"
    r"debunk(?:s|ed|ing)?|rebuff(?:s|ed)?)\b[^.]{0,40}\b(?:claims?|reports?|rumou?rs?|allegations?|"
    r"accusations?|charges?|suggestions?|assertions?|story|stories|it|this|that|any|having|being)|"
    r"(?:didn['’]t|did not|never|has not|hasn['’]t) (?:happen\w*|say|said|take place|exist\w*)\b)",
    re.I,
)
_FACT_CHECK = re.compile(
    r"\b(?:fact[ -]?check\w*|hoax|debunk\w*|false claims?|misinformation)\b", re.I
)
# Characters after a claim within which a denial belongs to it: two sentences or so.
_NEAR = 450
_ENDS = re.compile(r"[.!?][”\"’')\]]*\s|\n")


def verdict(title: str, text: str, sentence: Span) -> Span | None:
    """What refutes a sentence of an article that reports a claim; None if nothing does.

    A denial follows soon; a fact check may give its verdict anywhere after its claim, or before.
    """
    said = sentence.of(text)
    if not _CLAIMS.search(said) or _REFUTES.search(said):
        return None
    checked = _FACT_CHECK.search(title) is not None
    until = len(text) if checked else min(len(text), sentence.end + _NEAR)
    found = _REFUTES.search(text, sentence.end, until)
    if found is None and checked:
        found = _REFUTES.search(text, 0, sentence.start)
    return _sentence_around(text, found.start()) if found else None


def _sentence_around(text: str, at: int) -> Span:
    start = max((end.end() for end in _ENDS.finditer(text, max(0, at - 600), at)), default=0)
    end = _ENDS.search(text, at)
    stop = end.end() if end else len(text)
    said = text[start:stop]
    return Span(start + len(said) - len(said.lstrip()), start + len(said.rstrip()))
