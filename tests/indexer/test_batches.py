"""Items together: in order, each once, and bounded."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from indexer.batches import batches


def test_as_many_together_as_fit() -> None:
    assert list(batches(["aaa", "bb", "c", "dd", "eeeee", "f"], len, 5)) == [
        ["aaa", "bb"],
        ["c", "dd"],
        ["eeeee"],
        ["f"],
    ]
    assert list(batches(["longer than that", "b"], len, 5)) == [["longer than that"], ["b"]]
    assert list(batches([], len, 5)) == []


@given(st.lists(st.integers(0, 20)), st.integers(0, 30))
def test_every_item_once_and_no_more_than_fit(sizes: list[int], largest: int) -> None:
    found = list(batches(sizes, int, largest))
    assert [each for some in found for each in some] == sizes
    assert all(some and (len(some) == 1 or sum(some) <= largest) for some in found)
    # None could have been with those before.
    assert all(sum(one) + other[0] > largest for one, other in pairwise(found))
