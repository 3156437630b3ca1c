"""Made copies of an article: what becomes of a report between the agency and a hundred sites.

Each kind is a function of a text, a source of chance and words to edit with.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

Vary = Callable[[str, Random, Sequence[str]], str]

BOILERPLATE = (
    "This website uses cookies to improve your experience. By continuing to browse you agree to "
    "our use of cookies and to our privacy policy, which explains what data we keep, for how long, "
    "and with which partners it is shared.",
    "The views expressed here are those of the writer alone and need not be those of the "
    "newspaper, its owners or its advertisers. Nothing on this page is financial, legal or medical "
    "advice, and readers should ask a professional before acting on it.",
    "Support local journalism: subscribe today and get the first three months for the price of "
    "one. Subscribers read without limits on every device, receive the weekend supplement, and may "
    "cancel at any time in the account settings.",
)
# A text with fewer paragraphs is cut and reordered by its sentences.
_FEW = 4


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, or its sentences if there are few."""
    found = [each for each in re.split(r"\n\s*\n", text) if each.strip()]
    return found if len(found) >= _FEW else sentences(text)


def sentences(text: str) -> list[str]:
    """The sentences of a text, roughly."""
    return re.split(r"(?<=[.!?])\s+", text)


def shortened(text: str, words: int) -> str:
    """The first words of a text, its paragraphs kept."""
    kept: list[str] = []
    for each in re.split(r"\n\s*\n", text):
        kept.append(" ".join(each.split()[:words]))
        words -= len(each.split())
        if words <= 0:
            break
    return "\n\n".join(kept)


def edited(text: str, some: Random, vocabulary: Sequence[str], share: float) -> str:
    """A share of the words replaced, deleted, or followed by another."""
    changed: list[str] = []
    for paragraph in text.split("\n\n"):
        words: list[str] = []
        for word in paragraph.split():
            kind = some.randrange(3) if some.random() < share else -1
            if kind != 0:
                words.append(some.choice(vocabulary) if kind == 1 else word)
            if kind == 2:
                words.append(some.choice(vocabulary))
        changed.append(" ".join(words))
    return "\n\n".join(changed)


def _cut(text: str, some: Random, _: Sequence[str], keep: float) -> str:
    """Paragraphs left out anywhere, until only so much is left."""
    parts = paragraphs(text)
    lengths = [len(part.split()) for part in parts]
    left, dropped = sum(lengths), set()
    for i in some.sample(range(len(parts)), len(parts)):
        if left - lengths[i] >= keep * sum(lengths):
            left -= lengths[i]
            dropped.add(i)
    return "\n\n".join(part for i, part in enumerate(parts) if i not in dropped)


def _beginning(text: str, _: Random, __: Sequence[str]) -> str:
    return shortened(text, len(text.split()) // 2)


def _reordered(text: str, some: Random, _: Sequence[str]) -> str:
    parts = paragraphs(text)
    return "\n\n".join(some.sample(parts, len(parts)))


def _mixed(text: str, some: Random, _: Sequence[str]) -> str:
    parts = sentences(text)
    return " ".join(some.sample(parts, len(parts)))


def _rewritten(text: str, some: Random, vocabulary: Sequence[str]) -> str:
    """Three sentences in ten are others."""
    return " ".join(
        " ".join(some.choice(vocabulary) for _ in each.split()) if some.random() < 0.3 else each
        for each in sentences(text)
    )


def _framed(text: str, some: Random, _: Sequence[str]) -> str:
    before, after = some.sample(BOILERPLATE, 2)
    return f"{before}\n\n{text}\n\n{after}"


def _same(text: str, some: Random, _: Sequence[str]) -> str:
    spaced = some.choice((str.upper, str.lower, lambda t: "\n".join(t.split())))(text)
    return f"By A. Writer\n\n{spaced}" if some.random() < 0.5 else f"  {spaced}\n"


def _entities(text: str, _: Random, __: Sequence[str]) -> str:
    text = text.replace("’", "'").replace("'", "&#8217;")
    return text.replace(" and ", " &amp; ").replace(". ", ".&nbsp; ")


def _in_turn(*steps: Vary) -> Vary:
    def vary(text: str, some: Random, vocabulary: Sequence[str]) -> str:
        for step in steps:
            text = step(text, some, vocabulary)
        return text

    return vary


_EDITED_10, _EDITED_20, _EDITED_30 = (partial(edited, share=share) for share in (0.1, 0.2, 0.3))
_CUT_75, _CUT_50 = (partial(_cut, keep=keep) for keep in (0.75, 0.5))

VARIANTS: dict[str, Vary] = {
    "same text: case, space, byline": _same,
    "entities left over": _entities,
    "paragraphs cut to 75%": _CUT_75,
    "paragraphs cut to 50%": _CUT_50,
    "first half": _beginning,
    "paragraphs reordered": _reordered,
    "sentences reordered": _mixed,
    "10% of words edited": _EDITED_10,
    "20% of words edited": _EDITED_20,
    "30% of words edited": _EDITED_30,
    "30% of sentences rewritten": _rewritten,
    "boilerplate added": _framed,
    "20% edited, boilerplate": _in_turn(_EDITED_20, _framed),
    "cut to 75%, 20% edited": _in_turn(_CUT_75, _EDITED_20),
    "cut to 50%, 30% edited": _in_turn(_CUT_50, _EDITED_30),
    "sentences reordered, 30% edited": _in_turn(_mixed, _EDITED_30),
    "cut to 75%, reordered, 30% edited, boilerplate": _in_turn(
        _CUT_75, _mixed, _EDITED_30, _framed
    ),
}
