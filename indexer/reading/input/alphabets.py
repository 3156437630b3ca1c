"""Which encoding a short text is in, by the letters of its language: statistics need more words.

Read in a wrong encoding, a text has letters that no one language has together: "pøístav zùstane".
"""

import re

WESTERN = "sloppy-windows-1252"
_CENTRAL = (
    "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "ąćęłńóśźż", "áéíóöőúüű", "čćđšž", "ăâîşţ",
)  # fmt: skip
# The letters beyond ASCII of each language that is written in an encoding; of two that fit the
# first is likelier.
_ALPHABETS = {
    WESTERN: (
        "àâçéèêëîïôœùûü", "äöüß", "áéíóúüñ", "àèéìòù", "áâãàçéêíóôõú", "æøåé", "åäöé", "éèëïóöü",
        "áéíóúýþæöð", "àçéèíïóòúü", "äõöüšž", "áâçéèêíïñóôöü",
    ),
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "cp1254": ("çğıöşüâîû",),
}  # fmt: skip
# What stands in western texts beside letters, and is one elsewhere: "£5", "40 m³", "3½", "¿Qué".
_SYMBOLS = re.compile(
    r"[£¥±]\s?(?=\d)|(?<=\d)\s?[£¥¢ªº¼½¾¹²³]|(?<=\b[kcdm]m)[²³]|(?<=\bm)[²³]"
    r"|(?<!\w)[¿¡](?=[A-ZÁÉÍÓÚÑ])"
)
_PUNCTUATION = frozenset("€‚„…†‡‰‹›‘’“”•–—™ §©«»°·\xa0\xad")
# Of scripts other than Latin, letters stand together, and apart from those of ASCII.
_OF_OTHER_SCRIPTS = re.compile(
    r"[^\x00-\x7f]{4}|(?<![A-Za-z\x80-\U0010ffff])[^\x00-\x7f]{2,3}(?![A-Za-z])"
)


def by_letters(content: bytes) -> str | None:
    """The one encoding in which the letters of a text are those of a language; else None."""
    western = _letters(content, WESTERN)
    if not western:
        return WESTERN
    plain = "".join(" " if each in _PUNCTUATION else each for each in content.decode(WESTERN))
    if _OF_OTHER_SCRIPTS.search(plain):
        return None
    fits = [
        name
        for name, alphabets in _ALPHABETS.items()
        if any(_letters(content, name) <= frozenset(each) for each in alphabets)
    ]
    readings = {content.decode(name) for name in fits}
    # What both encodings of Central Europe allow is nearly the same in both.
    return fits[0] if len(readings) == 1 or fits == ["cp1250", "iso8859_2"] else None


def _letters(content: bytes, encoding: str) -> frozenset[str]:
    """What a text has beyond ASCII, less punctuation."""
    text = content.decode(encoding, "replace")
    if encoding == WESTERN:
        text = _SYMBOLS.sub("", text)
    return frozenset(each for each in text.lower() if not each.isascii()) - _PUNCTUATION
