"""What the reader is trained on."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.training.reader.examples import OWN, Example, own_examples, public_examples
from scripts.training.reader.samples import LONGEST_WINDOW, Sampler
from tests.conftest import ROOT

EXAMPLE = Example(
    "squad_train_part",
    "Who paid for the new bridge?",
    "A bridge",
    (
        *(f"This is sentence number {n} about the bridge and its long history." for n in range(9)),
        "The Mellor family met the cost of it.",
    ),
    (9,),
    "The Mellor family",
    ("Another passage of the article. It says nothing of money.",),
)
STRANGERS = [
    Example("qamr", "Who fell?", "", (f"A stranger fell number {n}.",), (0,), f"number {n}")
    for n in range(5)
]


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 10_000), st.sampled_from(["squad_train_part", OWN]))
def test_what_a_sample_says_answers_does(seed: int, source: str) -> None:
    example = Example(source, *[getattr(EXAMPLE, name) for name in EXAMPLE.__slots__[1:]])
    sample = Sampler(STRANGERS, seed).sample(example)
    assert sample.answers is not None
    holds = [n for n, each in enumerate(sample.sentences) if EXAMPLE.span in each]
    assert list(sample.answers) == holds
    assert sum(len(each.split()) for each in sample.sentences) <= LONGEST_WINDOW + 40


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_a_single_sentence_is_set_among_strangers(seed: int) -> None:
    example = STRANGERS[0]
    sample = Sampler(STRANGERS[1:], seed).sample(example)
    assert len(sample.sentences) > 1
    answering = [n for n, each in enumerate(sample.sentences) if each == example.sentences[0]]
    assert sample.answers is not None
    assert list(sample.answers) == answering


def test_the_same_seed_makes_the_same_sample() -> None:
    one, other = (Sampler(STRANGERS, 3).sample(EXAMPLE) for _ in range(2))
    assert one == other


def test_our_own_articles_are_sound() -> None:
    """Every answer is a sentence that can be one, and the files belong together."""
    articles = own_examples(ROOT / "data" / "reader")
    assert len(articles) == 1610
    assert len({article[0].headline for article in articles}) == 1610
    for article in articles:
        assert len(article) >= 8
        for each in article:
            assert each.question.strip()
            assert each.answers is not None
            assert all(0 <= n < len(each.sentences) for n in each.answers)


def test_no_gold_question_is_trained_on() -> None:
    trained = {
        each.question.casefold()
        for article in own_examples(ROOT / "data" / "reader")
        for each in article
    }
    for file in (ROOT / "data" / "gold").glob("*.jsonl"):
        for line in file.read_text("utf-8").splitlines():
            assert json.loads(line)["question"].casefold() not in trained


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ({"answer": "Mellor"}, [((1,), "Mellor")]),
        ({"answer": "bridge"}, []),
        ({"answer": None}, []),
        ({"answer": None, "source": "boolq"}, [(None, "")]),
        ({"answer": None, "source": "fever_claims"}, []),
        ({"passage": None}, []),
    ],
)
def test_public_pairs(tmp_path: Path, pair: dict[str, object], expected: list[object]) -> None:
    whole = {
        "source": "squad_train_part",
        "question": "Who paid?",
        "passage": "The bridge is new. The Mellor family paid for the bridge.",
        "answer": "Mellor",
        "title": "Bridge",
        "negatives": ["x"],
    }
    with gzip.open(tmp_path / "pairs.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(whole | pair) + "\n")
    assert [(each.answers, each.span) for each in public_examples(tmp_path)] == expected
