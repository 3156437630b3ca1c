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

from indexer.analysis import distinct_stems, pairs, stems
from indexer.errors import IndexDamaged
from indexer.storage.words import Words, WordWriter
from tests.support.corpus import BAKERY, BEES, EMOJI, FERRY, FINAL, OBSERVATORY, TRAM

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
    "question",
    [
        "bread harbour",
        "the ferry captain",
        "tram",
        "harbour of the final",
        "comet sun",
        "more bread",
    ],
)
def test_bm25(words: Words, question: str) -> None:
    stem = {
        word: distinct_stems(word)[0]
        for text in [*TITLES, *TEXTS]
        for word in re.findall(r"[^\W_]+", text)
    }
    documents = [
        Counter(stem[word] for word in re.findall(r"[^\W_]+", f"{title} {text}"))
        for title, text in zip(TITLES, TEXTS, strict=True)
    ]
    asked = [stem.get(word, word) for word in question.split()]
    followed = [
        Counter([*pairs(stems(title)), *pairs(stems(text))])
        for title, text in zip(TITLES, TEXTS, strict=True)
    ]
    expected = np.array(bm25(documents, asked))
    expected += 0.3 * np.array(bm25(followed, list(pairs(asked))))
    numbers, scores = words.search(asked, 100)
    assert sorted(numbers.tolist()) == np.flatnonzero(expected).tolist()
    np.testing.assert_allclose(scores, expected[numbers], rtol=0.02)
    assert numbers.tolist() == np.argsort(-expected, kind="stable")[: len(numbers)].tolist()


def test_best_first_and_limit(words: Words) -> None:
    terms = distinct_stems("bread at the harbour")
    numbers, scores = words.search(terms, 100)
    assert numbers.dtype == np.int64
    assert scores.dtype == np.float32
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    top, top_scores = words.search(terms, 2)
    assert top.tolist() == numbers[:2].tolist()
    assert top_scores.tolist() == scores[:2].tolist()
    assert numbers[0] == TITLES.index("Bread")


def test_another_form_of_a_word_is_found(words: Words) -> None:
    assert words.search(distinct_stems("FERRIES"), 5)[0].tolist() == [TITLES.index("Ferry")]


def test_the_headline_is_searched(words: Words) -> None:
    assert "Owls" not in TEXTS[1]
    assert TITLES.index("Owls") in words.search(distinct_stems("owls"), 5)[0]


def test_nothing_to_find(words: Words) -> None:
    for terms in ([], ["unheardof"]):
        numbers, scores = words.search(terms, 10)
        assert (len(numbers), len(scores)) == (0, 0)


def test_mask(words: Words) -> None:
    terms = distinct_stems("the harbour bread ferry tram")
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
    numbers, scores = words.search(distinct_stems(question), 10)
    assert len(numbers) == len(scores)


def test_operators_are_words(words: Words) -> None:
    expected = words.search(distinct_stems("bread harbour"), 10)[0].tolist()
    for question in ('"bread harbour"', "+bread -harbour", "text:bread harbour", "bread* harbour~"):
        found = words.search([term for term in distinct_stems(question) if term != "text"], 10)[0]
        assert found.tolist() == expected


def test_a_damaged_folder(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged):
        Words(tmp_path / "nowhere")
    _write(tmp_path / "lexical", TITLES, TEXTS)
    (tmp_path / "lexical" / "meta.json").write_text("{")
    with pytest.raises(IndexDamaged):
        Words(tmp_path / "lexical")


def _made(count: int, seed: int = 3) -> list[str]:
    """Short texts of few words, many of which score alike."""
    generator = np.random.default_rng(seed)
    return [" ".join(generator.choice(["red", "blue", "fish", "sea"], 9)) for _ in range(count)]


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory) -> Words:
    texts = _made(3000)
    return _write(tmp_path_factory.mktemp("alike") / "lexical", [""] * len(texts), texts)


@pytest.mark.parametrize("share", [0, 0.001, 0.01, 0.019, 0.021, 0.2, 0.9, 1.0])
@pytest.mark.parametrize("limit", [1, 20, 3000])
def test_a_filter_leaves_the_best_of_what_it_allows(alike: Words, share: float, limit: int) -> None:
    allowed = np.random.default_rng(3).random(len(alike)) < share
    numbers, scores = alike.search(["red", "fish"], len(alike))
    kept = allowed[numbers]
    found, found_scores = alike.search(["red", "fish"], limit, allowed)
    assert found.tolist() == numbers[kept][:limit].tolist()
    assert found_scores.tolist() == scores[kept][:limit].tolist()


