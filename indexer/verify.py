"""Does an index hold what it says: every byte, every number, and what the model says today.

Slow on purpose: it reads all of a generation. What opening it checks is in
`storage/folder.py`.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from indexer.analysis import distinct_stems
from indexer.arrays import Float32, Int64
from indexer.article import Article
from indexer.embedding.base import Embedder
from indexer.encoding import PIECE
from indexer.errors import ArticleSearchError
from indexer.progress import Progress, no_progress
from indexer.reading.facts.names import names_in
from indexer.storage.filenames import SUGGESTIONS
from indexer.storage.manifest import Generation
from indexer.storage.parts import Parts
from indexer.storage.rows import StoredPassage, passage_key
from indexer.storage.suggestions import SuggestionWriter, differences

# How far from 1 the length of a vector may be: that of 8-bit codes is off by up to .01.
LENGTH = 0.05
# Passages embedded again, spread over the index, and how near to what is stored they must be: 8-bit
# codes and another CPU change a cosine by less than .001, and the model in 8 bits is .99 near to
# itself in float32, but for passages of a word or two.
SAMPLE = 64
NEAR = 0.94
# The same of the vectors that tokens share, two bits an axis, and of the tokens, the mean over a
# passage: .89 at least of its own, and .76 at most of another's.
NEAR_TOKENS = 0.85
# Problems of one kind that are told before the rest is only counted.
TOLD = 5


def verify(
    generation: Generation,
    embedder: Embedder,
    progress: Progress = no_progress,
) -> list[str]:
    """Every problem of a published generation, in words; none if it is sound.

    Hashes every file; then looks whether every passage has its article, text, sentences, key,
    vector, token codes and words, and whether the terms are those of the articles; then embeds a
    sample of passages again.
    """
    damage = generation.damage()
    if damage:
        # What is altered need not be looked into, and might be dangerous to.
        return damage
    try:
        return list(_Check(generation, embedder, progress).problems())
    except ArticleSearchError as error:
        return [str(error)]


class _Check:
    def __init__(self, generation: Generation, embedder: Embedder, progress: Progress) -> None:
        self._generation = generation
        self._manifest = generation.manifest
        self._embedder = embedder
        self._progress = progress
        self._parts = Parts.open(generation)

    def problems(self) -> Iterator[str]:
        counts = list(self._counts())
        yield from counts
        if counts:
            return
        for kind in (
            self._of_stories,
            self._of_passages,
            self._of_vectors,
            self._of_words,
            self._of_suggestions,
            self._of_sample,
        ):
            found = kind()
            told = list(islice(found, TOLD))
            yield from told
            more = sum(1 for _ in found)
            if more:
                yield f"… and {more} more of this kind"
            if told:
                # What follows takes what was found wanting for granted.
                return

    def _counts(self) -> Iterator[str]:
        manifest = self._manifest
        if manifest.model_sha256 != self._embedder.model.sha256:
            yield (
                f"made by {manifest.model} ({manifest.model_sha256[:12]}), not by "
                f"{self._embedder.model.name} ({self._embedder.model.sha256[:12]})"
            )
        yield from self._parts.differences(manifest)

    def _of_stories(self) -> Iterator[str]:
        """Each story begins with one of its articles."""
        for number in self._parts.articles.without_story():
            yield f"article {number} is in a story that does not begin with an article of its own"

    def _of_passages(self) -> Iterator[str]:
        """Each passage slices its article, and has the sentences, tokens and key of its text."""
        total = self._manifest.end_passage
        ends = [each.end_passage for each in self._manifest.segments]
        frequency = np.zeros((len(ends), self._embedder.tokenizer.vocabulary_size), np.int64)
        everything = (
            (stored.article, each, key)
            for stored, passages in self._parts.articles.written()
            for each, key in passages
        )
        expected = 0
        while piece := list(islice(everything, PIECE)):
            yield from self._of_order([each for _, each, _ in piece])
            sound = [each for each in piece if _slices(*each[:2])]
            for article, each, _ in piece:
                if not _slices(article, each):
                    yield f"passage {each.number} is no slice of article {article.id!r}"
            tokenized = self._embedder.tokenizer.passages(
                [article.title for article, _, _ in sound],
                [each.passage.span.of(article.text) for article, each, _ in sound],
            )
            for (article, each, key), passage in zip(sound, tokenized, strict=True):
                frequency[bisect(ends, each.number), passage.distinct_ids()] += 1
                if key != passage_key(article, each.passage):
                    yield f"the key of passage {each.number} is not that of its text"
                sentences = [s.end - each.passage.span.start for s in each.passage.sentences]
                first = passage.first_tokens(np.array(sentences, np.int64))
                codes, _ = self._parts.tokens.read([each.number])
                begins = self._parts.tokens.sentences(each.number)
                if not _pooled(begins, len(codes), first, passage.last - passage.first):
                    yield f"the tokens of passage {each.number} are not those of its text"
            expected += len(piece)
            self._progress("checking", expected, total)
        if expected != total:
            yield f"{total - expected} passages belong to no article"
        for counted, segment in zip(frequency, self._parts.segments, strict=True):
            if not np.array_equal(counted, segment.tokens.document_frequency):
                yield "the counts of passages with each token are not those of the passages"

    def _of_order(self, passages: Sequence[StoredPassage]) -> Iterator[str]:
        for one, other in pairwise(passages):
            follows = other.article > one.article or (
                other.article == one.article and other.passage.span.start >= one.passage.span.end
            )
            if other.number != one.number + 1 or not follows:
                yield f"passage {other.number} does not follow passage {one.number}"

    def _of_vectors(self) -> Iterator[str]:
        """Each vector is of unit length."""
        for start in range(0, len(self._parts.vectors), PIECE):
            numbers = np.arange(start, min(start + PIECE, len(self._parts.vectors)))
            lengths = np.linalg.norm(self._parts.vectors.rows(numbers), axis=1)
            for number in numbers[~(np.abs(lengths - 1) < LENGTH)].tolist():
                yield f"the vector of passage {number} is not of unit length"

    def _of_words(self) -> Iterator[str]:
        """Each passage is in the word index once."""
        numbers = np.sort(self._parts.words.numbers())
        if not np.array_equal(numbers, np.flatnonzero(self._parts.columns.alive)):
            yield "lexical does not hold every passage once"

    def _of_suggestions(self) -> Iterator[str]:
        """Words, names and headlines are those of the articles."""
        written = (stored for stored, _ in self._parts.articles.written())
        for segment in self._manifest.segments:
            with TemporaryDirectory() as folder:
                again = Path(folder) / SUGGESTIONS
                with closing(SuggestionWriter(again)) as writer:
                    for stored in islice(written, segment.articles):
                        article = stored.article
                        writer.add(stored.number, article, names_in(article.text))
                    writer.finish()
                file = self._generation.path / segment.folder / SUGGESTIONS
                for table, row in differences(file, again):
                    yield (
                        f"{table} in {segment.folder}/{SUGGESTIONS} differ from those of the "
                        f"articles: {row[0]!r:.50}"
                    )

    def _of_sample(self) -> Iterator[str]:
        """Some passages mean to the model, and to the word index, what is stored of them."""
        alive = np.flatnonzero(self._parts.columns.alive)
        spread = np.linspace(0, len(alive) - 1, min(SAMPLE, len(alive)))
        numbers = alive[np.unique(spread.astype(np.int64))]
        stored = self._parts.articles.passages(numbers.tolist())
        articles = self._parts.articles.articles(each.article for each in stored)
        owners = [articles[each.article].article for each in stored]
        texts = [e.passage.span.of(a.text) for e, a in zip(stored, owners, strict=True)]
        titles = [article.title for article in owners]
        codec = self._parts.tokens.codec
        said = self._embedder.embed_passages(
            self._embedder.tokenizer.passages(titles, texts), codec.projection
        )
        near = np.sum(self._parts.vectors.rows(numbers) * said.vectors, axis=1)
        for number, title, text, cosine, tokens in zip(
            numbers.tolist(), titles, texts, near.tolist(), said.tokens, strict=True
        ):
            if not cosine >= NEAR:
                yield f"passage {number} embeds to another vector today (cosine {cosine:.4f})"
            codes, _ = self._parts.tokens.read([number])
            if not _alike(codec.decode(codes), tokens):
                yield f"passage {number} embeds to other token vectors today"
            terms = distinct_stems(f"{title}\n{text}")
            itself = np.arange(self._manifest.end_passage) == number
            found, _ = self._parts.words.search(terms, 1, itself)
            if terms and number not in found:
                yield f"the words of passage {number} do not find it"


def _slices(article: Article, passage: StoredPassage) -> bool:
    """Whether a passage lies in its article and its sentences in it, one after the other."""
    span, sentences = passage.passage.span, passage.passage.sentences
    ends = [span.start, *(end for s in sentences for end in (s.start, s.end)), span.end]
    inside = 0 <= span.start < span.end <= len(article.text)
    return inside and bool(sentences) and ends == sorted(ends)


def _pooled(begins: Int64, vectors: int, first: Int64, tokens: int) -> bool:
    """Whether sentences have vectors where they have tokens, and no more of them."""
    if len(begins) != len(first) or begins[0] != 0:
        return False
    kept, had = np.diff(begins, append=vectors), np.diff(first, append=tokens)
    return bool(np.all((kept >= np.minimum(had, 1)) & (kept <= had)))


def _alike(stored: Float32, tokens: Float32) -> bool:
    """Whether the vectors that tokens share are near to them, and each of them to one of these."""
    if len(stored) == 0 or len(tokens) == 0:
        return len(stored) == len(tokens)
    cosines = _unit(stored) @ _unit(tokens).T
    return bool(min(np.mean(cosines.max(axis=axis)) for axis in (0, 1)) >= NEAR_TOKENS)


def _unit(vectors: Float32) -> Float32:
    unit: Float32 = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit
