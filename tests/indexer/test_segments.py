"""Articles that are added become a segment of their own; it is searched as if it were not."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import get_args

import pytest

from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import Generation, Segment
from indexer.verify import verify
from search.engine import Searcher
from search.question.query import Mode, Query
from tests.conftest import Run, WriteFiles, content_of, open_index, rebuilt, write_tree
from tests.support.corpus import BAKERY, FERRY, generated, record
from tests.support.fakes import CountingEmbedder, FakeEmbedder
from tests.support.runs import Update
from tests.support.segments import OLD, ferry_article, found_by, held_by, live_of

pytestmark = pytest.mark.usefixtures("however_small")
MODES: tuple[Mode, ...] = get_args(Mode)
# Words that are in no other article.
ASKED = "night ferry Lowick sandbank"


def _inodes(generation: Generation) -> dict[str, int]:
    return {name: (generation.path / name).stat().st_ino for name in generation.manifest.files}


def test_one_article_more_writes_no_other_again(source: Path, run: Run, index: Path) -> None:
    before = live_of(index)
    write_tree(source, {"ferry.json": ferry_article()})
    model = CountingEmbedder()
    summary = run(source, model=model)
    assert (summary.added, summary.unchanged) == (1, OLD)
    assert summary.embedded == model.embedded == summary.passages - before.manifest.passages == 1
    live = live_of(index)
    old, new = live.manifest.segments
    (former,) = before.manifest.segments
    assert old == former
    assert new == Segment(
        first_article=OLD,
        articles=1,
        first_passage=former.passages,
        passages=1,
        tokens=new.tokens,
        vector_index="flat",
    )
    assert new.tokens > 0
    assert (live.manifest.articles, live.manifest.passages) == (OLD + 1, former.passages + 1)
    shared, inodes = _inodes(before), _inodes(live)
    same = {name for name, inode in inodes.items() if shared.get(name) == inode}
    assert same > {name for name in shared if name.startswith("segments/0/")}
    # Of the words too nothing is written again but how many there are.
    assert {name for name in inodes if name.startswith("segments/")} - same == {
        f"segments/{OLD}/{name}"
        for name in ("articles.db", "terms.db", "tokens.bin", "vectors.faiss")
    }
    assert {name for name in same if name.startswith("lexical/")}
    assert "corpus.db" not in same


def test_what_is_old_and_what_is_new_is_found(
    grown: Path, index: Path, embedder: FakeEmbedder
) -> None:
    searcher = open_index(index, embedder)
    old = json.loads((grown / "0003.json").read_text())
    asked = old["text"].split("\n\n")[0][:200]
    for mode in MODES:
        assert found_by(searcher, ASKED, mode=mode)[0] == "ferry"
        assert found_by(searcher, asked, mode=mode)[0] == "g3"
        assert found_by(searcher, ASKED, mode=mode, sources=["Vale Echo"]) == ["ferry"]
        assert "ferry" not in found_by(searcher, ASKED, mode=mode, sources=["Source 1"])
        assert "ferry" not in found_by(searcher, f"{ASKED} -sandbank", mode=mode)
    assert verify(live_of(index), embedder) == []


def test_searches_by_meaning_give_what_they_give_of_one_segment(
    grown: Path, index: Path, embedder: FakeEmbedder, tmp_path: Path, run: Run
) -> None:
    def answers() -> list[object]:
        searcher = open_index(index, embedder)
        query = Query(text=ASKED, mode="semantic", limit=100, group="passage")
        results = searcher.search(query)
        hits = [(hit.article.id, hit.passage, round(hit.score, 5)) for hit in results.hits]
        return [hits, results.total, results.facets]

    before = answers()
    run(compact=True)
    assert held_by(index) == [OLD + 1]
    assert answers() == before


def test_compacting_gives_what_a_build_at_once_gives(
    grown: Path, update: Update, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    (grown / "0004.json").unlink()
    update(grown)
    assert held_by(index) == [OLD, 1]
    summary, embedded = update(compact=True)
    assert (summary.published, summary.kept, summary.embedded, embedded) == (True, OLD, 0, 0)
    assert content_of(index) == rebuilt([grown], tmp_path / "new", embedder)
    # Once is enough; and with a path it is read as well.
    assert not update(compact=True)[0].published
    write_tree(grown, {"bakery.json": record("bakery", "Last loaves", BAKERY).encode()})
    assert update(grown, compact=True)[0].added == 1
    assert held_by(index) == [OLD + 1]
    assert content_of(index) == rebuilt([grown], tmp_path / "newer", embedder)


def _suggested(searcher: Searcher, prefix: str) -> list[str]:
    return [each.text for each in searcher.suggest(prefix, 10)]


def _shown(searcher: Searcher) -> Iterable[tuple[str, bool]]:
    """Wherever the article of the ferry may be shown, and whether it is."""
    for mode in MODES:
        yield f"{mode}", "ferry" in found_by(searcher, ASKED, mode=mode)
        by_source = Query(text=ASKED, mode=mode, sources=("Vale Echo",), floor=0)
        yield f"{mode} of an outlet", searcher.search(by_source).total > 0
        facets = searcher.search(Query(text=ASKED, mode=mode, limit=100, floor=0)).facets
        named = [each.value for counts in facets.values.values() for each in counts]
        yield f"{mode} facets", bool({"Vale Echo", "Ida Holm"} & set(named))
    yield "newest", "ferry" in found_by(searcher, "after:2024-03-11 before:2024-03-13")
    yield "title", "ferry" in found_by(searcher, 'title:"runs aground"')
    yield "phrase", "ferry" in found_by(searcher, '"ran aground on a sandbank"')
    yield "id", searcher.article("ferry") is not None
    yield "suggestions", "Night ferry runs aground" in _suggested(searcher, "night f")
    copy = searcher.article("copy")
    assert copy is not None
    members = searcher.story(copy.story).members
    yield "story", "ferry" in [each.article.id for each in members]
    hit = searcher.search(Query(text=ASKED, group="story", floor=0)).hits[0]
    outlines = hit.story.members if hit.story else ()
    yield "story of a hit", "ferry" in [each.id for each in outlines]


def _remove(folder: Path) -> None:
    (folder / "ferry.json").unlink()


def _rename(folder: Path) -> None:
    """Another article in its place."""
    text = record("tram", "A tram to the harbour", BAKERY, source="Kestrel Post").encode()
    write_tree(folder, {"ferry.json": text})


@pytest.mark.parametrize("change", [_remove, _rename])
@pytest.mark.parametrize("first", [True, False], ids=["of the first", "of the last"])
def test_an_article_that_is_gone_is_shown_nowhere(
    write_files: WriteFiles,
    run: Run,
    index: Path,
    embedder: FakeEmbedder,
    first: bool,
    change: Callable[[Path], None],
) -> None:
    copy = record("copy", "Ferry on a sandbank", FERRY, source="Teal Times", date="2024-03-13")
    files = {"ferry.json": ferry_article()}
    folder = write_files({**generated(OLD), "copy.json": copy.encode(), **(files if first else {})})
    run(folder)
    if not first:
        # Large enough to stay when one of its articles is gone.
        more = {f"more/{name}": text for name, text in generated(OLD + 6).items()}
        files |= dict(list(more.items())[OLD:])
        write_tree(folder, files)
        run(folder)
    assert {place for place, shown in _shown(open_index(index, embedder)) if not shown} == set()
    segments = len(held_by(index))
    change(folder)
    run(folder)
    live = live_of(index)
    stay = change is _remove or first
    assert len(live.manifest.segments) >= segments
    assert live.manifest.end_article > live.manifest.articles or not stay
    assert [place for place, shown in _shown(open_index(index, embedder)) if shown] == []
    assert verify(live, embedder) == []
    # Its copy is now the first of its story.
    story = open_index(index, embedder).article("copy")
    assert story is not None
    assert (story.story, story.degree) == (story.number, None)


def test_an_article_that_changes_is_written_into_a_new_segment(
    grown: Path, run: Run, index: Path, embedder: FakeEmbedder
) -> None:
    write_tree(grown, {"0007.json": record("g7", "Loaves", BAKERY, source="Source 3").encode()})
    model = CountingEmbedder()
    summary = run(grown, model=model)
    assert (summary.changed, summary.unchanged) == (1, OLD)
    assert held_by(index) == [OLD, 2]
    # That of the ferry is merged with it, without being embedded again.
    assert model.embedded == summary.embedded == 1
    searcher = open_index(index, embedder)
    for mode in MODES:
        assert found_by(searcher, "Millbrook bakery rye bread", mode=mode)[0] == "g7"
        assert found_by(searcher, ASKED, mode=mode)[0] == "ferry"
    assert verify(live_of(index), embedder) == []


def test_a_story_goes_over_segments(
    grown: Path, run: Run, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    copies = {
        "later.json": record("later", "On a sandbank", FERRY, source="B", date="2024-03-20"),
        "earlier.json": record("earlier", "Aground", FERRY, source="A", date="2024-03-11"),
    }
    write_tree(grown, {name: text.encode() for name, text in copies.items()})
    summary = run(grown)
    # The article of the ferry is in another segment than at first, the thirty are not.
    assert (summary.added, held_by(index)) == (2, [OLD, 3])
    searcher = open_index(index, embedder)
    found = searcher.article("ferry")
    assert found is not None
    members = searcher.story(found.story).members
    assert [(each.article.id, each.degree) for each in members] == [
        ("earlier", None),
        ("ferry", "same"),
        ("later", "same"),
    ]
    # A copy of what stays, in the segment that stays, leads what is new.
    raw = json.loads((grown / "0002.json").read_text())
    copy = {**raw, "id": "again", "source": "Elsewhere", "date": "2025-01-01"}
    write_tree(grown, {"again.json": json.dumps(copy).encode()})
    run(grown)
    assert held_by(index) == [OLD, 4]
    searcher = open_index(index, embedder)
    first, again = searcher.article("g2"), searcher.article("again")
    assert first is not None
    assert again is not None
    assert first.number < OLD <= again.number
    at_once = rebuilt([grown], tmp_path / "new", embedder)
    assert at_once
    other = open_index(tmp_path / "new", embedder)
    one, copy_of_it = other.article("g2"), other.article("again")
    assert one is not None
    assert copy_of_it is not None
    assert again.story == first.story
    assert (first.degree, again.degree) == (one.degree, copy_of_it.degree)


def test_ids_are_those_of_a_build_at_once(
    source: Path, run: Run, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    # Another outlet's article with an id that one of those that stay declares, before it.
    text = record("g3", "Loaves", BAKERY, source="Vale Echo").encode()
    write_tree(source, {"000.json": text})
    run(source)
    assert held_by(index) == [OLD, 1]
    searcher = open_index(index, embedder)
    at_once = rebuilt([source], tmp_path / "new", embedder)
    other = open_index(tmp_path / "new", embedder)
    found, same = searcher.article("g3"), other.article("g3")
    assert found is not None
    assert same is not None
    assert found.article.title == same.article.title == "Loaves"
    run(compact=True)
    assert content_of(index) == at_once


def test_rollback_goes_back(source: Path, run: Run, index: Path, embedder: FakeEmbedder) -> None:
    first = live_of(index)
    before = content_of(index)
    write_tree(source, {"ferry.json": ferry_article()})
    run(source)
    second = live_of(index)
    assert IndexFolder(index).roll_back() == first
    assert content_of(index) == before
    assert "ferry" not in found_by(open_index(index, embedder), ASKED, mode="lexical")
    assert IndexFolder(index).roll_back(second.id) == second
    assert found_by(open_index(index, embedder), ASKED, mode="lexical")[0] == "ferry"
    assert first.damage() == second.damage() == []


def test_a_generation_that_is_removed_leaves_what_it_shares(
    grown: Path, run: Run, index: Path, embedder: FakeEmbedder
) -> None:
    first = IndexFolder(index).generations()[-1]
    write_tree(grown, {"bakery.json": record("bakery", "Last loaves", BAKERY).encode()})
    run(grown)
    assert not first.path.exists()
    assert held_by(index) == [OLD, 2]
    assert [each.damage() for each in IndexFolder(index).generations()] == [[], []]
    assert found_by(open_index(index, embedder), "Millbrook bakery")[0] == "bakery"