@pytest.mark.parametrize("limit", [1, 7, 100, 2999])
def test_ties_by_number(alike: Words, limit: int) -> None:
    numbers, scores = alike.search(["red", "fish"], len(alike))
    assert len(set(scores.tolist())) < len(scores) / 10
    ranked = sorted(zip((-scores).tolist(), numbers.tolist(), strict=True))
    assert numbers.tolist() == [number for _, number in ranked]
    assert alike.search(["red", "fish"], limit)[0].tolist() == numbers[:limit].tolist()


def _stems(text: str) -> list[str]:
    return [stem for word in re.findall(r"[^\W_]+", text) for stem in distinct_stems(word)]


def _follow(held: Sequence[str], terms: Sequence[str]) -> bool:
    runs = (list(held[i : i + len(terms)]) for i in range(len(held)))
    return list(terms) in runs


@pytest.mark.parametrize(
    "asked",
    [
        "harbour", "the harbour", "harbour the", "more bread", "bread and more bread", "the the",
        "bread bread", "bread, BREAD", "the ferries", "unheardof", "the unheardof",
        "at the harbour", "bakery", "bakery bread",
    ],
)  # fmt: skip
def test_passages_that_hold_words(words: Words, asked: str) -> None:
    terms = stems(asked)
    held = [(_stems(title), _stems(text)) for title, text in zip(TITLES, TEXTS, strict=True)]
    assert words.with_phrase(terms).tolist() == [
        n for n, parts in enumerate(held) if any(_follow(part, terms) for part in parts)
    ]
    assert words.with_title(terms).tolist() == [
        n for n, (title, _) in enumerate(held) if set(terms) <= set(title)
    ]


def test_no_terms_are_nowhere(words: Words) -> None:
    assert words.with_phrase([]).tolist() == []
    assert words.with_title([]).tolist() == []


def test_no_phrase_begins_in_the_headline_and_ends_in_the_text(words: Words) -> None:
    for title, text in zip(TITLES[:7], TEXTS, strict=False):
        across = [*_stems(title)[-1:], *_stems(text)[:1]]
        assert all(len(words.with_phrase([term])) for term in across)
        assert words.with_phrase(across).tolist() == []


def test_document_frequency(words: Words) -> None:
    for text in ("harbour", "bread", "tram", "the"):
        (term,) = stems(text)
        assert words.document_frequency(term) == len(words.with_phrase([term]))
    assert words.document_frequency("unheardof") == 0
    assert words.document_frequency("") == 0


