"""Writes the next generation as it is planned: a new segment beside those that stay."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from indexer.arrays import Float16, Float32
from indexer.cutting import cut_articles
from indexer.embedding.base import Embedder
from indexer.encoding import Encoder, pieces
from indexer.identity import distinct_ids
from indexer.plan import Plan
from indexer.progress import Progress
from indexer.reading.facts.names import names_in
from indexer.storage.article_writer import SEGMENT, ArticleWriter
from indexer.storage.corpus_writer import Standing
from indexer.storage.drafts import Drafts
from indexer.storage.manifest import Generation, Segment
from indexer.storage.parts import open_segments
from indexer.storage.suggestions import SuggestionWriter
from indexer.storage.words import WordWriter
from indexer.storage.writer import GenerationWriter
from indexer.stories.grouping import Stories, Told, group
from indexer.stories.sketches import Sketch, sketch

# From so many passages of a segment on, the model gives back what embedding takes. A smaller one is
# of a run that others may follow, in this process: to compile the graph again takes .35 s of each.
LARGE = 20_000


class Building:
    """One generation on its way; the steps have to be taken in this order: cut, write, finish."""

    def __init__(
        self,
        files: GenerationWriter,
        plan: Plan,
        drafts: Drafts,
        embedder: Embedder,
        progress: Progress,
    ) -> None:
        """Begin a new segment, if anything is to be written into one."""
        self._files = files
        self._plan = plan
        self._drafts = drafts
        self._embedder = embedder
        self._progress = progress
        written = plan.written()
        self._segment = files.segment(drafts, plan.staying) if written else None

    @property
    def schemas(self) -> list[str]:
        """Where the articles lie that do not stay (drafts.py)."""
        return [SEGMENT] if self._segment else []

    @property
    def passages(self) -> int:
        """How many passages the generation will have."""
        return self._drafts.staying_passages() + (self._segment.passages if self._segment else 0)

    def cut(self, reuse: bool) -> int:
        """Fill the segment; returns how many of its passages nobody has embedded."""
        segment, plan = self._segment, self._plan
        if segment is None:
            return 0
        written = plan.written()
        numbers = cut_articles(
            [plan.places[i] for i in written],
            [plan.decided[i] for i in written],
            self._drafts,
            segment,
            self._embedder.tokenizer,
            self._progress,
            reuse,
        )
        for place, number in zip(written, numbers, strict=True):
            plan.numbers[place] = number
        segment.reject(len(plan.staying))
        return segment.complete(reuse)

    def write(self, embedded: Path, live: Generation | None, missing: int) -> list[Segment]:
        """Embed what is new, and write all that belongs to the passages; the segments there are.

        embedded: what an interrupted run has left
        live: of which passages are carried over
        """
        segments = list(self._plan.staying)
        with closing(self._files.share(segments)) as words:
            if segments:
                words.remove(self._drafts.leaving_passages())
            if self._segment:
                segments.append(self._write(self._segment, words, embedded, live, missing))
            words.finish()
        return segments

    def _write(
        self,
        segment: ArticleWriter,
        words: WordWriter,
        embedded: Path,
        live: Generation | None,
        missing: int,
    ) -> Segment:
        opened_live = open_segments(live) if live else ()
        vocabulary = self._embedder.tokenizer.vocabulary_size
        with ExitStack() as opened:
            encoder = opened.enter_context(
                closing(Encoder(embedded, self._embedder, opened_live, len(self._plan.staying)))
            )
            encoder.embed(segment, missing, self._progress)
            if segment.passages >= LARGE:
                # FAISS is next to need memory, and both at once would be the most of the run.
                self._embedder.release()
            writer = opened.enter_context(
                closing(self._files.passages(words, encoder.codecs, vocabulary, segment))
            )
            done, total = 0, segment.passages
            for piece in pieces(segment.rows()):
                writer.add(piece, encoder.passages(piece))
                done += len(piece)
                self._progress("writing", done, total)
            encoder.count_carried(segment, writer.frequency)
            kind = writer.finish(done=lambda n: self._progress("linking", n, total))
            with closing(self._files.suggestions()) as suggestions:
                self._describe(segment, writer.article_vectors(), suggestions)
                suggestions.finish()
            return Segment(
                first_article=segment.first_article,
                articles=segment.articles,
                first_passage=segment.first_passage,
                passages=segment.passages,
                tokens=writer.tokens,
                vector_index=kind,
            )

    def _describe(
        self, segment: ArticleWriter, vectors: Float16, suggestions: SuggestionWriter
    ) -> None:
        """Keep what stories are found by, and what may be suggested; articles are read once."""
        total = segment.articles
        for done, (number, article, cut) in enumerate(segment.added(), start=1):
            suggestions.add(number, article, names_in(article.text))
            if cut:
                vector = vectors[number - segment.first_article]
                segment.describe(number, sketch(article).pack(), vector)
            self._progress("grouping", done, total)

    def finish(self) -> None:
        """Find the stories of all articles, and write what the corpus says of each."""
        plan = self._plan
        ids = distinct_ids([each.told.id for each in plan.decided])
        stories = self._group(ids)
        degrees = stories.degrees()
        if self._segment:
            self._segment.finish()
        self._drafts.close()
        self._files.finish(
            Standing(number, place, ids[place], plan.numbers[story], degrees[place])
            for place, (number, story) in enumerate(
                zip(plan.numbers, stories.stories.tolist(), strict=True)
            )
        )

    def _group(self, ids: Sequence[str]) -> Stories:
        """The stories of all articles, in the order of places."""
        plan = self._plan
        place_of = {number: place for place, number in enumerate(plan.numbers)}
        sketches: dict[int, Sketch] = {}
        vectors: Float32 = np.empty((len(plan.numbers), self._embedder.dimension), np.float32)
        for number, packed, vector in self._drafts.facts(*self.schemas):
            place = place_of[number]
            sketches[place] = Sketch.unpack(packed)
            vectors[place] = np.frombuffer(vector, np.float16)
        told = (
            Told(ids[place], decided.told.published, sketches[place])
            for place, decided in enumerate(plan.decided)
        )
        return group(told, vectors)
