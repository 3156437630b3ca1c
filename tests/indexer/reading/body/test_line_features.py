"""What the lines of a page look like, in numbers that can be checked by hand."""

import numpy as np
import pytest

from indexer.reading.body.line_features import LONGEST_VIEW, describe_lines, weighted

LINES = [
    "Ferry sinks",
    "The ferry to Lowick sank in the harbour on Monday, and all came ashore.",
    "Share",
    "Nobody was hurt, the harbour master wrote to the council of the island…",
    "Share",
]


def test_a_line_by_itself() -> None:
    page = describe_lines([LINES])
    assert page.lengths.tolist() == [len(line) for line in LINES]
    # A sentence of eight words or more, with a full stop or an ellipsis.
    assert page.prose.tolist() == [False, True, False, True, False]
    assert page.repeated.tolist() == [0, 0, 1, 0, 1]
    # "share" is of a page's frame; two short lines of five have it.
    assert page.framed == pytest.approx(2 / 5)


def test_words_that_the_page_has_twice() -> None:
    page = describe_lines([LINES])
    # "ferry" in the first two lines, "harbour" in two of the others.
    assert page.lines.tolist() == [0, 1, 1, 3]
    ferry, again, harbour, harbour_again = page.stems.tolist()
    assert ferry == again != harbour == harbour_again
    assert page.lines_with.tolist() == [2, 2, 2, 2]
    # Ferry, sinks; "share" is a listed word and does not count.
    assert page.words[[0, 2]].tolist() == [2, 0]


def test_a_line_looks_the_same_in_any_place() -> None:
    page = describe_lines([["Ferry sinks", *LINES[1:3], "Ferry sinks."]])
    other = describe_lines([[*LINES[1:3], "Ferry sinks", "Ferry sinks."]])
    own = 40  # of a line itself; what follows is of its surroundings
    assert page.shape[0, :own].tolist() == other.shape[2, :own].tolist()
    assert page.shape[0, :own].tolist() != page.shape[3, :own].tolist()
    assert page.shape[0].tolist() != other.shape[2].tolist()
    np.testing.assert_allclose(page.shape[:, 0], np.log1p(page.lengths) / 4, rtol=1e-6)


def test_where_the_body_stands() -> None:
    page = describe_lines([LINES])
    weights = np.array([0, 1, 0, 1, 0], np.float32)
    found = weighted(page, weights)
    assert found[:, 0].tolist() == weights.tolist()
    # The lines before and after, and beyond the page none.
    assert found[:, 1].tolist() == [0, 0, 1, 0, 1]
    assert found[:, 2].tolist() == [1, 0, 1, 0, 0]
    above, below = found[:, 7], found[:, 8]
    assert above[0] == 0
    assert below[-1] == pytest.approx(0)
    np.testing.assert_allclose(above[2] + below[2], 1, rtol=1e-6)


def test_a_page_looks_the_same_beside_others() -> None:
    pages = [LINES, ["…", "—"], [*LINES[3:], *LINES[:2]], ["Ferry sinks"], LINES[:3]]
    together = describe_lines(pages)
    weights = np.linspace(1, 0, len(together.lengths), dtype=np.float32)
    found = weighted(together, weights)
    for number, (page, span) in enumerate(zip(pages, together.places.spans, strict=True)):
        alone = describe_lines([page])
        assert together.shape[span].tolist() == alone.shape.tolist()
        assert found[span].tolist() == weighted(alone, weights[span]).tolist()
        assert together.framed[number] == alone.framed[0]
        _, lines = together.words_of(span)
        assert lines.tolist() == alone.lines.tolist()


def test_no_body_and_no_words() -> None:
    page = describe_lines([["…", "—"]])
    assert np.isfinite(weighted(page, np.zeros(2, np.float32))).all()


def test_a_long_line_is_measured_whole_and_viewed_in_part() -> None:
    read = describe_lines([["x" * (LONGEST_VIEW * 4), "short"]])
    assert read.lengths.tolist() == [LONGEST_VIEW * 4, 5]
    assert np.isfinite(read.shape).all()
