"""Fusion against sums by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.ranking.fusion import Ranking, fuse, min_max


def _ranking(scores: dict[int, float], weight: float) -> Ranking:
    ordered = sorted(scores.items(), key=lambda item: -item[1])
    return Ranking(
        np.array([number for number, _ in ordered], np.int64),
        np.array([score for _, score in ordered], np.float32),
        weight,
    )


def test_by_hand() -> None:
    dense = _ranking({7: 0.9, 2: 0.5, 4: 0.1}, 0.25)
    lexical = _ranking({4: 12.0, 9: 8.0, 7: 4.0}, 0.75)
    passages, scores = fuse([dense, lexical])
    assert passages.tolist() == [2, 4, 7, 9]
    assert scores.tolist() == pytest.approx([0.125, 0.75, 0.25, 0.375])


def test_an_empty_ranking_adds_nothing() -> None:
    passages, scores = fuse([_ranking({3: 2.0, 5: 1.0}, 0.5), _ranking({}, 0.5)])
    assert (passages.tolist(), scores.tolist()) == ([3, 5], [0.5, 0.0])
    passages, scores = fuse([_ranking({}, 0.5), _ranking({}, 0.5)])
    assert (len(passages), len(scores)) == (0, 0)


def test_equal_scores_are_all_best() -> None:
    assert min_max(np.array([4, 4], np.float32)).tolist() == [1, 1]
    assert min_max(np.array([4], np.float32)).tolist() == [1]


@given(
    st.lists(
        st.dictionaries(st.integers(0, 30), st.floats(-100, 100, width=16), max_size=20),
        min_size=1,
        max_size=3,
    )
)
def test_every_candidate_once_from_0_to_the_sum_of_weights(lists: list[dict[int, float]]) -> None:
    passages, scores = fuse([_ranking(scores, 0.5) for scores in lists])
    assert passages.tolist() == sorted(set().union(*lists))
    assert np.all(scores >= 0)
    assert np.all(scores <= 0.5 * len(lists) + 1e-6)
