"""A generation in a folder: its files must belong together, and a filter is exact."""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.analysis import all_stems
from indexer.errors import IndexDamaged
from indexer.pipeline import reindex
from indexer.storage.articles import Articles
from indexer.storage.filter import Filter
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from indexer.storage.manifest import Generation
from indexer.storage.rows import plain_id
from tests.conftest import Build
from tests.support.corpus import CORPUS, generated
from tests.support.fakes import FakeEmbedder
from tests.support.memory_index import MemoryIndex


@pytest.fixture
def generation(corpus_index: Path, tmp_path: Path) -> Generation:
    """A copy of a generation, whose files may be changed."""
    live = IndexFolder(corpus_index).open_current()
    return replace(live, path=Path(shutil.copytree(live.path, tmp_path / "copy")))


def _files(generation: Generation) -> Iterable[tuple[str, tuple[int, str]]]:
    return generation.manifest.files.items()


@pytest.mark.parametrize("name", ["articles.db", "vectors.faiss", "lexical", "tokens.bin"])
def test_files_of_two_generations_are_refused(
    generation: Generation, build: Build, index: Path, name: str
) -> None:
    assert len(LocalIndex(generation).idf) > 0
    build(generated(3))
    live = IndexFolder(index).open_current()
    place = name if name == "lexical" else f"segments/0/{name}"
    other, file = live.path / place, generation.path / place
    if file.is_dir():
        shutil.rmtree(file)
        shutil.copytree(other, file)
    else:
        shutil.copy2(other, file)
    # Another of the same name may be open already.
    files = {file: (size, f"{digest}, copied") for file, (size, digest) in _files(generation)}
    generation = replace(generation, manifest=replace(generation.manifest, files=files))
    with pytest.raises(IndexDamaged, match=f"passages in .*{name}, 8 in the manifest"):
        LocalIndex(generation)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"dimension": 33}, "32 numbers a vector in segments/0/vectors.faiss, 33 in the manifest"),
        ({"passages": 9}, "8 live passages in articles.db, 9 in the manifest"),
        ({"articles": 9}, "8 articles in corpus.db, 9 in the manifest"),
    ],
)
def test_a_manifest_of_other_files_is_refused(
    generation: Generation, changes: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(IndexDamaged, match=wrong):
        LocalIndex(replace(generation, manifest=replace(generation.manifest, **changes)))


# Of each field one that lets some passages through; two together are what both let through.
FILTERS: list[dict[str, Any]] = [
    {"values": {"source": ("kestrel post", "teal times", "Nobody")}},
    {"values": {"author": ("adeyemi",)}},
    {"values": {"site": ("kestrel.example",)}},
    {"first_day": date(2024, 3, 1)},
    {"last_day": date(2024, 4, 22)},
    {"phrases": ("council harbour", "rye harbour")},
    {"titles": ("harbour",)},
    {"excluded": ("market referee", "mite")},
    {"without_passages": (0, 3)},
    {"without_articles": (1, 2)},
    {"without_stories": (0,)},
]
CHOSEN = [Filter(**each) for each in FILTERS] + [
    Filter(**one, **other)
    for one, other in combinations(FILTERS, 2)
    if not one.keys() & other.keys()
]


def test_a_filter_lets_through_what_its_definition_says(
    build: Build, index: Path, embedder: FakeEmbedder
) -> None:
    # Articles of several passages, with words of their headlines in other texts.
    build({**CORPUS, **generated(12)})
    live = IndexFolder(index).open_current()
    local, exact = LocalIndex(live), MemoryIndex(live, embedder)
    for chosen in CHOSEN:
        found, expected = local.narrow(chosen), exact.narrow(chosen)
        assert np.flatnonzero(found.allowed).tolist() == expected.allowed, chosen
        assert (found.passages, found.relaxed) == (expected.passages, expected.relaxed), chosen
    alone = [local.narrow(Filter(**each)).passages for each in FILTERS]
    assert all(0 < passages < live.manifest.passages for passages in alone), alone


def test_a_filter_of_nothing_but_unknown_phrases_lets_all_through(corpus_index: Path) -> None:
    live = IndexFolder(corpus_index).open_current()
    for phrases in ((), ("zyzzyva", "bread rye")):
        found = LocalIndex(live).narrow(Filter(phrases=phrases))
        assert found.allowed is None
        assert (found.passages, found.relaxed) == (live.manifest.passages, phrases)


class Both:
    """An index of segments, and one of the same files that was built at once.

    number: of each passage of the first that is there, its number in the second
    """

    def __init__(self, grown: LocalIndex, whole: LocalIndex) -> None:
        self.grown, self.whole = grown, whole
        here, there = self._passages(grown), self._passages(whole)
        assert here.keys() == there.keys()
        self.number = {here[name]: there[name] for name in here}

    def _passages(self, index: LocalIndex) -> dict[tuple[str, int, str], int]:
        """Every passage there is, by its article, its place in that, and its text."""
        return {
            (each.article.id, passage.passage.span.start, text): passage.number
            for each, passages in Articles(index.generation).everything()
            for passage, _ in passages
            for text in [passage.passage.span.of(each.article.text)]
        }


@pytest.fixture
def both(grown: Generation, tmp_path: Path, embedder: FakeEmbedder) -> Both:
    reindex([tmp_path / "articles-1"], tmp_path / "whole", embedder, None)
    whole = IndexFolder(tmp_path / "whole").open_current()
    assert len(whole.manifest.segments) == 1
    return Both(LocalIndex(grown), LocalIndex(whole))


SOME: list[dict[str, Any]] = [
    {},
    {"values": {"source": ("source 1", "source 3")}},
    {"first_day": date(2024, 6, 1)},
    {"last_day": date(2024, 6, 1)},
    {"phrases": ("the heath",)},
    {"titles": ("harbour",)},
    {"excluded": ("harbour",)},
    {"excluded": ("heath is wide",), "last_day": date(2024, 12, 1)},
]


def test_segments_answer_as_an_index_that_was_built_at_once(
    both: Both, embedder: FakeEmbedder
) -> None:
    grown, whole, number = both.grown, both.whole, both.number
    vector = embedder.embed_query("the heath is wide today").vector
    terms, told = all_stems("the heath is wide today"), 0
    for chosen in (Filter(**each) for each in SOME):
        here, there = grown.narrow(chosen), whole.narrow(chosen)
        assert (here.passages, here.relaxed) == (there.passages, there.relaxed), chosen
        assert (here.allowed is None) == (there.allowed is None), chosen
        if here.allowed is not None:
            allowed = [number[passage] for passage in np.flatnonzero(here.allowed).tolist()]
            assert sorted(allowed) == np.flatnonzero(there.allowed).tolist(), chosen
        found, expected = grown.nearest(vector, 8, here), whole.nearest(vector, 8, there)
        np.testing.assert_allclose(found.scores, expected.scores, atol=1e-5)
        assert {number[n] for n in found.passages.tolist()} == {*expected.passages.tolist()}, chosen
        # What is gone still counts in the frequencies of words, so scores may differ.
        matched = {number[n] for n in grown.matching(terms, 99, here).passages.tolist()}
        assert matched == {*whole.matching(terms, 99, there).passages.tolist()}, chosen
        newest = np.array([number[n] for n in grown.newest(99, here).tolist()], np.int64)
        assert sorted(newest.tolist()) == sorted(whole.newest(99, there).tolist()), chosen
        days = whole.columns(newest).day.tolist()
        assert days == sorted(days, reverse=True), chosen
        told += 0 < here.passages < whole.generation.manifest.passages
    # Nearly every one of them leaves something out, and something in.
    assert told >= len(SOME) - 2


def test_passages_of_segments_hold_what_those_of_one_do(both: Both) -> None:
    grown, whole = both.grown, both.whole
    passages, alike = [*both.number], [*both.number.values()]
    here, there = np.array(passages), np.array(alike)
    np.testing.assert_array_equal(grown.vectors(here), whole.vectors(there))
    for one, other in zip(grown.codes(passages), whole.codes(alike), strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(
        grown.sentence_tokens(passages), whole.sentence_tokens(alike), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    found, expected = grown.columns(here), whole.columns(there)
    assert found.day.tolist() == expected.day.tolist()
    assert found.place.tolist() == expected.place.tolist()
    for name, values in found.values.items():
        assert [values.names[code] if code >= 0 else None for code in values.codes] == [
            expected.values[name].names[code] if code >= 0 else None
            for code in expected.values[name].codes
        ]


def test_headlines_of_what_changed_are_suggested_and_of_what_is_gone_are_not(both: Both) -> None:
    grown, whole = both.grown, both.whole
    written = [stored.article for stored, _ in Articles(grown.generation).written()]
    gone = [each for each in written if whole.by_id(plain_id(each.id)) is None]
    assert [grown.suggest(each.title, 9) for each in gone] == [[]]
    # One of the rest is there twice: as it was, and as it is.
    left = [each for each in written if each not in gone]
    assert len({each.id for each in left}) == len(left) - 1
    for each in left:
        found = grown.suggest(each.title, 9)
        assert [one.text for one in found] == [each.title]
        assert found == whole.suggest(each.title, 9)
