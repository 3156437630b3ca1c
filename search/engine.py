"""The Searcher: one open generation and the model that made it; every door asks this one object.

    question → narrow → correct → embed → pool (ranking.py) → collapse → answer → fetch

It holds no state that a request can change, so any number of threads may search at once.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from indexer.article import Span
from indexer.embedding.embedder import Embedder
from indexer.errors import IndexDamaged, IndexMismatch
from indexer.storage.articles import (
    ArticleFilter,
    Articles,
    StoredArticle,
    StoredPassage,
    StoryOutline,
)
from indexer.storage.folder import Generation
from indexer.storage.suggestions import Suggestion, Terms
from indexer.storage.tokens import Tokens
from indexer.storage.vectors import FaissVectors
from indexer.storage.words import Words
from search.question.cursor import read_cursor
from search.question.narrowing import narrow
from search.question.period import Period, period
from search.question.query import Query
from search.question.spelling import Correction, Speller
from search.ranking.answer import Answerer
from search.ranking.candidates import CANDIDATES, Pool, Ranker
from search.ranking.collapse import Groups, collapse
from search.ranking.confidence import THRESHOLD, Confidence
from search.ranking.late import inverse_document_frequency
from search.ranking.question import Question
from search.ranking.timing import Clock
from search.results import Hit, HitStory, Neighbour, Results, Story
from search.showing.explanation import explain
from search.showing.facets import facets
from search.showing.marks import Matcher

Int64 = NDArray[np.int64]

# Of how many passages of its article a hit shows the one whose sentence answers best: a passage
# chosen so holds the answer more often than the best-ranked (.82 to .79 on news_quiz_dev).
SHOWN_FROM = 4
# About 45,000 words; an "article" of a hundred megabytes must not hold up the others.
LONGEST_READ = 500
# Articles of a story that are listed: a text that a thousand sites print is one story.
MOST_MEMBERS = 100
# Articles of a story that a hit lists.
MEMBERS_OF_A_HIT = 20


class Searcher:
    """Ranks the passages of one open generation."""

    def __init__(self, generation: Generation, embedder: Embedder) -> None:
        """Open the files of a generation.

        Raises:
            IndexDamaged: a file cannot be read, or the files do not belong together.
            IndexMismatch: the generation was made by another model.
        """
        manifest = generation.manifest
        if manifest.model_sha256 != embedder.model.sha256:
            raise IndexMismatch(
                f"the index was made by {manifest.model} ({manifest.model_sha256[:12]}), this is "
                f"{embedder.model.name} ({embedder.model.sha256[:12]}); put the former back in "
                "place or run `reindex --full` with the latter"
            )
        self.generation = generation
        self._embedder = embedder
        self._articles = Articles(generation.path / "articles.db")
        self._vectors = FaissVectors.open(generation.path / "vectors.faiss")
        self._words = Words(generation.path / "lexical")
        self._tokens = Tokens(generation.path / "tokens.bin")
        self._terms = Terms(generation.path / "terms.db")
        counts = {
            "articles.db": len(self._articles),
            "vectors.faiss": len(self._vectors),
            "lexical": len(self._words),
            "tokens.bin": len(self._tokens),
        }
        wrong = [name for name, count in counts.items() if count != manifest.passages]
        if wrong or self._vectors.dimension != embedder.dimension:
            raise IndexDamaged(
                f"{', '.join(wrong) or 'vectors.faiss'} in {generation.path} does not hold the "
                f"{manifest.passages} passages of the manifest; run `reindex --full`"
            )
        self._idf = inverse_document_frequency(self._tokens.document_frequency, manifest.passages)
        self._confidence = (
            Confidence.read(generation.path / "confidence.json")
            if "confidence.json" in manifest.files
            else None
        )
        self._ranker = Ranker(self._vectors, self._words)
        self._answerer = Answerer(self._articles, self._tokens)

    def search(self, query: Query) -> Results:
        """Answer a question.

        Raises:
            CursorExpired: the query goes on with a search of another generation.
            QueryError: the query's cursor is not one of this search.
            IndexDamaged: something that is needed cannot be read.
        """
        clock = Clock()
        offset = read_cursor(query, self.generation.id)
        with clock.stage("narrow"):
            narrowed = narrow(query, self._articles, self._words)
            corrections = self._corrections(query)
        with clock.stage("embed"):
            question = self._question(_corrected(query.words, corrections))
        pool = self._ranker.pool(question, query.mode, narrowed.allowed, clock)
        groups = collapse(pool, query, self._articles)
        confidence = (
            self._confidence.of(question, pool, self._articles.story_of)
            if self._confidence
            else None
        )
        page = range(len(groups))[offset : offset + query.limit]
        hits = self._hits(query, question, pool, groups, page, clock)
        manifest = self.generation.manifest
        return Results(
            query=query,
            hits=hits,
            offset=offset,
            total=len(groups),
            total_relation="eq" if groups.complete else "gte",
            facets=facets(pool.passages[groups.leaders], self._articles),
            corrections=corrections,
            relaxed=narrowed.relaxed,
            period=self._period(query),
            confidence=confidence,
            answerable=None if confidence is None else confidence >= THRESHOLD,
            generation=self.generation.id,
            model=manifest.model,
            took_ms=clock.total(),
            timings=clock.stages,
        )

    def article(self, article_id: str) -> StoredArticle | None:
        """An article by its id, or None."""
        return self._articles.by_id(article_id)

    def story(self, number: int) -> Story:
        """The story of articles whose `story` is this number."""
        return Story(*self._articles.story(number, MOST_MEMBERS))

    def passages_of(self, article: int) -> list[StoredPassage]:
        """All passages of an article by its number, in order."""
        return self._articles.passages_of(article)

    def similar(self, article: StoredArticle, limit: int) -> list[Neighbour]:
        """Articles about the same as another, best first, one of each story but its own.

        Articles are compared by the passage of each that is nearest to the mean of its passages.
        """
        numbers = np.flatnonzero(self._articles.article_of == article.number)[:LONGEST_READ]
        if len(numbers) == 0:
            return []
        mean = self._vectors.rows(numbers).astype(np.float32).sum(axis=0)
        mean /= max(float(np.linalg.norm(mean)), 1e-9)
        others = self._articles.story_of != article.story
        candidates = CANDIDATES
        while True:
            passages, scores = self._vectors.search(mean, candidates, others)
            _, first = np.unique(self._articles.story_of[passages], return_index=True)
            if len(first) >= limit or len(passages) < candidates:
                break
            candidates *= 4
        leaders = np.sort(first)[:limit]
        owners = self._articles.article_of[passages[leaders]].tolist()
        found = self._articles.articles(owners)
        return [
            Neighbour(rank, float(score), found[owner])
            for rank, (owner, score) in enumerate(
                zip(owners, scores[leaders], strict=True), start=1
            )
        ]

    def suggest(self, prefix: str, limit: int) -> list[Suggestion]:
        """Names and headlines that begin as a text does, the best first."""
        return self._terms.suggest(prefix, limit)

    def best_sentence(self, question: str, article: int) -> tuple[StoredPassage, Span] | None:
        """The passage of an article and the sentence in it that best answer a question.

        Only the first `LONGEST_READ` passages are looked at.
        """
        passages = self._articles.passages_of(article)[:LONGEST_READ]
        if not passages:
            return None
        choice = [each.number for each in passages]
        return self._answerer.answers(self._question(question), [choice])[0]

    def _question(self, text: str) -> Question:
        return Question.of(text, self._embedder, self._idf, self._tokens)

    @cached_property
    def _speller(self) -> Speller:
        # Read when a word is first unknown: most questions are spelled as the corpus is.
        return Speller(*self._terms.vocabulary(), self._embedder.tokenizer.whole_words())

    def _corrections(self, query: Query) -> tuple[Correction, ...]:
        """Words of the question that nobody wrote, read as words that somebody did."""
        # What narrows the search is looked up as it is written.
        narrowing = (*query.operators("phrase"), *query.operators("title"))
        quoted = {word for text in narrowing for word in self._words.terms(text)}
        unknown = {
            term
            for term in self._words.terms(query.words)
            if term not in quoted and not self._words.document_frequency(term)
        }
        if not unknown:
            return ()

        def lacks(word: str) -> bool:
            terms = self._words.terms(word)
            return bool(terms) and unknown.issuperset(terms)

        return tuple(self._speller.corrections(query.words, self._terms.written, lacks))

    def _period(self, query: Query) -> Period | None:
        """The days that the question names, if nothing says others and articles are of them."""
        if query.first_day or query.last_day:
            return None
        named = period(query.words, date.today())
        if named is None:
            return None
        days = ArticleFilter(
            published_from=named.first.isoformat(), published_to=named.last.isoformat()
        )
        allowed = self._articles.allowed(days)
        return named if allowed is not None and allowed.any() else None

    def _hits(
        self,
        query: Query,
        question: Question,
        pool: Pool,
        groups: Groups,
        page: Sequence[int],
        clock: Clock,
    ) -> list[Hit]:
        """The hits of one page."""
        with clock.stage("answer"):
            choices = [groups.choice(group, SHOWN_FROM) for group in page]
            answers = self._answerer.answers(question, choices)
            runs = [
                groups.run(passage.number, choice)
                for (passage, _), choice in zip(answers, choices, strict=True)
            ]
        with clock.stage("fetch"):
            # Most hits show the one passage that is known already.
            wide = [end for first, last in runs if first != last for end in (first, last)]
            spans = {each.number: each.passage.span for each in self._articles.passages(wide)}
            spans |= {passage.number: passage.passage.span for passage, _ in answers}
            found = self._articles.articles(passage.article for passage, _ in answers)
            stories = self._stories(query, found.values())
        matcher = Matcher.of(question.text, self._words) if query.explain else None
        hits = []
        for group, (passage, answer), (first, last) in zip(page, answers, runs, strict=True):
            stored = found[passage.article]
            shown = Span(spans[first].start, spans[last].end)
            leader = int(groups.leaders[group])
            hits.append(
                Hit(
                    rank=group + 1,
                    score=float(pool.scores[leader]),
                    article=stored.article,
                    passage_number=passage.number,
                    merged=range(first, last + 1),
                    passage=shown,
                    answer=answer,
                    matches=tuple(matcher.spans(stored.article.text, shown)) if matcher else (),
                    story=_story_of(stored, stories) if stories else None,
                    explanation=explain(pool, leader) if query.explain else None,
                )
            )
        return hits

    def _stories(self, query: Query, articles: Iterable[StoredArticle]) -> dict[int, StoryOutline]:
        if query.group != "story":
            return {}
        return self._articles.outlines({each.story for each in articles}, MEMBERS_OF_A_HIT)


def _story_of(article: StoredArticle, stories: dict[int, StoryOutline]) -> HitStory:
    outline = stories[article.story]
    outlets = {each.source: None for each in outline.members if each.source}
    outlets.pop(article.article.source or "", None)
    return HitStory(outline.members[0].id, outline.articles, tuple(outlets), tuple(outline.members))


def _corrected(words: str, corrections: Sequence[Correction]) -> str:
    for each in reversed(corrections):
        words = words[: each.start] + each.read + words[each.end :]
    return words
