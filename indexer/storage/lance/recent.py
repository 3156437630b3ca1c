"""What was read lately, so that it need not be read again."""

from collections.abc import Hashable, Iterable
from threading import Lock
from typing import Any

from cachetools import LRUCache


class Recent:
    """Values by key, so many of them; the least recently used gives way. Safe in threads."""

    def __init__(self, most: int) -> None:
        """Keep `most` values."""
        self._values: Any = LRUCache(most)
        self._lock = Lock()

    def of(self, keys: Iterable[Hashable]) -> dict[Any, Any]:
        """The values of some keys, of those that are kept."""
        with self._lock:
            return {key: self._values[key] for key in keys if key in self._values}

    def keep(self, values: Iterable[tuple[Hashable, Any]]) -> None:
        """Keep values by key."""
        with self._lock:
            self._values.update(values)
