"""Tables in Markdown, and figures with their units."""

import pytest

from scripts.lab.table import MEASURES, Row, Table, figure, latency, mebibytes, megabytes


def test_a_table_for_a_document() -> None:
    rows = [Row("rate", "1|2", "how"), Row("size", "3 MiB")]
    assert Table(MEASURES, rows).markdown(padded=False).splitlines() == [
        "| measure | figure | how |",
        "| --- | --- | --- |",
        "| rate | 1\\|2 | how |",
        "| size | 3 MiB |  |",
    ]


def test_a_table_for_a_terminal() -> None:
    table = Table(("a", "b"), [("longer", "a long last cell"), ("x", "y")])
    assert table.markdown(padded=True).splitlines() == [
        "| a      | b   |",
        "| ------ | --- |",
        "| longer | a long last cell |",
        "| x      | y   |",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0.00"), (0.004, "0.00"), (1.234, "1.23"), (12.34, "12.3"), (123.4, "123"),
     (1234.5, "1,230"), (98765, "98,800"), (1_234_567, "1,230,000")],
)  # fmt: skip
def test_three_digits(value: float, shown: str) -> None:
    assert figure(value) == shown


def test_units() -> None:
    assert mebibytes(3 * 2**20) == "3.00 MiB"
    assert megabytes(12_340_000) == "12.3 MB"


def test_percentiles() -> None:
    assert latency(range(101)) == "p50 50.0 ms, p95 95.0 ms"
    assert latency([1, 2, 3], (0, 50, 100)) == "p0 1.00 ms, p50 2.00 ms, p100 3.00 ms"
