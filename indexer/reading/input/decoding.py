"""From the bytes of the web to text: some are mislabelled, some in two encodings or encoded twice.

Order of trust: byte order mark, UTF-8 if the whole decodes, the charset that a page declares,
charset-normalizer's guess. Where only some lines are UTF-8, each line is judged by itself.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from encodings import normalize_encoding
from encodings.aliases import aliases
from io import StringIO
from itertools import islice

from charset_normalizer import from_bytes
from ftfy import fix_encoding
from ftfy.badness import BADNESS_RE, badness

from indexer.reading.input.alphabets import by_letters
from indexer.reading.input.characters import seen

# Before UTF-16, whose mark is the beginning of UTF-32's.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
)
_DECLARED = re.compile(
    rb"""<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,200}?encoding)\s{0,9}=\s{0,9}["']?\s{0,9}"""
    rb"""([\w.:-]{2,40})""",
    re.I,
)
# A page can declare any codec of Python, also stateful ones and such as run over (utf-7, idna,
# unicode_escape), so only these are honoured, and read as browsers do: https://encoding.spec.whatwg.org
#
# As everywhere on the web, bytes without a meaning in windows-1252 are kept as C1 controls: ftfy
# registers that codec, and can mend "â€\x9d" then.
_WESTERN = "sloppy-windows-1252"
_READ_AS = {
    "ascii": _WESTERN,
    "big5": "big5hkscs",
    "cp1252": _WESTERN,
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859_11": "cp874",
    "iso8859_9": "cp1254",
    "latin_1": _WESTERN,
    "shift_jis": "cp932",
    "tis_620": "cp874",
}
_MULTIBYTE = frozenset(("big5hkscs", "cp932", "cp949", "euc_jp", "gb18030"))
_HONOURED = _MULTIBYTE | {
    *(_WESTERN, "cp866", "cp874", "koi8_r", "koi8_u", "mac_cyrillic", "mac_roman"),
    *(f"cp125{number}" for number in (0, 1, 3, 4, 5, 6, 7, 8)),
    *(f"iso8859_{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
}
_GUESSED = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp874", "koi8_r"),
    *("iso8859_2", "cp866", "cp932", "euc_jp", "gb18030", "big5hkscs", "cp949"),
]
# What a guess is made from: enough for its statistics, little enough for its time.
_SAMPLE = 1 << 16
_HEAD = 4096
# Categories of Unicode: control, unassigned, private, surrogate.
_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})

# Text has next to none of these; of random or packed bytes they are a tenth.
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_MOST_CONTROL = 0.02

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff]")
_NEWLINE = re.compile(r"\r\n?|[\x0c\u2028\u2029]")
# Not in Unicode text, but these bytes are quotes and dashes in windows-1252.
_C1 = re.compile(r"[\x80-\x9f]")
# Bytes that are not UTF-8, as the error handler "surrogateescape" writes them.
_ESCAPED = re.compile(r"[\udc80-\udcff]+")
# What text encoded twice cannot do without: "â€™", "Ã©", "Â " (the space was no-break).
_TWICE = re.compile(r"[^\x00-\x7f]{2}|[ÂÃ] ")


def decode(content: bytes, charset: str | None = None) -> str | None:
    """The text that the bytes hold, for `tidy`; None if they are not text.

    charset: what is declared beside them, by any of its names
    """
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return content.decode(encoding, "replace")
    if wide := utf_16(content):
        return content.decode(wide, "replace")
    filled = content.rstrip(b"\0")  # a disk that failed leaves blocks of zeros at the end
    control = len(filled) - len(filled.translate(None, _CONTROL_BYTES))
    if control > _MOST_CONTROL * len(filled):
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_other(content, charset)


