"""From bytes to text: a declared encoding if it holds, else UTF-8, else the likeliest guess."""

import codecs
import re

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_NEWLINE = re.compile(r"\r\n?|[\x0c\x85\u2028\u2029]")

# What a guess is made from: enough for its statistics, little enough for its time.
_SAMPLE = 1 << 16


def decode(content: bytes) -> str | None:
    """Text with `\\n` line ends and no control characters; None if the bytes are not text.

    Order of trust: byte order mark, UTF-8 if it decodes, the charset of an HTML `meta`, then
    charset-normalizer's guess, then windows-1252, in which the web's unlabelled pages mostly are.
    """
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return tidy(content.decode(encoding, "replace"))
    if b"\x00" in content[:4096]:
        return None
    try:
        return tidy(content.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    if declared := _META_CHARSET.search(content[:4096]):
        try:
            return tidy(content.decode(declared[1].decode("ascii")))
        except (LookupError, UnicodeError):
            pass
    return tidy(_guess(content))


def _guess(content: bytes) -> str:
    # Bytes that are UTF-8 but for a few broken places are UTF-8: a guess would spoil all the rest.
    repaired = content.decode("utf-8", "replace")
    non_ascii = sum(character > "\x7f" for character in repaired)
    if repaired.count("\ufffd") * 10 < non_ascii:
        return repaired
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        best = from_bytes(content[:_SAMPLE]).best()
        return content.decode(best.encoding if best else "cp1252", "replace")


def tidy(text: str) -> str:
    """Text with `\\n` line ends, no control characters and no broken surrogates."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return _CONTROL.sub("", _NEWLINE.sub("\n", text))
