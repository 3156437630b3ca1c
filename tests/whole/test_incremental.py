"""Any series of changes and runs gives the index that building it at once would give.

Once its segments are merged, to the byte; before that it holds the same articles, passages, stories
and vectors under other numbers, and finds the same by meaning.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from indexer.analysis import distinct_stems
from indexer.errors import InputError
from indexer.pipeline import Options, Summary, reindex
from indexer.storage.folder import IndexFolder
from indexer.storage.parts import Parts
from search.question.query import Mode, Query
from tests.conftest import content_of, open_index, write_tree
from tests.support.corpus import BAKERY, FERRY, generated
from tests.support.fakes import CountingEmbedder, FakeEmbedder, Killed
from tests.support.mirrored import Content, Files, expected_content

BASE = Path(tempfile.mkdtemp()).resolve() / "base"
SOURCE = BASE / "source"
ROOTS = ("A", "B")
NAMES = ("1", "2", "sub/3", "sub.d/4")
IDS = (None, None, None, "x", "y")
# Under so many articles it is the source's, and not theirs, as soon as five of them are there.
SLOGAN = "You read this because two thousand islanders pay for their own paper."
TEXTS = (
    *(
        [*json.loads(content)["text"].split("\n\n"), SLOGAN]
        for content in generated(5, seed=11).values()
    ),
    BAKERY,
    FERRY,
    # No article can be made of this one.
    ("Nothing here.",),
)
# Whether the first of these is in March, others of its file or source tell, or nobody does.
DATES = ("03/04/2024", "2024-03-02", "11/27/2024", "27/11/2024", "05/06/2024 10:30", "3.4.2024")
TITLES = ("Harbour news", "Winter market")
QUESTIONS = ("the harbour council in winter", "who owned the bakery", "satellite found ferry")
MODES: tuple[Mode, ...] = ("hybrid", "semantic", "lexical")


@dataclass(frozen=True)
class Record:
    """One article as its writer has it; `upper` is one of its paragraphs, edited."""

    text: int
    upper: int
    title: int
    id: str | None

    def paragraphs(self) -> list[str]:
        whole = list(TEXTS[self.text])
        if self.upper < len(whole):
            whole[self.upper] = whole[self.upper].upper()
        return whole

    def line(self) -> str:
        fields = {"title": TITLES[self.title], "text": "\n\n".join(self.paragraphs())}
        if self.title:
            fields["date"] = DATES[(self.text + self.upper) % len(DATES)]
            fields["source"] = "Echo"
        return json.dumps(fields if self.id is None else {"id": self.id, **fields})


RECORDS = st.builds(
    Record,
    text=st.integers(0, len(TEXTS) - 1),
    upper=st.integers(0, 4),
    title=st.integers(0, 1),
    id=st.sampled_from(IDS),
)
CONTENTS = st.lists(RECORDS, min_size=1, max_size=3)
KINDS = st.sampled_from([".txt", ".json", ".jsonl"])
PATHS = st.tuples(st.sampled_from(ROOTS), st.sampled_from(NAMES)).map("/".join)
NAMED = st.sampled_from([("A",), ("B",), ("A", "B"), ("B", "A")])


def _lines_of(kind: str, records: Sequence[Record]) -> tuple[str, ...]:
    if kind == ".txt":
        return ("\n\n".join([TITLES[records[0].title], *records[0].paragraphs()]),)
    if kind == ".json":
        return (records[0].line(),)
    return tuple(record.line() for record in records)


def _written(content: Content) -> dict[str, bytes]:
    """Files that hold these articles and no others, each where it was."""
    lines: dict[str, dict[int, str]] = {}
    for entry in content:
        lines.setdefault("/".join(entry.parts), {})[entry.number] = entry.line
    return {
        path: "\n".join(found.get(number, "") for number in range(max(found) + 1)).encode()
        for path, found in lines.items()
    }


@dataclass(frozen=True)
class Seen:
    """All that can be seen of an index of one segment, whichever folder it is of.

    told: what does not depend on the segments that it consists of
    """

    told: object
    content: dict[str, object]
    answers: list[object] = field(repr=False)


def _told(index: Path, source: Path) -> object:
    """Every article with its passages and its story, by place, and what is found by meaning."""
    live = IndexFolder(index).open_current()
    parts = Parts.open(live)
    everything = list(parts.articles.everything())
    places = {
        stored.number: stored.article.location.removeprefix(str(source)) for stored, _ in everything
    }
    articles = {
        places[stored.number]: (
            replace(stored.article, location=""),
            places[stored.story],
            stored.degree,
            [(each.passage, key) for each, key in passages],
            parts.vectors.rows(np.array([each.number for each, _ in passages])).tolist(),
        )
        for stored, passages in everything
    }
    searcher = open_index(index, FakeEmbedder())
    # Which passage is shown, the weights of words decide, which only merging renews.
    found = [
        sorted(
            (round(hit.score, 4), hit.article.id)
            for hit in searcher.search(Query(text=question, limit=100, mode="semantic")).hits
        )
        for question in QUESTIONS
    ]
    words = [parts.words.with_phrase(distinct_stems(word)) for word in ("harbour", "bakery")]
    having = [sorted({places[parts.columns.article_of[n]] for n in each}) for each in words]
    by_id = {name: (e := parts.articles.by_id(name)) and places[e.number] for name in ("x", "y")}
    return articles, found, having, by_id


def _seen(index: Path, source: Path) -> Seen:
    told = _told(index, source)
    content = content_of(index)
    rows = content["articles"]
    assert isinstance(rows, list)
    content["articles"] = [[str(value).removeprefix(str(source)) for value in row] for row in rows]
    # Of these the runs before decide: what was rejected is remembered while its path is named.
    content.pop("rejected")
    searcher = open_index(index, FakeEmbedder())
    hits = [
        (question, mode, hit.rank, hit.score, hit.article.id, hit.passage, hit.answer)
        for question in QUESTIONS
        for mode in MODES
        for hit in searcher.search(Query(text=question, limit=100, mode=mode)).hits
    ]
    return Seen(told, content, list(hits))


@cache
def _built_at_once(content: Content) -> Seen:
    """The index of a folder in the same place, since an id may depend on it."""
    aside = BASE / "aside"
    SOURCE.rename(aside)
    write_tree(SOURCE, _written(content))
    index = BASE / "at once"
    summary = reindex([SOURCE], index, FakeEmbedder(), None)
    assert summary.articles == len(content)
    seen = _seen(index, SOURCE)
    shutil.rmtree(index)
    shutil.rmtree(SOURCE)
    aside.rename(SOURCE)
    return seen


class Updates(RuleBasedStateMachine):
    """Two folders of articles, and an index of them that is never built at once."""

    def __init__(self) -> None:
        super().__init__()
        self.source = SOURCE
        self.index = BASE / "index"
        self.folder = IndexFolder(self.index)
        self.files: Files = {}
        # Content by generation, of those that are kept, the oldest first.
        self.kept: dict[str, Content] = {}
        self.live: str | None = None
        self.checked: str | None = None
        for root in ROOTS:
            (self.source / root).mkdir(parents=True)

    def teardown(self) -> None:
        shutil.rmtree(BASE)

    @property
    def content(self) -> Content:
        return self.kept[self.live] if self.live else ()

    def _write(self, path: str, lines: tuple[str, ...]) -> None:
        self.files[path] = lines
        write_tree(self.source, {path: "\n".join(lines).encode()})

    @initialize(contents=st.lists(st.tuples(PATHS, KINDS, CONTENTS), min_size=3, max_size=5))
    def begin(self, contents: Iterable[tuple[str, str, list[Record]]]) -> None:
        for path, kind, records in contents:
            self._write(path + kind, _lines_of(kind, records))
        self.run(named=ROOTS, full=False, prune=False, piece=1024)

    @rule(path=PATHS, kind=KINDS, records=CONTENTS)
    def add_or_edit(self, path: str, kind: str, records: list[Record]) -> None:
        self._write(path + kind, _lines_of(kind, records))

    @precondition(lambda self: self.files)
    @rule(data=st.data(), path=PATHS)
    def copy_or_move(self, data: st.DataObject, path: str) -> None:
        old = data.draw(st.sampled_from(sorted(self.files)), "old")
        new = path + Path(old).suffix
        self._write(new, self.files[old])
        if new != old and data.draw(st.booleans(), "move"):
            (self.source / old).unlink()
            del self.files[old]

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(self.files)), "path")
        (self.source / path).unlink()
        del self.files[path]

    @precondition(lambda self: any(len(lines) > 1 for lines in self.files.values()))
    @rule(data=st.data())
    def edit_a_line(self, data: st.DataObject) -> None:
        paths = [path for path, lines in sorted(self.files.items()) if len(lines) > 1]
        path = data.draw(st.sampled_from(paths), "path")
        lines = list(self.files[path])
        lines[data.draw(st.integers(0, len(lines) - 1), "at")] = data.draw(RECORDS, "by").line()
        self._write(path, tuple(lines))

    @precondition(lambda self: self.live)
    @rule()
    def compact(self) -> None:
        summary = reindex([], self.index, FakeEmbedder(), None, options=Options(compact=True))
        if summary.published:
            assert summary.generation
            content = self.content
            self.kept = {name: self.kept[name] for name in self.kept if name == self.live}
            self.kept[summary.generation] = content
            self.live = summary.generation
        assert len(self.folder.open_current().manifest.segments) == 1

    @rule(
        named=NAMED,
        full=st.sampled_from([False] * 5 + [True]),
        prune=st.booleans(),
        piece=st.sampled_from([1, 3, 1024]),
    )
    def run(self, named: Sequence[str], full: bool, prune: bool, piece: int) -> None:
        options = Options(full=full, prune=prune, yes=True)
        self._reindex(named, options, CountingEmbedder(), piece)

    @rule(named=NAMED, most=st.integers(0, 6))
    def run_and_kill(self, named: Sequence[str], most: int) -> None:
        try:
            self._reindex(named, Options(yes=True), CountingEmbedder(most), piece=2)
        except Killed:
            assert self._current() == self.live

    @rule()
    def roll_back(self) -> None:
        order = list(self.kept)
        older = order[: order.index(self.live)] if self.live else []
        if older:
            assert self.folder.roll_back().id == older[-1]
            self.live = older[-1]
        elif self.live:
            with pytest.raises(InputError):
                self.folder.roll_back()

    def _current(self) -> str | None:
        return self.folder.current_id() if (self.index / "CURRENT").exists() else None

    def _reindex(
        self, named: Sequence[str], options: Options, embedder: CountingEmbedder, piece: int
    ) -> None:
        before = () if options.prune else self.content
        expected = expected_content(before, self.files, named, SOURCE)
        paths = [self.source / root for root in named]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("indexer.encoding.PIECE", piece)
            # However few they are, what is added is a segment of its own.
            patch.setattr("indexer.compaction.SMALL", 0)
            patch.setattr("indexer.compaction.TIMES", 1)
            if not expected:
                with pytest.raises(InputError):
                    reindex(paths, self.index, embedder, None, options=options)
                return
            summary = reindex(paths, self.index, embedder, None, options=options)
        self._check_summary(summary, expected, options)
        assert embedder.embedded <= summary.embedded
        if not summary.published:
            return
        assert summary.generation
        # The new generation stays, and the one that was live.
        self.kept = {name: self.kept[name] for name in self.kept if name == self.live}
        self.kept[summary.generation] = expected
        self.live = summary.generation

    def _check_summary(self, summary: Summary, expected: Content, options: Options) -> None:
        assert summary.published == (options.full or self.live is None or expected != self.content)
        assert (summary.generation == self.live) != summary.published
        assert summary.articles == len(expected)
        assert summary.articles == (
            summary.added + summary.changed + summary.moved + summary.unchanged + summary.kept
        )
        same = set(expected) & set(self.content)
        assert summary.unchanged + summary.kept == len(same)

    @invariant()
    def it_is_as_if_it_had_been_built_at_once(self) -> None:
        assert self._current() == self.live
        if self.live is None:
            return
        assert {each.id for each in self.folder.generations()} == set(self.kept)
        assert self.folder.open_current().damage() == []
        if self.live != self.checked:
            assert _told(self.index, self.source) == _built_at_once(self.content).told
            manifest = self.folder.open_current().manifest
            if len(manifest.segments) == 1 and manifest.end_article == manifest.articles:
                assert _seen(self.index, self.source) == _built_at_once(self.content)
            self.checked = self.live


Updates.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=15,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestUpdates = Updates.TestCase
