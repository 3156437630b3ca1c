"""The characters of a text as a reader sees them, so that a word is found like it looks.

Sites put soft hyphens and zero-width spaces into long words, printers ligatures, and exporters
escape what was escaped already.
"""

import html
import re
import unicodedata

from ftfy.chardata import LIGATURES

_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " ")
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_TABLE: dict[int, str | None] = {**LIGATURES, **_SPACES, **_UNSEEN}
_ANY = re.compile(f"[{''.join(map(chr, _TABLE))}]")
# Where a word goes on in the next line.
_SOFT_BREAK = re.compile(r"\u00ad[ \t]*\n[ \t]*(?=\w)")
# Joiners (U+200C, U+200D) behind a letter of no script that needs them, and behind no emoji:
# Arabic, those of India and their neighbours, Mongolian; symbols, their variants and skin tones.
_NEEDLESS_JOINER = re.compile(
    "(?<![\u0600-\u08ff\u0900-\u109f\u1780-\u18af\ua840-\ua8ff\ufb50-\ufdff\ufe70-\ufefc"
    "\u2190-\u2bff\u3030\ufe0f\U00010a00-\U0001193f\U0001f000-\U0001faff\U000e0020-\U000e007f])"
    "[\u200c\u200d]"
)
# The semicolon is asked for: "AT&T", "?a=1&copy=2". A reference of thousands of digits is none.
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});", re.I)
_TWICE = 2

_ESCAPE = re.compile(r"(?:\\u[\da-fA-F]{4})+|\\[nrt\"'/\\]")
_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*')
# Behind a sentence, or for a blank line: "… said.\nThe mayor", "Vote\n\nthe mayor".
_CLEAR_LINE_END = re.compile(
    r"\\n ?(?:\\r)?\\n|[.!?…:\"'”’»)\]] ?(?:\\r)?\\n(?![a-z)\];,])", re.ASCII
)
# "mayor\u2019s", "\u201cWe wait", "caf\u00e9": beside a letter, and beyond ASCII.
_CLEAR_LETTER = re.compile(
    r"\\u(?!00[0-7])[\da-fA-F]{4}(?=[^\W\d_]|\\u)|(?<=[^\W\d_])\\u(?!00[0-7])[\da-fA-F]{4}"
)
# What an escaped text has not: C:\new, \\server, \d+, '\n' and '\u2019' in quotes, `};\n`.
_CODE = re.compile(
    r"\b[A-Za-z]:\\|\\\\\w|\\(?![nrt\"'/\\]|u[\da-fA-F]{4})|(?:^|[\s(\[=,+])[\"'`]\\[nrt]"
    r"|[\"'`]\\u[\da-fA-F]{4}[\"'`]|\\n[\"'`]\s?[),;\]]|[{};]\s*\\n"
)


def seen(text: str) -> str:
    """The text without what is not seen, and with one character for what looks the same.

    Ligatures are letters, no-break spaces spaces; letters and their accents are one character
    (NFC). Letters in full width stay as their source writes them; words are folded where they are
    compared (letters.py).
    """
    if "\u00ad" in text:
        text = _SOFT_BREAK.sub("", text)
    if "\u200c" in text or "\u200d" in text:
        text = _NEEDLESS_JOINER.sub("", text)
    text = text.translate(_TABLE) if _ANY.search(text) else text
    return unicodedata.normalize("NFC", text)


def unescaped(text: str, times: int = _TWICE) -> str:
    """The text with entities as the characters that they name, also if they were escaped twice."""
    for _ in range(times):
        if "&" not in text:
            break
        text = _REFERENCE.sub(lambda found: html.unescape(found[0]), text)
    return text


def unquoted(text: str) -> str:
    r"""The text without the escapes of JSON, `\n` and `\u2019`, where they clearly are left over.

    They are not in a text that has a path or code in it, nor `\n` in one that has more line ends.
    """
    if "\\" not in text or _CODE.search(text):
        return text
    lost_lines = _CLEAR_LINE_END.search(text) and text.count("\\n") > text.count("\n")
    if not lost_lines and not _CLEAR_LETTER.search(text):
        return text
    quoted = _QUOTED.fullmatch(text)
    return _ESCAPE.sub(_character, quoted[1] if quoted else text)


def _character(escape: re.Match[str]) -> str:
    found = escape[0]
    if found.startswith("\\u"):
        return bytes.fromhex(found.replace("\\u", "")).decode("utf-16-be", "replace")
    return {"n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1])
