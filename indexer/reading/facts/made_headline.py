"""A headline made of an article's first sentence, for want of one."""

import re

# Characters; the shortest paragraphs are longer.
LONGEST_MADE = 120

_DATE_PREFIX = re.compile(
    r"\W{0,3}(?:date|published|posted)?\W{0,3}(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?\b",
    re.I,
)
# "Seoul, Nov 30 (IANS): ", "LONDON (Reuters) - ", "(MENAFN) "
_DATELINE = re.compile(
    r"(?:[A-ZÀ-Þ][^():;.!?\n]{0,50})?\([A-Z][A-Za-z .&/-]{1,30}\)\s?(?:[-–—:]\s?)?|"
    r"[A-ZÀ-Þ][A-ZÀ-Þ .,'-]{2,40}\s[-–—]{1,2}\s"
)


def made_headline(paragraph: str) -> str:
    """The first sentence of a text as its headline, without dateline, LONGEST_MADE characters."""
    start = paragraph[: 10 * LONGEST_MADE]
    for prefix in (_DATE_PREFIX, _DATELINE):
        if match := prefix.match(start):
            start = start[match.end() :].lstrip(" ,:-–—")
    sentence = re.split(r"(?<=[.!?])\s|(?<=[.!?][\"”’])\s|(?<=[。！？])", start, maxsplit=1)[0]
    if len(sentence) <= LONGEST_MADE:
        return sentence.strip()
    words = sentence[:LONGEST_MADE].rsplit(" ", 1)[0][: LONGEST_MADE - 1]
    return words.rstrip(" ,;:–—-") + "…"
