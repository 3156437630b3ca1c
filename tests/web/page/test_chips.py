"""What narrows a search, and the search without it."""

from datetime import date

import pytest
from starlette.datastructures import QueryParams

from web.page.chips import Chip, chips
from web.page.form import SearchForm


def test_operators_are_chips_that_can_be_taken_out_one_by_one() -> None:
    form = SearchForm(
        q='walls "grain deal" -fish source:Echo after:2024-11 lang:de', page=2, sort="date"
    )
    found = {chip.name: chip for chip in chips(form)}
    assert {name: chip.value for name, chip in found.items()} == {
        "Exactly": "grain deal",
        "Excluding": "fish",
        "Source": "Echo",
        "From": "1 November 2024",
        "Language": "de",
    }
    shorter = SearchForm.parse(QueryParams(found["Excluding"].url.removeprefix("/?")))
    assert shorter == SearchForm(
        q='walls "grain deal" source:Echo after:2024-11 lang:de', sort="date"
    )
    assert form.unfiltered == SearchForm(q="walls grain deal")


@pytest.mark.parametrize("q", ['"-x"', '"source:a"', '"before:2024 rates"'])
def test_a_phrase_like_an_operator_can_be_taken_out(q: str) -> None:
    (chip,) = chips(SearchForm(q=q))
    left = SearchForm.parse(QueryParams(chip.url.partition("?")[2]))
    assert left.operators == ()
    assert left.query().words


def test_options_are_chips_each_without_itself() -> None:
    form = SearchForm(
        q="walls",
        page=3,
        sites=("echo.example", "post.example"),
        published_from=date(2024, 11, 1),
        published_to=date(2024, 11, 30),
        mode="lexical",
        group="passage",
    )
    rest = "from=2024-11-01&to=2024-11-30&mode=lexical&group=passage"
    both = "/?q=walls&site=echo.example&site=post.example"
    days = "&from=2024-11-01&to=2024-11-30"
    assert chips(form) == [
        Chip("Site", "echo.example", f"/?q=walls&site=post.example&{rest}"),
        Chip("Site", "post.example", f"/?q=walls&site=echo.example&{rest}"),
        Chip("Published", "November 2024", f"{both}&mode=lexical&group=passage"),
        Chip("Match", "Words only", f"{both}{days}&group=passage", narrows=False),
        Chip("Show", "Every passage", f"{both}{days}&mode=lexical", narrows=False),
    ]
    assert chips(SearchForm(q="walls")) == []
