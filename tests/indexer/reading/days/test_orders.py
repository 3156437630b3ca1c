"""What the dates of a file or source tell of those that may be swapped."""

from datetime import date

import pytest

from indexer.article import Article, Date, Order
from indexer.reading.days.declared_date import read_date
from indexer.reading.days.orders import Orders, fixed, settled

TODAY = date(2025, 6, 15)


def read(text: str) -> Date:
    found = read_date(text, "date", TODAY)
    assert isinstance(found, Date)
    return found


def order_of(article: Article, *others: Article) -> Order | None:
    orders = Orders()
    for each in (article, *others):
        orders.add(each)
    return orders.of(article)


def dated(text: str, location: str = "a.jsonl:1", source: str | None = None) -> Article:
    return Article("", "", "", read(text), source, location=location)


OPEN = dated("03/04/2024", source="Echo")


@pytest.mark.parametrize(
    ("others", "order"),
    [
        ([], None),
        ([dated("05/06/2024", "a.jsonl:2")], None),
        ([dated("2024-11-27", "a.jsonl:2")], None),
        ([dated("11/27/2024", "a.jsonl:2")], "mdy"),
        ([dated("27/11/2024", "a.jsonl:2")], "dmy"),
        ([dated("11/27/2024", "b.jsonl:2")], None),
        ([dated("11/27/2024", "b.jsonl:2", "Echo")], "mdy"),
        # The file comes first.
        ([dated("27/11/2024", "b.jsonl:2", "Echo"), dated("11/27/2024", "a.jsonl:2")], "mdy"),
        # Of a file of several sources the source tells.
        (
            [
                dated("27/11/2024", "a.jsonl:2", "Post"),
                dated("11/27/2024", "a.jsonl:3", "Echo"),
            ],
            "mdy",
        ),
        ([dated("27/11/2024", "a.jsonl:2"), dated("11/27/2024", "a.jsonl:3")], None),
        # One of 22 is a slip.
        ([dated("27/11/2024", "a.jsonl:2"), *[dated("11/27/2024", "a.jsonl:3")] * 21], "mdy"),
    ],
)
def test_what_others_tell(others: list[Article], order: Order | None) -> None:
    assert order_of(OPEN, *others) == order


def test_an_update_tells_too() -> None:
    other = Article("", "", "", None, location="a.jsonl:2", updated=read("11/27/2024"))
    assert order_of(OPEN, other) == "mdy"


@pytest.mark.parametrize(
    ("text", "order", "iso", "certain"),
    [
        ("03/04/2024", None, "2024-04-03", False),
        ("03/04/2024", "mdy", "2024-03-04", True),
        ("03/04/2024", "dmy", "2024-04-03", True),
        ("03/04/2024", "ymd", "2024-04-03", False),
        ("11/27/2024", "dmy", "2024-11-27", True),
        ("3.4.24", None, "2024-04-03", True),
        ("3.4.24", "mdy", "2024-03-04", True),
        ("15-3-24", "dmy", "2024-03-15", True),
        ("15-3-24", "ymd", "2015-03-24", True),
        ("2024-03-04", "mdy", "2024-03-04", True),
    ],
)
def test_a_date_in_an_order(text: str, order: Order | None, iso: str, certain: bool) -> None:
    found = read(text)
    once = settled(found, order)
    assert once is not None
    assert (once.iso, once.certain) == (iso, certain)
    # What was read is kept, so another order can be told later.
    assert settled(once, None) == found


def test_an_order_that_a_user_knows_stays() -> None:
    found = fixed(read("03/04/2024"), "mdy")
    assert found is not None
    assert (found.iso, found.certain) == ("2024-03-04", True)
    assert settled(found, "dmy") == found


def test_no_date() -> None:
    assert settled(None, "mdy") is None
    assert fixed(None, "mdy") is None
