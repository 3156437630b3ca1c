"""Pages in a real browser, watched: none may complain, or ask another host for anything."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    sync_playwright,
)

from tests.support.needs import ROOT, require

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

Open = Callable[..., Page]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's browser, until the end of the block."""
    require(CHROMIUM.exists(), f"there is no {CHROMIUM}: the page cannot be opened in a browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def visiting(browser: Browser, server: str) -> Iterator[Open]:
    """Opens pages; at the end none of them has asked another host or complained."""
    contexts: list[BrowserContext] = []
    requested: list[str] = []
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # Chromium reports the status of an error page as a console error of its own.
        status = message.text.startswith("Failed to load resource: the server responded")
        if message.type in ("error", "warning") and not status:
            complaints.append(message.text)

    def opened(
        path: str,
        scripts: bool = True,
        viewport: ViewportSize = DESKTOP,
        base: str = server,
        dark: bool = False,
    ) -> Page:
        context = browser.new_context(
            java_script_enabled=scripts,
            viewport=viewport,
            base_url=base,
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requested.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", listen)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints, complaints
    elsewhere = [url for url in requested if not url.startswith("http://127.0.0.1:")]
    assert not elsewhere, elsewhere


@contextmanager
def serving(index: Path, cache: Path) -> Iterator[str]:
    """The address of the real server, in a process of its own, until the end of the block."""
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
