"""How well copies of articles are found, and how long grouping takes.

Some articles of the corpus are copied in every way that `scripts/benchmarks/variants.py` knows, and
each kind of copy is looked for among all articles at once. Recall: the copies that come into the
group of their original. Precision: among the copies found and the pairs of different articles on
one topic (each article and those that BM25 finds with its headline and its first words), the share
of copies. A corpus has copies of its own, so precision is also given without the pairs that have a
fifth of the shorter text in common word for word, eight words running.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from indexer.analysis import distinct_stems
from indexer.arrays import Int64
from indexer.article import Article, Date
from indexer.storage.words import Words, WordWriter
from indexer.stories.copies import find_copies
from indexer.stories.grouping import Told, group, published_seconds
from indexer.stories.sketches import Sketches, sketch
from scripts.benchmarks.variants import BOILERPLATE, VARIANTS, edited, shortened
from scripts.lab.data import read_records
from scripts.lab.measure import say
from scripts.lab.program import benchmark
from scripts.lab.table import Table, figure

SEED = 20241130
# Pairs of an article, and the words it is looked up by.
NEIGHBOURS, LOOKED_UP_BY = 5, 40
# The least words of an article that is copied, and the lengths that every other one is cut to.
LEAST_WORDS, LENGTHS = 100, (100, 150, 250, 400)
# Words of an article of the timed corpus, and the share of an article's words that are edited
# there: half of them are copies.
TIMED_WORDS, TIMED_EDITS = 200, (0.2, 0.9)
DIMENSION = 384
RUNNING, IN_COMMON = 8, 0.2

Pair = tuple[int, int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the tables; returns the exit status."""
    program = benchmark("scripts.benchmarks.stories", "Measure how well copies are found.")
    program.path("corpus", "a BEIR corpus.jsonl[.gz]", metavar="CORPUS")
    program.number("--bases", 200, "articles that are copied", least=1)
    program.number("--scale", 0, "time the grouping of so many short articles instead")
    program.flag("--show", "print the pairs that are joined")
    return program.run(_report, arguments)


def _report(options: argparse.Namespace) -> Iterator[Table]:
    articles = read_corpus(options.corpus)
    if options.scale:
        yield Table(("measure", "figure"), measure_time(articles, options.scale))
    else:
        rows = measure_copies(articles, options.bases, options.show)
        yield Table(("kind", "found", "of", "share"), rows)


def read_corpus(file: Path) -> list[Article]:
    """The articles of a BEIR corpus as their file declares them, nothing cleaned."""
    return [
        Article(
            record["_id"],
            record.get("title") or "",
            record["text"],
            published=Date(record["date"]) if record.get("date") else None,
            source=record.get("source"),
        )
        for record in read_records(file)
    ]


def measure_copies(articles: list[Article], bases: int, show: bool) -> list[tuple[str, ...]]:
    """Recall by kind of copy, then precision, as table rows."""
    some = random.Random(SEED)
    say(f"sketching {len(articles)} articles")
    begin = time.process_time()
    for article in articles:
        _sketch(article)
    each = (time.process_time() - begin) / len(articles)
    enough = [i for i, a in enumerate(articles) if len(a.text.split()) >= LEAST_WORDS]
    chosen = some.sample(enough, min(bases, len(enough)))
    vocabulary = [word for i in some.sample(enough, 200) for word in articles[i].text.split()]
    rows: list[tuple[str, ...]] = []
    right = made = 0
    for kind, vary in VARIANTS.items():
        say(kind)
        originals = [
            replace(articles[i], text=shortened(articles[i].text, some.choice(LENGTHS)))
            if turn % 2
            else articles[i]
            for turn, i in enumerate(chosen)
        ]
        copies = [
            replace(each, id=f"copy-{i}", title=some.choice(articles).title, text=text)
            for i, each in enumerate(originals)
            if (text := vary(each.text, some, vocabulary))
        ]
        together = joined([*articles, *originals, *copies])[len(articles) :]
        found = sum(together[i] == together[len(originals) + i] for i in range(len(copies)))
        rows.append(_share(kind, found, len(copies)))
        right, made = right + found, made + len(copies)
    rows.append(_share("all copies: recall", right, made))
    pairs = neighbours(articles)
    rows += _precision("pairs on one topic", articles, pairs, right, show)
    long = [len(article.text.split()) >= LENGTHS[1] for article in articles]
    short = [
        replace(article, text=f"{shortened(article.text, LENGTHS[1])}\n\n{BOILERPLATE[0]}")
        for article in articles
    ]
    pairs = [(a, b) for a, b in pairs if long[a] and long[b]]
    rows += _precision("their first 150 words and a notice", short, pairs, right, False)
    rows.append(("sketching, ms an article", figure(each * 1000), "", ""))
    return rows


