"""The form is its address, and goes on from one search to another."""

from datetime import date

import pytest
from starlette.datastructures import QueryParams

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