def test_damage_is_told_as_damage(tmp_path: Path) -> None:
    """Some of it makes tantivy panic, which is no Exception."""
    told = 0
    _write(tmp_path / "lexical", TITLES, TEXTS)
    for file in sorted((tmp_path / "lexical").iterdir()):
        if file.suffix in (".json", ".lock") or not file.stat().st_size:
            continue
        whole = file.read_bytes()
        for start in range(0, len(whole), max(8, len(whole) // 12)):
            # A new file: the index before may still have the old one mapped.
            file.unlink()
            file.write_bytes(whole[:start] + b"\x5a" * 8 + whole[start + 8 :])
            try:
                words = Words(tmp_path / "lexical")
                words.document_frequency("bread")
                words.with_phrase(["more", "bread"])
                words.search(["bread", "harbour"], 5)
            except IndexDamaged:
                told += 1
        file.unlink()
        file.write_bytes(whole)
    assert told > 20


def test_pairs_are_of_a_text_respelled_once(tmp_path: Path) -> None:
    texts = ["C++ code dates from 1998.", "They paid 200m for the US team.", "The sea was calm."]
    words = _write(tmp_path / "lexical", ["", "", ""], texts)
    documents = [Counter(stems(text)) for text in texts]
    followed = [Counter(pairs(stems(text))) for text in texts]
    for question in ("C++ code", "200m for the US"):
        asked = stems(question)
        expected = np.array(bm25(documents, list(dict.fromkeys(asked))))
        expected += 0.3 * np.array(bm25(followed, list(dict.fromkeys(pairs(asked)))))
        numbers, scores = words.search(asked, 10)
        np.testing.assert_allclose(scores, expected[numbers], rtol=1e-4)


REMOVED = [0, 2, 3, 7]


@pytest.fixture(scope="module")
def fewer(tmp_path_factory: pytest.TempPathFactory) -> Words:
    """Without some passages, and with one that was added later."""
    folder = tmp_path_factory.mktemp("fewer") / "lexical"
    _write(folder, TITLES, TEXTS)
    writer = WordWriter(folder)
    writer.remove(REMOVED)
    # Its number need not be the next.
    writer.add(20, "Bread again", "The ferry brings bread to the harbour.")
    writer.finish()
    return Words(folder)


def test_what_is_removed_is_found_no_more(words: Words, fewer: Words) -> None:
    kept = [number for number in range(len(TEXTS)) if number not in REMOVED]
    assert sorted(fewer.numbers().tolist()) == [*kept, 20]
    assert len(fewer) == len(kept) + 1
    for question in ("bread harbour", "the", "the ferry"):
        terms = stems(question)
        before = words.search(terms, 99)[0].tolist()
        assert set(before) & set(REMOVED)
        assert sorted(fewer.search(terms, 99)[0].tolist()) == sorted([*set(before) & set(kept), 20])
        assert fewer.search(terms, 99, np.arange(21) == 20)[0].tolist() == [20]
        assert fewer.search(terms, 99, np.isin(np.arange(21), REMOVED))[0].tolist() == []
    held = [n for n in words.with_phrase(["bread"]).tolist() if n in kept]
    assert fewer.with_phrase(["bread"]).tolist() == [*held, 20]
    assert fewer.with_title(stems("bread again")).tolist() == [20]


def test_what_is_removed_may_count_until_it_is_merged(words: Words, fewer: Words) -> None:
    for term, added in (("bread", 1), ("harbour", 1), ("mite", 0)):
        held = len(fewer.with_phrase([term]))
        assert held <= fewer.document_frequency(term) <= words.document_frequency(term) + added


def test_what_grew_scores_as_what_is_written_at_once(tmp_path: Path) -> None:
    whole = _write(tmp_path / "whole", TITLES, TEXTS)
    for cut in (1, 5):
        folder = tmp_path / f"grown {cut}"
        _write(folder, TITLES[:cut], TEXTS[:cut])
        writer = WordWriter(folder)
        writer.remove([])
        for number in range(cut, len(TEXTS)):
            writer.add(number, TITLES[number], TEXTS[number])
        writer.finish()
        for question in ("bread harbour", "the ferry captain", "more bread"):
            numbers, scores = Words(folder).search(stems(question), 99)
            expected = whole.search(stems(question), 99)
            assert numbers.tolist() == expected.passages.tolist()
            np.testing.assert_allclose(scores, expected.scores, rtol=1e-5)


def test_many_are_removed_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.storage.words.REMOVED_AT_ONCE", 7)
    _write(tmp_path / "lexical", [""] * 40, _made(40))
    writer = WordWriter(tmp_path / "lexical")
    writer.remove([*range(3, 33), 99])
    writer.finish()
    assert sorted(Words(tmp_path / "lexical").numbers().tolist()) == [0, 1, 2, *range(33, 40)]


def test_all_may_be_removed(tmp_path: Path) -> None:
    _write(tmp_path / "lexical", TITLES, TEXTS)
    writer = WordWriter(tmp_path / "lexical")
    writer.remove(range(len(TEXTS)))
    writer.finish()
    words = Words(tmp_path / "lexical")
    assert (len(words), words.numbers().tolist()) == (0, [])
    assert words.search(["bread"], 5).passages.tolist() == []


def test_what_is_not_finished_is_not_removed(tmp_path: Path) -> None:
    _write(tmp_path / "lexical", TITLES, TEXTS)
    writer = WordWriter(tmp_path / "lexical")
    writer.remove([0])
    writer.add(20, "Bread again", "The ferry.")
    writer.close()
    assert sorted(Words(tmp_path / "lexical").numbers().tolist()) == list(range(len(TEXTS)))


def test_an_index_whose_files_are_shared_is_left_as_it_is(tmp_path: Path) -> None:
    before = _write(tmp_path / "before", TITLES, TEXTS)
    files = {file.name: file.read_bytes() for file in (tmp_path / "before").iterdir()}
    (tmp_path / "now").mkdir()
    for name in files:
        (tmp_path / "now" / name).hardlink_to(tmp_path / "before" / name)
    writer = WordWriter(tmp_path / "now")
    writer.remove(REMOVED)
    writer.add(20, "Bread again", "The ferry.")
    writer.finish()
    assert {file.name: file.read_bytes() for file in (tmp_path / "before").iterdir()} == files
    for each in (before, Words(tmp_path / "before")):
        assert sorted(each.numbers().tolist()) == list(range(len(TEXTS)))
