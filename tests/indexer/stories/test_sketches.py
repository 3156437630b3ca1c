"""Sketches: how much of a text another shares, told from little."""

import time
from dataclasses import replace

import numpy as np
import pytest

from indexer.stories.sketches import LONGEST, PAD, PARTS, SKETCH, Sketches, overlap, sketch
from tests.support.reports import NOTICE, article, copies_of, edited, report


def test_a_text_without_end_takes_no_longer() -> None:
    for text in ("a" * 10**7, "&" * 10**6, "a " * 10**6, "by " + "x" * 10**6, "\n" * 10**6):
        begin = time.process_time()
        found = sketch(article("a", text))
        assert len(found.hashes) <= SKETCH
        assert time.process_time() - begin < 2
    text = report(1, 3000)
    assert len(text) > LONGEST
    assert copies_of(text, f"{text} more") == [0, 0]


def test_overlap_is_symmetric_and_one_for_a_text_and_itself() -> None:
    texts = [report(1, 200), report(1, 40), edited(report(1, 200), 2, 0.3), report(2)]
    sketches = Sketches(len(texts))
    for number, text in enumerate(texts):
        sketches.put(number, sketch(article("a", text)))
    one, other = np.array([0, 0, 0, 0]), np.array([0, 1, 2, 3])
    found = overlap(sketches, one, other)
    assert np.array_equal(found, overlap(sketches, other, one)[:, ::-1])
    assert found[0].tolist() == [1, 1]
    assert found[1].max() > 0.9
    assert found[1].min() < 0.4
    assert found[2].min() > 0.8
    assert found[3].max() < 0.1


# Words enough to be read without the headline.
LONG = " ".join(f"word{number}" for number in range(40))


@pytest.mark.parametrize(
    "printed",
    [
        LONG.upper(),
        LONG.replace(" ", ",\n\n — ") + "…”",
        LONG.replace(" ", "&nbsp;"),
        f"\u2003{LONG}!",
    ],
)
def test_case_space_punctuation_and_entities_do_not_count(printed: str) -> None:
    one, other = sketch(article("a", LONG)), sketch(article("b", printed))
    assert one.text == other.text != 0
    assert one.hashes.tolist() == other.hashes.tolist()
    assert one.parts.tolist() == other.parts.tolist()
    assert sketch(article("c", f"{LONG} more")).text != one.text


def test_headline_and_byline_above_a_text_are_not_the_text() -> None:
    bare = sketch(article("a", LONG, "Ferry sold"))
    headed = sketch(article("b", f"Ferry sold\nBy A. Writer\n{LONG}", "Ferry sold"))
    assert headed.text == bare.text
    # But what is shared with another text is.
    assert len(headed.hashes) == len(bare.hashes) + 5


def test_each_eighth_of_a_text_is_a_part() -> None:
    # Of 18 words in 16 shingles, and too few words to be read without the headline, which is none.
    words = [f"word{number}" for number in range(18)]
    found = sketch(article("a", " ".join(words)))
    assert sorted(found.parts.tolist()) == [part for part in range(PARTS) for _ in range(2)]
    assert np.all(np.diff(found.hashes.astype(np.int64)) > 0)
    fewer = sketch(article("b", "only two"))
    assert (len(fewer.hashes), fewer.parts.tolist()) == (1, [0])


def test_a_short_text_is_read_with_its_headline() -> None:
    short = "Photographs of the day."
    alone = sketch(article("a", short))
    assert sketch(article("b", short, "The choir in May")).text != alone.text
    made = replace(article("c", short, "The choir in May"), title_made=True)
    assert sketch(made).text == alone.text
    nothing = sketch(article("d", "… — !"))
    assert (nothing.text, nothing.stray, len(nothing.hashes)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("headline", "text", "stray"),
    [
        ("Glacier loses ten metres", NOTICE, True),
        ("Readers are reminded of prices", NOTICE, False),
        ("", NOTICE, False),
        ("A on to by", NOTICE, False),
        ("Glacier loses ten metres", report(1, 60), False),
        ("Glacier loses ten metres", "Sold out.", False),
    ],
)
def test_a_headline_that_has_nothing_to_do_with_a_short_text(
    headline: str, text: str, stray: bool
) -> None:
    assert (sketch(article("a", text, headline)).stray != 0) == stray


def test_room_for_articles_without_a_word() -> None:
    sketches = Sketches(2)
    sketches.put(1, sketch(article("a", "only two")))
    assert sketches.hashes.shape == sketches.parts.shape == (2, SKETCH)
    assert (sketches.hashes[0] == PAD).all()
    assert (sketches.hashes[1] == PAD).sum() == SKETCH - 1
    assert (sketches.texts > 0).tolist() == [False, True]
