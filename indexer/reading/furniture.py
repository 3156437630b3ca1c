"""What news pages print around an article: lines that are never its text, and lines that end it.

One pattern a row, matched against a whole line, case folded, punctuation around it ignored.
"""

import re

# After one of these, if most of the prose stands above it, nothing of the article follows.
_TAIL = (
    r"(?:leave|post|add|write) a (?:comment|reply)",
    r"join the (?:conversation|discussion)",
    r"comments?(?: \(\d+\))?|\d+ comments?|no comments?(?: yet)?",
    r"(?:legal )?disclaimer|legal notice|disclosure",
    r"read (?:the )?(?:entire|full|original) (?:article|story)",
    r"(?:more|other|latest|top|popular|trending|recent) (?:articles|stories|news|posts)",
    r"most (?:read|popular|viewed|shared|commented)",
    r"(?:related|recommended|read next|up next|see also|read also|also read|don[’']t miss)"
    r"(?: (?:articles?|stories|news|posts|topics|content|links|coverage|reading))?",
    r"you (?:may|might) also (?:like|be interested in)|more from .{1,40}|more on this(?: \w+)?",
    r"about the author",
    r"(?:tags?|topics?|filed under)(?: ?:.*)?",
    r"share this(?: article| story)?",
    r"sign up (?:for|to) .{1,80}|subscribe(?: now| today)?|newsletter",
    r"(?:©|copyright|\(c\)).*|all rights reserved.*",
)
# Never the article's, wherever it stands.
_FURNITURE = (
    r"advertisement|advertising|sponsored(?: content)?",
    r"(?:share(?: on)?\s?)?(?:(?:facebook|twitter|x|whatsapp|linkedin|reddit|e-?mail|pinterest|"
    r"telegram|tweet|pin(?: it)?|print|save|share|copy link|listen)\s?)+",
    r"follow us.*|home|menu|search|log ?in|sign (?:in|up)|register|subscribe.*",
    r"skip to (?:main )?content|close|loading.*|back to top",
    r"(?:story|article) continues (?:below|after).*|continue reading.*",
    r"(?:click|tap) here.*|read more.*",
    r"(?:read|see|watch|listen|related|also)(?: more| also| next| on)?\s?:.{0,160}",
    r"(?:photo|image|picture|video)s?(?: (?:credit|by|courtesy|source|via))?\s?[:/].{0,120}",
    r"(?:file|handout) (?:photo|image)\b.{0,100}",
    r"\d+ min(?:ute)?s? read|reading time.{0,20}|est\. reading.*|\d+ (?:shares?|views?)",
    r"(?:this (?:site|website)|we|our (?:site|partners))\b.{0,40}\bcookies?\b.*",
    r"accept(?: all)?(?: cookies)?",
    r"(?:please )?(?:enter|write|type) your .{1,60}|you have \d+ characters left.*|name|website",
    r"your email address will not be published.*|the recaptcha .{1,80}",
    r"get (?:the|our) .{1,60} (?:newsletter|inbox|app)\b.*|.{0,200}\bunsubscribe\b.*",
    r"(?:like|enjoyed) this (?:story|article)\?.*|.{0,10}(?:bet|gamble) responsibly.*",
)
# An agency's article code, "MENAFN13072025000045017169ID1109793436".
_CODE = re.compile(r"^\W*[A-Z]{4,}\d{8,}\w*\W*$")


def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{'|'.join(patterns)})\W*$", re.I)


_TAIL_LINE = _any_of(_TAIL)
_FURNITURE_LINE = _any_of(_FURNITURE)
_CELL_GAP = re.compile(r"\s{3,}|\s[|•·›»/]\s|\t")
# No furniture is longer; a regular expression never sees a line of a megabyte.
_LONGEST = 400


def ends_article(line: str) -> bool:
    """Whether a line begins the page's tail: comments, disclaimers, related links."""
    return len(line) <= _LONGEST and _TAIL_LINE.match(line) is not None


def is_furniture(line: str) -> bool:
    """Whether a line is part of the page around the article: buttons, credits, forms, menus."""
    return len(line) <= _LONGEST and (
        _FURNITURE_LINE.match(line) is not None or _CODE.match(line) is not None or is_menu(line)
    )


def is_menu(line: str) -> bool:
    """Whether a line is section names in a row: many cells between wide gaps or bars, all short."""
    if len(line) > _LONGEST:
        return False
    cells = [cell for cell in _CELL_GAP.split(line.strip(" |•·")) if cell.strip()]
    return len(cells) >= 4 and all(len(cell.split()) <= 3 for cell in cells)
