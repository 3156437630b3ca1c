"""Exact search: the best of some scores, ties by number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.storage.exact import ExactVectors, best


def test_best_of_none() -> None:
    numbers, scores = best(np.zeros(0, np.int64), np.zeros(0, np.float32), 5)
    assert (len(numbers), len(scores)) == (0, 0)


@pytest.mark.parametrize(
    ("limit", "expected"), [(0, []), (1, [3]), (2, [3, 1]), (3, [3, 1, 5]), (9, [3, 1, 5, 9, 2])]
)
def test_ties_by_number(limit: int, expected: list[int]) -> None:
    numbers = np.array([5, 3, 9, 1, 2], np.int64)
    scores = np.array([0.5, 0.75, 0.5, 0.5, -1], np.float32)
    found = best(numbers, scores, limit)
    assert found.passages.tolist() == expected
    by_number = dict(zip(numbers.tolist(), scores.tolist(), strict=True))
    assert found.scores.tolist() == [by_number[number] for number in expected]


@given(
    st.dictionaries(st.integers(0, 99), st.sampled_from([-1, 0, 0.25, 0.5, 1]), max_size=30),
    st.integers(0, 31),
)
def test_the_best_are_the_first_of_all_sorted(scores: dict[int, float], limit: int) -> None:
    found = best(np.array([*scores], np.int64), np.array([*scores.values()], np.float32), limit)
    expected = sorted(scores, key=lambda number: (-scores[number], number))[:limit]
    assert found.passages.tolist() == expected
    assert found.scores.tolist() == [scores[number] for number in expected]
    assert found.passages.dtype == np.int64
    assert found.scores.dtype == np.float32


def test_every_vector_is_compared() -> None:
    vectors = np.array([[1, 0], [0, 1], [-1, 0], [0.6, 0.8], [0, 1]], np.float32)
    store, query = ExactVectors(vectors), np.array([0, 1], np.float32)
    assert len(store) == 5
    found = store.search(query, 5)
    assert found.passages.tolist() == [1, 4, 3, 0, 2]
    np.testing.assert_allclose(found.scores, [1, 1, 0.8, 0, 0])
    assert store.search(query, 2, np.array([1, 0, 1, 1, 1], np.bool_)).passages.tolist() == [4, 3]
    assert store.search(query, 9, np.array([1, 0, 1, 0, 0], np.bool_)).passages.tolist() == [0, 2]
    assert store.search(query, 9, np.zeros(5, np.bool_)).passages.tolist() == []
