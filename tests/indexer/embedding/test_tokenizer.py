"""Tokens of queries and passages: whose they are, and where they lie."""

from pathlib import Path

import numpy as np
import pytest

from indexer.arrays import Int64
from indexer.embedding.tokenizer import TokenizedPassage
from tests.support.fakes import fake_tokenizer

CLS, SEP = 2, 3


def _pieces(text: str, offsets: Int64) -> list[str]:
    return [text[start:end] for start, end in offsets.tolist()]


def test_offsets_point_into_the_passage() -> None:
    tokenizer = fake_tokenizer(passage_prompt="passage: ")
    text = "Ilse 🦉 Brandt, née Öresund."
    alone, behind = tokenizer.passages(["", "The cat of Ilse"], [text, text])
    for passage in (alone, behind):
        assert _pieces(text, passage.offsets) == [
            "Ils", "e", "🦉", "Bra", "ndt", ",", "née", "Öre", "sun", "d", "."
        ]  # fmt: skip
        assert len(passage.offsets) == passage.last - passage.first
        assert (passage.ids[0], passage.ids[-1]) == (CLS, SEP)
    own = [row.ids[row.first : row.last].tolist() for row in (alone, behind)]
    assert own[0] == own[1]
    assert behind.first > alone.first


def test_the_passage_is_read_behind_prompt_and_headline() -> None:
    plain, prompted = fake_tokenizer(), fake_tokenizer(passage_prompt="the hen ")
    (expected,) = plain.passages([""], ["the hen old cat red dog"])
    (passage,) = prompted.passages(["old cat"], ["red dog"])
    assert passage.ids.tolist() == expected.ids.tolist()
    assert (passage.first, passage.last) == (5, 7)


def test_a_long_headline_gives_way() -> None:
    tokenizer = fake_tokenizer(32)
    text = "the old cat saw the red hen"
    (free,) = tokenizer.passages([""], [text])
    (passage,) = tokenizer.passages(["sun and fog " * 30], [text])
    assert len(passage.ids) == 32
    own = passage.ids[passage.first : passage.last]
    assert own.tolist() == free.ids[1:-1].tolist()
    assert _pieces(text, passage.offsets) == text.split()
    # What is left of the headline is its beginning.
    (beginning,) = tokenizer.passages([""], ["sun and fog " * 3])
    assert passage.ids[: len(beginning.ids) - 1].tolist() == beginning.ids[:-1].tolist()


def test_a_passage_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        fake_tokenizer(32).passages(["headline"], ["cat " * 40])


def test_a_passage_without_tokens() -> None:
    (passage,) = fake_tokenizer().passages(["headline"], ["\u200b"])
    assert passage.first == passage.last
    assert passage.offsets.shape == (0, 2)


def test_distinct_ids_are_of_the_passage_alone() -> None:
    tokenizer = fake_tokenizer(passage_prompt="the hen ")
    (passage,) = tokenizer.passages(["sun fog"], ["red dog red cat dog"])
    (words,) = tokenizer.passages([""], ["cat dog red"])
    own = words.ids[words.first : words.last]
    assert passage.distinct_ids().tolist() == sorted(own.tolist())
    (silent,) = tokenizer.passages(["headline"], ["\u200b"])
    assert silent.distinct_ids().tolist() == []


def test_a_long_query_keeps_its_special_tokens() -> None:
    tokenizer = fake_tokenizer(16, query_prompt="the hen ")
    query = tokenizer.query("cat dog " * 50)
    assert len(query.ids) == 16
    assert (query.ids[0], query.ids[-1]) == (CLS, SEP)
    assert query.own.tolist() == list(range(3, 15))


def test_a_query_owns_nothing_of_its_prompt() -> None:
    plain = fake_tokenizer().query("red dog")
    prompted = fake_tokenizer(query_prompt="the hen ").query("red dog")
    assert plain.own.tolist() == [1, 2]
    assert prompted.own.tolist() == [3, 4]
    assert plain.ids[plain.own].tolist() == prompted.ids[prompted.own].tolist()


def test_queries_and_passages_have_their_own_prompts() -> None:
    tokenizer = fake_tokenizer(query_prompt="the hen ", passage_prompt="a sun ")
    assert tokenizer.query("cat").ids.tolist() != tokenizer.passages([""], ["cat"])[0].ids.tolist()


def test_counts_leave_special_tokens_out() -> None:
    assert fake_tokenizer().count(["", "cat", "cat dog", "elephant"]) == [0, 1, 2, 3]
    assert fake_tokenizer().word_spans("cat elephant") == [(0, 3), (4, 7), (7, 10), (10, 12)]


def test_it_is_saved_and_opened(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    tokenizer = fake_tokenizer()
    tokenizer.save(file)
    opened = type(tokenizer).open(file, 256, "q ", "p ")
    assert (opened.max_tokens, opened.query_prompt, opened.passage_prompt) == (256, "q ", "p ")
    assert opened.count(["The elephant"]) == tokenizer.count(["The elephant"])
    assert opened.vocabulary_size == tokenizer.vocabulary_size


def test_first_tokens_of_sentences() -> None:
    offsets = np.array([[0, 2], [2, 5], [6, 9], [9, 10], [11, 14]])
    passage = TokenizedPassage(np.arange(5), 0, 5, offsets)
    assert passage.first_tokens(np.array([5, 10, 14])).tolist() == [0, 2, 4]
    assert passage.first_tokens(np.array([14])).tolist() == [0]
