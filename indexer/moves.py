"""Whether an article that is not where it was has moved elsewhere, and may be served from there."""

import os
from collections import Counter
from pathlib import PurePath

from indexer.article import Article
from indexer.reading.days.orders import settled
from indexer.reading.input.files import file_of

# Of the words of two versions of an article so many are the same; of two articles, fewer.
_SAME_WORDS = 0.5


class Moves:
    """Folders that are gone, and under which others what was in them is found."""

    def __init__(self) -> None:
        """Begin with none."""
        self._old: dict[tuple[str, ...], tuple[str, ...]] = {}

    def note(self, old: str, new: str) -> None:
        """An article's file is gone from one place, and the article read at another."""
        before, after = (list(PurePath(file_of(place)).parts) for place in (old, new))
        if before[-1] == after[-1]:
            while before and after and before[-1] == after[-1]:
                del before[-1], after[-1]
            self._old[tuple(after)] = tuple(before)

    def place_before(self, place: str) -> str | None:
        """Where what is at a place now was before its folder moved; None if that did not."""
        file = file_of(place)
        parts = PurePath(file).parts
        for size in range(len(parts) if self._old else 0):
            before = self._old.get(parts[:size])
            if before is not None:
                return str(PurePath(*before, *parts[size:])) + place[len(file) :]
        return None


def is_gone(place: str) -> bool:
    """Whether there is no file any more where an article was read; False where one cannot look."""
    # A name that is no Unicode is not known well enough to look for.
    if "\ufffd" in place:
        return False
    for path in {place, file_of(place)}:
        try:
            os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError):
            return False
        return False
    return True


def same_name(one: str, other: str) -> bool:
    """Whether two locations are of files with one name, in whichever folders."""
    return PurePath(file_of(one)).name == PurePath(file_of(other)).name


def is_version(one: Article, other: Article) -> bool:
    """Whether two articles are of one day, and have half of their words in common."""
    # As each would be read alone: what the others of its file tell may not be known yet.
    days = [settled(each.published, None) for each in (one, other)]
    if len({day and day.iso[:10] for day in days}) > 1:
        return False
    words = [Counter(" ".join(each.paragraphs()).split()) for each in (one, other)]
    return (words[0] & words[1]).total() >= _SAME_WORDS * max(each.total() for each in words)
