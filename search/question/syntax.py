"""The query language: operators among plain words, and nothing that can be wrong.

    question = *( operator | plain )          separated by whitespace
    operator = phrase | exclude | field
    phrase   = '"' text '"'
    exclude  = "-" ( word | phrase )          a word begins with a letter
    field    = name ":" ( value | phrase )    no whitespace around the colon
    name     = "title" | "after" | "before" | the parameter of a field (indexer/storage/fields.py)

Names are read in any case. The value of "lang" is a code of two letters. Those of "after" and
"before" are a year, a month or a day: 2024, 2024-11, 2024-11-30. Both are inclusive, as `from` and
`to` are: "before:2024-11" ends with the last day of November. A value ends at whitespace; a comma,
semicolon or question mark at its end is not of it.

What does not parse is plain words, as it was written; so is an operator beyond `MAX_OPERATORS`.
Typographic quotes are no operators, since people paste what they quote. Straight ones are paired
from the left, whether or not a pair makes an operator, and no token looks at the next one: so
taking an operator out changes no other.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from indexer.letters import FULL_WIDTH, MARKS
from indexer.storage.fields import FIELDS

MAX_OPERATORS = 20

_BLANK = r"\s\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_SPACE = re.compile(f"[{_BLANK}]+")
SIGNS = {
    "-": "exclude",
    **{f"{field.parameter}:": field.name for field in FIELDS},
    "title:": "title",
    "after:": "from",
    "before:": "to",
}
NAMES = ("phrase", *SIGNS.values())
_SIGN = f"(?P<sign>(?ai:{'|'.join(SIGNS)}))"
# A token ends at whitespace outside of quotes: every operator stands at its beginning.
_TOKEN = re.compile(
    rf'{_SIGN}?"(?P<quoted>[^"]*)"(?P<tail>[^{_BLANK}]*)|(?P<bare>[^{_BLANK}]+)',
)
_FIELD = re.compile(rf'{_SIGN}(?P<value>[^"]+)')
_LETTER = rf"[\w{MARKS}]"
_EXCLUDED = re.compile(
    rf"(?P<word>[^\W\d_]{_LETTER}*(?:['’.&-]{_LETTER}+)*[+#]{{0,3}})[.,;:?!)、。，；：？！）]*"
)
# After a closing quote these would make another token, or another word, of what follows.
_STUCK = re.compile(r'[\w"-]')
_NOT_OF_A_VALUE = ",;?"
_LANGUAGE = re.compile(r"(?P<code>[A-Za-z]{2})(?:-[A-Za-z0-9-]+)?")
_DAYS = re.compile(r"(?P<year>[0-9]{4})(?:[-/](?P<month>[0-9]{1,2})(?:[-/](?P<day>[0-9]{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of a question.

    name: one of NAMES
    value: a day for `from` and `to`, one line of text for the others
    written: the operator as it stands in the question, `text[start:end]`, in code points
    """

    name: str
    value: str | date
    written: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A question's plain words, with those of phrases and titles in place, and its operators."""

    words: str
    operators: tuple[Operator, ...]


def one_line(text: str) -> str:
    """A text without control characters and broken surrogates, its whitespace single spaces.

    Letters and digits in full width become those of ASCII, as in the articles.
    """
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return _SPACE.sub(" ", whole).strip().translate(FULL_WIDTH)


def parse(text: str) -> Parsed:
    """Tell operators from plain words; any text parses."""
    operators = tuple(islice(_operators(text), MAX_OPERATORS))
    pieces: list[str] = []
    end = 0
    for each in operators:
        read = each.value if each.name in ("phrase", "title") else ""
        pieces += text[end : each.start], str(read)
        end = each.end
    return Parsed(one_line("".join([*pieces, text[end:]])), operators)


def without(text: str, operator: Operator) -> str:
    """The text with one of its operators taken out."""
    around = text[: operator.start].rstrip(), text[operator.end :].lstrip()
    return " ".join(part for part in around if part)


def _operators(text: str) -> Iterator[Operator]:
    for token in _TOKEN.finditer(text):
        if token["bare"] is not None:
            found = _bare(token["bare"])
        elif _STUCK.match(token["tail"]):
            continue
        else:
            length = token.start("tail") - token.start()
            found = (token["sign"] or "", token["quoted"], length)
        if found is None:
            continue
        sign, written, length = found
        name = SIGNS[sign.lower()] if sign else "phrase"
        value = _value(name, one_line(written))
        if value is not None:
            start, end = token.start(), token.start() + length
            yield Operator(name, value, text[start:end], start, end)


def _bare(token: str) -> tuple[str, str, int] | None:
    """The sign and the value of an operator without quotes, and how long it is."""
    field = _FIELD.fullmatch(token)
    if field is None:
        return None
    sign, value = field["sign"], field["value"]
    if sign != "-":
        value = value.rstrip(_NOT_OF_A_VALUE)
    elif (word := _EXCLUDED.fullmatch(value)) and value[0].isalpha():
        value = word["word"]
    else:
        return None
    return sign, value, len(sign) + len(value)


def _value(name: str, written: str) -> str | date | None:
    if not any(character.isalnum() for character in written):
        return None
    if name in ("from", "to"):
        return _day(written, last=name == "to")
    if name == "language":
        language = _LANGUAGE.fullmatch(written)
        return language["code"].lower() if language else None
    return written


def _day(written: str, last: bool) -> date | None:
    """The first or last day of a year, a month or a day; None if there is no such."""
    found = _DAYS.fullmatch(written)
    if found is None:
        return None
    year = int(found["year"])
    try:
        month = int(found["month"] or (12 if last else 1))
        day = int(found["day"] or (monthrange(year, month)[1] if last else 1))
        return date(year, month, day)
    except ValueError:
        return None
