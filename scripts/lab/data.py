"""Evaluation data as it lies on disk: BEIR files, and folders of scraped pages."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def read_lines(file: Path) -> Iterator[str]:
    """The lines of a UTF-8 file, packed by gzip or not."""
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        yield from lines


def read_records(file: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file that has one as JSON on each line."""
    return map(json.loads, read_lines(file))


@dataclass(frozen=True, slots=True)
class Pages:
    """A folder of pages: gold.json by name, text/NAME.txt and html/NAME.html.gz."""

    folder: Path

    def gold(self) -> dict[str, dict[str, Any]]:
        """What is known of each page, by its name, in the order of names."""
        gold: dict[str, dict[str, Any]] = json.loads((self.folder / "gold.json").read_bytes())
        return dict(sorted(gold.items()))

    def text(self, name: str) -> str:
        """The text dump of a page."""
        return (self.folder / "text" / f"{name}.txt").read_text("utf-8", "replace")

    def html(self, name: str) -> str:
        """The HTML of a page."""
        packed = (self.folder / "html" / f"{name}.html.gz").read_bytes()
        return gzip.decompress(packed).decode("utf-8", "replace")
