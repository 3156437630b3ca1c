"""The shapes that JSON comes in."""

import json
from pathlib import Path
from typing import Any

import pytest

from indexer.article import Document, Rejected
from indexer.reading.documents import read_documents

RECORDS = [{"title": f"Story {number}", "text": f"Text {number}."} for number in range(3)]

SHAPES: dict[str, str] = {
    "lines": "\n".join(map(json.dumps, RECORDS)),
    "array": json.dumps(RECORDS),
    "pretty array": json.dumps(RECORDS, indent=2),
    "in a row": "\n".join(json.dumps(each, indent=2) for each in RECORDS),
    "in a row, without a space": "".join(json.dumps(each, indent=2) for each in RECORDS),
    "in a row, with commas": ",\n".join(json.dumps(each, indent=2) for each in RECORDS),
    "around a list": json.dumps({"status": "ok", "articles": RECORDS}),
    "around a list, deep": json.dumps({"response": {"total": 3, "docs": RECORDS}}, indent=1),
    "hits": json.dumps(
        {"hits": {"hits": [{"_id": n, "_source": r} for n, r in enumerate(RECORDS)]}}
    ),
    "columns": json.dumps({n: {str(i): r[n] for i, r in enumerate(RECORDS)} for n in RECORDS[0]}),
    "columns of lists": json.dumps({name: [r[name] for r in RECORDS] for name in RECORDS[0]}),
    "split": json.dumps(
        {
            "columns": ["title", "text"],
            "index": [0, 1, 2],
            "data": [list(r.values()) for r in RECORDS],
        }
    ),
    "table": json.dumps({"schema": {"fields": [{"name": "text"}]}, "data": RECORDS}),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.ndjson", "dump"])
def test_three_articles_whatever_the_shape_and_the_name(
    tmp_path: Path, shape: str, name: str
) -> None:
    (tmp_path / name).write_text(SHAPES[shape], "utf-8")
    found = list(read_documents(tmp_path / name))
    assert [
        (each.location, each.title, each.content) for each in found if isinstance(each, Document)
    ] == [
        (f"{tmp_path / name}:{number + 1}", record["title"], record["text"])
        for number, record in enumerate(RECORDS)
    ]
    assert len(found) == 3


def test_a_feed_names_its_outlet(tmp_path: Path) -> None:
    feed: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": "Skerry Post"}
    items = [{"id": "1", "title": "Vote", "content_html": "<p>They voted.</p>"}]
    (tmp_path / "feed.json").write_text(json.dumps({**feed, "items": items}), "utf-8")
    (document,) = read_documents(tmp_path / "feed.json")
    assert isinstance(document, Document)
    assert (document.source, document.format) == ("Skerry Post", "html")


def test_an_object_without_an_article(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        '{"name": "x", "list": [{"a": 1}, {"b": [{"c": 2}]}]}', "utf-8"
    )
    (rejected,) = read_documents(tmp_path / "a.json")
    assert isinstance(rejected, Rejected)
    assert rejected.reason.startswith("has no text")


@pytest.mark.parametrize(
    "body",
    [
        {"text": [{"type": "p", "text": "One."}, {"type": "p", "text": "Two."}]},
        {"content": {"blocks": [{"content": "One."}, {"content": "Two."}]}},
        {"content_elements": [{"type": "text", "content": "One."}, {"content": "Two."}]},
        {"content": [{"type": "text/plain", "value": "One.\n\nTwo."}], "summary": "A teaser."},
        {"paragraphs": ["One.", "Two."]},
        {"content": {"text": "One.\n\nTwo."}},
        {"body": [{"value": "One.\n\nTwo."}]},
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_paragraphs_that_are_objects(tmp_path: Path, body: dict[str, Any], name: str) -> None:
    record = {"headline": {"default": "Ferry"}, "date": "2024-03-15", **body}
    (tmp_path / name).write_text(json.dumps(record), "utf-8")
    (document,) = read_documents(tmp_path / name)
    assert isinstance(document, Document)
    assert (document.title, document.date) == ("Ferry", "2024-03-15")
    assert document.content == "One.\n\nTwo."


@pytest.mark.parametrize(
    "outer",
    [
        {"data": {"id": "7", "attributes": {"title": "Ferry", "body": "It sails."}}},
        {"article": {"title": "Ferry", "text": "It sails."}, "status": "ok"},
        {"page_content": "It sails.", "metadata": {"title": "Ferry"}},
        {"result": {"deep": {"title": "Ferry", "text": "It sails."}}},
    ],
)
def test_an_article_inside_an_object(tmp_path: Path, outer: dict[str, Any]) -> None:
    (tmp_path / "a.json").write_text(json.dumps(outer), "utf-8")
    (document,) = read_documents(tmp_path / "a.json")
    assert isinstance(document, Document)
    assert (document.title, document.content) == ("Ferry", "It sails.")


def test_articles_by_their_ids(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        json.dumps({f"a{n}": r for n, r in enumerate(RECORDS)}), "utf-8"
    )
    found = [each for each in read_documents(tmp_path / "a.json") if isinstance(each, Document)]
    assert [(each.id, each.title) for each in found] == [
        (f"a{n}", record["title"]) for n, record in enumerate(RECORDS)
    ]


def test_objects_of_objects_are_no_table(tmp_path: Path) -> None:
    outer = {f"c{n}": {f"k{n}-{m}": "x" for m in range(300)} for n in range(300)}
    (tmp_path / "a.json").write_text(json.dumps(outer), "utf-8")
    (rejected,) = read_documents(tmp_path / "a.json")
    assert isinstance(rejected, Rejected)
