"""Every state of the page in a real browser: accessibility by axe-core, layout, weight."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Literal
from urllib.parse import quote

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from indexer.errors import IndexDamaged, IndexMissing, Overloaded
from search.question.cursor import write_cursor
from search.question.query import Query
from tests.support.browsing import DESKTOP, PHONE, Open, visiting
from tests.support.fake_searcher import ANSWER, PASSAGE, FakeLive, FakeSearcher, telling_all
from tests.support.serving import app_over, served
from web.page.form import SearchForm

pytestmark = pytest.mark.browser

# All rules, those among them that are off unless asked for.
AXE_OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
LARGEST_FIRST_LOAD = 60_000
OLD = write_cursor(Query(text="walls", group="story"), "g0", 10)
NARROWED = (
    '/?q=walls "new walls" -fish source:Echo after:2024-11&source=Echo&source=Outlet 1'
    "&author=Ana&lang=en&from=2024-11-01&to=2024-11-30&mode=lexical&group=passage&sort=date"
)
STATES = {
    "first visit": "/",
    "results": "/?q=walls",
    "a middle page": "/?q=walls&page=3",
    "narrowed": NARROWED,
    "bars of decades": "/?q=long ago",
    "read otherwise": "/?q=wals in november",
    "no such phrase": '/?q="the walls fell"',
    "no answer": "/?q=unanswerable",
    "nothing found": "/?q=nothing&source=Echo",
    "past the end": "/?q=walls&page=40",
    "empty question": "/?q=",
    "wrong parameter": "/?q=walls&mode=foo&page=x",
    "expired": f"/?q=walls&page=2&cursor={OLD}",
    "busy": "/?q=busy",
    "a bug": "/?q=bug",
    "no index": "/?q=missing",
    "damaged index": "/?q=damaged",
    "an article": f"{SearchForm(q='walls').passage_url('storm-1', PASSAGE, ANSWER)}",
    "an article alone": "/article/storm-1",
    "no article": "/article/nope",
    "reference": "/docs",
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    searcher = FakeSearcher()
    telling_all(searcher)
    searcher.failing = {
        "busy": Overloaded("too many searches are waiting; ask again in a moment"),
        "bug": ZeroDivisionError("a bug"),
        "missing": IndexMissing("there is no index; run `reindex PATH --index index`"),
        "damaged": IndexDamaged("vectors.faiss is cut short; run `reindex --full`"),
    }
    with served(app_over(FakeLive(searcher))) as url:
        yield url


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")


def violations(page: Page) -> str:
    """What axe-core finds wrong, by any of its rules, on a desktop and a phone, light and dark."""
    unfold(page)
    axe = Axe()
    # The browser's debugger is not held back by the page's policy.
    page.evaluate(axe.axe_script)
    found = ""
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme, viewport in product(schemes, (DESKTOP, PHONE)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(viewport)
        results = AxeResults(page.evaluate("options => axe.run(options)", AXE_OPTIONS))
        if results.violations_count:
            found += f"{scheme}, {viewport}: {results.generate_report()}"
    return found


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(visit: Open, state: str) -> None:
    assert violations(visit(STATES[state])) == ""


def test_axe_finds_nothing_in_the_suggestions(visit: Open) -> None:
    page = visit("/?q=walls")
    page.get_by_role("combobox", name="Ask the articles").fill("wal")
    expect(page.get_by_role("listbox", name="Suggestions").get_by_role("option")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    assert violations(page) == ""


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("state", STATES)
def test_nothing_is_wider_than_the_window(visit: Open, state: str, scripts: bool) -> None:
    page = visit(STATES[state], scripts)
    unfold(page)
    for width in (320, 360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("state", ["first visit", "results", "no answer", "an article"])
def test_a_first_load_is_light(browser: Browser, server: str, state: str) -> None:
    context = browser.new_context(base_url=server)
    page = context.new_page()
    sizes: dict[str, int] = {}
    page.on("response", lambda response: sizes.update({response.url: len(response.body())}))
    page.goto(STATES[state])
    page.wait_for_load_state("networkidle")
    context.close()
    assert len(sizes) >= 3
    assert sum(sizes.values()) <= LARGEST_FIRST_LOAD, sizes


def test_a_letter_under_a_thousand_accents_stays_in_its_place(browser: Browser) -> None:
    searcher = FakeSearcher()
    odd = "Z" + "\u0336\u0489\u0e49" * 600
    searcher.article_found = replace(searcher.article_found, title=odd, source=odd, author=odd)
    with served(app_over(FakeLive(searcher))) as url, visiting(browser, url) as visit:
        for path in (f"/?q={quote(odd[:900])}", "/article/storm-1"):
            page = visit(path, viewport={"width": 320, "height": 640})
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
