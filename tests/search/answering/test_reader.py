"""The reader that comes with the package."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import ModelError
from search.answering import reader as module
from search.answering.reader import OpenVinoReader, open_reader

pytestmark = pytest.mark.model

HEADLINE = "Meridian flight turns back over cracked windshield"
SENTENCES = (
    "A Meridian jet bound for Denver came back to Portland on Sunday after its windshield cracked.",
    "Nobody on board was hurt.",
    "How many people were on the plane?",
    "The Boeing, with 158 people aboard, landed at 3:52 p.m.",
    "Another aircraft took them to Denver, where they arrived shortly before 10 p.m.",
    "The airline did not say what the repair will cost.",
)


@pytest.fixture(scope="module")
def reader() -> OpenVinoReader:
    found = open_reader(2)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many passengers were there?", 3),
        ("was anyone injured", 1),
        ("why did the flight to Denver return", 0),
        ("When did the travelers finally get to Denver?", 4),
    ],
)
def test_the_right_sentence(reader: OpenVinoReader, question: str, answer: int) -> None:
    odds = reader.read(question, [(HEADLINE, SENTENCES)])[0]
    assert odds.shape == (len(SENTENCES),)
    assert odds.dtype == np.float32
    assert int(np.argmax(odds)) == answer


def test_what_nothing_answers_has_lower_odds(reader: OpenVinoReader) -> None:
    there = reader.read("How many passengers were there?", [(HEADLINE, SENTENCES)])[0].max()
    for missing in ("Who was the captain of the flight?", "When was the windshield last checked?"):
        assert reader.read(missing, [(HEADLINE, SENTENCES)])[0].max() < there


def test_texts_are_read_each_by_itself_in_any_thread(reader: OpenVinoReader) -> None:
    texts = [(HEADLINE, SENTENCES[:n]) for n in range(1, 7)]
    together = reader.read("was anyone injured", texts)
    with ThreadPoolExecutor(4) as pool:
        alone = list(pool.map(lambda text: reader.read("was anyone injured", [text])[0], texts * 3))
    for one, other in zip(alone, together * 3, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)


def test_nothing_to_read(reader: OpenVinoReader) -> None:
    assert reader.read("was anyone injured", []) == []
    assert reader.read("was anyone injured", [(HEADLINE, [])])[0].shape == (0,)
    assert reader.read("", [("", ["", " ", "\u200b"])])[0].shape == (3,)


def test_a_sentence_beyond_the_window_is_no_answer(reader: OpenVinoReader) -> None:
    long = [*[" ".join(["word"] * 60)] * 6, SENTENCES[1]]
    odds = reader.read("was anyone injured", [(HEADLINE, long)])[0]
    assert odds[-1] < -1000
    assert (odds[:3] > -100).all()


def test_a_damaged_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in module.DIGESTS:
        (tmp_path / name).write_bytes((module.MODEL / name).read_bytes())
    with (tmp_path / "reader.bin").open("r+b") as file:
        file.seek(1000)
        file.write(b"\xff\x00\xff")
    monkeypatch.setattr(module, "MODEL", tmp_path)
    with pytest.raises(ModelError, match=r"reader\.bin is damaged"):
        open_reader(1)


def test_without_openvino_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError

    monkeypatch.setattr(module, "load_openvino", missing)
    assert open_reader(1) is None
