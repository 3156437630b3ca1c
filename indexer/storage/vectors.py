"""Passage vectors: ids and numbers only. Searched by FAISS, or exactly when few.

Vectors are kept in half precision (cosines change by less than .0001). Scores are inner products of
unit vectors, so cosines. Up to `FLAT_UP_TO` passages every vector is compared; above, vectors lie
in inverted lists around centroids (IVF), and the lists nearest to the question are compared. Both
are a function of the vectors and their order alone, so an index that grew by many runs answers as
one that was built at once, which a graph would not.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np

from indexer.arrays import Float16, Float32, Int64, Mask
from indexer.errors import IndexDamaged
from indexer.storage.exact import Candidates, ExactVectors, best
from indexer.storage.shortage import raise_if_short

# Lists that a search without a filter compares: .998 of the exact best 10 at 67,000 real passages,
# and .983 of the best 200 (docs/benchmarks.md).
PROBES = 128
# A filter works against a question if of the vectors near to it less than this share is allowed of
# what is allowed of all. Of random filters none does, of words excluded from their own questions
# most do (docs/benchmarks.md).
AGAINST = 0.95


class FaissVectors:
    """FAISS: all vectors when few, inverted lists when many; safe to use from several threads."""

    def __init__(self, index: Any) -> None:
        """Search a flat or inverted-list index over inner products of half-precision vectors."""
        self._faiss = load_faiss()
        self._size, self._dimension = int(index.ntotal), int(index.d)
        self._index: Any = None
        if hasattr(index, "invlists"):
            index.make_direct_map()
            self._index = index
            # The list of each vector.
            self._list_of = np.empty(self._size, np.int32)
            for number in range(index.nlist):
                self._list_of[_list_numbers(self._faiss, index.invlists, number)] = number
        else:
            # Unpacked once; half precision would be unpacked again by every search.
            self._vectors: Float32 = index.reconstruct_n(0, index.ntotal)
            self._exact = ExactVectors(self._vectors)

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
            and index.sq.qtype == faiss.ScalarQuantizer.QT_fp16
        )
        if not ours:
            raise IndexDamaged(f"{file} is a {type(index).__name__} that this program never writes")
        if hasattr(index, "invlists"):
            lists = (_list_numbers(faiss, index.invlists, i) for i in range(index.nlist))
            numbers = np.sort(np.concatenate(list(lists)))
            if index.by_residual or not np.array_equal(numbers, np.arange(index.ntotal)):
                raise IndexDamaged(f"{file} does not hold every passage once; run `reindex --full`")
        return cls(index)

    def __len__(self) -> int:
        """The number of vectors."""
        return self._size

    @property
    def dimension(self) -> int:
        """The length of each vector."""
        return self._dimension

    def rows(self, numbers: Int64) -> Float16:
        """The vectors of some passages, (n, d), as they were written."""
        if self._index is None:
            return self._vectors[numbers].astype(np.float16)
        rows: Float32 = self._index.reconstruct_batch(np.ascontiguousarray(numbers, np.int64))
        return rows.astype(np.float16)

    def search(self, query: Float32, limit: int, allowed: Mask | None = None) -> Candidates:
        """The `limit` best passages: nearly always so in lists, and always under a narrow filter.

        A filter makes the search look into more lists, until as many allowed vectors are compared
        as without it, or into all.

        query: (d,) float32, unit length
        allowed: (n,) bool; passages outside are never returned
        """
        if self._index is None:
            return self._exact.search(query, limit, allowed)
        faiss = self._faiss
        probes, selector = PROBES, None
        if allowed is not None:
            selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
            probes = self._probes(query, allowed)
        parameters = faiss.SearchParametersIVF(
            nprobe=min(probes, self._index.nlist), **({"sel": selector} if selector else {})
        )
        scores, numbers = self._index.search(query[None], min(limit, len(self)), params=parameters)
        found = numbers[0] >= 0
        return best(numbers[0][found], scores[0][found], limit)

    def _probes(self, query: Float32, allowed: Mask) -> int:
        """How many lists it takes to compare as many allowed vectors as without a filter.

        All of them if the filter leaves out what is near, as "-word" does: the best of the rest
        may then be in any list.
        """
        lists = self._index.nlist
        share = np.count_nonzero(allowed) / len(allowed)
        _, nearest = self._index.quantizer.search(query[None], min(PROBES, lists))
        probed = np.zeros(lists, np.bool_)
        probed[nearest[0]] = True
        near = probed[self._list_of]
        if np.count_nonzero(near & allowed) < AGAINST * share * np.count_nonzero(near):
            return int(lists)
        return math.ceil(PROBES / max(share, 1e-9))


def load_faiss() -> Any:
    """FAISS, imported when it is first needed."""
    # Imported when a store is opened, and untyped: its stubs lag behind its SWIG classes.
    import faiss

    return faiss


def _list_numbers(faiss: Any, lists: Any, number: int) -> Int64:
    size = lists.list_size(number)
    ids: Int64 = faiss.rev_swig_ptr(lists.get_ids(number), size) if size else np.zeros(0, np.int64)
    return ids
