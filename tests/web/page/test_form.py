"""The form is its address, and goes on from one search to another."""

from datetime import date

import pytest
from starlette.datastructures import QueryParams

from indexer.article import Span
from indexer.errors import QueryError
from indexer.storage.fields import FIELDS
from search.question.query import Query
from search.question.syntax import parse
from web.page.form import SearchForm


def test_a_form_is_its_url() -> None:
    form = SearchForm(
        q="a & b",
        page=3,
        cursor="Zm9v",
        mode="semantic",
        group="passage",
        sort="date",
        sources=("X", "Y=Z"),
        authors=("Ana",),
        languages=("en", "de"),
        published_from=date(2024, 1, 2),
        published_to=date(2024, 2, 3),
    )
    assert SearchForm.parse(QueryParams(form.url.removeprefix("/?"))) == form


@pytest.mark.parametrize(
    ("q", "left"),
    [
        ('"grain deal" -fish', ["grain deal -fish", '"grain deal"']),
        ("source:Echo", ["Echo"]),
        ('"source:Echo"', ["source Echo"]),
    ],
)
def test_taking_an_operator_out_leaves_something_to_ask(q: str, left: list[str]) -> None:
    form = SearchForm(q=q)
    assert [form.without(each).q for each in form.operators] == left


def test_searching_as_written_quotes_the_words_but_not_those_of_operators() -> None:
    form = SearchForm(q="Belousow, not source:Belousow said (Belousows)", page=3, sources=("X",))
    quoted = form.as_written(["Belousow"])
    assert quoted == SearchForm(
        q='"Belousow" , not source:Belousow said (Belousows)', sources=("X",)
    )
    assert [each.name for each in parse(quoted.q).operators] == ["phrase", "source"]


def test_addresses_by_hand() -> None:
    form = SearchForm(q="a & b", page=3, sites=("x.example",), mode="lexical")
    fields = "q=a+%26+b&site=x.example&mode=lexical"
    assert form.url == f"/?{fields}&page=3"
    assert form.json_url == f"/v1/search?{fields}&group=story&limit=10&offset=20"
    assert form.at(2, "Zm9v").url == f"/?{fields}&page=2&cursor=Zm9v"
    assert form.at(2, "Zm9v").json_url.endswith("&group=story&limit=10&cursor=Zm9v")
    # The first page needs no cursor.
    assert form.at(1, "Zm9v").url == form.first.url == f"/?{fields}"
    assert form.feed_url("feed.rss") == f"/feed.rss?{fields}"
    assert form.article_url("a/b c") == f"/article/a%2Fb%20c?{fields}&page=3"
    assert form.passage_url("a", Span(3, 9), Span(4, 8)) == (
        f"/article/a?{fields}&page=3&passage=3-9&answer=4-8#passage"
    )
    assert SearchForm().url == "/?"


def test_what_narrows_a_search_begins_it_anew() -> None:
    form = SearchForm(q="walls", page=3, cursor="Zm9v", sources=("Echo", "Post"))
    (source,) = (field for field in FIELDS if field.name == "source")
    assert form.only(source, "Times") == SearchForm(q="walls", sources=("Times",))
    day = date(2024, 1, 2)
    assert form.between(day, None) == SearchForm(
        q="walls", sources=("Echo", "Post"), published_from=day
    )
    assert form.sorted("date") == SearchForm(q="walls", sources=("Echo", "Post"), sort="date")
    assert form.asking("gates") == SearchForm(q="gates", sources=("Echo", "Post"))
    assert form.unfiltered == SearchForm(q="walls")


def test_the_query_of_a_form() -> None:
    form = SearchForm(q="walls site:x.example", page=3, sites=("y.example",))
    assert form.query() == Query(
        text="walls site:x.example",
        limit=10,
        offset=20,
        sites=("y.example",),
        group="story",
        explain=True,
    )
    following = form.at(3, "Zm9v").query()
    assert (following.offset, following.cursor) == (0, "Zm9v")


def test_every_problem_is_told_and_the_rest_is_read() -> None:
    wrong = SearchForm.parse(QueryParams("q=walls&mode=x&page=0&sort=date&site=%20a.b%20&site=a.b"))
    assert (wrong.mode, wrong.page, wrong.sort, wrong.sites) == ("hybrid", 1, "date", ("a.b",))
    assert wrong.problems == (
        "page is “0”; it must be a number from 1 to 41",
        "mode is “x”; it must be one of hybrid, semantic, lexical",
    )
    with pytest.raises(QueryError, match=r"page is “0”.*; mode is “x”"):
        wrong.query()
