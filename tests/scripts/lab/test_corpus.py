"""Made articles: the same ones everywhere, and what becomes of their files."""

import json
from itertools import islice
from pathlib import Path

from scripts.lab.corpus import (
    ARTICLE_BOUNDS,
    WORDS_A_PASSAGE,
    made_articles,
    revise,
    with_paragraph_of,
    write_article,
    write_corpus,
)


def test_the_same_articles_every_time() -> None:
    articles = list(islice(made_articles(), 5))
    assert articles == list(islice(made_articles(), 5))
    assert [each["_id"] for each in articles[:2]] == ["synthetic-000000", "synthetic-000001"]
    assert len({each["text"] for each in articles}) == 5
    for article in articles:
        assert set(article) == {"_id", "title", "text", "date", "source", "author"}
        assert len(article["text"].split()) >= ARTICLE_BOUNDS[0]


def test_shorter_articles() -> None:
    short, long = (
        sum(len(each["text"]) for each in islice(made_articles(words), 20)) for words in (150, 600)
    )
    assert long > 2 * short


def test_a_corpus_of_the_size_asked_for(tmp_path: Path) -> None:
    articles = [json.loads(line) for line in write_corpus(tmp_path, 40).read_text().splitlines()]
    words = [len(each["text"].split()) for each in articles]
    assert sum(words[:-1]) < 1.01 * 40 * WORDS_A_PASSAGE <= sum(words)


def test_an_edited_paragraph() -> None:
    article, other = {"_id": "a", "text": "A\n\nB\n\nC"}, {"_id": "b", "text": "D\n\nE"}
    assert with_paragraph_of(article, other) == {"_id": "a", "text": "A\n\nD\n\nC"}


def test_an_article_is_written_over(tmp_path: Path) -> None:
    for text in ("old", "new"):
        file = write_article(tmp_path, {"_id": "a", "text": text})
    assert file == tmp_path / "a.json"
    assert json.loads(file.read_text())["text"] == "new"


def test_revised_articles(tmp_path: Path) -> None:
    articles = list(islice(made_articles(), 20))
    for article in articles:
        write_article(tmp_path, article)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert len(before) == 20
    third, tenth, another = slice(0, None, 3), slice(1, None, 10), slice(2, None, 10)
    revise(tmp_path, articles, changed=third, removed=tenth, renamed=another)
    after = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert {name for name in after if name.startswith("renamed-")} == {
        "renamed-synthetic-000002.json",
        "renamed-synthetic-000012.json",
    }
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    assert len(gone) == 4  # two removed, two renamed
    assert len(new) == 2  # the renamed
    changed = [name for name in before.keys() & after.keys() if before[name] != after[name]]
    assert len(changed) == 6
