"""Bars of months, years, decades or centuries."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.results import Count
from tests.support.fake_searcher import months
from web.page.bars import HEIGHT, Bar, Line, lines


def test_bars_of_up_to_three_years_are_months() -> None:
    november = Bar(
        "Nov", "November 2024", 3, date(2024, 11, 1), date(2024, 11, 30), 11, HEIGHT // 2
    )
    february = Bar("Feb", "February 2025", 6, date(2025, 2, 1), date(2025, 2, 28), 2, HEIGHT)
    assert lines(months("2024-11:3", "2025-02:6")) == [
        Line("2024", 12, [november]),
        Line("2025", 12, [february]),
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], []),
        (["2024-11:3"], []),
        (["2022-01:1", "2024-12:1"], ["2022: Jan", "2023:", "2024: Dec"]),
        (["2022-01:1", "2025-01:1"], ["2020–2029: ’22 ’25"]),
        (["1985-01:1", "2020-12:1"], ["1980–1989: ’85", "1990–1999:", "2000–2009:", "2010–2019:",
                                      "2020–2029: ’20"]),
        (["1985-01:1", "2021-12:1"], ["1900–1999: 80s", "2000–2099: 20s"]),
        (["1600-01:1", "2021-12:1"], ["1000–1999: 1600", "2000–2999: 2000"]),
    ],
)  # fmt: skip
def test_bars_of_more_are_years_decades_or_centuries(given: list[str], expected: list[str]) -> None:
    found = lines(months(*given))
    assert [f"{line.name}: {' '.join(b.label for b in line.bars)}".strip() for line in found] == (
        expected
    )


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 9999), st.integers(1, 12)), st.integers(1, 400), max_size=60
    )
)
def test_bars_count_every_hit_once_and_cover_its_month(hits: dict[tuple[int, int], int]) -> None:
    counts = [Count(f"{y:04}-{m:02}", n) for (y, m), n in sorted(hits.items())]
    bars = [bar for line in lines(counts) for bar in line.bars]
    if len(hits) < 2:
        assert bars == []
        return
    assert len(bars) <= 100
    for bar in bars:
        inside = [n for (y, m), n in hits.items() if bar.first <= date(y, m, 1) <= bar.last]
        assert bar.hits == sum(inside) > 0
        assert 2 <= bar.height <= HEIGHT
    assert sum(bar.hits for bar in bars) == sum(hits.values())
    assert max(bar.height for bar in bars) == HEIGHT
