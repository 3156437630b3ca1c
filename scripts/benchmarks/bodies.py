"""How well bodies are told from the pages around them, and how fast: used by benchmark_reading.

A folder holds text/NAME.txt, html/NAME.html.gz and gold.json ({NAME: {body, url}}).
"""

import gzip
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from indexer.reading.body.lines import judge
from scripts.training.lines import cross_validate, read_examples, read_extracted, text_f1


def kept_text(content: str) -> str:
    """The lines that are kept of a page's text, one a line."""
    return "\n".join(line.text for line in judge(content) if line.kept)


def body_f1(folder: Path, clean: Callable[[str], str] = kept_text) -> float:
    """Mean F1 over four-word shingles of what `clean` makes of each page's text."""
    gold = json.loads((folder / "gold.json").read_text())
    pages = {name: (folder / "text" / f"{name}.txt").read_text() for name in gold}
    return float(np.mean([text_f1(clean(pages[name]), gold[name]["body"]) for name in gold]))


def cross_validated_f1(folder: Path, more: Path) -> float:
    """Mean F1 of pages judged by weights that were trained on other sites; minutes.

    `more` holds further pages to learn from, without gold bodies.
    """
    return float(np.mean(cross_validate(read_examples(folder), read_extracted(more))))


def html_f1(folder: Path, clean_html: Callable[[str], str]) -> float:
    """Mean F1 over four-word shingles of what `clean_html` makes of each page."""
    gold = json.loads((folder / "gold.json").read_text())
    scores = []
    for name in gold:
        page = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        scores.append(text_f1(clean_html(page.decode("utf-8", "replace")), gold[name]["body"]))
    return float(np.mean(scores))


def words_kept(texts: Sequence[str], clean: Callable[[str], str] = kept_text) -> float:
    """Mean share of the words of clean articles that come through."""
    shares = [len(clean(text).split()) / len(text.split()) for text in texts if text.split()]
    return float(np.mean(shares))


def read_texts(folder: Path) -> list[str]:
    """The texts of a folder's pages."""
    return [path.read_text() for path in sorted((folder / "text").glob("*.txt"))]


def speed(texts: Sequence[str], clean: Callable[[str], object] = judge, repeats: int = 3) -> float:
    """MB of UTF-8 text a second of one core's time, the best of some runs."""
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / 1e6
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        for text in texts:
            clean(text)
        seconds.append(time.process_time() - start)
    return size / min(seconds)
