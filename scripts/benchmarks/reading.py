"""How well articles are read, and how fast.

DATA holds raw_pages_body_dev, raw_pages_metadata_dev and news_quiz_ci, as docs/evaluation.md
describes them. Bodies and headlines are measured with the shipped weights, which have seen these
pages; `--cross-validate` also trains others without them, which takes minutes.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np

from indexer.article import Article, Document
from indexer.reading.body.lines import judge_all
from indexer.reading.cleaning import clean, clean_all
from scripts.benchmarks.pages import body_f1, count_days, equal_headlines, speed, words_kept
from scripts.lab.data import Pages, read_records
from scripts.lab.machine import machine_table
from scripts.lab.measure import say
from scripts.lab.program import benchmark
from scripts.lab.table import Table
from scripts.training import glued
from scripts.training.headlines import cross_validated, read_judged
from scripts.training.lines import cross_validate, read_examples, read_extracted

HEADER = ("what", "measured", "how")
BODIES, METADATA = "raw_pages_body_dev", "raw_pages_metadata_dev"
# Articles of news_quiz_ci that are already clean.
CLEAN = 500

Kind = Literal["text", "html"]
NAMES: dict[Kind, str] = {"text": "text", "html": "HTML"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything and print the tables; returns the exit status."""
    program = benchmark("scripts.benchmarks.reading", "Measure how well articles are read.")
    program.path("data", metavar="DATA")
    program.flag("--cross-validate", "train weights anew; minutes")
    return program.run(_report, arguments)


def _report(options: argparse.Namespace) -> Iterator[Table]:
    yield machine_table()
    rows = [(what, f"{value:.3f}", how) for what, (value, how) in quality(options.data).items()]
    if options.cross_validate:
        rows += _cross_validated(options.data)
    yield Table(HEADER, rows + _speeds(options.data))


def quality(data: Path) -> dict[str, tuple[float, str]]:
    """Each measure with how it is taken; all are shares, of which more is better."""
    bodies, metadata = Pages(data / BODIES), Pages(data / METADATA)
    say("reading pages")
    found: dict[str, tuple[float, str]] = {}
    for kind, name in NAMES.items():
        texts = {page: each.text if each else "" for page, each in _read(bodies, kind).items()}
        found[f"body from {name}"] = body_f1(bodies, texts), "mean F1 over 4-word shingles"
        read = _read(metadata, kind)
        titles = {page: each.title for page, each in read.items() if each and not each.title_made}
        about = "equal but for case and punctuation"
        found[f"headline from {name}"] = equal_headlines(metadata, titles), about
        days = count_days(
            metadata, {page: each.published if each else None for page, each in read.items()}
        )
        right, of, printed = days["right"], days["dated"], ""
        if kind == "text":
            right, of, printed = days["right of printed"], days["printed"], " pages that print it"
        found[f"day from {name}"] = right / of, f"right within one, of {of}{printed}"
        of = days["dated"]
        found[f"day from {name}, not wrong"] = 1 - days["wrong"] / of, f"of all {of} pages"
    texts = {name: _text_of(_glued(bodies.text(name))) for name in bodies.gold()}
    found["body from glued text"] = body_f1(bodies, texts), "the same, all line ends lost"
    records = read_records(data / "news_quiz_ci" / "corpus.jsonl.gz")
    clean_texts = [record["text"] for record in islice(records, CLEAN)]
    found["clean articles"] = (
        words_kept(clean_texts, lambda text: _text_of(text, "A title")),
        f"words kept of {CLEAN} articles that are bodies alone and declare their titles",
    )
    found["clean articles, glued"] = (
        words_kept(clean_texts, lambda text: _text_of(_glued(text), "A title")),
        "the same, all line ends lost",
    )
    return found


def _text_of(text: str, title: str | None = None) -> str:
    article = _article(text, "text", title)
    return article.text if article else ""


def _glued(text: str) -> str:
    """A text of which all line ends are lost."""
    return " ".join(text.split("\n"))


def _cross_validated(data: Path) -> list[tuple[str, str, str]]:
    """Rows of the same measures by weights that have not seen the pages."""
    say("training without each fold")
    bodies, metadata = Pages(data / BODIES), Pages(data / METADATA)
    examples, more = read_examples(bodies), read_extracted(metadata)
    f1 = np.mean(cross_validate(examples, more))
    of_glued = np.mean(glued.cross_validate(examples, more))
    equal = cross_validated(read_judged(metadata))
    how = "by weights trained on other"
    return [
        ("body from text, cross-validated", f"{f1:.3f}", f"{how} sites, five folds"),
        ("body from glued text, cross-validated", f"{of_glued:.3f}", f"{how} sites, five folds"),
        ("headline from text, cross-validated", f"{equal:.3f}", f"{how} pages, eight folds"),
    ]


def _speeds(data: Path) -> list[tuple[str, str, str]]:
    """Rows of the speed of one core."""
    pages = Pages(data / BODIES)
    texts = [pages.text(name) for name in pages.gold()]
    say("speed")
    how = f"{len(texts)} pages of text, as a run reads them together, one core's time, best of 3"

    def cleaned(some: Sequence[str]) -> None:
        clean_all([Document("page", text, "text") for text in some])

    def judged(some: Sequence[str]) -> None:
        judge_all(some, [False] * len(some))

    return [
        ("cleaning", f"{speed(texts, cleaned):.1f} MB/s", how),
        ("the body alone", f"{speed(texts, judged):.1f} MB/s", "the same"),
    ]


def _read(pages: Pages, kind: Kind) -> dict[str, Article | None]:
    """What each page is read as, by its name."""
    content = pages.text if kind == "text" else pages.html
    return {name: _article(content(name), kind) for name in pages.gold()}


def _article(content: str, kind: Kind, title: str | None = None) -> Article | None:
    found = clean(Document("page", content, kind, title=title))
    return found if isinstance(found, Article) else None


if __name__ == "__main__":
    sys.exit(main())
