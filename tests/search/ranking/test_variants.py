"""Spellings of one name, told by the company that they keep."""

from pathlib import Path

import pytest

from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from search.question.query import Query
from search.ranking.variants import Variants
from tests.conftest import Build, open_index
from tests.support.corpus import record
from tests.support.fakes import FakeEmbedder

WAR = "President Volodymyr {name} of Ukraine asked the allies for more air defence on {day}."
ARTICLES = [
    record("a", "Allies meet", [WAR.format(name="Zelensky", day="Monday")] * 3),
    record("b", "Allies meet again", [WAR.format(name="Zelensky", day="Friday")] * 3),
    record("c", "Air defence asked for", [WAR.format(name="Zelenskyy", day="Sunday")] * 3),
    record("d", "Tbilisi", ["In Georgia the vines of Kakheti were pruned before the snow fell."]),
    record("e", "A mayor", ["George Dunn, the mayor of Elm, opened a swimming pool for dogs."]),
    record("f", "Seasons", ["The winters were long; the wintars, she wrote, were longer still."]),
]


@pytest.fixture
def index(build: Build, index: Path) -> Path:
    build({"all.jsonl": "\n".join(ARTICLES).encode()})
    return index


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what did Zelensky ask for", [("Zelensky", ("Zelenskyy",))]),
        ("what did zelenskyy ask for", [("zelenskyy", ("Zelensky",))]),
        ("who pruned the vines of Georgia", []),
        ("George Dunn", []),
        ("long winters", []),
        ("Zelenskii", []),
        ("", []),
    ],
)
def test_spellings(index: Path, text: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    variants = Variants(LocalIndex(IndexFolder(index).open_current()))
    found = variants.of(text)
    assert [(each.written, each.also) for each in found] == expected
    assert [text[each.start : each.end] for each in found] == [each.written for each in found]
    assert variants.of(text) == found


def test_articles_of_the_other_spelling_are_found_by_words(
    index: Path, embedder: FakeEmbedder
) -> None:
    searcher = open_index(index, embedder)
    query = Query(text="Zelensky", mode="lexical", explain=True)
    found = searcher.search(query)
    assert {hit.article.id for hit in found.hits} == {"a", "b", "c"}
    assert [each.also for each in found.variants] == [("Zelenskyy",)]
    for hit in found.hits:
        words = {match.of(hit.article.text) for match in hit.matches}
        assert words <= {"Zelensky", "Zelenskyy"}
        assert words
