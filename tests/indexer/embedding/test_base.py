"""What embedders share: batches, padding, and what of the model's output is the query's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.arrays import Int64
from indexer.embedding.base import QueryVectors, batches_by_length, pad
from indexer.embedding.tokenizer import TokenizedPassage, TokenizedQuery


def _passages(lengths: list[int]) -> list[TokenizedPassage]:
    none = np.zeros((0, 2), np.int64)
    return [TokenizedPassage(np.zeros(length, np.int64), 0, 0, none) for length in lengths]


def test_the_longest_come_first_and_equals_in_their_order() -> None:
    batches = list(batches_by_length(_passages([3, 9, 5, 9, 1]), 2))
    assert batches == [[1, 3], [2, 0], [4]]
    assert list(batches_by_length([], 2)) == []


@given(st.lists(st.integers(0, 9)), st.integers(1, 9))
def test_each_passage_is_in_one_batch(lengths: list[int], size: int) -> None:
    batches = list(batches_by_length(_passages(lengths), size))
    order = [place for batch in batches for place in batch]
    assert sorted(order) == list(range(len(lengths)))
    assert [lengths[place] for place in order] == sorted(lengths, reverse=True)
    assert all(len(batch) == size for batch in batches[:-1])


@pytest.mark.parametrize("width", [None, 3, 5])
def test_padding_is_on_the_right_and_masked(width: int | None) -> None:
    rows: list[Int64] = [np.array([7, 8, 9]), np.array([5]), np.array([6, 4])]
    ids, mask = pad(rows, width)
    more = [0] * ((width or 3) - 3)
    assert ids.tolist() == [[7, 8, 9, *more], [5, 0, 0, *more], [6, 4, 0, *more]]
    assert mask.tolist() == [[1, 1, 1, *more], [1, 0, 0, *more], [1, 1, 0, *more]]
    assert ids.dtype == mask.dtype == np.int64


def test_a_query_keeps_the_vectors_of_its_own_tokens() -> None:
    # [CLS] prompt, two words of one and two tokens, [SEP]
    query = TokenizedQuery(
        ids=np.array([2, 50, 61, 72, 73, 3]),
        own=np.array([2, 3, 4]),
        words=np.array([1, 2, 2]),
        offsets=np.array([[0, 3], [4, 6], [6, 8]]),
    )
    tokens = np.arange(12, dtype=np.float32).reshape(6, 2)
    vector = np.array([0.6, 0.8], np.float32)
    found = QueryVectors.of(query, vector, tokens)
    assert found.tokens.tolist() == [[4, 5], [6, 7], [8, 9]]
    assert found.token_ids.tolist() == [61, 72, 73]
    assert found.words.tolist() == [1, 2, 2]
    assert found.offsets.tolist() == [[0, 3], [4, 6], [6, 8]]
    assert found.vector is vector
