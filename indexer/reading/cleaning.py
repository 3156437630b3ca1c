"""From a document to an article: where all that is read of a document comes together.

HTML goes to `page`. Of a text the body is judged line by line (`lines`), then headline, dates and
byline are looked for around it. What a file declares wins over all of them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import dropwhile
from urllib.parse import urlsplit

from indexer.article import PARAGRAPH, Article, Date, Document, Order, Rejected, Remark
from indexer.reading.body.archive_frame import text_without_frame
from indexer.reading.body.lines import JudgedLine, judge_all
from indexer.reading.body.no_article import no_article
from indexer.reading.body.page import is_text, read_page, visible_lines
from indexer.reading.body.page_starts import page_starts
from indexer.reading.body.words import WORD
from indexer.reading.days.declared_date import read_date
from indexer.reading.days.orders import fixed
from indexer.reading.days.published import publication, without_leading_date
from indexer.reading.facts.address import host_of, original_address
from indexer.reading.facts.byline import Byline, byline, is_byline
from indexer.reading.facts.headline import MAX_HEADLINE, headline, short_headline
from indexer.reading.facts.language import language, language_code, page_language
from indexer.reading.facts.made_headline import made_headline
from indexer.reading.facts.metadata import Metadata
from indexer.reading.facts.site_name import site_keys, without_site
from indexer.reading.fields import MAX_TEXT
from indexer.reading.input.characters import unescaped
from indexer.reading.input.decoding import tidy

# The fewest words of an article must stand in so many characters of its beginning.
ENOUGH = 500

# Characters of a teaser that tell it for the beginning of a paragraph.
_BEGINNING = 60

# Documents are cleaned together up to so many characters: a few dozen pages of text. With fewer it
# takes longer, and with more as long.
TOGETHER = 200_000

# The text that was read, what the document says of it, and who the text says it is by.
_Read = tuple[str, Metadata, Byline]


def clean(document: Document, order: Order | None = None) -> Article | Rejected:
    """Make an article of a document, or say why it is none.

    order: of day, month and year in its dates, where the user knows it
    """
    return clean_all([document], order)[0]


def clean_all(
    documents: Sequence[Document], order: Order | None = None
) -> list[Article | Rejected]:
    """Clean several documents, each as `clean` does, in less time.

    documents: no more than there is memory for their lines; `TOGETHER` is enough
    """
    bare = list(map(unframed, documents))
    texts = [document for document in bare if document.format == "text"]
    judged = iter(_judged(texts))
    return [
        _clean(document, each.url, next(judged) if document.format == "text" else [], order)
        for each, document in zip(documents, bare, strict=True)
    ]


def _clean(
    document: Document, copy: str | None, judged: Sequence[JudgedLine], order: Order | None
) -> Article | Rejected:
    """Make an article of a document without a web archive's frame.

    copy: the address of the document with its frame
    judged: the lines of a text
    """
    today = _read_on(document)
    declared, remarks = _declared(document, today)
    html = document.format == "html"
    found = (
        _of_page(document, declared, today) if html else _of_text(document, judged, declared, today)
    )
    if isinstance(found, str):
        return Rejected(document.location, found)
    text, about, by = found
    if len(text) > MAX_TEXT:
        return Rejected(document.location, f"more than {MAX_TEXT // 10**6} MB of text")
    url = _safe_url(document.url or about.url)
    source = document.source or about.source or by.source or host_of(url) or None
    title = _headline(
        document.title or about.title, [document.source, about.source, by.source], url
    )
    url = url or _safe_url(copy)
    text = _below(title, text)
    shown = (title or made_headline(text.split("\n", 1)[0]))[:MAX_HEADLINE].strip()
    published, updated = about.published or _created(document, today), about.updated
    # The id is the same whatever the order.
    identity = document.id or content_id(shown, text, published, source)
    if order:
        published, updated = fixed(published, order), fixed(updated, order)
    return Article(
        id=identity,
        title=shown,
        text=text,
        published=published,
        source=source,
        url=url,
        author=document.author or about.author or by.author,
        location=document.location,
        updated=updated,
        agency=by.agency,
        language=language_code(document.language) or page_language(about.language, text),
        title_made=not title,
        remarks=remarks,
        pages=page_starts(document, judged, text) if document.pages else (),
    )


def _read_on(document: Document) -> date:
    """The day on which a document was read: today, or when a crawler had it."""
    today = date.today()
    captured = read_date(document.captured, "captured", today) if document.captured else None
    day = f"{captured.iso}-01"[:10] if isinstance(captured, Date) else today.isoformat()
    return min(date.fromisoformat(day), today)


def _created(document: Document, today: date) -> Date | None:
    """The day on which a document's file was made, which is no more than likely its own."""
    found = read_date(document.created, "created", today) if document.created else None
    return replace(found, certain=False) if isinstance(found, Date) else None


