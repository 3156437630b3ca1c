"""BM25 of the word index against the formula, and questions made of anything."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.errors import IndexDamaged
from indexer.storage.lexical import MAX_TERMS, Words, WordWriter
from tests.corpus import BAKERY, BEES, EMOJI, FERRY, FINAL, OBSERVATORY, TRAM

TITLES = ["Bakery", "Owls", "Bees", "Ferry", "Final", "Comet", "Tram"]
TEXTS = [" ".join(part) for part in (BAKERY, EMOJI, BEES, FERRY, FINAL, OBSERVATORY, TRAM)]
TITLES += ["Bread", ""]
TEXTS += ["Bread, bread and more bread at the harbour.", "The harbour."]


def _write(folder: Path, titles: Sequence[str], texts: Sequence[str]) -> Words:
    writer = WordWriter(folder)
    for number, (title, text) in enumerate(zip(titles, texts, strict=True)):
        writer.add(number, title, text)
    writer.finish()
    return Words(folder)


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Words:
    return _write(tmp_path_factory.mktemp("words") / "lexical", TITLES, TEXTS)


def bm25(documents: list[Counter[str]], terms: list[str]) -> list[float]:
    """Robertson's BM25, k1 = 1.2 and b = 0.75."""
    count = len(documents)
    average = sum(document.total() for document in documents) / count
    scores = []
    for document in documents:
        norm = 1.2 * (1 - 0.75 + 0.75 * document.total() / average)
        score = 0.0
        for term in terms:
            containing = sum(term in other for other in documents)
            idf = math.log(1 + (count - containing + 0.5) / (containing + 0.5))
            score += idf * document[term] * 2.2 / (document[term] + norm)
        scores.append(score)
    return scores


@pytest.mark.parametrize(
    "question", ["bread harbour", "the ferry captain", "tram", "harbour of the final", "comet sun"]
)
def test_bm25(words: Words, question: str) -> None:
    stem = {
        word: words.terms(word)[0]
        for text in [*TITLES, *TEXTS]
        for word in re.findall(r"[^\W_]+", text)
    }
    documents = [
        Counter(stem[word] for word in re.findall(r"[^\W_]+", f"{title} {text}"))
        for title, text in zip(TITLES, TEXTS, strict=True)
    ]
    expected = np.array(bm25(documents, words.terms(question)))
    numbers, scores = words.search(words.terms(question), 100)
    assert sorted(numbers.tolist()) == np.flatnonzero(expected).tolist()
    np.testing.assert_allclose(scores, expected[numbers], rtol=0.02)
    assert numbers.tolist() == np.argsort(-expected, kind="stable")[: len(numbers)].tolist()


def test_best_first_and_limit(words: Words) -> None:
    terms = words.terms("bread at the harbour")
    numbers, scores = words.search(terms, 100)
    assert numbers.dtype == np.int64
    assert scores.dtype == np.float32
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    top, top_scores = words.search(terms, 2)
    assert top.tolist() == numbers[:2].tolist()
    assert top_scores.tolist() == scores[:2].tolist()
    assert numbers[0] == TITLES.index("Bread")


def test_words_are_stemmed_folded_and_distinct(words: Words) -> None:
    assert words.terms("Ferries FERRY ferry's") == ["ferri", "s"]
    assert words.terms("Café cafe") == ["cafe"]
    assert words.terms("🦉 … !!") == []
    assert len(words.terms(" ".join(f"word{number}" for number in range(500)))) == MAX_TERMS
    assert words.search(words.terms("FERRIES"), 5)[0].tolist() == [TITLES.index("Ferry")]


def test_the_headline_is_searched(words: Words) -> None:
    assert "Owls" not in TEXTS[1]
    assert TITLES.index("Owls") in words.search(words.terms("owls"), 5)[0]


def test_nothing_to_find(words: Words) -> None:
    for terms in ([], ["unheardof"]):
        numbers, scores = words.search(terms, 10)
        assert (len(numbers), len(scores)) == (0, 0)


def test_mask(words: Words) -> None:
    terms = words.terms("the harbour bread ferry tram")
    numbers, scores = words.search(terms, 100)
    by_number = dict(zip(numbers.tolist(), scores.tolist(), strict=True))
    for seed in range(5):
        allowed = np.random.default_rng(seed).random(len(TEXTS)) < 0.5
        masked, masked_scores = words.search(terms, 100, allowed)
        assert masked.tolist() == [number for number in numbers.tolist() if allowed[number]]
        assert masked_scores.tolist() == pytest.approx([by_number[n] for n in masked.tolist()])
    assert len(words.search(terms, 10, np.zeros(len(TEXTS), bool))[0]) == 0


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
@example('"unclosed (AND OR) NOT -bread +harbour text:bread ~2 ^3 [a TO b] {x} * ? \\ /re/')
@example("🦉👩‍🚀")
@example("\x00\u202e")
@example("a" * 1000)
def test_no_question_is_a_syntax_error(words: Words, question: str) -> None:
    numbers, scores = words.search(words.terms(question), 10)
    assert len(numbers) == len(scores)


def test_operators_are_words(words: Words) -> None:
    expected = words.search(words.terms("bread harbour"), 10)[0].tolist()
    for question in ('"bread harbour"', "+bread -harbour", "text:bread harbour", "bread* harbour~"):
        found = words.search([term for term in words.terms(question) if term != "text"], 10)[0]
        assert found.tolist() == expected


def test_a_damaged_folder(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged):
        Words(tmp_path / "nowhere")
    _write(tmp_path / "lexical", TITLES, TEXTS)
    (tmp_path / "lexical" / "meta.json").write_text("{")
    with pytest.raises(IndexDamaged):
        Words(tmp_path / "lexical")


@pytest.mark.parametrize("share", [0.01, 0.04, 0.2, 0.9, 1.0])
def test_a_filter_leaves_the_best_of_what_it_allows(tmp_path: Path, share: float) -> None:
    generator = np.random.default_rng(3)
    texts = [" ".join(generator.choice(["red", "blue", "fish", "sea"], 9)) for _ in range(400)]
    words = _write(tmp_path / "lexical", [""] * len(texts), texts)
    allowed = generator.random(len(texts)) < share
    numbers, scores = words.search(["red", "fish"], len(texts))
    kept = allowed[numbers]
    found, found_scores = words.search(["red", "fish"], 20, allowed)
    assert set(found.tolist()) <= set(np.flatnonzero(allowed).tolist())
    np.testing.assert_allclose(found_scores, scores[kept][:20], rtol=1e-6)
