"""What every format is read as: records, which `indexer.reading.fields` makes documents of."""

from collections.abc import Iterator, Mapping
from typing import Any

from indexer.article import Rejected

Found = tuple[str, Mapping[str, Any]] | Rejected
"""A location and the record there, or why there is none."""
Records = Iterator[Found]

# What may stand around a file's content; zeros are left at the end by a disk that failed.
BLANK = "\ufeff\0 \t\r\n"