def _headline(title: str | None, names: Sequence[str | None], url: str | None) -> str | None:
    """A headline less the name of its site."""
    return title and without_site(title, site_keys(names, host_of(url)))


def _below(title: str | None, text: str) -> str:
    """A text less its headline, which a site's name in the title may have hidden."""
    first, _, rest = text.partition(PARAGRAPH)
    return rest if title and rest and _same(first, title) else text


def unframed(document: Document) -> Document:
    """The document less the frame of a web archive; its address that of the page itself."""
    content, address = document.content, None
    if document.format == "text":
        content, address = text_without_frame(content)
    return replace(document, content=content, url=original_address(document.url) or address)


def content_id(title: str, text: str, published: Date | None, source: str | None) -> str:
    """An id from what an article says: the same after its file is moved or renamed."""
    parts = "\0".join([title, text, published.iso if published else "", source or ""])
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _declared(document: Document, today: date) -> tuple[Date | None, tuple[Remark, ...]]:
    """The date that a document declares, and what in it cannot be read."""
    if not document.date:
        return None, document.remarks

    def spoken() -> str | None:
        shown = visible_lines(document.content) if document.format == "html" else [document.content]
        return language_code(document.language) or language(" ".join(shown))

    found = read_date(document.date, "date", today, spoken)
    if isinstance(found, str):
        return None, (*document.remarks, Remark("date", document.date[:80], found))
    return found, document.remarks


def _of_page(document: Document, declared: Date | None, today: date) -> _Read | str:
    page = read_page(document.content, document.url, today, document.title is not None)
    if isinstance(page, str):
        return page
    about = page.about
    published = declared or about.published
    certain = published is not None and published.certain
    # What the page does not declare it may print.
    lines = [] if certain and about.author and about.source else visible_lines(document.content)
    paragraphs = set(page.text.split("\n"))
    body = [
        number
        for number, line in enumerate(lines)
        if line in paragraphs or (len(line) > _BEGINNING and line[:_BEGINNING] in page.text)
    ]
    if not certain:
        printed = publication(lines, body, url=document.url or about.url, today=today)
        published = printed.published or published
    body = list(dropwhile(lambda number: is_byline(lines[number]), body))
    head, tail = (lines[: body[0]], lines[body[-1] + 1 :]) if body else ([], [])
    by = byline(head, page.text, tail, document.location)
    text = tidy(page.text)
    return _begun(text.split(PARAGRAPH)) or text, replace(about, published=published), by


def judged_lines(document: Document) -> list[JudgedLine]:
    """The lines of a text, and what is thought of each before headline and byline are known.

    document: unframed
    """
    return _judged([document])[0]


def _judged(documents: Sequence[Document]) -> list[list[JudgedLine]]:
    contents = [_unescaped(document.content) for document in documents]
    return judge_all(contents, [document.title is not None for document in documents])


def _unescaped(content: str) -> str:
    decoded = unescaped(content) if "&" in content else content
    return content if decoded == content else tidy(decoded)


def _of_text(
    document: Document, judged: Sequence[JudgedLine], declared: Date | None, today: date
) -> _Read | str:
    lines = [line.text for line in judged]
    body = [number for number, line in enumerate(judged) if line.kept]
    kept = [lines[number] for number in body]
    if why := no_article([document.title] if document.title else [], kept, _told(document)):
        return why
    if not body:
        return "no article text found"
    # Dates before the headline is taken out of the body: a masthead's stands above it.
    dates = publication(lines, body, url=document.url, declared=declared, today=today)
    title = None
    if document.title:
        body = body[_same(lines[body[0]], document.title) and len(body) > 1 :]
    elif (found := headline(lines, body)) is not None:
        title = lines[found]
        body = [number for number in body if number != found]
    elif (title := short_headline(document.content)) is not None:
        body = [number for number in body if number or lines[0] != title] or body
    body = list(dropwhile(lambda number: is_byline(lines[number]), body))
    text = _begun([lines[number] for number in body])
    if not is_text(text[:ENOUGH], bool(document.title or title)):
        return "no article text found"
    by = byline(lines[: body[0]], text, lines[body[-1] + 1 :], document.location)
    return text, Metadata(title, published=dates.published, updated=dates.updated), by


def _begun(paragraphs: Sequence[str]) -> str:
    """The text of a body, less bylines and a date at its beginning."""
    body = list(dropwhile(is_byline, paragraphs))
    if body:
        body[0] = without_leading_date(body[0])
    return PARAGRAPH.join(dropwhile(is_byline, filter(None, body)))


def _told(document: Document) -> list[str]:
    """The lines of a text as they are written: wrapped ones are joined before they are judged."""
    return list(filter(None, map(str.strip, document.content.split("\n"))))


def _same(one: str, other: str) -> bool:
    return WORD.findall(one.casefold()) == WORD.findall(other.casefold())


def _safe_url(url: str | None) -> str | None:
    """The url if it is one a page may link to, else None: articles are untrusted."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
