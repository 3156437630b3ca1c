"""What was read lately is kept, so much of it."""

from indexer.storage.lance.recent import Recent


def test_the_least_recently_used_gives_way() -> None:
    recent = Recent(3)
    recent.keep({1: "a", 2: "b", 3: "c"}.items())
    assert recent.of([1]) == {1: "a"}
    recent.keep([(4, "d")])
    assert recent.of([1, 2, 3, 4, 5]) == {1: "a", 3: "c", 4: "d"}
