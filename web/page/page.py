"""The search page: HTML made on the server, from the same Searcher as the JSON.

It works without scripts, asks no other host for anything, and says so to the browser in its
Content-Security-Policy. Every ArticleSearchError of a page route leaves as a page.
"""

import re
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

from indexer.article import Span
from indexer.errors import ArticleSearchError, QueryError
from indexer.storage.fields import FIELDS
from search.http.problems import describe, retry_after
from search.http.runner import SearchService
from search.question.query import MAX_QUESTION
from web.page.bars import HEIGHT, lines
from web.page.chips import chips
from web.page.days import readable_date, readable_period
from web.page.form import GROUPS, LAST_PAGE, MODES, PAGE_SIZE, SORTS, SearchForm
from web.page.marking import excerpt, marked
from web.page.original import host, opened_at
from web.page.reference import limits

_HERE = Path(__file__).parent
# The other headers are those of every answer (search/http/middleware/headers.py).
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}
_HEADINGS = {
    "invalid_request": "That cannot be searched",
    "cursor_expired": "The articles have been renewed",
    "article_not_found": "No such article",
    "not_found": "No such page",
    "index_missing": "Nothing has been indexed yet",
    "index_damaged": "The index is damaged",
    "index_mismatch": "The index does not fit this program",
    "index_unavailable": "The index cannot be opened now",
    "model_unavailable": "The model is not available",
    "unauthorized": "A key is needed",
    "host_not_allowed": "Not a name of this server",
    "uri_too_long": "The address is too long",
    "rate_limited": "Too many searches",
    "overloaded": "Too busy just now",
    "deadline_exceeded": "That took too long",
}
_DEGREES = {
    None: "the earliest",
    "same": "the same text",
    "edited": "an edited copy",
    "event": "another report of the event",
}
_SPAN = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_MOST_SIMILAR = 5
_MOST_SOURCES = 8


def add_page(app: FastAPI) -> None:
    """Add the page's routes to the service."""
    service: SearchService = app.state.service
    app.state.problem_page = _problem_page
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")

    @app.get("/", include_in_schema=False)
    async def search(request: Request) -> Response:
        form = SearchForm.parse(request.query_params)
        try:
            if "q" not in request.query_params and not form.problems:
                searcher = await service.run(service.live.current)
                return _html("home.html", form=form, manifest=searcher.generation.manifest)
            return await service.answer(
                form.query(), lambda results: _html("results.html", form=form, results=results)
            )
        except ArticleSearchError as error:
            return _problem(form, *describe(error), str(error))

    @app.get("/article/{article_id:path}", include_in_schema=False)
    async def article(request: Request, article_id: str) -> Response:
        form = SearchForm.parse(request.query_params)
        try:
            passage = _span(request.query_params, "passage")
            answer = _span(request.query_params, "answer")
            question = form.query().words if form.q or form.problems else ""
            # An article may be megabytes long: laid out in a thread, so that others are answered.
            page = await service.run(
                lambda: _article_page(service, form, article_id, question, passage, answer)
            )
        except ArticleSearchError as error:
            return _problem(form, *describe(error), str(error))
        missing = f"There is no article “{article_id}”."
        return page or _problem(form, 404, "article_not_found", missing)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return _html("docs.html", form=SearchForm.parse(QueryParams()), schema=app.openapi())


def _problem_page(scope: Scope, status: int, code: str, message: str) -> Response | None:
    """An error that was not a page route's own: refused, unexpected, or at no route at all.

    A browser, which says that it reads HTML, gets a page where there is nothing.
    """
    path = scope["path"]
    of_the_page = path in ("/", "/docs") or path.startswith("/article/")
    reads_html = "text/html" in Headers(scope=scope).get("accept", "")
    if not of_the_page and not (reads_html and code == "not_found"):
        return None
    return _problem(SearchForm.parse(QueryParams(scope["query_string"])), status, code, message)


def _problem(form: SearchForm, status: int, code: str, message: str) -> Response:
    heading = _HEADINGS.get(code, "Something went wrong")
    response = _html("problem.html", status, form=form, heading=heading, code=code, message=message)
    if status == 503:
        response.headers["Retry-After"] = retry_after(code)
    return response


def _article_page(
    service: SearchService,
    form: SearchForm,
    article_id: str,
    question: str,
    passage: Span | None,
    answer: Span | None,
) -> Response | None:
    """An article, marked by what the link says, else by what answers the question."""
    searcher = service.live.current()
    stored = searcher.article(article_id)
    if stored is None:
        return None
    if question and passage is None and answer is None:
        best = searcher.best_sentence(question, stored.number)
        if best:
            passage, answer = best[0].passage.span, best[1]
    text = stored.article.text
    paragraphs = marked(text, passage=passage, answer=answer)
    return _html(
        "article.html",
        form=form,
        article=stored.article,
        story=searcher.story(stored.story),
        similar=searcher.similar(stored, _MOST_SIMILAR),
        paragraphs=paragraphs,
        anchored=any(run.anchor for runs in paragraphs for run in runs),
        sentence=answer.of(text) if answer else "",
    )


def _span(parameters: QueryParams, name: str) -> Span | None:
    value = parameters.get(name)
    if not value:
        return None
    found = _SPAN.fullmatch(value)
    if not found:
        raise QueryError(f"{name} is “{value}”; it must be two offsets, as in 120-360")
    return Span(int(found[1]), int(found[2]))


_templates = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(
    FIELDS=FIELDS,
    limits=limits,
    MODES=MODES,
    GROUPS=GROUPS,
    SORTS=SORTS,
    DEGREES=_DEGREES,
    LAST_PAGE=LAST_PAGE,
    PAGE_SIZE=PAGE_SIZE,
    MAX_QUESTION=MAX_QUESTION,
    MOST_SOURCES=_MOST_SOURCES,
    BAR_HEIGHT=HEIGHT,
    excerpt=excerpt,
    marked=marked,
    chips=chips,
    lines=lines,
    opened_at=opened_at,
    period=readable_period,
)
_templates.filters.update(readable_date=readable_date, host=host)


def _html(template: str, status: int = 200, **facts: object) -> Response:
    return HTMLResponse(_templates.get_template(template).render(**facts), status, _HEADERS)
