"""How well articles are read, and how fast.

    python -m scripts.benchmarks.reading DATA [--cross-validate] [--markdown]

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

from indexer.article import Article, Date, Document
from indexer.reading.body.lines import judge
from indexer.reading.cleaning import clean
from scripts.benchmarks.bodies import body_f1, equal_headlines, speed, words_kept
from scripts.benchmarks.dates import count_days
from scripts.lab.data import Pages, read_records
from scripts.lab.machine import machine_table
from scripts.lab.measure import say
from scripts.lab.program import benchmark
from scripts.lab.table import Table
from scripts.training.headlines import cross_validated, read_judged
from scripts.training.lines import cross_validate, read_examples, read_extracted

HEADER = ("what", "measured", "how")
# Articles of news_quiz_ci that are already clean.
CLEAN = 500

Kind = Literal["text", "html"]


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
    bodies, metadata = _body_pages(data), _metadata_pages(data)
    say("reading pages")
    text = count_days(metadata, metadata.text, lambda page: _day(page, "text"))
    html = count_days(metadata, metadata.html, lambda page: _day(page, "html"))
    return {
        "body from text": (
            body_f1(bodies, bodies.text, lambda page: _text(page, "text")),
            "mean F1 over 4-word shingles",
        ),
        "body from HTML": (
            body_f1(bodies, bodies.html, lambda page: _text(page, "html")),
            "mean F1 over 4-word shingles",
        ),
        "clean articles": (
            words_kept(_clean_texts(data), lambda page: _text(page, "text", "A title")),
            f"words kept of {CLEAN} articles that are bodies alone and declare their titles",
        ),
        "headline from text": (
            equal_headlines(metadata, metadata.text, lambda page: _title(page, "text")),
            "equal but for case and punctuation",
        ),
        "headline from HTML": (
            equal_headlines(metadata, metadata.html, lambda page: _title(page, "html")),
            "the same",
        ),
        "day from text": (
            text["right of printed"] / text["printed"],
            f"right within one, of {text['printed']} pages that print it",
        ),
        "day from text, not wrong": (
            1 - text["wrong"] / text["dated"],
            f"of all {text['dated']} pages",
        ),
        "day from HTML": (html["right"] / html["dated"], f"right within one, of {html['dated']}"),
        "day from HTML, not wrong": (
            1 - html["wrong"] / html["dated"],
            f"of all {html['dated']} pages",
        ),
    }


def _cross_validated(data: Path) -> list[tuple[str, str, str]]:
    """Rows of the same measures by weights that have not seen the pages."""
    say("training without each fold")
    bodies, metadata = _body_pages(data), _metadata_pages(data)
    f1 = np.mean(cross_validate(read_examples(bodies), read_extracted(metadata)))
    equal = cross_validated(read_judged(metadata))
    how = "by weights trained on other"
    return [
        ("body from text, cross-validated", f"{f1:.3f}", f"{how} sites, five folds"),
        ("headline from text, cross-validated", f"{equal:.3f}", f"{how} pages, eight folds"),
    ]


def _speeds(data: Path) -> list[tuple[str, str, str]]:
    """Rows of the speed of one core."""
    pages = _body_pages(data)
    texts = [pages.text(name) for name in pages.gold()]
    say("speed")
    how = f"{len(texts)} pages of text, one core's time, best of 3"
    return [
        ("cleaning", f"{speed(texts, lambda text: _article(text, 'text')):.1f} MB/s", how),
        ("the body alone", f"{speed(texts, judge):.1f} MB/s", "the same"),
    ]


def _body_pages(data: Path) -> Pages:
    return Pages(data / "raw_pages_body_dev")


def _metadata_pages(data: Path) -> Pages:
    return Pages(data / "raw_pages_metadata_dev")


def _clean_texts(data: Path) -> list[str]:
    """Articles without anything around them."""
    records = read_records(data / "news_quiz_ci" / "corpus.jsonl.gz")
    return [record["text"] for record in islice(records, CLEAN)]


def _day(content: str, kind: Kind) -> Date | None:
    article = _article(content, kind)
    return article.published if article else None


def _text(content: str, kind: Kind, title: str | None = None) -> str:
    article = _article(content, kind, title)
    return article.text if article else ""


def _title(content: str, kind: Kind) -> str | None:
    article = _article(content, kind)
    return article.title if article and not article.title_made else None


def _article(content: str, kind: Kind, title: str | None = None) -> Article | None:
    found = clean(Document("page", content, kind, title=title))
    return found if isinstance(found, Article) else None


if __name__ == "__main__":
    sys.exit(main())
