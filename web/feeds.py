"""Searches for other readers than people: feeds, what a browser asks for its search box, crawlers.

The parameters of a feed are those of the page, so that a feed has the hits of the page it belongs
to. Errors leave as problems. Addresses are absolute, by the host that was asked for; Starlette puts
its own address in place of a host that is not one.
"""

import re
from datetime import UTC, datetime
from html import escape
from string import Template
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from feedgenerator import Rss201rev2Feed

from indexer.article import Date
from indexer.errors import QueryError
from search.http.api import Service
from search.question.query import MAX_QUESTION
from search.results import Hit, Results
from web.page.form import SearchForm
from web.page.marking import marked
from web.page.original import host

FEED_SIZE = 20
MOST_SUGGESTED = 8

# What XML 1.0 cannot say, not even escaped: https://www.w3.org/TR/xml/#charsets
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# https://github.com/dewitt/opensearch/blob/master/opensearch-1-1-draft-6.md
_OPENSEARCH = Template("""\
<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
  <ShortName>article-search</ShortName>
  <Description>Ask the articles: passages, each with the sentence that answers.</Description>
  <InputEncoding>UTF-8</InputEncoding>
  <Image width="16" height="16" type="image/svg+xml">$base/static/favicon.svg</Image>
  <Url type="text/html" template="$base/?q={searchTerms}"/>
  <Url type="application/x-suggestions+json" template="$base/suggest.json?q={searchTerms}"/>
  <Url type="application/rss+xml" template="$base/feed.rss?q={searchTerms}"/>
  <Url type="application/feed+json" template="$base/feed.json?q={searchTerms}"/>
  <Url type="application/opensearchdescription+xml" rel="self" template="$base/opensearch.xml"/>
</OpenSearchDescription>
""")

# Every address is a search, of which there are endlessly many, or an article that others published:
# a crawler would keep the server busy, and copy what is not this server's.
_ROBOTS = "User-agent: *\nDisallow: /\n"


def add_feeds(api: Service) -> None:
    """Add the feeds, the description for browsers, their suggestions, and robots.txt."""
    runner = api.runner

    async def asked(request: Request) -> tuple[SearchForm, Results]:
        form = SearchForm.parse(request.query_params).first
        return form, await runner.search(form.query().changed(limit=FEED_SIZE))

    @api.get("/feed.rss", include_in_schema=False)
    async def rss(request: Request) -> Response:
        return Response(
            _rss(*await asked(request), _base(request)), media_type="application/rss+xml"
        )

    @api.get("/feed.json", include_in_schema=False)
    async def json_feed(request: Request) -> Response:
        content = _json_feed(*await asked(request), _base(request))
        return JSONResponse(content, media_type="application/feed+json")

    @api.get("/opensearch.xml", include_in_schema=False)
    async def opensearch(request: Request) -> Response:
        return Response(
            _OPENSEARCH.substitute(base=escape(_base(request))),
            media_type="application/opensearchdescription+xml",
        )

    @api.get("/suggest.json", include_in_schema=False)
    async def suggest(request: Request) -> Response:
        typed = request.query_params.get("q", "")
        if len(typed) > MAX_QUESTION:
            raise QueryError(f"{len(typed)} characters were typed; at most {MAX_QUESTION} are read")
        found = await runner.run(lambda: runner.live.current().suggest(typed, MOST_SUGGESTED))
        texts = [each.text for each in found]
        urls = [_base(request) + SearchForm(q=text).url for text in texts]
        content = [typed, texts, [each.kind for each in found], urls]
        return JSONResponse(content, media_type="application/x-suggestions+json")

    @api.get("/robots.txt", include_in_schema=False)
    async def robots() -> Response:
        return PlainTextResponse(_ROBOTS)


def _rss(form: SearchForm, results: Results, base: str) -> str:
    """RSS 2.0: https://www.rssboard.org/rss-specification."""
    feed = Rss201rev2Feed(
        title=_xml(_title(form)),
        link=base + form.url,
        description=_xml(f"What article-search finds for “{form.q}”"),
        feed_url=base + form.feed_url("feed.rss"),
    )
    for hit in results.hits:
        article = hit.article
        feed.add_item(
            title=_xml(article.title or "Untitled"),
            link=_article_url(form, hit, base),
            description=_xml(_html(hit)),
            author_name=article.author and _xml(article.author),
            pubdate=_moment(article.published),
            unique_id=_identity(hit, results),
            unique_id_is_permalink=False,
            categories=[_xml(article.source)] if article.source else [],
        )
    content: str = feed.writeString("utf-8")
    return content


def _json_feed(form: SearchForm, results: Results, base: str) -> dict[str, object]:
    """JSON Feed: https://www.jsonfeed.org/version/1.1/."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(form),
        "home_page_url": base + form.url,
        "feed_url": base + form.feed_url("feed.json"),
        "icon": f"{base}/static/favicon.svg",
        "items": [_json_item(form, hit, results, base) for hit in results.hits],
    }


def _json_item(form: SearchForm, hit: Hit, results: Results, base: str) -> dict[str, object]:
    article = hit.article
    published = _moment(article.published)
    facts = {
        "external_url": article.url if host(article.url) else None,
        "date_published": published and published.isoformat(),
        "authors": [{"name": article.author}] if article.author else None,
        "tags": [article.source] if article.source else None,
        "language": article.language,
    }
    return {
        "id": _identity(hit, results),
        "url": _article_url(form, hit, base),
        "title": article.title or "Untitled",
        "summary": hit.answer.of(article.text),
        "content_html": _html(hit),
        **{name: value for name, value in facts.items() if value},
    }


def article_urn(article_id: str) -> str:
    """What names an article whatever the server is called; stable across generations."""
    return f"urn:article-search:{quote(article_id, safe='')}"


def _identity(hit: Hit, results: Results) -> str:
    urn = article_urn(hit.article.id)
    several = results.query.group == "passage"
    return f"{urn}#{hit.passage.start}-{hit.passage.end}" if several else urn


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _article_url(form: SearchForm, hit: Hit, base: str) -> str:
    return base + form.passage_url(hit.article.id, hit.passage, hit.answer)


def _title(form: SearchForm) -> str:
    return f"{form.q} – article-search"


def _html(hit: Hit) -> str:
    """The passage with the answering sentence in bold, escaped."""
    return "".join(
        f"<p>{''.join(_bold(run.text, run.kind == 'answer') for run in runs)}</p>"
        for runs in marked(hit.article.text, within=hit.passage, answer=hit.answer)
    )


def _bold(text: str, bold: bool) -> str:
    return f"<strong>{escape(text)}</strong>" if bold else escape(text)


def _moment(date: Date | None) -> datetime | None:
    """The moment that readers sort by; None if only the month is known."""
    if date is None or date.precision == "month":
        return None
    moment = datetime.fromisoformat(date.iso)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _xml(text: str) -> str:
    return _NOT_XML.sub("", text)
