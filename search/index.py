"""The seam: all that a search may ask of an index, wherever its passages lie.

Ranking, showing and the engine see this Protocol alone; of search, live.py is the one module that
opens a `LocalIndex`. A filter goes down as a structure, and what it allows is the affair of the
index. What grouping, facets and confidence need comes up as columns, of a few hundred passages at a
time.

An index is one generation, which never changes: any number of threads may ask at once, and the same
question has the same answer. Passages and articles are known by their numbers, which belong to the
generation, and of which some may be nobody's; passages of an article follow each other. Every
method may raise IndexDamaged.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from indexer.arrays import Float32, Int32, Int64, UInt8
from indexer.embedding.codec import TokenCodec
from indexer.storage.columns import Columns
from indexer.storage.exact import Candidates
from indexer.storage.filter import Filter, Narrowed
from indexer.storage.manifest import Published
from indexer.storage.rows import StoredArticle, StoredPassage, StoryOutline, Suggestion


class Index(Protocol):
    """One opened generation of an index.

    codec: of the token codes
    idf: (v,) float32, the inverse document frequency of every token id
    """

    codec: TokenCodec
    idf: Float32

    @property
    def generation(self) -> Published:
        """Its id, and in its manifest the model, the counts and the confidence."""

    def narrow(self, filter: Filter) -> Narrowed:
        """What a filter lets through, for `nearest` and `matching` of this index."""

    def nearest(self, vector: Float32, limit: int, narrowed: Narrowed) -> Candidates:
        """The passages nearest to a vector, (d,) float32 of unit length; scores are cosines.

        An index of many passages may miss a few of the nearest; under a filter that lets few
        passages through it misses none.
        """

    def matching(self, stems: Sequence[str], limit: int, narrowed: Narrowed) -> Candidates:
        """The passages that match any of a question's stems best, headlines included.

        Scores are BM25 with k1 = 1.2 and b = .75, over all passages, whatever the filter; so no
        passage outside of it changes the score of another. Pairs of stems that follow each other
        (indexer/analysis.py) count like words of a second field, by `PAIR_WEIGHT`.

        stems: in the order of the question; the first `MAX_TERMS` distinct ones and pairs are read
        """

    def newest(self, limit: int, narrowed: Narrowed) -> Int64:
        """The first passage that is let through of each article, the newest day first.

        Articles without a date come last; those of one day in the order of their numbers.

        Returns (k,) int64, of at most `limit` articles.
        """

    def columns(self, passages: Int64) -> Columns:
        """What is known of some passages, (k,), in their order."""

    def vectors(self, passages: Int64) -> Float32:
        """The vectors of some passages, (k, d) float32, of unit length."""

    def codes(self, passages: Sequence[int]) -> tuple[UInt8, Int64]:
        """Token codes of some passages one after the other, and where each passage begins.

        Returns (t, p / 2) uint8 and (k,) int64.
        """

    def sentence_tokens(self, passages: Sequence[int]) -> list[Int64]:
        """Of each of some passages, which of its tokens begins each sentence, (s,) int64."""

    def passages(self, numbers: Iterable[int]) -> list[StoredPassage]:
        """Passages by number, in the order asked for."""

    def passages_of(self, article: int, limit: int) -> list[StoredPassage]:
        """The first passages of an article, by its number, in order."""

    def articles(self, numbers: Iterable[int]) -> dict[int, StoredArticle]:
        """Articles by number, less the days that their texts mention."""

    def by_id(self, article_id: str) -> StoredArticle | None:
        """An article by its id, whole."""

    def story(self, number: int, limit: int) -> tuple[list[StoredArticle], int]:
        """The first articles of a story, without their texts, and how many it has.

        number: of its earliest article, which comes first; then the others by date
        """

    def outlines(self, stories: Iterable[int], limit: int) -> dict[int, StoryOutline]:
        """Stories by number, each with its first articles as in `story`."""

    def sample(self, count: int) -> list[StoredPassage]:
        """The first passages of up to so many articles that begin a story.

        The same texts give the same passages, however the index came to be.
        """

    def document_frequency(self, stem: str) -> int:
        """How many passages have a stem, in their text or headline."""

    def vocabulary(self) -> tuple[list[str], Int32]:
        """Every word of the articles, lower case, ascending; and in how many it is, (w,) int32."""

    def written(self, word: str) -> str:
        """How a word of the vocabulary is mostly written: "Belousov" of "belousov"."""

    def suggest(self, prefix: str, limit: int) -> list[Suggestion]:
        """Names, then headlines, that begin so or a word of which does, the best first."""
