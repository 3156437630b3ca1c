"""Cutting, for any text at all."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.article import Article, Passage
from indexer.embedding.base import Embedder
from indexer.embedding.tokenizer import PassageTokenizer
from indexer.reading.passages import cut, split_sentences
from tests.support.corpus import BAKERY, FERRY, generated
from tests.support.fakes import fake_tokenizer

SMALL, LARGE = fake_tokenizer(48), fake_tokenizer(256)

_CHARACTERS = st.one_of(
    st.sampled_from("ab Z.?!,:;'\"()-\n\t 0é\u0301\u200b\u200d\ufeff漢字。🦉👩‍🚀\u00ad\u3000\x85"),
    st.characters(codec="utf-8"),
)
_WORDS = st.sampled_from(
    ["Mr.", "U.S.", "the", "harbour", "said.", "“Yes.”", "3.5", "e.g.", "x" * 300, "漢字漢字。",
     "🦉🦉", "...", "\n", "\n\n", "http://a.example/b?c=d", "A.B.C.", "n" * 90, "Zürich", "y" * 101,
     "-" * 120, "12,000.50"]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(_CHARACTERS, max_size=400),
    st.lists(_WORDS, max_size=250).map(" ".join),
    st.lists(_WORDS, max_size=120).map("".join),
)


# Lines of news with points inside of sentences; a bar stands before each sentence but the first.
MARKED = (Path(__file__).parent / "sentences.txt").read_text("utf-8").splitlines()


def sentences(text: str) -> list[str]:
    return [span.of(text) for span in split_sentences(text)]


def test_points_inside_of_sentences_do_not_end_them() -> None:
    found = [sentences(line.replace("|", "")) for line in MARKED]
    right = [[part.strip() for part in line.split("|")] for line in MARKED]
    cut = [one for one, other in zip(found, right, strict=True) if len(one) > len(other)]
    assert cut == []
    assert sum(one == other for one, other in zip(found, right, strict=True)) >= 167


@pytest.mark.parametrize(
    "sentence",
    [
        "The fair opens on Aug. 20 at the mill.",
        "It was the idea of Bernard J. Cigrand, a teacher.",
        "Police closed W. Seventh Street.",
        "Runway No. 2 was shut.",
        "Agents of U.S. Customs found it.",
        "It begins at 5 p.m. ET on Fox.",
    ],
)
def test_one_sentence_stays_one(sentence: str) -> None:
    assert sentences(f"{sentence} Then it ended.") == [sentence, "Then it ended."]


CHINESE = (
    "渡轮在星期二清晨停运。镇长说，码头的木桩已经腐烂，必须更换！居民们问：什么时候恢复？"
    "“还要三个月。”工程师说。"
)


def test_sentences_without_spaces() -> None:
    assert sentences(CHINESE) == [
        "渡轮在星期二清晨停运。",
        "镇长说，码头的木桩已经腐烂，必须更换！",
        "居民们问：什么时候恢复？",
        "“还要三个月。”",
        "工程师说。",
    ]


@pytest.mark.parametrize(
    "text",
    [CHINESE * 100, "渡轮在星期二清晨停运，" * 400, "渡轮" * 2000],
    ids=["said", "commas", "one"],
)
def test_passages_without_spaces_are_about_as_long_as_others(text: str) -> None:
    tokenizer = fake_tokenizer(1024)
    spans = [each.span for each in cut(Article("id", "", text), tokenizer)]
    assert all(100 <= span.end - span.start <= 240 for span in spans[:-1])
    assert spans[-1].end == len(text)
    if "，" in text:
        assert all(text[span.end - 1] in "，。”" for span in spans)


def check(text: str, tokenizer: PassageTokenizer, headline: str = "") -> list[Passage]:
    passages = cut(Article("id", headline, text), tokenizer)
    covered = [False] * len(text)
    for before, after in pairwise(passages):
        assert before.span.end <= after.span.start
    for passage in passages:
        assert 0 <= passage.span.start < passage.span.end <= len(text)
        assert passage.sentences
        assert passage.sentences[0].start == passage.span.start
        assert passage.sentences[-1].end == passage.span.end
        for first, second in pairwise(passage.sentences):
            assert first.end <= second.start
        for sentence in passage.sentences:
            assert sentence.start < sentence.end
            for at in range(sentence.start, sentence.end):
                covered[at] = True
    missed = {text[at] for at, seen in enumerate(covered) if not seen}
    assert all(character.isspace() for character in missed), missed
    slices = [passage.span.of(text) for passage in passages]
    assert all(count <= tokenizer.max_passage_tokens for count in tokenizer.count(slices))
    for tokenized in tokenizer.passages([headline] * len(slices), slices):
        assert len(tokenized.ids) <= tokenizer.max_tokens
    return passages


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from(["", "A headline", "long " * 80, "🦉\u0301"]))
@example("x" * 5000, "")
@example("漢" * 3000, "headline")
@example("🦉" * 1000, "headline")
@example("e\u0301" * 1000, "")
@example("a.b" * 1000, "")
@example("word " * 2000, "long " * 100)
@example(("word " * 30 + ".\n") * 20, "headline")
@example("\u200b " * 500, "")
@example("(" * 2000, "")
def test_any_text(text: str, headline: str) -> None:
    check(text, SMALL, headline)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
@example("x" * 5000)
@example("漢" * 3000)
@example("a" * 99 + " " + "b" * 5000 + " c")
def test_any_text_in_a_larger_window(text: str) -> None:
    check(text, LARGE)


@pytest.mark.parametrize("text", ["", " ", "\n\n", " \t\n\u3000"])
def test_no_text(text: str) -> None:
    assert cut(Article("id", "", text), LARGE) == []


def test_prose_gives_passages_of_an_even_length() -> None:
    sentences = [sentence for part in (*BAKERY, *FERRY) for sentence in part.split(". ")]
    text = "\n\n".join(". ".join(sentences[i:] + sentences[:i]) + "." for i in range(8))
    passages = check(text, LARGE)
    words = [len(passage.span.of(text).split()) for passage in passages]
    assert len(words) > 5
    assert all(40 <= count <= 110 for count in words[:-1]), words
    assert words[-1] <= 110


def test_no_stub_at_the_end() -> None:
    sentence = "The old cat saw the red hen and ran off home. "
    for count in range(9, 40):
        text = (sentence * count).strip()
        words = [len(passage.span.of(text).split()) for passage in check(text, LARGE)]
        assert min(words) >= 40, (count, words)


def test_sentences() -> None:
    text = (
        "Dr. Quill of the U.S. Navy spoke. “Is it safe?” she asked.\n"
        "A heading without a stop\nIt cost $3.5 million. It did!"
    )
    found = [span.of(text) for span in split_sentences(text)]
    assert found[0] == "Dr. Quill of the U.S. Navy spoke."
    assert "A heading without a stop" in found
    assert found[-2:] == ["It cost $3.5 million.", "It did!"]


def test_a_long_sentence_is_cut_between_words() -> None:
    text = " ".join(["cat", "hen", "dog"] * 100) + "."
    passages = check(text, LARGE)
    assert len(passages) > 2
    for passage in passages:
        assert re.fullmatch(r"(?:cat|hen|dog)(?: (?:cat|hen|dog))*\.?", passage.span.of(text))
    assert all(len(passage.span.of(text).split()) <= 100 for passage in passages)


def test_generated_articles() -> None:
    for content in generated(20).values():
        check(content.decode(), LARGE, "A headline of the article")


@pytest.mark.model
@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from(["", "A headline", "long " * 300]))
@example("漢" * 3000, "headline")
@example("a.b" * 1000, "")
def test_any_text_with_the_real_tokenizer(
    real_embedder: Embedder, text: str, headline: str
) -> None:
    check(text, real_embedder.tokenizer, headline)
