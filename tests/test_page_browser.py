"""The page in a real browser on a real server: what is seen, with scripts and without."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from indexer.settings import Settings
from tests.conftest import ROOT, require

pytestmark = [pytest.mark.browser, pytest.mark.model]

CHROMIUM = Path(shutil.which("chromium") or "/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 640}
QUESTION = "what did Kim promise Belousov"

Open = Callable[..., Page]


@contextmanager
def serving(index: Path, cache: Path) -> Iterator[str]:
    """The address of a server that runs until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.cli", "serve", "--index", str(index), "--port", "0"],
        cwd=ROOT,
        env={**os.environ, "ARTICLE_SEARCH_CACHE": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        found = re.search(r" on (http://127\.0\.0\.1:\d+)/$", process.stdout.readline())
        assert found, "the server did not say where it is"
        yield found[1]
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def server(sample_index: Path, real_settings: Settings) -> Iterator[str]:
    with serving(sample_index, real_settings.cache) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    require(CHROMIUM.exists(), f"there is no {CHROMIUM}: the page cannot be opened in a browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Open]:
    """Opens pages; at the end none of them has asked another host or complained."""
    contexts: list[BrowserContext] = []
    requested: list[str] = []
    complaints: list[str] = []

    def opened(
        path: str,
        scripts: bool = True,
        viewport: ViewportSize = DESKTOP,
        base: str = server,
    ) -> Page:
        context = browser.new_context(
            java_script_enabled=scripts, viewport=viewport, base_url=base, color_scheme="light"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requested.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        # Chromium reports the status of an error page as a console error of its own.
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if message.type in ("error", "warning")
                and not message.text.startswith("Failed to load resource: the server responded")
                else None
            ),
        )
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in requested if not url.startswith("http://127.0.0.1:")] == []


STATES = {
    "first visit": ("/", "Ask a question, get the sentence that answers it."),
    "results": (f"/?q={QUESTION}", "Showing 1–10 of at most"),
    "empty question": ("/?q=", "The question is empty"),
    "nothing found": (f"/?q=harbour&source={'Nowhere' * 20}", "Nothing found for “harbour”"),
    "long word": (f"/?q={'harbour' * 20}", "Showing 1–10 of at most"),
    "wrong parameter": ("/?q=harbour&mode=foo", "That cannot be searched"),
    "past the end": ("/?q=harbour&page=40", "There is no page 40"),
    "no article": ("/article/nope", "No such article"),
}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("state", STATES)
def test_states(visit: Open, state: str, scripts: bool) -> None:
    path, said = STATES[state]
    page = visit(path, scripts)
    expect(page.locator("main")).to_contain_text(said, ignore_case=True)
    expect(page.get_by_role("searchbox", name="Ask the articles")).to_be_visible()
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("path", ["/", f"/?q={QUESTION}"])
def test_without_an_index(
    visit: Open, tmp_path: Path, real_settings: Settings, path: str, scripts: bool
) -> None:
    with serving(tmp_path / "none", real_settings.cache) as url:
        page = visit(path, scripts, base=url)
        expect(page.get_by_role("alert")).to_contain_text("Nothing has been indexed yet")
        expect(page.locator("code")).to_have_text(f"reindex PATH --index {tmp_path / 'none'}")


def test_with_a_damaged_index(
    visit: Open, tmp_path: Path, sample_index: Path, real_settings: Settings
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(sample_index, broken)
    for file in broken.glob("generations/*/vectors.faiss"):
        file.write_bytes(file.read_bytes()[:100])
    with serving(broken, real_settings.cache) as url:
        page = visit("/?q=harbour", base=url)
        expect(page.get_by_role("alert")).to_contain_text("The index is damaged")
        expect(page.get_by_role("alert")).to_contain_text("vectors.faiss")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_asking_finds_the_answer_and_opens_it(
    visit: Open, scripts: bool, viewport: ViewportSize
) -> None:
    page = visit("/", scripts, viewport)
    page.get_by_role("searchbox").fill(QUESTION)
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_title(f"{QUESTION} – article-search")
    first = page.get_by_role("listitem").filter(has=page.locator("mark")).first
    expect(first.locator("mark").first).to_be_visible()
    expect(first).to_contain_text("Belousov")
    answer = first.locator("mark").first.inner_text()
    first.get_by_role("heading").get_by_role("link").click()
    expect(page.locator("mark").first).to_have_text(answer)
    expect(page.locator("mark").first).to_be_in_viewport()
    page.get_by_role("link", name="Results for").click()
    expect(page.get_by_role("status")).to_contain_text("Showing 1–10")


def test_scripts_keep_the_address_short(visit: Open) -> None:
    page = visit("/")
    page.get_by_role("searchbox").fill("harbour")
    page.get_by_role("searchbox").press("Enter")
    expect(page).to_have_url(re.compile(r"/\?q=harbour$"))


def test_options_and_filters(visit: Open) -> None:
    page = visit("/?q=harbour", scripts=False)
    page.get_by_text("Options", exact=True).click()
    page.get_by_label("Match").select_option("Words only")
    page.get_by_label("Published from").fill("2024-01-01")
    page.get_by_role("button", name="Search").click()
    filters = page.get_by_role("list", name="Filters")
    expect(filters.get_by_role("listitem")).to_have_count(2)
    page.get_by_role("link", name="Remove Match Words only").click()
    expect(filters.get_by_role("listitem")).to_have_count(1)
    source = page.get_by_title("Only from this source").first
    name = source.inner_text()
    source.click()
    expect(filters).to_contain_text(name)
    for other in page.get_by_title("Only from this source").all_inner_texts():
        assert other == name


def test_pages(visit: Open) -> None:
    page = visit("/?q=harbour")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("status")).to_contain_text("Showing 11–20")
    page.get_by_role("link", name="Previous").click()
    expect(page.get_by_role("status")).to_contain_text("Showing 1–10")


def test_keys(visit: Open) -> None:
    page = visit("/?q=harbour")
    box = page.get_by_role("searchbox")
    expect(box).not_to_be_focused()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).not_to_be_focused()
    expect(box).to_have_value("harbour")


def test_the_first_tab_skips_to_the_content(visit: Open) -> None:
    page = visit("/?q=harbour")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()


def test_dark_mode_is_dark(visit: Open) -> None:
    page = visit(f"/?q={QUESTION}")
    seen = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        seen[scheme] = [
            page.locator(name).first.evaluate("e => getComputedStyle(e).backgroundColor")
            for name in ("body", "mark", "button", "#q")
        ]
    assert all(light != dark for light, dark in zip(*seen.values(), strict=True))
