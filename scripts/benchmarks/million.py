"""An index of a million passages: how it is built, what it weighs, how it serves and is added to.

The passages are real news edited (scripts/lab/edited.py), and their embeddings those of the real
passages, moved as edits move them (scripts/lab/calibrated.py): the whole pipeline runs as it does
with the model, but for the time that embedding takes, which is not measured here.

What a step has measured is kept in WORK and not measured again, and an interrupted build goes on.
"""

import argparse
import json
import os
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from indexer.embedding.base import Embedder
from indexer.errors import InputError
from indexer.settings import Settings
from indexer.storage.folder import IndexFolder
from indexer.storage.parts import Parts
from scripts.benchmarks.serving import QUESTIONS, measure_http, measure_search, measure_starts
from scripts.benchmarks.size import build_rows, size_rows
from scripts.benchmarks.vectors import HEADER, compare_stores
from scripts.lab.build import measured_build, open_model
from scripts.lab.calibrated import open_calibrated, write_token_codes
from scripts.lab.data import read_lines
from scripts.lab.edited import edited_articles, read_sources, write_edited
from scripts.lab.load import load
from scripts.lab.machine import machine_table, memory
from scripts.lab.measure import isolated, kept, say, timed
from scripts.lab.program import benchmark
from scripts.lab.questions import collect_questions
from scripts.lab.server import serving
from scripts.lab.table import MEASURES, Row, Table, figure, latency, mebibytes
from search.evaluation import find_corpus
from search.live import open_searcher

