"""What has been read of an index: passages as texts for the reader, and what it said of them."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from indexer.arrays import Float32
from indexer.storage.rows import StoredArticle, StoredPassage
from search.answering.reader import Reader

# Readings that are kept, each of some 200 bytes: the same question is often asked again at once,
# for the next page, as a feed, or by many.
KEPT = 4096


@dataclass(slots=True)
class Readings:
    """Reads passages of one index; safe to use from several threads."""

    reader: Reader
    _known: OrderedDict[tuple[str, int], Float32] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(
        self,
        question: str,
        article: StoredArticle,
        passages: Sequence[tuple[StoredPassage, StoredPassage | None]],
    ) -> list[Float32]:
        """Of each passage the log odds of its sentences, (s,); see `Reading`.

        passages: each with the one before it in the article, whose last sentence is read first
        """
        keys = [(question, each.number) for each, _ in passages]
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
        missing = [pair for key, pair in zip(keys, passages, strict=True) if key not in found]
        if missing:
            text = article.article.text
            before = [
                [other.passage.sentences[-1].of(text)] if other else [] for _, other in missing
            ]
            texts = [
                (article.article.title, [*lead, *(s.of(text) for s in each.passage.sentences)])
                for lead, (each, _) in zip(before, missing, strict=True)
            ]
            read = self.reader.read(question, texts)
            for lead, (each, _), reading in zip(before, missing, read, strict=True):
                found[question, each.number] = reading[len(lead) :]
            with self._lock:
                for each, _ in missing:
                    self._known[question, each.number] = found[question, each.number]
                while len(self._known) > KEPT:
                    self._known.popitem(last=False)
        return [found[key] for key in keys]
