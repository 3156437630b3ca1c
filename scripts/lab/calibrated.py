"""Embeddings of edited articles at a hundredth of the cost: their sources', moved as edits move.

A token of an edited passage is looked up among those of the sources by its id and those of its
neighbours, and means what it means there. The passage takes the mean of the source passages that
its rarer tokens are from, moved at random: to a cosine drawn from those between real embeddings of
edited passages and what is looked up for them, in a direction in which these differ.

So searching, updating, disk and memory are what they would be with real embeddings; how fast
passages are embedded, and how well the made ones are found by what they say, is not measured.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from indexer.arrays import Float32, Float64, Int32, Int64
from indexer.embedding.base import Embedder, PassageVectors, QueryVectors
from indexer.embedding.tokenizer import PassageTokenizer, TokenizedPassage
from indexer.encoding import PIECE
from indexer.storage.articles import Articles
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import Generation
from indexer.storage.parts import Parts
from scripts.lab.build import open_model
from scripts.lab.table import Table

# Tokens whose neighbours are found so often at most tell where a passage is from.
RARE = 4
QUANTILES = np.linspace(0, 1, 101)


class Embedded(NamedTuple):
    """Passages of an index in order, as the model sees them, and their vectors (n, d)."""

    passages: Sequence[TokenizedPassage]
    vectors: Float32


def passage_texts(generation: Generation) -> Iterator[tuple[str, str]]:
    """The headline and the text of every passage in order."""
    for stored, passages in Articles(generation).everything():
        article = stored.article
        for each, _ in passages:
            yield article.title, each.passage.span.of(article.text)


def read_embedded(index: Path, tokenizer: PassageTokenizer) -> Embedded:
    """What an index holds that was built at once."""
    generation = IndexFolder(index).open_current()
    titles, texts = zip(*passage_texts(generation), strict=True)
    vectors = Parts.open(generation).vectors.rows(np.arange(len(texts)))
    # Codes are of unit length but for rounding.
    return Embedded(tokenizer.passages(titles, texts), _unit(vectors))


def write_token_codes(index: Path, embedder: Embedder) -> None:
    """Write the codes of all tokens of an index beside it: of its own several tokens share one."""
    generation = IndexFolder(index).open_current()
    codec = Parts.open(generation).tokens.codec
    texts = passage_texts(generation)
    with _codes_of(index).open("wb") as file:
        while piece := list(islice(texts, PIECE)):
            tokenized = embedder.tokenizer.passages(*zip(*piece, strict=True))
            for tokens in embedder.embed_passages(tokenized, codec.projection).tokens:
                file.write(codec.encode(tokens).tobytes())


def _codes_of(index: Path) -> Path:
    return index.with_name(f"{index.name}.codes")


class Lookup:
    """Finds the tokens of edited passages among those of an index of their sources."""

    def __init__(self, index: Path, tokenizer: PassageTokenizer) -> None:
        """Sort the tokens, whose codes are beside the index, by what surrounds them, and by ids."""
        passages, self._vectors = read_embedded(index, tokenizer)
        self._codec = Parts.open(IndexFolder(index).open_current()).tokens.codec
        self._codes = np.fromfile(_codes_of(index), np.uint8).reshape(-1, self._codec.width)
        ids, self._passage_of = _own_tokens(passages)
        keys = _surrounded(ids, self._passage_of)
        self._order = np.argsort(keys, kind="stable").astype(np.int32)
        self._keys = keys[self._order]
        self._by_id = np.argsort(ids, kind="stable").astype(np.int32)
        self._ids = ids[self._by_id]

    def find(self, passages: Sequence[TokenizedPassage]) -> PassageVectors:
        """The vectors of the sources of some passages, and of their tokens."""
        ids, of = _own_tokens(passages)
        keys = _surrounded(ids, of)
        # Which of several is taken: any, but always the same.
        any_of = (keys * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(33)
        chosen, count = _chosen(self._keys, self._order, keys, any_of)
        by_id, _ = _chosen(self._ids, self._by_id, ids, any_of)
        known = count > 0
        chosen = np.where(known, chosen, by_id)
        telling = known & (count <= RARE)
        # Where nothing is telling, whatever is known.
        telling |= (np.bincount(of[telling], minlength=len(passages)) == 0)[of]
        votes = csr_array(
            (
                np.ones(int(telling.sum()), np.float32),
                (of[telling], self._passage_of[chosen[telling]]),
            ),
            shape=(len(passages), len(self._vectors)),
        )
        used = np.unique(votes.indices)
        tokens = self._codec.decode(self._codes[chosen])
        begins = np.searchsorted(of, np.arange(1, len(passages)))
        return PassageVectors(_unit(votes[:, used] @ self._vectors[used]), np.split(tokens, begins))


def _own_tokens(passages: Sequence[TokenizedPassage]) -> tuple[Int32, Int32]:
    """The ids (t,) of the passages' own tokens, and which passage each is of."""
    ids = [each.ids[each.first : each.last] for each in passages]
    of = np.repeat(np.arange(len(passages), dtype=np.int32), [len(each) for each in ids])
    return np.concatenate(ids).astype(np.int32), of


def _surrounded(ids: Int32, passage_of: Int32) -> NDArray[np.uint64]:
    """A number for each token and its two neighbours in its passage, (t,)."""
    own = ids.astype(np.uint64) + np.uint64(1)
    before, after = np.zeros_like(own), np.zeros_like(own)
    same = passage_of[1:] == passage_of[:-1]
    before[1:][same], after[:-1][same] = own[:-1][same], own[1:][same]
    base = np.uint64(1 << 21)
    numbers: NDArray[np.uint64] = (before * base + own) * base + after
    return numbers


