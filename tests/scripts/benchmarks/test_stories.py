"""Made copies: what each kind does to a text, and what texts have in common."""

import random

import pytest

from indexer.article import Article
from scripts.benchmarks.stories import IN_COMMON, in_common
from scripts.benchmarks.variants import BOILERPLATE, VARIANTS, edited, paragraphs, shortened

TEXT = "\n\n".join(" ".join(f"w{number}x{i}" for i in range(20)) + "." for number in range(10))
WORDS = [f"other{i}" for i in range(50)]


@pytest.mark.parametrize("kind", VARIANTS)
def test_a_copy_is_another_text_and_the_same_every_time(kind: str) -> None:
    first, again = (VARIANTS[kind](TEXT, random.Random(1), WORDS) for _ in range(2))
    assert first == again
    assert (first != TEXT) == (kind != "entities left over")
    assert first.split()


def test_what_copies_keep() -> None:
    some = random.Random(1)
    half = VARIANTS["paragraphs cut to 50%"](TEXT, some, WORDS)
    assert set(half.split()) < set(TEXT.split())
    assert len(half.split()) == 100
    assert VARIANTS["first half"](TEXT, some, WORDS) == "\n\n".join(TEXT.split("\n\n")[:5])
    reordered = VARIANTS["paragraphs reordered"](TEXT, some, WORDS)
    assert sorted(reordered.split("\n\n")) == sorted(TEXT.split("\n\n"))
    added = VARIANTS["boilerplate added"](TEXT, some, WORDS)
    assert TEXT in added
    assert sum(each in added for each in BOILERPLATE) == 2
    entities = VARIANTS["entities left over"]("It’s A and B. So.", some, WORDS)
    assert entities == "It&#8217;s A &amp; B.&nbsp; So."


def test_the_share_of_edited_words() -> None:
    assert edited(TEXT, random.Random(1), WORDS, 0) == TEXT
    lost = set(TEXT.split()) - set(edited(TEXT, random.Random(1), WORDS, 0.3).split())
    assert 0.1 < len(lost) / len(TEXT.split()) < 0.3  # a third of the edits only adds a word


def test_cutting() -> None:
    assert shortened("a b\n\nc d e", 3) == "a b\n\nc"
    assert shortened("a b\n\nc d e", 99) == "a b\n\nc d e"
    assert paragraphs("One. Two! Three?") == ["One.", "Two!", "Three?"]
    assert len(paragraphs(TEXT)) == 10


def test_text_in_common() -> None:
    whole = Article("a", "", TEXT)
    half = Article("b", "", "\n\n".join([*TEXT.split("\n\n")[:5], BOILERPLATE[0]]))
    other = Article("c", "", " ".join(WORDS))
    articles = [whole, half, other]
    assert in_common(articles, 0, 1) == 1
    assert in_common(articles, 0, 2) < IN_COMMON
