"""Passage vectors: ids and numbers only. Searched by FAISS, all of them when few.

A vector is kept as a byte a dimension (`embedding/vector_codec.py`): scores are inner products, so
cosines but for .0007 on average. Up to `FLAT_UP_TO` passages every vector is compared; above,
vectors lie in inverted lists around centroids (IVF), and the lists nearest to the question are
compared. Both are a function of the vectors and their order alone, so an index that grew by many
runs answers as one that was built at once, which a graph would not.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np

from indexer.arrays import Float32, Int64, Mask
from indexer.embedding.vector_codec import LEVELS, VectorCodec
from indexer.errors import IndexDamaged
from indexer.storage.exact import NONE, Candidates, best
from indexer.storage.shortage import raise_if_short

# Lists that a search without a filter compares: one in so many, and no fewer than so many. They
# hold .985 of the exact best 10 and .981 of the best 200 of 67,000 real passages, .96 and .91 of a
# million made ones (docs/benchmarks.md).
ONE_IN, FEWEST = 8, 128
# A filter works against a question if of the vectors near to it less than this share is allowed of
# what is allowed of all. Of random filters none does, of words excluded from their own questions
# most do (docs/benchmarks.md).
AGAINST = 0.95


class FaissVectors:
    """FAISS: all vectors when few, inverted lists when many; safe to use from several threads."""

    def __init__(self, index: Any, codec: VectorCodec) -> None:
        """Search a flat or inverted-list index over inner products of what a codec has made."""
        self._faiss = load_faiss()
        self._size, self._index = int(index.ntotal), index
        self._flat = not hasattr(index, "invlists")
        self.codec = codec
        # Levels are compared as numbers from -127.5 to 127.5, and the ranges go into the query:
        # three quarters of the work of making a vector of each code.
        self._step = codec.width / np.float32(LEVELS - 1)
        self._middle = codec.low + np.float32(LEVELS // 2) * self._step
        index.sq.qtype = self._faiss.ScalarQuantizer.QT_8bit_uniform
        range_of_levels = np.array([-LEVELS // 2, LEVELS - 1], np.float32)
        self._faiss.copy_array_to_vector(range_of_levels, index.sq.trained)
        if not self._flat:
            self._probes = min(max(FEWEST, int(index.nlist) // ONE_IN), int(index.nlist))
            self._centroids = self._faiss.downcast_index(index.quantizer)
            centroids = self._centroids.reconstruct_n(0, index.nlist)
            self._centroids.reset()
            self._centroids.add((centroids - self._middle) / self._step)
            index.make_direct_map()
            # The list of each vector.
            self._list_of = np.empty(self._size, np.int32)
            for number in range(index.nlist):
                self._list_of[_list_numbers(self._faiss, index.invlists, number)] = number

    @classmethod
    def open(cls, file: Path) -> "FaissVectors":
        """Read a published index.

        Raises:
            IndexDamaged: FAISS cannot read it, or it is not one of ours.
            IndexUnavailable: it cannot be opened now.
        """
        faiss = load_faiss()
        try:
            index = faiss.read_index(str(file))
        except RuntimeError as error:
            raise_if_short(error, file)
            raise IndexDamaged(f"{file} is damaged; run `reindex --full`") from error
        ours = (
            type(index) in (faiss.IndexScalarQuantizer, faiss.IndexIVFScalarQuantizer)
            and index.metric_type == faiss.METRIC_INNER_PRODUCT
            and index.sq.qtype == faiss.ScalarQuantizer.QT_8bit
        )
        if not ours:
            raise IndexDamaged(f"{file} is a {type(index).__name__} that this program never writes")
        ranges = faiss.vector_to_array(index.sq.trained)
        codec = VectorCodec(ranges[: index.d], ranges[index.d :])
        if len(ranges) != 2 * index.d or index.sq.d != index.d or not codec.sane:
            raise IndexDamaged(f"{file} has ranges that no unit vectors have; run `reindex --full`")
        if hasattr(index, "invlists"):
            lists = (_list_numbers(faiss, index.invlists, i) for i in range(index.nlist))
            numbers = np.sort(np.concatenate(list(lists)))
            if index.by_residual or not np.array_equal(numbers, np.arange(index.ntotal)):
                raise IndexDamaged(f"{file} does not hold every passage once; run `reindex --full`")
        return cls(index, codec)

    def __len__(self) -> int:
        """The number of vectors."""
        return self._size

    @property
    def dimension(self) -> int:
        """The length of each vector."""
        return int(self._index.d)

    def rows(self, numbers: Int64) -> Float32:
        """The vectors of some passages, (n, d), as their codes tell them."""
        levels: Float32 = self._index.reconstruct_batch(np.ascontiguousarray(numbers, np.int64))
        return self._middle + levels * self._step

    def search(self, query: Float32, limit: int, allowed: Mask | None = None) -> Candidates:
        """The `limit` best passages: nearly always so in lists, and always under a narrow filter.

        A filter makes the search look into more lists, until as many allowed vectors are compared
        as without it, or into all.

        query: (d,) float32, unit length
        allowed: (n,) bool; passages outside are never returned
        """
        faiss, options = self._faiss, dict[str, Any]()
        if allowed is not None:
            options["sel"] = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        if self._flat:
            return self._of_all(query, limit, faiss.SearchParameters(**options))
        probes = self._probes if allowed is None else self._probes_under(query, allowed)
        parameters = faiss.SearchParametersIVF(nprobe=min(probes, self._index.nlist), **options)
        return best(*self._found(query, limit, parameters), limit)

    def _of_all(self, query: Float32, limit: int, parameters: Any) -> Candidates:
        """The `limit` best of all, asked for more until no tie of the last place is left out."""
        asked = limit + 1
        while True:
            numbers, scores = self._found(query, asked, parameters)
            if len(numbers) < asked or scores[-1] < scores[limit - 1]:
                return best(numbers, scores, limit)
            asked *= 2

    def _found(self, query: Float32, limit: int, parameters: Any) -> Candidates:
        limit = min(limit, len(self))
        if limit == 0:
            return NONE
        scaled = (query * self._step)[None]
        scores, numbers = self._index.search(scaled, limit, params=parameters)
        found = numbers[0] >= 0
        return Candidates(numbers[0][found], scores[0][found] + query @ self._middle)

    def _probes_under(self, query: Float32, allowed: Mask) -> int:
        """How many lists it takes to compare as many allowed vectors as without a filter.

        All of them if the filter leaves out what is near, as "-word" does: the best of the rest
        may then be in any list.
        """
        lists = self._index.nlist
        share = np.count_nonzero(allowed) / len(allowed)
        _, nearest = self._centroids.search((query * self._step)[None], self._probes)
        probed = np.zeros(lists, np.bool_)
        probed[nearest[0]] = True
        near = probed[self._list_of]
        if np.count_nonzero(near & allowed) < AGAINST * share * np.count_nonzero(near):
            return int(lists)
        return math.ceil(self._probes / max(share, 1e-9))


def load_faiss() -> Any:
    """FAISS, imported when it is first needed."""
    # Imported when a store is opened, and untyped: its stubs lag behind its SWIG classes.
    import faiss

    return faiss


def _list_numbers(faiss: Any, lists: Any, number: int) -> Int64:
    size = lists.list_size(number)
    ids: Int64 = faiss.rev_swig_ptr(lists.get_ids(number), size) if size else np.zeros(0, np.int64)
    return ids
