"""benchmark_reading: how well articles are read, as a Markdown table on stdout.

    python -m scripts.benchmarks.reading DATA [--cross-validate] [--markdown]

DATA holds raw_pages_body_dev, raw_pages_metadata_dev and news_quiz_ci, as docs/evaluation.md
describes them. Bodies are measured with the shipped weights, which have seen these pages;
`--cross-validate` trains others without them, which takes minutes.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from indexer.article import Article, Date, Document
from indexer.reading.body.lines import judge
from indexer.reading.cleaning import clean
from scripts.benchmarks.bodies import (
    body_f1,
    cross_validated_f1,
    html_f1,
    read_texts,
    speed,
    words_kept,
)
from scripts.benchmarks.dates import DateFigures, dates_from_html, dates_from_text
from scripts.benchmarks.headlines import equal_from_html, equal_from_text
from scripts.lab.process import describe_machine, say
from scripts.lab.table import table

HEADER = ("what", "measured", "how")
# Articles of news_quiz_ci that are already clean.
CLEAN = 500


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(
        prog="benchmark_reading", description="Measure how well articles are read."
    )
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("--cross-validate", action="store_true", help="train weights anew; minutes")
    parser.add_argument("--markdown", action="store_true", help="columns not lined up")
    options = parser.parse_args(arguments)
    # The machine before anything runs on it.
    machine = describe_machine()
    rows = [(what, f"{value:.3f}", how) for what, (value, how) in quality(options.data).items()]
    if options.cross_validate:
        say("training without each fold")
        cross = cross_validated_f1(
            options.data / "raw_pages_body_dev", options.data / "raw_pages_metadata_dev"
        )
        how = "the same by weights trained on other sites, five folds"
        rows.insert(1, ("body from text, cross-validated", f"{cross:.3f}", how))
    rows += speeds(options.data)
    padded = not options.markdown
    print(table(("machine", ""), machine, padded))
    print()
    print(table(HEADER, rows, padded))
    return 0


def quality(data: Path) -> dict[str, tuple[float, str]]:
    """Each measure with how it is taken; all are shares, of which more is better."""
    bodies, metadata = data / "raw_pages_body_dev", data / "raw_pages_metadata_dev"
    say("bodies")
    shingles = "mean F1 over 4-word shingles"
    from_text = dates_from_text(metadata, _date_of("text"))
    from_html = dates_from_html(metadata, _date_of("html"))
    return {
        "body from text": (body_f1(bodies, lambda text: _text_of(text, "text")), shingles),
        "body from HTML": (html_f1(bodies, lambda page: _text_of(page, "html")), shingles),
        "clean articles": (
            words_kept(clean_texts(data), lambda text: _text_of(text, "text", "A title")),
            f"words kept of {CLEAN} articles that are bodies alone and declare their titles",
        ),
        "headline from text": (
            equal_from_text(metadata, lambda text: _title_of(text, "text")),
            "equal but for case and punctuation",
        ),
        "headline from HTML": (
            equal_from_html(metadata, lambda page: _title_of(page, "html")),
            "the same",
        ),
        "day from text": (
            from_text.right_of_printed / from_text.printed,
            f"right within one, of {from_text.printed} pages that print it",
        ),
        "day from text, not wrong": (1 - _wrong(from_text), f"of all {from_text.dated} pages"),
        "day from HTML": (
            from_html.right / from_html.dated,
            f"right within one, of {from_html.dated}",
        ),
        "day from HTML, not wrong": (1 - _wrong(from_html), f"of all {from_html.dated} pages"),
    }


def speeds(data: Path) -> list[tuple[str, str, str]]:
    """Rows of the speed of one core."""
    texts = read_texts(data / "raw_pages_body_dev")
    how = f"{len(texts)} pages of text, one core's time, best of 3"
    say("speed")
    return [
        ("cleaning", f"{speed(texts, lambda text: _read(text, 'text')):.1f} MB/s", how),
        ("the body alone", f"{speed(texts, judge):.1f} MB/s", "the same"),
    ]


def clean_texts(data: Path) -> list[str]:
    """Articles without anything around them."""
    with gzip.open(data / "news_quiz_ci" / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line, _ in zip(lines, range(CLEAN), strict=False)]


def _wrong(figures: DateFigures) -> float:
    return figures.wrong / figures.dated


def _date_of(kind: str) -> Callable[[str, str], Date | None]:
    def read(name: str, content: str) -> Date | None:
        article = _read(content, kind)
        return article.published if article else None

    return read


def _text_of(content: str, kind: str, title: str | None = None) -> str:
    article = _read(content, kind, title)
    return article.text if article else ""


def _title_of(content: str, kind: str) -> str | None:
    article = _read(content, kind)
    return article.title if article and not article.title_made else None


def _read(content: str, kind: str, title: str | None = None) -> Article | None:
    found = clean(Document("page", content, "html" if kind == "html" else "text", title=title))
    return found if isinstance(found, Article) else None


if __name__ == "__main__":
    sys.exit(main())
