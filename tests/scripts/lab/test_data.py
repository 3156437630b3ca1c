"""Evaluation data and questions, read from files and made of an index."""

import gzip
import json
from pathlib import Path

import pytest

from indexer.errors import InputError
from indexer.storage.articles import Articles
from indexer.storage.folder import IndexFolder
from indexer.storage.parts import Parts
from scripts.lab.data import Pages, read_records
from scripts.lab.questions import collect_questions, read_questions
from search.question.query import MAX_QUESTION


def test_records_packed_and_not(tmp_path: Path) -> None:
    records = [{"_id": "1", "text": "with \u2028 inside"}, {"_id": "2"}]
    content = "\n".join(json.dumps(each, ensure_ascii=False) for each in records).encode()
    (tmp_path / "a.jsonl").write_bytes(content)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(content))
    for name in ("a.jsonl", "a.jsonl.gz"):
        assert list(read_records(tmp_path / name)) == records


def test_a_folder_of_pages(tmp_path: Path) -> None:
    for name in ("text", "html"):
        (tmp_path / name).mkdir()
    (tmp_path / "gold.json").write_text(json.dumps({"b": {"title": "B"}, "a": {"title": "A"}}))
    (tmp_path / "text" / "a.txt").write_bytes(b"caf\xe9")
    (tmp_path / "html" / "a.html.gz").write_bytes(gzip.compress(b"<p>\xff"))
    pages = Pages(tmp_path)
    assert list(pages.gold().items()) == [("a", {"title": "A"}), ("b", {"title": "B"})]
    assert (pages.text("a"), pages.html("a")) == ("caf\ufffd", "<p>\ufffd")


def test_questions_of_a_file(tmp_path: Path) -> None:
    plain = tmp_path / "questions.txt"
    plain.write_text(f" who\twas it \n\nwho was it\n{'a' * 2000}\n")
    assert read_questions(plain) == ["who was it", "a" * MAX_QUESTION]
    packed = tmp_path / "queries.jsonl.gz"
    packed.write_bytes(gzip.compress(b'{"_id": "1", "text": "who was it"}\n{"text": "why"}\n'))
    assert read_questions(packed) == ["who was it", "why"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("q.txt", b" \n\n"), ("q.txt", b"\xff"), ("q.jsonl", b"{}"), ("q.jsonl", b"no json"),
     ("q.jsonl.gz", b"not packed")],
)  # fmt: skip
def test_files_without_questions(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError):
        read_questions(tmp_path / name)
    with pytest.raises(InputError):
        read_questions(tmp_path / "missing")


def test_questions_made_of_an_index(
    corpus_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = IndexFolder(corpus_index).open_current()
    file = tmp_path / "questions.txt"
    file.write_text("who was it\nwhy was it\n")
    questions = collect_questions(generation, 10, file)
    assert len(set(questions.texts)) == 10
    assert questions.from_file == 2
    assert set(questions.texts[:2]) == {"who was it", "why was it"}
    assert questions == collect_questions(generation, 10, file)
    texts = " ".join(each.article.text for each, _ in Articles(generation).everything()).casefold()
    for question in questions.texts[2:]:
        asking, *words = question.split()
        assert asking in ("what", "who", "when", "where", "why", "how")
        assert 3 <= len(words) <= 7
        assert all(word in texts for word in words)
    monkeypatch.setattr("scripts.lab.questions.ATTEMPTS", 0)
    with pytest.raises(InputError, match="only 0 of 3 distinct questions could be made"):
        collect_questions(generation, 3, None)


def test_parts_of_an_index(corpus_index: Path) -> None:
    generation = IndexFolder(corpus_index).open_current()
    parts = Parts.open(generation)
    passages = generation.manifest.passages
    assert len(parts.vectors) == len(parts.words) == len(parts.tokens) == passages
    assert parts.articles is parts.articles
    assert len(list(parts.articles.everything())) == generation.manifest.articles
