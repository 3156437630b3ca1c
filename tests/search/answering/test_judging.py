"""How sure an answer is, and what is said of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.answering.judging import ASSERTED, DENIED, answerable, probability

ODDS = st.floats(-12, 12)
CONFIDENCE = st.one_of(st.none(), st.floats(0, 1))


@given(ODDS, CONFIDENCE)
def test_a_probability(odds: float, confidence: float | None) -> None:
    assert 0 <= probability(odds, confidence) <= 1


@given(ODDS, ODDS, CONFIDENCE)
def test_higher_odds_are_never_less_probable(
    one: float, other: float, confidence: float | None
) -> None:
    low, high = sorted((one, other))
    assert probability(low, confidence) <= probability(high, confidence)


def test_standing_out_counts_and_unknown_is_even() -> None:
    assert probability(0, 0.1) < probability(0, None) == probability(0, 0.5) < probability(0, 0.9)
    assert probability(0, 0.0) == probability(0, 0.01)


@pytest.mark.parametrize(
    ("confidence", "said"),
    [
        (1.0, True),
        (ASSERTED, True),
        (ASSERTED - 0.01, None),
        (DENIED, None),
        (DENIED - 0.01, False),
    ],
)
def test_what_is_said(confidence: float, said: bool | None) -> None:
    assert answerable(confidence) is said
