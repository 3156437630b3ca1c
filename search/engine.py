"""The Searcher: one open index and the model that made it; every door asks this one object.

    question → narrow → correct → embed → pool → collapse → answer → fetch

It holds no state that a request can change, so any number of threads may search at once.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

import numpy as np

from indexer.analysis import distinct_stems
from indexer.article import Span
from indexer.embedding.base import Embedder
from indexer.errors import IndexMismatch
from indexer.storage.filter import Filter
from indexer.storage.rows import StoredArticle, StoredPassage, Suggestion
from search.answering.answer import Answerer
from search.answering.asking import is_question
from search.answering.judging import answerable, probability
from search.answering.reader import Reader
from search.answering.reading import Readings
from search.index import Index
from search.question.cursor import read_cursor
from search.question.period import Period, period
from search.question.query import Query
from search.question.spelling import Correction, Speller
from search.ranking.candidates import CANDIDATES, Pool, Ranker, newest
from search.ranking.collapse import collapse
from search.ranking.confidence import confidence
from search.ranking.late import Question
from search.ranking.timing import Clock
from search.ranking.variants import Variants
from search.results import Hit, Neighbour, Results, Story
from search.showing.facets import facets
from search.showing.hits import HitMaker

# About 45,000 words; an "article" of a hundred megabytes must not hold up the others.
LONGEST_READ = 500
# Articles of a story that are listed: a text that a thousand sites print is one story.
MOST_MEMBERS = 100


class Searcher:
    """Ranks the passages of one index."""

    def __init__(self, index: Index, embedder: Embedder, reader: Reader | None = None) -> None:
        """Search an open index with the model that made it, and with a reader if there is one.

        Raises:
            IndexMismatch: it was made by another model.
        """
        manifest = index.generation.manifest
        if manifest.model_sha256 != embedder.model.sha256:
            raise IndexMismatch(
                f"the index was made by {manifest.model} ({manifest.model_sha256[:12]}), this is "
                f"{embedder.model.name} ({embedder.model.sha256[:12]}); put the former back in "
                "place or run `reindex --full` with the latter"
            )
        self.generation = index.generation
        self._index = index
        self._embedder = embedder
        self._variants = Variants(index)
        self._answerer = Answerer(index, Readings(reader) if reader else None)

    def search(self, query: Query, hidden: Sequence[int] = ()) -> Results:
        """Answer a question; without one, list what the filters leave, the newest first.

        hidden: articles by number that are not there; so measuring asks what is left

        Raises:
            CursorExpired: the query goes on with a search of another generation.
            QueryError: the query's cursor is not one of this search.
            IndexDamaged: something that is needed cannot be read.
        """
        clock, index = Clock(), self._index
        offset = read_cursor(query, self.generation.id)
        with clock.stage("narrow"):
            filter = replace(query.filter, without_articles=tuple(hidden))
            narrowed = index.narrow(filter)
            corrections = self._corrections(query.words, filter)
        with clock.stage("embed"):
            text = _corrected(query.words, corrections)
            variants = self._variants.of(text)
            also = tuple(spelling for each in variants for spelling in each.also)
            question = Question.of(text, self._embedder, index, also)
        if query.words:
            pool = Ranker(index).pool(question, query.mode, narrowed, clock)
        else:
            pool = newest(index, narrowed)
        shown = pool.above(query.least)
        groups = collapse(shown, query)
        page = range(len(groups))[offset : offset + query.limit]
        reads = self._reads(query)
        maker = HitMaker(index, self._answerer)
        hits = maker.hits(query, question, shown, groups, page, reads, clock)
        manifest = self.generation.manifest
        judged = self._judged(hits, question, pool)
        return Results(
            query=query,
            hits=hits,
            offset=offset,
            total=len(groups),
            total_relation="eq" if groups.complete else "gte",
            facets=facets(shown.columns.at(groups.leaders)),
            corrections=corrections,
            variants=variants,
            relaxed=narrowed.relaxed,
            period=self._period(query),
            confidence=judged,
            answerable=None if judged is None else answerable(judged),
            generation=self.generation.id,
            model=manifest.model,
            took_ms=clock.total(),
            timings=clock.stages,
        )

    def article(self, article_id: str) -> StoredArticle | None:
        """An article by its id, or None."""
        return self._index.by_id(article_id)

    def story(self, number: int) -> Story:
        """The story of articles whose `story` is this number."""
        return Story(*self._index.story(number, MOST_MEMBERS))

    def passages_of(self, article: int) -> list[StoredPassage]:
        """The first passages of an article by its number, in order."""
        return self._index.passages_of(article, LONGEST_READ)

    def similar(self, article: StoredArticle, limit: int) -> list[Neighbour]:
        """Articles about the same as another, best first, one of each story but its own.

        Articles are compared by the passage of each that is nearest to the mean of its passages.
        """
        numbers = np.array([each.number for each in self.passages_of(article.number)], np.int64)
        if len(numbers) == 0:
            return []
        mean = self._index.vectors(numbers).sum(axis=0)
        mean /= max(float(np.linalg.norm(mean)), 1e-9)
        others = self._index.narrow(Filter(without_stories=(article.story,)))
        candidates = CANDIDATES
        while True:
            passages, scores = self._index.nearest(mean, candidates, others)
            columns = self._index.columns(passages)
            _, first = np.unique(columns.story, return_index=True)
            if len(first) >= limit or len(passages) < candidates:
                break
            candidates *= 4
        leaders = np.sort(first)[:limit]
        owners = columns.article[leaders].tolist()
        found = self._index.articles(owners)
        return [
            Neighbour(rank, float(score), found[owner])
            for rank, (owner, score) in enumerate(
                zip(owners, scores[leaders], strict=True), start=1
            )
        ]

    def suggest(self, prefix: str, limit: int) -> list[Suggestion]:
        """Names and headlines that begin as a text does, the best first."""
        return self._index.suggest(prefix, limit)

    def best_sentence(self, question: str, article: int) -> tuple[StoredPassage, Span] | None:
        """The passage of an article and the sentence in it that best answer a question.

        Only the first `LONGEST_READ` passages are looked at.
        """
        choice = [each.number for each in self.passages_of(article)]
        owner = self._index.articles([article]).get(article)
        if not choice or owner is None:
            return None
        asked = Question.of(question, self._embedder, self._index)
        if self._answerer.readings and is_question(question):
            found = self._answerer.read(asked, owner, choice)
        else:
            found = None
        found = found or self._answerer.answers(asked, [choice], [owner])[0]
        return found.passage, found.sentence

    def _reads(self, query: Query) -> bool:
        """Whether the first hit is read: a question was asked, and not of one method alone."""
        return (
            self._answerer.readings is not None
            and query.reader == "on"
            and query.mode == "hybrid"
            and query.sort == "relevance"
            and is_question(query.words)
        )

    def _judged(self, hits: Sequence[Hit], question: Question, pool: Pool) -> float | None:
        """The probability that the first hit's answer is one, if it was read."""
        odds = hits[0].log_odds if hits else None
        if odds is None:
            return None
        model = self.generation.manifest.confidence
        return probability(odds, confidence(model, question, pool) if model else None)

    @cached_property
    def _speller(self) -> Speller:
        # Read when a word is first unknown: most questions are spelled as the corpus is.
        return Speller(*self._index.vocabulary(), self._embedder.tokenizer.whole_words)

    def _corrections(self, words: str, filter: Filter) -> tuple[Correction, ...]:
        """Words of the question that nobody wrote, read as words that somebody did."""
        # What narrows the search is looked up as it is written.
        narrowing = (*filter.phrases, *filter.titles)
        quoted = {stem for text in narrowing for stem in distinct_stems(text)}
        unknown = {
            stem
            for stem in distinct_stems(words)
            if stem not in quoted and not self._index.document_frequency(stem)
        }
        if not unknown:
            return ()

        def lacks(word: str) -> bool:
            found = distinct_stems(word)
            return bool(found) and unknown.issuperset(found)

        return tuple(self._speller.corrections(words, self._index.written, lacks))

    def _period(self, query: Query) -> Period | None:
        """The days that the question names, if nothing says others and articles are of them."""
        if query.first_day or query.last_day:
            return None
        named = period(query.words, date.today())
        if named is None:
            return None
        days = Filter(first_day=named.first, last_day=named.last)
        return named if self._index.narrow(days).passages else None


def _corrected(words: str, corrections: Sequence[Correction]) -> str:
    for each in reversed(corrections):
        words = words[: each.start] + each.read + words[each.end :]
    return words
