"""Confidence against figures by hand; and the benchmark that measures it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.storage.columns import Columns
from indexer.storage.exact import Candidates
from indexer.storage.filter import Filter
from indexer.storage.manifest import ConfidenceModel
from search.ranking.candidates import Pool
from search.ranking.confidence import confidence, probability, signals
from search.ranking.fitting import Examiner
from search.ranking.late import Question

MODEL = ConfidenceModel((10.0, 2.0, 5.0), -3.0)
UNIT = st.floats(-1, 1)


def ranked(*scores: tuple[int, float]) -> Candidates:
    """Candidates of one method, as they come."""
    numbers = np.array([number for number, _ in scores], np.int64)
    return Candidates(numbers, np.array([score for _, score in scores], np.float32))


def pool_of(passages: list[int], dense: Candidates, lexical: Candidates) -> Pool:
    """A pool of these passages, then of the other candidates; the first are the reranked ones."""
    others = [
        n for n in [*dense.passages.tolist(), *lexical.passages.tolist()] if n not in passages
    ]
    numbers = np.array([*passages, *dict.fromkeys(others)], np.int64)
    scores = np.linspace(1, 0.5, len(numbers)).astype(np.float32)
    late = scores[: len(passages)]
    none = np.full(len(numbers), -1, np.int32)
    columns = Columns(numbers, STORY_OF[numbers], none, none, {})
    return Pool(numbers, scores, dense, lexical, scores, late, late, True, columns)


# Of the passages: 0 and 1 are of two articles of one story, each of the others of its own.
STORY_OF = np.array([0, 0, 2, 3, 4, 5, 6, 7, 8])


@pytest.fixture
def question(corpus: Examiner) -> Question:
    """Two words of weights 1 and 3, and how well the tokens of passages 0 to 3 match them."""
    matched = {
        0: [[0.2, 0.9], [0.1, 0.5]],
        1: [[0.4, 0.3], [0.7, 0.6]],
        2: [[1.0, 1.0], [1.0, 1.0]],
        3: [[0.8], [0.0]],
    }
    return replace(
        corpus.question("comet tail"),
        weights=np.array([1, 3], np.float32),
        known={number: np.array(rows, np.float32) for number, rows in matched.items()},
    )


def test_signals_by_hand(question: Question) -> None:
    dense = ranked((2, 0.9), (1, 0.8), (0, 0.7), (3, 0.6), (4, 0.5), (5, 0.4), (6, 0.1), (7, 0.0))
    lexical = ranked((0, 8.8), (1, 6.6), (2, 4.4), (3, 2.2))
    found = signals(question, pool_of([0, 2, 1, 3], dense, lexical))
    assert found is not None
    # BM25 of at most 2.2 · (1 + 3); late interaction over the passages 0 and 1: .9 and .7.
    assert found.tolist() == pytest.approx([(8.8 - 3.3) / 8.8, 0.8 - 0.5, (0.9 + 3 * 0.7) / 4])


def test_what_is_no_candidate_scores_as_the_last_one(question: Question) -> None:
    dense = ranked((2, 0.9), (3, 0.5))
    found = signals(question, pool_of([0, 2], dense, ranked((0, 4.4), (3, 2.2))))
    assert found is not None
    assert found[:2].tolist() == pytest.approx([0.25, 0.5 - 0.7])


def test_nothing_stands_out_from_nothing(question: Question) -> None:
    alone = pool_of([0, 1], ranked((0, 0.9), (1, 0.2)), ranked())
    assert signals(question, alone) is None


def test_no_hit_has_no_confidence(corpus: Examiner, question: Question) -> None:
    nothing = pool_of([], ranked(), ranked())
    assert confidence(MODEL, question, nothing) is None
    # Ranked by one method only, and so not reranked.
    single = replace(pool_of([0, 1], ranked((0, 0.9)), ranked()), late=np.zeros(0, np.float32))
    assert confidence(MODEL, question, single) is None
    without_tokens = corpus.question("\u0001")
    assert corpus.signals(without_tokens, Filter()) is None


def test_probability_by_hand(question: Question) -> None:
    assert probability(MODEL, np.array([0.2, 0.1, 0.4])) == pytest.approx(
        1 / (1 + math.exp(-(2 + 0.2 + 2 - 3)))
    )
    pool = pool_of([0, 2], ranked((0, 0.9), (2, 0.4)), ranked())
    assert confidence(MODEL, question, pool) == pytest.approx(
        probability(MODEL, np.array([0, 0.5, (0.9 + 1.5) / 4]))
    )


@given(st.tuples(UNIT, UNIT, UNIT), st.integers(0, 2), st.floats(0, 1))
def test_standing_out_further_never_lowers_it(
    found: tuple[float, float, float], which: int, more: float
) -> None:
    before = np.array(found)
    after = before.copy()
    after[which] += more
    assert 0 <= probability(MODEL, before) <= probability(MODEL, after) <= 1
