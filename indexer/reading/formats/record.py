"""What every format is read as: records, which `indexer.reading.fields` makes documents of."""

from collections.abc import Iterator, Mapping
from typing import Any

from indexer.article import Rejected

Found = tuple[str, Mapping[str, Any]] | Rejected
"""A location and the record there, or why there is none."""
Records = Iterator[Found]
