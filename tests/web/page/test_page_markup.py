"""What every page keeps to: what is escaped, loaded, labelled, and can be read."""

import re
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from indexer.article import Article, Date, Span
from indexer.storage.rows import StoredArticle
from search.results import Story
from tests.support.fake_searcher import TEXT, FakeSearcher
from tests.support.pages import box, links, marks
from web.page.form import SearchForm
from web.page.page import _HERE

HOSTILE = "\"'><script>alert(1)</script>&lt;{{ 7 * 191 }}"


def test_everything_from_outside_is_escaped(client: TestClient, fake: FakeSearcher) -> None:
    text = f"{HOSTILE} first.\n\n{HOSTILE} second."
    fake.article_found = Article(
        HOSTILE,
        HOSTILE,
        text,
        Date(HOSTILE, certain=False, line=HOSTILE),
        HOSTILE,
        f"https://a.example/{HOSTILE}",
        HOSTILE,
        language=HOSTILE,
    )
    fake.story_found = Story([StoredArticle(0, fake.article_found, 0)] * 2, 2)
    fake.passage = fake.answer = Span(0, len(text))
    form = SearchForm(q=HOSTILE, sources=(HOSTILE,))
    pages = [form.url, form.passage_url(HOSTILE, fake.passage, fake.answer)]
    pages += [f"/article/no{quote(HOSTILE)}", f"/?q=x&mode={quote(HOSTILE)}"]
    for path in pages:
        page = client.get(path).text
        assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/page.js" defer>']
        assert "1337" not in page
        assert "&amp;lt;" in page
    page = client.get(form.url).text
    assert marks(page) == [f"{HOSTILE} first.", f"{HOSTILE} second."]
    assert box(page) == HOSTILE


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("javascript:alert(1)", None),
        (" java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("//evil.example/", None),
        ("https://", None),
        ("http://[bad", None),
        (None, None),
        ("HTTP://Ledger.example/a", "ledger.example"),
        ("https://ledger.example@evil.example/", "evil.example"),
    ],
)
def test_only_web_addresses_become_links(
    client: TestClient, fake: FakeSearcher, url: str | None, host: str | None
) -> None:
    fake.article_found = Article("a", "A", TEXT, url=url)
    page = client.get("/?q=walls").text
    assert any(link.startswith(f"{url}#:~:text=") for link in links(page)) == (host is not None)
    assert ("nofollow" in page) == (host is not None)
    if host:
        assert f'rel="noreferrer noopener nofollow">{host} ' in page


STATES = ["/", "/?q=walls", "/?q=", "/?q=walls&mode=x", "/article/storm-1?q=walls", "/article/no"]


@pytest.mark.parametrize("path", STATES)
def test_every_page_is_locked_down(client: TestClient, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", answer.text)
    assert re.findall(r'<(?:script|link|img)[^>]* (?:src|href)="([^"]*)"', answer.text) == [
        "/static/favicon.svg",
        "/opensearch.xml",
        *(["/feed.rss?q=walls", "/feed.json?q=walls"] if path == "/?q=walls" else []),
        "/static/page.css",
        "/static/page.js",
    ]


@pytest.mark.parametrize("path", STATES)
def test_every_page_has_its_landmarks(client: TestClient, path: str) -> None:
    page = client.get(path).text
    assert '<html lang="en">' in page
    assert page.count("<h1") == 1
    assert page.count('<main id="main"') == 1
    assert page.count('<form role="search"') == 1
    assert 'href="#main"' in page
    identities = re.findall(r' id="([^"]*)"', page)
    assert len(identities) == len(set(identities))


@pytest.mark.parametrize("path", [*STATES[:2], "/article/storm-1"])
def test_head_is_answered(client: TestClient, path: str) -> None:
    answer = client.head(path)
    assert (answer.status_code, answer.text) == (200, "")


@pytest.mark.parametrize("name", ["page.css", "page.js", "favicon.svg"])
def test_static_files_ask_for_nothing_else(client: TestClient, name: str) -> None:
    answer = client.get(f"/static/{name}")
    assert answer.status_code == 200
    text = answer.text.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|//[a-z]|@import|url\(", text)


PAIRS = [
    ("ink", "paper"),
    ("quiet", "paper"),
    ("link", "paper"),
    ("seen", "paper"),
    ("ink", "tint"),
    ("ink", "field"),
    ("quiet", "field"),
    ("on-mark", "mark"),
    ("on-button", "button"),
    ("quiet", "tint"),
    ("link", "field"),
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_contrast_is_enough_to_read(scheme: int, front: str, back: str) -> None:
    rules = re.findall(r":root \{(.*?)\}", (_HERE / "static/page.css").read_text("utf-8"), re.S)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", rules[scheme]))
    lighter, darker = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
