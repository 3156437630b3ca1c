"""Pages that are no article, and articles that look like them. All are made up."""

import pytest

from indexer.article import Article, Document, Rejected
from indexer.reading.cleaning import clean
from tests.support.ferry import BODY, PARAGRAPHS, TITLE, html_of, json_ld_of

HEADLINES = (
    "Council votes on the new harbour wall", "Goat ferry runs twice a day in summer",
    "School on the skerry gets a new roof", "Lighthouse keeper retires after forty years",
    "Herring price falls for a third week", "Bridge toll to rise in the new year",
    "Choir wins prize in the capital", "Storm warning for the northern isles",
)  # fmt: skip
SUMMARY = "The islanders had asked for it in a long letter to the council."
TEASERS = "".join(
    f"<div><h2><a href='/n{n}'>{text}</a></h2><p>{SUMMARY}</p></div>"
    for n, text in enumerate(HEADLINES)
)
LIST = "".join(
    f"<li><a href='/n{n}'>{text}</a><time>{n + 1} May 2024</time></li>"
    for n, text in enumerate(HEADLINES)
)
CONSENT = (
    "We and our 842 partners store and access personal data, like browsing data, on your device.",
    "You can withdraw your consent at any time with a click on the cookie settings of our site.",
)


def _page(title: str, heading: str, *paragraphs: str, below: str = "") -> str:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f"<html><head><title>{title}</title></head><body><nav><a href='/'>Home</a></nav><main>"
        f"<h1>{heading}</h1>{body}{below}</main><footer>© 2024 Courier</footer></body></html>"
    )


def _reason(content: str, kind: str = "html", title: str | None = None) -> str | None:
    found = clean(Document("a", content, "html" if kind == "html" else "text", title=title))
    return found.reason if isinstance(found, Rejected) else None


