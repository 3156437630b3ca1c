"""What people may type, of one segment, in tables; as suggestions.py has it in a file."""

from collections.abc import Mapping

import numpy as np

from indexer.arrays import Int32
from indexer.storage.lance.tables import Table, one_of, quoted
from indexer.storage.manifest import Manifest
from indexer.storage.suggestions import MOST_KEYS, Suggested, key_of


class LanceSuggestions:
    """The words, names and headlines that were counted in one segment."""

    def __init__(self, segment: int, tables: Mapping[str, Table]) -> None:
        """Ask the tables for those of a segment, which is known by its first article."""
        self._of = f"segment = {segment}"
        self._words, self._keys, self._texts = (
            tables[name] for name in ("words", "keys", "suggestions")
        )

    def suggest(self, prefix: str, limit: int) -> list[Suggested]:
        """See `Suggestions.suggest`."""
        key = key_of(prefix)
        if not key:
            return []
        begins = f"key >= {quoted(key)} AND key < {quoted(key + chr(0x10FFFF))}"
        # One suggestion has that many keys at most.
        rows = self._keys.rows(
            ["suggestion"], f"{self._of} AND {begins}", limit * MOST_KEYS, [("suggestion", True)]
        )
        numbers = list(dict.fromkeys(number for (number,) in rows))[:limit]
        if not numbers:
            return []
        found = self._texts.rows(
            ["number", "text", "article", "articles", "published"],
            f"{self._of} AND {one_of('number', numbers)}",
        )
        return [Suggested(*row) for _, *row in sorted(found)]

    def vocabulary(self) -> tuple[list[str], Int32]:
        """See `Suggestions.vocabulary`."""
        rows = sorted(self._words.rows(["word", "articles"], self._of))
        return [word for word, _ in rows], np.fromiter((n for _, n in rows), np.int32, len(rows))

    def written(self, word: str) -> tuple[str, int]:
        """See `Suggestions.written`."""
        rows = self._words.rows(
            ["written", "articles"], f"{self._of} AND word = {quoted(word)}", limit=1
        )
        return rows[0] if rows else (word, 0)


def segments_of(manifest: Manifest, tables: Mapping[str, Table]) -> list[LanceSuggestions]:
    """Those of all segments, in their order."""
    return [LanceSuggestions(each.first_article, tables) for each in manifest.segments]
