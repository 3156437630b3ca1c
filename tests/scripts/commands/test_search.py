"""The command search: its output for people and for programs."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from scripts.cli import main
from search.http.api import create_api
from search.live import LiveSearcher
from tests.conftest import Build, settings_for
from tests.support.corpus import BAKERY, FERRY
from tests.support.printing import make_pdf

pytestmark = pytest.mark.usefixtures("fake_model")

Captured = pytest.CaptureFixture[str]


def test_search(corpus_index: Path, capsys: Captured) -> None:
    question = "council voted to build a tram line"
    assert main(["search", question, "--floor", "0", "--index", str(corpus_index)]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == " 1. Council votes for a harbour tram"
    assert lines[1] == "    Kestrel Post · 2024-04-22"
    assert "tram line" in lines[2]
    assert sum(line[:3].strip().rstrip(".").isdigit() for line in lines) == 8
    assert "\x1b" not in out
    assert err == ""


def test_search_json_is_what_the_service_answers(corpus_index: Path, capsys: Captured) -> None:
    options = ["--limit", "3", "--offset", "1", "--mode", "semantic", "--group", "story"]
    options += ["--floor", "0"]
    assert main(["search", "bakery", "--index", str(corpus_index), "--json", *options]) == 0
    printed = json.loads(capsys.readouterr().out)
    api = create_api(LiveSearcher(settings_for(corpus_index)), threads=1)
    with TestClient(api) as client:
        served: dict[str, Any] = client.get(
            "/v1/search",
            params={
                "q": "bakery",
                "limit": 3,
                "offset": 1,
                "mode": "semantic",
                "group": "story",
                "floor": 0,
            },
        ).json()
    del printed["took_ms"], served["took_ms"]
    assert printed == served
    assert [hit["rank"] for hit in printed["hits"]] == [2, 3, 4]


def test_nothing_found(corpus_index: Path, capsys: Captured) -> None:
    arguments = ["search", "Xylophon", "--mode", "lexical", "--index", str(corpus_index)]
    assert main(arguments) == 0
    assert capsys.readouterr() == ("", "nothing found\n")


@pytest.mark.parametrize(
    "arguments", [["  "], ["q", "--limit", "0"], ["q", "--limit", "101"], ["q" * 1001],
                  ["q", "--offset", "901"]]
)  # fmt: skip
def test_a_wrong_question(corpus_index: Path, arguments: list[str], capsys: Captured) -> None:
    assert main(["search", *arguments, "--index", str(corpus_index)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("article-search: ")


def test_a_question_in_broken_utf8(corpus_index: Path, capsys: Captured) -> None:
    for options in ([], ["--json"]):
        question = b"caf\xe9 bakery".decode("utf-8", "surrogateescape")
        assert main(["search", question, "--index", str(corpus_index), *options]) == 0
        assert "Millbrook" in capsys.readouterr().out


def test_the_page_of_a_pdf(build: Build, index: Path, capsys: Captured) -> None:
    bakery, ferry = ([(50.0, 700.0, 9.0, text[0])] for text in (BAKERY, FERRY))
    build({"a.pdf": make_pdf([bakery, ferry])})
    for question, page in (("rye bread of the bakery", 1), ("the night ferry", 2)):
        asked = ["search", question, "--mode", "lexical", "--index", str(index)]
        assert main(asked) == 0
        assert f"    page {page}" in capsys.readouterr().out.splitlines()
        assert main([*asked, "--json"]) == 0
        (hit,) = json.loads(capsys.readouterr().out)["hits"]
        assert hit["page"] == page


def test_articles_do_not_steer_the_terminal(
    build: Build, index: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "Evil \x1b]0;owned\x07 \x9b31m title \u202e txt"
    record = {"title": evil, "source": "S\x1b[2J\u2066", "text": "\n".join(BAKERY) + " \u202e end."}
    build({"a.json": json.dumps(record).encode()})
    assert main(["search", "bakery", "--index", str(index)]) == 0
    out, _ = capsys.readouterr()
    assert "Evil" in out
    assert all(character.isprintable() or character == "\n" for character in out)
