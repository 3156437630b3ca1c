"""From a document to an article: where all that is read of a document comes together.

HTML goes to `page`. Of a text the body is judged line by line (`lines`), then headline, dates and
byline are looked for around it. What a file declares wins over all of them.
"""

import hashlib
from dataclasses import replace
from datetime import date
from itertools import dropwhile
from urllib.parse import urlsplit

from indexer.article import PARAGRAPH, Article, Date, Document, Rejected
from indexer.reading.body.lines import JudgedLine, judge
from indexer.reading.body.page import MIN_WORDS, read_page, visible_lines
from indexer.reading.body.words import WORD, count_words
from indexer.reading.days.published import declared_date, publication, without_leading_date
from indexer.reading.facts.byline import Byline, byline, is_byline
from indexer.reading.facts.declared import host_of
from indexer.reading.facts.headline import MAX_HEADLINE, headline
from indexer.reading.facts.language import language
from indexer.reading.facts.made_headline import made_headline
from indexer.reading.facts.metadata import Metadata
from indexer.reading.fields import MAX_TEXT
from indexer.reading.input.characters import unescaped
from indexer.reading.input.decoding import tidy

# The fewest words of an article must stand in so many characters of its beginning.
ENOUGH = 500


# The text that was read, what the document says of it, and who the text says it is by.
_Read = tuple[str, Metadata, Byline]


def clean(document: Document) -> Article | Rejected:
    """Make an article of a document, or say why it is none."""
    today = date.today()
    found = _of_page(document, today) if document.format == "html" else _of_text(document, today)
    if isinstance(found, str):
        return Rejected(document.location, found)
    text, about, by = found
    if len(text) > MAX_TEXT:
        return Rejected(document.location, f"more than {MAX_TEXT // 10**6} MB of text")
    title = document.title or about.title
    url = _safe_url(document.url or about.url)
    source = document.source or about.source or by.source or host_of(url) or None
    shown = (title or made_headline(text.split("\n", 1)[0]))[:MAX_HEADLINE].strip()
    return Article(
        id=document.id or content_id(shown, text, about.published, source),
        title=shown,
        text=text,
        published=about.published,
        source=source,
        url=url,
        author=document.author or about.author or by.author,
        location=document.location,
        updated=about.updated,
        agency=by.agency,
        language=language(text) or about.language,
        title_made=not title,
        remarks=document.remarks,
    )


def content_id(title: str, text: str, published: Date | None, source: str | None) -> str:
    """An id from what an article says: the same after its file is moved or renamed."""
    parts = "\0".join([title, text, published.iso if published else "", source or ""])
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _of_page(document: Document, today: date) -> _Read | str:
    page = read_page(document.content, document.url, today)
    if isinstance(page, str):
        return page
    about = page.about
    published = declared_date(document.date, today) or about.published
    certain = published is not None and published.certain
    # What the page does not declare it may print.
    declared = certain and about.author and about.source
    lines = [] if declared else visible_lines(document.content)
    paragraphs = set(page.text.split("\n"))
    body = [number for number, line in enumerate(lines) if line in paragraphs]
    if not certain:
        printed = publication(lines, body, url=document.url or about.url, today=today)
        published = printed.published or published
    head, tail = (lines[: body[0]], lines[body[-1] + 1 :]) if body else ([], [])
    by = byline(head, page.text, tail, document.location)
    return tidy(page.text), replace(about, published=published), by


def judged_lines(document: Document) -> list[JudgedLine]:
    """The lines of a text, and what is thought of each before headline and byline are known."""
    content = document.content
    if "&" in content:
        decoded = unescaped(content)
        content = content if decoded == content else tidy(decoded)
    return judge(content, titled=document.title is not None)


def _of_text(document: Document, today: date) -> _Read | str:
    judged = judged_lines(document)
    lines = [line.text for line in judged]
    body = [number for number, line in enumerate(judged) if line.kept]
    if not body:
        return "no article text found"
    # Dates before the headline is taken out of the body: a masthead's stands above it.
    dates = publication(lines, body, url=document.url, declared=document.date, today=today)
    title = None
    if document.title:
        body = body[_same(lines[body[0]], document.title) and len(body) > 1 :]
    elif (found := headline(lines, body)) is not None:
        title = lines[found]
        body = [number for number in body if number != found]
    body = list(dropwhile(lambda number: is_byline(lines[number]), body))
    paragraphs = [lines[number] for number in body]
    if paragraphs:
        paragraphs[0] = without_leading_date(paragraphs[0])
    text = PARAGRAPH.join(filter(None, paragraphs))
    if count_words(text[:ENOUGH]) < MIN_WORDS:
        return "no article text found"
    by = byline(lines[: body[0]], text, lines[body[-1] + 1 :], document.location)
    return text, Metadata(title, published=dates.published, updated=dates.updated), by


def _same(one: str, other: str) -> bool:
    return WORD.findall(one.casefold()) == WORD.findall(other.casefold())


def _safe_url(url: str | None) -> str | None:
    """The url if it is one a page may link to, else None: articles are untrusted."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
