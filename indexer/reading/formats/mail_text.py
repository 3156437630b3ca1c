"""What of a mail's text is its own: which of two texts, without quotes and signatures."""

import re
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

from indexer.reading.fields import MAX_PAGE
from indexer.reading.input.mail_labels import in_english

# A text of fewer words is a word about something else: "view this mail in your browser".
NOTE = 30
# A plain text of less than this share of the words of the page beside it stands in for that.
_STUB = 0.5
# A signature is at most so many lines.
_SIGNATURE = 15
# Whoever replies has said something at least.
_REPLY = 5

_WORD = re.compile(r"\w+")
_UNSEEN = frozenset(("script", "style", "title", "head"))
_WROTE = re.compile(r"\b(?:wrote|schrieb|skrev|schreef|écrit|escribió|scritto)\s?:\s*$")
_FORWARDED = re.compile(
    r"^(?:-{2,} ?(?:Forwarded message|Original message|Ursprüngliche Nachricht|"
    r"Weitergeleitete Nachricht|Message d['’]origine|Message (?:transféré|original)|"
    r"Mensaje (?:original|reenviado)) ?-{2,}|Begin forwarded message:|"
    r"Anfang der weitergeleiteten (?:Nachricht|E-Mail):|"
    r"Début du message (?:transféré|réexpédié) ?:|Inicio del mensaje reenviado:)[ \t]*$",
    re.M | re.I,
)
# Behind so many lines there is no note any more.
_MOST_OF_NOTE = 60
_FIELD = re.compile(r"\*?(From|Date|Sent|Subject|To|Cc|Reply-To):\*?[ \t]*(.*)$", re.I)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A message that stands inside the text of another."""

    text: str
    sender: str
    subject: str
    date: str


def is_note(text: str) -> bool:
    """Whether a text is too short to be an article that somebody sent."""
    return len(_WORD.findall(text[:10_000])) < NOTE


def html_says_more(page: str, plain: str) -> bool:
    """Whether the plain text beside a page is only a stub of it."""
    words = len(_WORD.findall(plain))
    return words == 0 or words < _STUB * _words_of(page)


def _words_of(page: str) -> int:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=False)
    try:
        tree = etree.fromstring(page[:MAX_PAGE].encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return 0
    if tree is None:
        return 0
    texts = ((each.text if each.tag not in _UNSEEN else None, each.tail) for each in tree.iter())
    return sum(len(_WORD.findall(text)) for pair in texts for text in pair if text)


def forwarded(text: str) -> Forwarded | None:
    """The message that a text forwards, if it says no more itself than a word about it."""
    mark = _FORWARDED.search(text)
    start, end = mark.span() if mark else _headers(text)
    if end < 0 or not is_note(text[:start]):
        return None
    fields: dict[str, str] = {}
    lines = text[end:].strip().split("\n")
    begin = 0
    while begin < len(lines) and (found := _FIELD.match(in_english(lines[begin].strip()))):
        fields[found[1].lower()] = found[2].replace("*", "").strip()
        begin += 1
    lines = lines[begin:]
    if not lines or "from" not in fields or "subject" not in fields:
        return None
    date = fields.get("date") or fields.get("sent", "")
    return Forwarded("\n".join(lines), fields["from"], fields["subject"], date)


def _headers(text: str) -> tuple[int, int]:
    """Where a sender and a moment begin, one below the other, as Outlook has them; else -1."""
    lines = text.split("\n", _MOST_OF_NOTE)[:_MOST_OF_NOTE]
    names = [
        found[1].lower() if (found := _FIELD.match(in_english(line.strip()))) else ""
        for line in lines
    ]
    for number, pair in enumerate(pairwise(names)):
        if pair in (("from", "sent"), ("from", "date")):
            at = sum(len(line) + 1 for line in lines[:number])
            return at, at
    return -1, -1


def without_quotes(text: str) -> str:
    """A text without its signature, and without the message that it answers."""
    lines = text.replace("\r\n", "\n").rstrip().split("\n")
    for number in range(max(1, len(lines) - _SIGNATURE - 1), len(lines)):
        if lines[number] in ("-- ", "--"):
            lines = lines[:number]
            break
    quoted = len(lines)
    while quoted and (lines[quoted - 1].startswith(">") or not lines[quoted - 1].strip()):
        quoted -= 1
    begin = len(lines)
    # "On Friday, 15 March 2024, Ann Ek wrote:", in one line or two
    if 0 < quoted < len(lines) and _WROTE.search(lines[quoted - 1]):
        begin = quoted - 1
        if begin and lines[begin - 1].strip() and not lines[begin].startswith(("On ", "Am ")):
            begin -= 1
    own = "\n".join(lines[:begin])
    return own if len(_WORD.findall(own[:1000])) >= _REPLY else "\n".join(lines)