def _share(kind: str, found: int, of: int) -> tuple[str, ...]:
    return kind, str(found), str(of), f"{found / of:.3f}"


# The articles of the corpus are looked at with each kind of copy again.
_sketch = cache(sketch)


def joined(articles: Sequence[Article]) -> Int64:
    """The number of the first copy of each article, (n,)."""
    sketches = Sketches(len(articles))
    for number, article in enumerate(articles):
        sketches.put(number, _sketch(article))
    seconds = np.array([published_seconds(article.published) for article in articles])
    return find_copies(sketches, seconds, np.arange(len(articles)))[1]


def neighbours(articles: Sequence[Article]) -> list[Pair]:
    """Pairs of different articles on one topic."""
    say("looking for articles on one topic")
    pairs: set[Pair] = set()
    with tempfile.TemporaryDirectory() as folder:
        with closing(WordWriter(Path(folder) / "words")) as writer:
            for number, article in enumerate(articles):
                writer.add(number, article.title, article.text)
            writer.finish()
        words = Words(Path(folder) / "words")
        for number, article in enumerate(articles):
            lead = " ".join(article.text.split()[:LOOKED_UP_BY])
            found = words.search(distinct_stems(f"{article.title} {lead}"), NEIGHBOURS + 1)[0]
            pairs |= {(min(number, i), max(number, i)) for i in found.tolist() if i != number}
    return sorted(pairs)


def _precision(
    kind: str, articles: Sequence[Article], pairs: Sequence[Pair], right: int, show: bool
) -> Iterator[tuple[str, ...]]:
    together = joined(articles)
    wrong = {(a, b): in_common(articles, a, b) for a, b in pairs if together[a] == together[b]}
    for (a, b), share in wrong.items():
        if show:
            say(f"{share:.2f} {articles[a].title[:70]} | {articles[b].title[:70]}")
    apart = [pair for pair, share in wrong.items() if share < IN_COMMON]
    for name, count in ((kind, len(wrong)), (f"{kind}, no text in common", len(apart))):
        precision = f"{right / (right + count):.3f}"
        yield f"{name}: precision", str(count), str(len(pairs)), precision


def in_common(articles: Sequence[Article], one: int, other: int) -> float:
    """The share of the shorter text's runs of eight words that the other has, without notices."""
    runs = []
    for number in (one, other):
        words = articles[number].text.removesuffix(BOILERPLATE[0]).split()
        runs.append({" ".join(words[i : i + RUNNING]) for i in range(len(words) - RUNNING + 1)})
    return len(runs[0] & runs[1]) / max(min(map(len, runs)), 1)


def measure_time(articles: Sequence[Article], n: int) -> list[tuple[str, ...]]:
    """Group n short articles, half of them copies, all within three days; as table rows."""
    some = random.Random(SEED)
    say(f"making {n} articles")
    shorts = [shortened(article.text, TIMED_WORDS) for article in articles]
    vocabulary = " ".join(shorts[:500]).split()
    made = []
    for number in range(n):
        text = edited(shorts[number % len(shorts)], some, vocabulary, TIMED_EDITS[number % 2])
        day = Date(f"2024-11-{1 + some.randrange(3):02}")
        made.append(Article(f"{number:08}", "A made headline", text, published=day))
    vectors = np.random.default_rng(SEED).standard_normal((n, DIMENSION), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    say("grouping")
    cpu = time.process_time()
    sketches = Sketches(n)
    for number, article in enumerate(made):
        sketches.put(number, sketch(article))
    sketching = time.process_time() - cpu
    find_copies(sketches, np.zeros(n, np.int64), np.arange(n))
    copying = time.process_time() - cpu - sketching
    began, cpu = time.perf_counter(), time.process_time()
    stories = group([Told(a.id, a.published, sketch(a)) for a in made], vectors)
    whole = time.process_time() - cpu
    words = np.mean([len(article.text.split()) for article in made])
    return [
        ("articles", f"{n:,} of {words:.0f} words"),
        ("groups of copies", f"{len(np.unique(stories.copies)):,}"),
        ("sketching", f"{figure(sketching)} s, {figure(sketching / n * 1000)} ms an article"),
        ("finding copies", f"{figure(copying)} s"),
        ("finding events, all within three days", f"{figure(whole - sketching - copying)} s"),
        ("all", f"{figure(whole)} s of CPU, {figure(time.perf_counter() - began)} s"),
    ]


if __name__ == "__main__":
    sys.exit(main())
