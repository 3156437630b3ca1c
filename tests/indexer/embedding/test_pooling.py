"""Token pooling, held to average linkage by its definition, a sentence at a time."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.arrays import Float32, Int64
from indexer.embedding.pooling import CUT, pool


def by_definition(tokens: Float32) -> list[list[int]]:
    """The clusters of one sentence: the nearest two are joined for as long as they are near."""
    clusters = [[i] for i in range(len(tokens))]
    unit = tokens.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    apart = 1 - unit @ unit.T

    def distance(pair: tuple[int, int]) -> float:
        one, other = (clusters[each] for each in pair)
        return float(np.mean(apart[np.ix_(one, other)]))

    while len(clusters) > 1:
        nearest = min(combinations(range(len(clusters)), 2), key=distance)
        if distance(nearest) > CUT:
            break
        clusters[nearest[0]] += clusters.pop(nearest[1])
    return sorted(sorted(each) for each in clusters)


@st.composite
def passages(draw: st.DrawFn) -> tuple[Float32, Int64]:
    """Tokens around a few directions, in sentences of which some have none."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    lengths = draw(st.lists(st.integers(0, 9), min_size=1, max_size=5))
    centres = random.standard_normal((draw(st.integers(1, 6)), 5))
    tokens = centres[random.integers(0, len(centres), sum(lengths))]
    tokens += draw(st.floats(0.01, 1)) * random.standard_normal(tokens.shape)
    begins = np.cumsum([0, *lengths[:-1]])
    return tokens.astype(np.float32), begins.astype(np.int64)


@settings(deadline=None, max_examples=300)
@given(passages())
def test_each_sentence_has_the_means_of_its_clusters(passage: tuple[Float32, Int64]) -> None:
    tokens, sentences = passage
    pooled, begins = pool(tokens, sentences)
    assert len(begins) == len(sentences)
    ends = [*begins[1:].tolist(), len(pooled)]
    for number, begin in enumerate(sentences.tolist()):
        own = tokens[begin : [*sentences[1:].tolist(), len(tokens)][number]]
        clusters = by_definition(own)
        found = pooled[begins[number] : ends[number]]
        assert len(found) == len(clusters)
        for vector, members in zip(found, clusters, strict=True):
            mean = own[members].mean(axis=0)
            mean *= np.linalg.norm(own[members], axis=1).mean() / np.linalg.norm(mean)
            np.testing.assert_allclose(vector, mean, atol=1e-4)


def test_what_means_the_same_in_two_sentences_stays_with_each() -> None:
    same = np.tile(np.array([[0.6, 0.8]], np.float32), (5, 1))
    pooled, begins = pool(same, np.array([0, 2], np.int64))
    np.testing.assert_allclose(pooled, same[:2], atol=1e-6)
    assert begins.tolist() == [0, 1]


@pytest.mark.parametrize("total", [0, 1])
def test_a_token_alone_is_itself(total: int) -> None:
    tokens = np.ones((total, 3), np.float32)
    pooled, begins = pool(tokens, np.zeros(1, np.int64))
    np.testing.assert_array_equal(pooled, tokens)
    assert begins.tolist() == [0]


def test_vectors_of_no_length_do_no_harm() -> None:
    pooled, begins = pool(np.zeros((4, 3), np.float32), np.array([0, 4], np.int64))
    assert not pooled.any()
    assert begins.tolist() == [0, len(pooled)]