ERRORS = {
    "404": _page(
        "404 Not Found | Courier", "Page not found",
        "The page you are looking for might have been removed or had its name changed.",
        below=f"<h3>Latest news</h3><p>{SUMMARY}</p>",
    ),
    "403": "<html><title>403 Forbidden</title><h1>403 Forbidden</h1><hr>nginx/1.18.0</html>",
    "503": _page(
        "Courier", "Service Temporarily Unavailable",
        "The server is temporarily unable to service your request. Please try again later.",
    ),
    "browser": _page(
        "Just a moment...", "courier.example",
        "Checking your browser before accessing courier.example.",
        "This process is automatic. Your browser will redirect to your requested content shortly.",
    ),
    "denied": "<html><title>Access Denied</title><h1>Access Denied</h1>You don't have "
    "permission to access http://courier.example/ on this server.<p>Reference #18.2f7c</html>",
    "robot": _page(
        "Are you a robot?", "Please verify you are a human",
        "Access to this page has been denied because we believe you are using automation tools.",
    ),
    "soft": _page(
        "Courier", "Sorry, we couldn't find that page",
        "The link you followed may be broken, or the page may have been removed.",
    ),
    "German": _page(
        "Seite nicht gefunden - Kurier", "Seite nicht gefunden",
        "Die gewünschte Seite konnte leider nicht gefunden werden.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("html", ERRORS.values(), ids=ERRORS)
def test_error_pages(html: str) -> None:
    assert _reason(html) == "no article: error page"


@pytest.mark.parametrize(
    "text",
    [
        "404\n\nPage not found\n\nThe page you requested could not be found.\n\nGo to front page",
        "Checking your browser before accessing courier.example.\n\nPlease allow up to 5 seconds…",
        "Access Denied\nYou don't have permission to access this page on this server.",
        "Hrm.\n\nThe Wayback Machine has not archived that URL.",
    ],
)
def test_error_pages_as_text(text: str) -> None:
    assert _reason(text, "text") == "no article: error page"
    assert _reason(text, "text", TITLE) == "no article: error page"


def test_consent_walls() -> None:
    buttons = "<button>Reject all</button><a href='#'>Manage options</a>"
    wall = _page("Courier", "We value your privacy", *CONSENT, below=buttons)
    assert _reason(wall) == "no article: consent wall"
    before = _page("Before you continue to Courier", "Before you continue to Courier", *CONSENT)
    assert _reason(before) == "no article: consent wall"
    text = "\n".join(["We value your privacy", *CONSENT, "Accept all", "Manage options"])
    assert _reason(text, "text") == "no article: consent wall"
    assert _reason(text, "text", TITLE) == "no article: consent wall"


def test_log_in_pages() -> None:
    form = "<form><label>E-mail</label><input><label>Password</label><input type='password'></form>"
    more = "Forgot your password? Register now and read the news of the islands."
    assert _reason(_page("Log in - Courier", "Log in", below=f"{form}<p>{more}</p>")) == (
        "no article: log-in page"
    )
    assert _reason(f"Sign in\n\nE-mail\n\nPassword\n\n{more}", "text") == "no article: log-in page"


@pytest.mark.parametrize("inside", [TEASERS, f"<ul>{LIST}</ul>"], ids=["teasers", "links alone"])
def test_front_pages(inside: str) -> None:
    assert _reason(_page("Local news - Courier", "Local news", below=inside)) == (
        "no article: list of links"
    )


def test_lists_of_addresses_and_rules_for_robots() -> None:
    addresses = "\n".join(f"https://courier.example/2024/05/0{n}/ferry" for n in range(1, 8))
    assert _reason(addresses, "text") == "no article: list of links"
    marked = "\n".join(f"- [{text}](https://courier.example/n)" for text in HEADLINES)
    assert _reason(marked, "text") == "no article: list of links"
    robots = "User-agent: *\nDisallow: /search\n\nSitemap: https://courier.example/sitemap.xml"
    assert _reason(robots, "text") == "no article: robots.txt"


LOST = (
    "Libraries of the islands have counted the pages that are gone: of ten thousand links in their "
    "catalogues, every fifth ends in a 404 error.",
    "“Page not found is the saddest sentence of the web,” said the librarian Ivo Stanek.",
    "The libraries now save each page before they link to it, and ask papers to keep addresses.",
)
FINED = (
    "The data authority fined the Courier because its cookie banner could not reject all cookies.",
    "The authority said consent has to be free, and personal data may not be the price of news.",
    "Editor Ragna Toft said the privacy of readers had always been dear to her.",
)
BANNER = "<div class='banner'><p>We use cookies.</p><button>Accept all</button></div>"
ARTICLES = {
    "about errors": _page("404: page not found, and why", "404: page not found, and why", *LOST),
    "called like an error": _page("Page not found - Courier", "Page not found", *LOST),
    "of people denied access": _page("Access denied", "Access denied", *BODY),
    "about consent": _page("Paper fined", "Paper fined for its banner", *FINED, below=BANNER),
    "below a banner": BANNER + html_of(),
    "short, among teasers": html_of(body=f"<p>{BODY[0]}</p><aside>{TEASERS}</aside>"),
    "short, heading linked": _page(
        "Ferry returns", "<a href='/ferry'>Ferry returns</a>", BODY[0], below=f"<ul>{LIST}</ul>"
    ),
    "of headings": _page(
        "Five things to know", "Five things", below=TEASERS.replace("<p>", f"<p>{BODY[1]} ")
    ),
}  # fmt: skip


@pytest.mark.parametrize("html", ARTICLES.values(), ids=ARTICLES)
def test_articles(html: str) -> None:
    assert isinstance(clean(Document("a", html, "html")), Article)


@pytest.mark.parametrize("title", [None, "Page not found", "Access denied", "Before you continue"])
@pytest.mark.parametrize("body", [LOST, FINED, BODY], ids=["errors", "consent", "ferry"])
def test_articles_as_text(title: str | None, body: tuple[str, ...]) -> None:
    text = "\n\n".join(body)
    assert _reason(text, "text", title) is None
    assert _reason(f"{title}\n\n{text}", "text") is None


def test_a_page_that_declares_an_article_is_no_front_page() -> None:
    declared = json_ld_of(**{"@type": "NewsArticle", "headline": "Local news"})
    page = _page("Local news", "Local news", below=TEASERS).replace("<head>", f"<head>{declared}")
    assert _reason(page) is None


def test_a_short_body_under_an_error_that_is_not_of_the_page() -> None:
    flash = "Guards keep fishermen out of their own hall."
    assert _reason(flash, "text", "Access denied") is None


def test_paragraphs_of_a_page_are_kept() -> None:
    assert _reason(f"<html><body><h1>{TITLE}</h1>{PARAGRAPHS}</body></html>") is None


BLOCKS = (
    "You need to enable JavaScript to run this app.",
    "Please enable JS and disable any ad blocker",
    "We've detected unusual activity from your computer network\n\nTo continue, please click the "
    "box below to let us know you're not a robot.\n\nWhy did this happen?\n\nPlease make sure "
    "your browser supports JavaScript and cookies and that you are not blocking them from loading."
    "\n\nNeed Help?\n\nFor inquiries related to this message please contact our support team and "
    "provide the reference ID below.",
    "Are you a robot?",
    "Access Denied",
    "This site requires JavaScript to be enabled in your browser.",
)


@pytest.mark.parametrize("text", BLOCKS)
def test_a_block_below_any_headline(text: str) -> None:
    assert _reason(text, "text", title="Fish auction closes") == "no article: error page"
    assert _reason(f"Fish auction closes\n\n{text}", "text") == "no article: error page"
    paragraphs = text.split("\n\n")
    page = _page("Fish auction closes", "Fish auction closes", *paragraphs)
    assert _reason(page) == "no article: error page"


def test_a_shell_that_a_script_fills() -> None:
    page = "<title>Fish auction closes</title><div id='root'></div><noscript>{}</noscript>"
    assert _reason(page.format(BLOCKS[0])) == "no article: error page"
    assert _reason(page.format(f"<strong>{BLOCKS[1]}</strong>")) == "no article: error page"


@pytest.mark.parametrize(
    "text",
    [
        "You need to enable JavaScript to run this app, the council's new site told islanders.",
        "Are you a robot? So a website asked every caller of the ferry office on Monday. It "
        "blamed a new firm and said that the question would be gone by Friday.",
        "Access denied. Nobody on the island has been let into the old lighthouse since March, and "
        "the council wants to know why the keeper changed the lock.",
    ],
)
def test_an_article_that_names_a_block(text: str) -> None:
    assert _reason(text, "text", title="Fish auction closes") is None
    assert _reason(_page("Fish auction closes", "Fish auction closes", text)) is None
    below = f"<noscript>{BLOCKS[0]}</noscript>"
    assert _reason(html_of("") + below) is None