def _chosen(
    sorted_keys: NDArray[np.generic],
    order: Int32,
    keys: NDArray[np.generic],
    any_of: NDArray[np.uint64],
) -> tuple[Int64, Int64]:
    """For each key one of the tokens that have it, and how many have; any token if none has."""
    left = np.searchsorted(sorted_keys, keys, "left")
    count = np.searchsorted(sorted_keys, keys, "right") - left
    at = left + (any_of % np.maximum(count, 1).astype(np.uint64)).astype(np.int64)
    return order[np.minimum(at, len(order) - 1)].astype(np.int64), count


def _unit(vectors: Float32) -> Float32:
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    unit: Float32 = (vectors / lengths).astype(np.float32)
    return unit


class Calibration(NamedTuple):
    """How real embeddings of edited passages lie to those that are looked up for them.

    cosines: (q,) at QUANTILES
    directions: (d, d), a normal vector times it is a difference at right angles
    shared: the mean cosine of such differences under one headline
    """

    cosines: Float64
    directions: Float32
    shared: float

    @classmethod
    def learn(
        cls, passages: Sequence[TokenizedPassage], found: Float32, real: Float32
    ) -> "Calibration":
        """From passages in the order of articles, and both kinds of vectors, (n, d) each."""
        cosines = np.sum(found * real, axis=1)
        apart = _unit(real - cosines[:, None] * found)
        _, scales, axes = np.linalg.svd(apart / np.sqrt(len(apart)), full_matrices=False)
        same = np.array([_headline(a) == _headline(b) for a, b in pairwise(passages)])
        shared = float(np.mean(np.sum(apart[1:] * apart[:-1], axis=1)[same]))
        return cls(np.quantile(cosines, QUANTILES), scales[:, None] * axes, max(shared, 0.0))

    def moved(self, passages: Sequence[TokenizedPassage], found: Float32) -> Float32:
        """The vectors (n, d) that were looked up, moved; the same for the same passage."""
        chances = np.empty(len(passages))
        normal = np.empty((len(passages), len(self.directions)), np.float32)
        for i, passage in enumerate(passages):
            own, of_all = (
                np.random.default_rng(zlib.crc32(each))
                for each in (passage.ids.tobytes(), _headline(passage))
            )
            chances[i] = own.random()
            normal[i] = np.sqrt(self.shared) * of_all.standard_normal(normal.shape[1])
            normal[i] += np.sqrt(1 - self.shared) * own.standard_normal(normal.shape[1])
        apart = normal @ self.directions
        apart -= np.sum(apart * found, axis=1, keepdims=True) * found
        cosines = np.interp(chances, QUANTILES, self.cosines)[:, None]
        vectors = cosines * found + np.sqrt(1 - cosines**2) * _unit(apart)
        return vectors.astype(np.float32)


def _headline(passage: TokenizedPassage) -> bytes:
    return passage.ids[: passage.first].tobytes()


class CalibratedEmbedder:
    """Meets `Embedder`: questions go to the real model, edited passages are made of their sources.

    sample: passages of edited articles as the model embeds them; the first half is learned from

    The codec is learned from the real model, which is also asked whenever a passage's tokens are
    wanted on all axes.
    """

    def __init__(self, real: Embedder, sources: Path, sample: Path) -> None:
        """From an index of the sources and one of some edited articles, both of the real model."""
        self._real = real
        self.model, self.tokenizer, self.dimension = real.model, real.tokenizer, real.dimension
        self._lookup = Lookup(sources, real.tokenizer)
        self._sample = read_embedded(sample, real.tokenizer)
        learned = self._sample.passages[: len(self._sample.passages) // 2]
        self._calibration = Calibration.learn(
            learned, self._lookup.find(learned).vectors, self._sample.vectors[: len(learned)]
        )

    def embed_query(self, text: str) -> QueryVectors:
        """Embed one question by the model."""
        return self._real.embed_query(text)

    def embed_passages(
        self, passages: Sequence[TokenizedPassage], projection: Float32
    ) -> PassageVectors:
        """Make the embeddings of edited passages; see `Embedder`."""
        if np.array_equal(projection, np.eye(self.dimension)):
            return self._real.embed_passages(passages, projection)
        found = self._lookup.find(passages)
        return PassageVectors(self._calibration.moved(passages, found.vectors), found.tokens)

    def release(self) -> None:
        """Give back what the model took."""
        self._real.release()

    def compare(self) -> Table:
        """How like real embeddings the made ones are, of the sample that was not learned from."""
        half = len(self._sample.passages) // 2
        passages, real = self._sample.passages[half:], self._sample.vectors[half:]
        found = self._lookup.find(passages).vectors
        made = self._calibration.moved(passages, found)
        measures: dict[str, Callable[[Float32], Float32]] = {
            "a passage to its sources": lambda each: np.sum(each * found, axis=1),
            "a passage to the nearest other": _nearest,
            "a passage to any other": lambda each: np.sum(each * each[::-1], axis=1),
            "a passage to the real one": lambda each: np.sum(each * real, axis=1),
        }
        rows = [
            [what, *(_quantiles(measure(each)) for each in (real, made))]
            for what, measure in measures.items()
        ]
        return Table(("cosine of", "real: 5%, 50%, 95%", "made: 5%, 50%, 95%"), rows)


def open_calibrated(sources: Path, sample: Path) -> CalibratedEmbedder:
    """The embedder over the model in the settings."""
    return CalibratedEmbedder(open_model(), sources, sample)


def _nearest(vectors: Float32) -> Float32:
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -1)
    nearest: Float32 = similar.max(axis=1)
    return nearest


def _quantiles(values: Float32) -> str:
    return ", ".join(f"{value:.2f}" for value in np.quantile(values, (0.05, 0.5, 0.95)))
