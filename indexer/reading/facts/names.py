"""Names in running text: people, places and organisations, found by their capital letters.

Only words inside a sentence are looked at, since the first one has a capital whatever it is. In
text that is all capitals, or in a script without them, no names are found.
"""

import re

from indexer.day_words import MONTHS, WEEKDAYS

# Capitalised words of a name at most; longer runs are headings and lists.
MOST_WORDS = 4
# Characters of a name at most.
LONGEST_NAME = 80


_CAPITAL = f"[{''.join(filter(str.isupper, map(chr, range(0x10000))))}]"
_ABBREVIATED = (
    r"(?:(?<=\bMr|\bMs|\bDr|\bSt|\bLt)|(?<=\bMrs|\bSen|\bRep|\bGov|\bGen|\bSgt|\bCol|\bRev)"
    r"|(?<=\bCapt|\bProf))\."
)
# "U.S.", "Gov.", "AT&T", "Al-Assad", "O’Brien"; of "Biden's" the name.
_WORD = rf"{_CAPITAL}(?:\.(?:{_CAPITAL}\.)*|\w*(?:{_ABBREVIATED}|(?:[-&]\w+|['’]{_CAPITAL}\w+)*))"
_INSIDE = r"(?:of|for|the|de|la|del|da|di|du|al|el|bin|ibn|von|van|der|den|le)"
_NAME = rf"{_WORD}(?:(?: {_INSIDE}){{0,2}} {_WORD})*"
# What follows "and" may be half a name: "Food and Drug Administration". A space comes first: it
# is found faster than any class of letters.
_RUN = re.compile(rf" (?<=[\w,;] )({_NAME})(?: and {_NAME})?")
_OPENING = "“\"‘'("
# Before a person's name; what stands before it in turn is of the office.
_TITLES = frozenset(
    {"president", "minister", "premier", "chancellor", "gov", "governor", "sen", "senator", "rep"}
    | {"mayor", "sheriff", "coach", "ceo", "mr", "mrs", "ms", "dr", "lt", "gen", "sgt", "col"}
    | {"capt", "rev", "prof", "professor"}
)
# Capitalised in English, and no names.
_DAYS = frozenset([*WEEKDAYS, *MONTHS])
# Of a people, a party or a language, when they stand alone.
_ADJECTIVE = re.compile(
    r"(?:ian|[pr]ean|ish|ese|rican|xican|blican|crat|cratic)s?$|^(?:french|germans?|greeks?|dutch)$"
)


def names_in(text: str) -> set[str]:
    """The names in a text, as they are written there, without titles and the possessive."""
    runs = set()
    for found in _RUN.finditer(text):
        start = found.start()
        space = text.rfind(" ", 0, start)
        before = text[max(space, text.rfind("\n", space + 1, start)) + 1 : start]
        # After a capitalised word it is the rest of a run that a sentence begins with.
        if not before.lstrip(_OPENING)[:1].isupper():
            runs.add(found[1])
    return {name for run in runs if (name := _name(run))}


def _name(run: str) -> str | None:
    words = run.split(" ")
    keys = [word.casefold().rstrip(".") for word in words]
    first = max((i + 1 for i, key in enumerate(keys) if key in _TITLES), default=0)
    while first < len(words) and not words[first][0].isupper():
        first += 1
    words, keys = words[first:], keys[first:]
    if not words or sum(word[0].isupper() for word in words) > MOST_WORDS or keys[0] in _DAYS:
        return None
    if len(words) == 1 and (len(keys[0]) < 2 or _ADJECTIVE.search(keys[0])):
        return None
    name = " ".join(words)
    return name if len(name) <= LONGEST_NAME else None
