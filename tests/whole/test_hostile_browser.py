"""Hostile articles and questions in a browser, which has the last word on what is run."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page

from indexer.embedding.base import Embedder
from indexer.pipeline import reindex
from indexer.settings import Settings
from tests.conftest import write_tree
from tests.support.browsing import PHONE, serving
from tests.support.hostile import ARTICLES, articles, questions

pytestmark = [pytest.mark.browser, pytest.mark.model]


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, real_settings: Settings, real_embedder: Embedder
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("hostile")
    reindex([write_tree(folder / "articles", articles())], folder / "index", real_embedder, None)
    with serving(folder / "index", real_settings.cache) as url:
        yield url


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """A page on a phone; at the end nothing was asked of another host, and nothing was blocked."""
    context = browser.new_context(viewport=PHONE, base_url=server)
    page = context.new_page()
    told: list[str] = []
    page.on("dialog", lambda dialog: told.append(f"a dialog: {dialog.message}"))
    page.on(
        "request",
        lambda request: None if request.url.startswith(server) else told.append(request.url),
    )
    # A script that the policy blocks is told here: what is blocked was markup.
    page.on(
        "console",
        lambda message: (
            None if "Failed to load resource" in message.text else told.append(message.text)
        ),
    )
    yield page
    context.close()
    assert told == []


def unbroken(page: Page) -> None:
    broken, wide, width = page.evaluate(
        "() => [window.broken ?? null, document.documentElement.scrollWidth, innerWidth]"
    )
    assert broken is None, page.url
    assert wide <= width, page.url


def test_questions(page: Page) -> None:
    for question in questions():
        page.goto("/?" + urlencode({"q": question}, errors="replace"))
        unbroken(page)


def test_articles(page: Page) -> None:
    seen = 0
    # Of words, what matches far less than the best is left out; without a question all are listed.
    onward: str | None = "/?q=-nowhere&group=article"
    while onward:
        page.goto(onward)
        unbroken(page)
        links = page.locator("ol.hits h2 a").evaluate_all("all => all.map(each => each.href)")
        following = page.locator("a[rel=next]")
        onward = following.get_attribute("href") if following.count() else None
        for link in links:
            page.goto(link)
            unbroken(page)
            seen += 1
    assert seen >= ARTICLES / 2


def test_typing(page: Page) -> None:
    page.goto("/")
    box = page.locator("#q")
    for typed in ("<scr", "harb", '"><', "javascr", "{{", "\u202e"):
        box.fill("")
        box.press_sequentially(typed)
        page.wait_for_timeout(200)
        unbroken(page)
        assert not re.search("<(script|img|svg)", page.locator("form").inner_html())