# Edited passages that the model embeds, to learn from one half and to compare with the other; and
# the numbers of their first article, and of the first that is added to the finished index.
SAMPLE, SAMPLED, APPENDED = 3000, 80_000_000, 90_000_000
# Questions: after an index has left the page cache, before others are measured, in process, and
# for vector indexes.
COLD, WARM_UP, SEARCHED, ASKED = 100, 30, 300, 200
# Seconds after which no more is asked.
SECONDS = 600.0
# Articles added one by one.
ADDED = 5
# Words by their rank in document frequency.
RANKS = ((1, 10), (11, 100), (101, 1000), (1001, 5000))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the tables; returns the exit status."""
    program = benchmark("scripts.benchmarks.million", "Build and measure a very large index.")
    program.path("folder", "real articles, with dates", metavar="BEIR_DIR")
    program.path("work", "where everything is kept", metavar="WORK")
    program.number("--passages", 1_000_000, "about how many", least=1)
    program.number("--sources", 0, "edit the first N articles alone; 0: all")
    return program.run(_report, arguments)


def _report(options: argparse.Namespace) -> Iterator[Table | str]:
    yield machine_table()
    work = options.work
    work.mkdir(parents=True, exist_ok=True)
    asked = [str(find_corpus(options.folder).resolve()), options.passages, options.sources]
    if kept(work / "asked.json", lambda: asked) != asked:
        raise InputError(f"{work} was begun with other options")
    steps: dict[str, Callable[[], Table]] = {
        "sources": partial(_sources, work, find_corpus(options.folder), options.sources),
        "sample": partial(_sample, work),
        "corpus": partial(_corpus, work, options.passages),
        "index": partial(_index, work),
        "likeness": partial(_likeness, work / "sources", work / "index"),
        "serving": partial(_serving, work / "index"),
        "vectors": partial(_vectors, work / "index"),
        "appending": partial(_appending, work),
    }
    took = []
    for name, step in steps.items():
        table, seconds, peak = kept(work / f"{name}.json", partial(_step, name, step))
        yield Table(*table)
        took.append([name, f"{figure(seconds)} s", mebibytes(peak)])
    yield Table(("step", "time", "largest process, VmHWM"), took)


def _step(name: str, step: Callable[[], Table]) -> tuple[list[Any], float, int]:
    say(f"step: {name}")
    seconds, (table, peak) = timed(isolated, _with_peak, step)
    say(f"step: {name} took {figure(seconds)} s")
    return [table.header, table.rows], seconds, peak


def _with_peak(step: Callable[[], Table]) -> tuple[Table, int]:
    """What a step finds, and the peak of the largest of its processes."""
    table = step()
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return table, max(memory("self", "VmHWM"), children)


def _sources(work: Path, corpus: Path, first: int) -> Table:
    """Index the real articles that have what is edited."""
    file = work / "sources.jsonl"
    dated = (
        line
        for line in read_lines(corpus)
        if (each := json.loads(line)).get("date") and each["title"]
    )
    file.write_text("".join(islice(dated, first or None)), "utf-8")
    table = _built(file, work / "sources")
    isolated(_write_codes, work / "sources")
    return table


def _write_codes(index: Path) -> None:
    write_token_codes(index, open_model())


def _sample(work: Path) -> Table:
    """Index some edited articles, and compare what is made for them with what the model says."""
    file = work / "sample.jsonl"
    write_edited(read_sources(work / "sources.jsonl"), file, SAMPLE, SAMPLED)
    measured_build(file, work / "sample")
    return open_calibrated(work / "sources", work / "sample").compare()


def _corpus(work: Path, passages: int) -> Table:
    made = write_edited(read_sources(work / "sources.jsonl"), work / "part.jsonl", passages)
    (work / "part.jsonl").rename(work / "corpus.jsonl")
    return Table(MEASURES, [Row("articles made", f"{made:,}")])


def _index(work: Path) -> Table:
    """Build the index; an interrupted call goes on."""
    opened = partial(open_calibrated, work / "sources", work / "sample")
    return _built(work / "corpus.jsonl", work / "index", opened)


def _built(file: Path, index: Path, opened: Callable[[], Embedder] = open_model) -> Table:
    build = measured_build(file, index, opened)
    about = f"{build.summary.articles:,} articles, {build.summary.passages:,} passages"
    ends = (
        Row(
            f"reindex, end of {stage}",
            mebibytes(end.now),
            f"VmRSS; until then {mebibytes(end.peak)}",
        )
        for stage, end in build.ends.items()
    )
    sizes = size_rows(IndexFolder(index).open_current())
    return Table(MEASURES, [Row("corpus", about), *build_rows(build), *ends, *sizes])


def _likeness(sources: Path, index: Path) -> Table:
    """Made articles beside their sources: neither stories nor document frequency may collapse."""
    columns = [_described(each) for each in (sources, index)]
    rows = [[what, *(facts[what] for facts, _ in columns)] for what in columns[0][0]]
    real, made = (shares for _, shares in columns)
    ranked = sorted(real, key=lambda word: -real[word])
    for first, last in RANKS:
        words = ranked[first - 1 : last]
        ratios = [made.get(word, 0) / real[word] for word in words] or [0.0]
        low, middle, high = np.quantile(ratios, (0.05, 0.5, 0.95))
        rows.append(
            [
                f"articles with the words of rank {first:,} to {last:,}",
                f"{median(real[word] for word in words):.2%}" if words else "",
                f"{middle:.2f} times as many ({low:.2f} to {high:.2f})",
            ]
        )
    return Table(("", "sources", "made"), rows)


def _described(index: Path) -> tuple[dict[str, str], dict[str, float]]:
    """What is counted of an index, and the share of its articles that has each word."""
    parts = Parts.open(IndexFolder(index).open_current())
    standings = parts.articles.database.rows("SELECT story, degree FROM standings")
    sizes = Counter(story for story, _ in standings)
    copies = sum(degree in ("same", "edited") for _, degree in standings)
    told = sum(size for size in sizes.values() if size > 1)
    words, articles = parts.suggestions.vocabulary()
    count = len(standings)
    facts = {
        "articles": f"{count:,}",
        "passages": f"{len(parts.vectors):,}",
        "articles in a story of several": f"{told / count:.1%}",
        "articles that are copies of another": f"{copies / count:.1%}",
        "articles in the largest story": f"{max(sizes.values()):,}",
        "distinct words": f"{len(words):,}",
        "words in one article alone": f"{np.mean(articles == 1):.0%}",
    }
    return facts, dict(zip(words, (articles / count).tolist(), strict=True))


def _serving(index: Path) -> Table:
    """Search in process and over HTTP, when nothing is in the page cache and when all is."""
    generation = IndexFolder(index).open_current()
    count = 2 * (COLD + WARM_UP + SEARCHED) + QUESTIONS
    asked = iter(isolated(collect_questions, generation, count, None).texts)

    def questions(count: int) -> list[str]:
        return list(islice(asked, count))

    say("cold")
    _forget(index)
    rows = _named("cold", isolated(_open_and_search, index, [], questions(COLD)))
    _forget(index)
    with serving(index) as server:
        one = (server.port, "/v1/search", 1, SECONDS)
        cold, _ = isolated(load, *one, [], questions(COLD))
        warm_up, searched = questions(WARM_UP), questions(SEARCHED)
        unread, _ = isolated(load, *one, warm_up, searched, "&reader=off")
        rows += [
            Row("cold, serve, start to ready", f"{figure(server.seconds)} s"),
            Row("cold, search over HTTP, 1 client", latency(cold), f"the first {COLD} questions"),
            Row("warm, search over HTTP, 1 client, reader=off", latency(unread), "the next"),
        ]
    say("warm")
    warm_up, searched = questions(WARM_UP), questions(SEARCHED)
    rows += _named("warm", isolated(_open_and_search, index, warm_up, searched))
    rows += [*measure_http(index, questions(QUESTIONS)), *measure_starts(index, searched[0])]
    return Table(MEASURES, rows)


def _open_and_search(index: Path, warm_up: Sequence[str], questions: Sequence[str]) -> list[Row]:
    seconds, _ = timed(open_searcher, replace(Settings.from_environment(), index=index))
    return [
        Row("open", f"{figure(seconds)} s", "index, model and reader, in a new process"),
        *measure_search(index, warm_up, questions),
    ]


def _named(when: str, rows: Sequence[Row]) -> list[Row]:
    return [row._replace(measure=f"{when}, {row.measure}") for row in rows]


def _forget(index: Path) -> None:
    """Have the system drop the index's files from the page cache; none must be mapped."""
    for file in IndexFolder(index).open_current().path.rglob("*"):
        if file.is_file():
            opened = os.open(file, os.O_RDONLY)
            os.fsync(opened)
            os.posix_fadvise(opened, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(opened)


def _vectors(index: Path) -> Table:
    """Compare vector indexes over all vectors of this index."""
    generation = IndexFolder(index).open_current()
    asked = collect_questions(generation, ASKED, None).texts
    return Table(HEADER, compare_stores(generation, asked, [generation.manifest.passages]))


def _appending(work: Path) -> Table:
    """Add articles one by one by the model; the index keeps them."""
    index = work / "index"
    sources = read_sources(work / "sources.jsonl")
    # Not those that an interrupted call has added.
    first = APPENDED + IndexFolder(index).open_current().manifest.number
    builds = []
    for article in islice(edited_articles(sources, first), ADDED):
        file = work / f"{article['_id']}.jsonl"
        file.write_text(json.dumps(article), "utf-8")
        builds.append(measured_build(file, index))
    seconds = [each.seconds for each in builds]
    manifest = IndexFolder(index).open_current().manifest
    rows = [
        Row(
            "one article added",
            f"{figure(median(seconds))} s",
            f"median of {ADDED}, from {figure(min(seconds))} to {figure(max(seconds))} s, to the "
            f"published index, model open; {len(manifest.segments)} segments then",
        ),
        Row("one article added, peak memory", mebibytes(max(each.peak for each in builds))),
    ]
    return Table(MEASURES, rows)


if __name__ == "__main__":
    sys.exit(main())
