"""What is known of some passages: what grouping, facets and confidence look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from indexer.arrays import Int32, Int64

# The proleptic ordinal of the day from which numpy counts.
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Values:
    """What k passages have in one field: codes (k,) int32 into `names`, -1 for none."""

    codes: Int32
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of k passages, each (k,).

    article, story: int64, by number
    place: int32, its place among the passages of the article, from 0
    day: int32, the first day that the date may be, as a proleptic ordinal; -1 without a date
    values: by the name of each field that is counted (fields.py)
    """

    article: Int64
    story: Int64
    place: Int32
    day: Int32
    values: Mapping[str, Values]

    def at(self, places: Int64) -> "Columns":
        """The same of some of these passages."""
        values = {name: Values(v.codes[places], v.names) for name, v in self.values.items()}
        return Columns(
            self.article[places], self.story[places], self.place[places], self.day[places], values
        )

    @property
    def month(self) -> Int64:
        """Months since January of year 0, (k,); -1 without a date."""
        months = (self.day.astype(np.int64) - _EPOCH).astype("M8[D]").astype("M8[M]")
        counted: Int64 = np.where(self.day < 0, -1, months.astype(np.int64) + 1970 * 12)
        return counted