def utf_16(content: bytes) -> str | None:
    """Which UTF-16 text is in, by its byte order mark or its zeros; None if it is in another.

    Without a mark: every other byte of ASCII characters is zero, as in no other text.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = content[: _HEAD - _HEAD % 2]
    zeros = head[0::2].count(0), head[1::2].count(0)
    if min(zeros) * 10 > max(zeros) or max(zeros) * 20 < len(head):
        return None
    encoding = "utf-16-le" if zeros[1] else "utf-16-be"
    # The last character may be cut in two.
    text = head.decode(encoding, "replace")[:-1]
    readable = all(each.isspace() or unicodedata.category(each) not in _NO_TEXT for each in text)
    return encoding if text and readable and "\ufffd" not in text else None


def _decode_other(content: bytes, charset: str | None) -> str:
    """Text that is not all UTF-8: of another encoding, or of two, a line in each."""
    text = content.decode("utf-8", "surrogateescape")
    encoding = _honoured(charset or "") or declared(content) or _guess(text)
    if encoding in _MULTIBYTE:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            pass

    def other(found: str) -> str:
        return found.encode("utf-8", "surrogateescape").decode(encoding, "replace")

    def decoded(line: str) -> str:
        mixed = _is_mostly_utf_8(line)
        return _ESCAPED.sub(lambda run: other(run[0]), line) if mixed else other(line)

    return _mend(text, _ESCAPED, decoded)


def declared(content: bytes) -> str | None:
    """The encoding that a page or XML declares, as Python calls it, if it is one of the web's."""
    found = _DECLARED.search(content[:_HEAD])
    return _honoured(found[1].decode("ascii", "replace")) if found else None


def _honoured(charset: str) -> str | None:
    label = normalize_encoding(charset).lower()
    name = aliases.get(label, label)
    encoding = _READ_AS.get(name, name)
    return encoding if encoding in _HONOURED else None


def _guess(text: str) -> str:
    """The likeliest encoding of the first lines that are not UTF-8.

    Windows-1252, which the web's unlabelled pages are in, wins a tie.
    """
    lines = (text[start:stop] for start, stop in _lines_with(_ESCAPED, text))
    sample = "\n".join(islice((each for each in lines if not _is_mostly_utf_8(each)), 200))
    content = sample[:_SAMPLE].encode("utf-8", "surrogateescape")
    if told := by_letters(content):
        return told
    found = [
        (match.chaos, -match.coherence, "cp1252" not in match.could_be_from_charset, match.encoding)
        for match in from_bytes(content, cp_isolation=_GUESSED)
    ]
    _, _, other, encoding = min(found, default=(0, 0, False, "cp1252"))
    return encoding if other else _WESTERN


def _is_mostly_utf_8(line: str) -> bool:
    """Whether most non-ASCII bytes of a line are UTF-8, and the rest broken or pasted in.

    In another encoding hardly any two bytes in a row look like UTF-8.
    """
    broken = sum(len(run) for run in _ESCAPED.findall(line))
    return len(line.encode("ascii", "ignore")) + 2 * broken < len(line)


def _lines_with(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Where the lines begin and end in which a pattern is found."""
    stop = 0
    while found := pattern.search(text, stop):
        start = max(text.rfind("\n", stop, found.start()) + 1, stop)
        stop = text.find("\n", found.end())
        stop = len(text) if stop < 0 else stop
        yield start, stop


def _mend(text: str, pattern: re.Pattern[str], mend: Callable[[str], str]) -> str:
    """The text with each line mended in which a pattern is found."""
    mended, done = StringIO(newline=""), 0
    for start, stop in _lines_with(pattern, text):
        mended.write(text[done:start])
        mended.write(mend(text[start:stop]))
        done = stop
    mended.write(text[done:])
    return mended.getvalue()


def tidy(text: str) -> str:
    """Text as it is seen: `\n` line ends, no mojibake, no characters that are not of the text.

    Neither control characters, broken surrogates, soft hyphens nor zero-width spaces are left.
    """
    if not text.isascii():
        text = _mend(text.encode("utf-8", "replace").decode("utf-8"), _TWICE, _once)
        text = _C1.sub(lambda found: found[0].encode("latin-1").decode("cp1252", "ignore"), text)
    text = _CONTROL.sub("", _NEWLINE.sub("\n", text))
    # Last, since half of a letter that was encoded twice may be a soft hyphen.
    return text if text.isascii() else seen(text)


def _once(line: str) -> str:
    """The line, decoded once more if it was clearly encoded twice."""
    if BADNESS_RE.search(line) is None:
        return line
    fixed = fix_encoding(line)
    return fixed if badness(fixed) < badness(line) else line
