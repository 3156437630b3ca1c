"""Columns of passages: some of them, and the month of a day."""

from datetime import date

import numpy as np

from indexer.storage.columns import Columns, Values

NAMES = ["Echo", "Post"]


def _columns(*days: date | None) -> Columns:
    numbers = np.arange(len(days), dtype=np.int64)
    ordinals = np.array([day.toordinal() if day else -1 for day in days], np.int32)
    values = {"source": Values(np.arange(len(days), dtype=np.int32) % 3 - 1, NAMES)}
    return Columns(numbers, numbers + 10, ordinals - 1, ordinals, values)


def test_some_passages_in_the_order_asked_for() -> None:
    days = [date(2024, 3, 1), None, date(1999, 12, 31), date(2024, 2, 29)]
    found = _columns(*days).at(np.array([3, 1, 1]))
    assert found.article.tolist() == [3, 1, 1]
    assert found.story.tolist() == [13, 11, 11]
    assert found.place.tolist() == [date(2024, 2, 28).toordinal(), -2, -2]
    assert found.day.tolist() == [date(2024, 2, 29).toordinal(), -1, -1]
    assert found.values["source"].codes.tolist() == [-1, 0, 0]
    assert found.values["source"].names is NAMES
    assert len(_columns(*days).at(np.zeros(0, np.int64)).day) == 0


def test_months_are_counted_from_january_of_year_0() -> None:
    months = {
        date(1, 1, 1): 12,
        date(1969, 12, 31): 23_639,
        date(1970, 1, 1): 23_640,
        date(2000, 2, 29): 24_001,
        date(2024, 11, 30): 24_298,
        date(9999, 12, 31): 119_999,
        None: -1,
    }
    found = _columns(*months).month
    assert found.tolist() == list(months.values())
    assert found.dtype == np.int64
