"""The search page: HTML made on the server, from the same Searcher as the JSON.

It works without scripts, asks no other host for anything, and says so to the browser in its
Content-Security-Policy. Every ArticleSearchError of a page route leaves as a page.
"""

import re
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import QueryParams

from indexer.article import Span
from indexer.errors import ArticleSearchError, QueryError
from search.api import SearchService, describe
from search.query import MAX_QUESTION
from web.form import GROUPS, LAST_PAGE, MODES, PAGE_SIZE, SearchForm
from web.marking import marked
from web.reference import limits

_HERE = Path(__file__).parent
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_HEADINGS = {
    "invalid_request": "That cannot be searched",
    "article_not_found": "No such article",
    "index_missing": "Nothing has been indexed yet",
    "index_damaged": "The index is damaged",
    "index_mismatch": "The index does not fit this program",
    "model_unavailable": "The model is not available",
}
_DEGREES = {
    None: "the earliest",
    "same": "the same text",
    "edited": "an edited copy",
    "event": "another report of the event",
}
_SPAN = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


def add_page(app: FastAPI) -> None:
    """Add the page's routes to the service."""
    service: SearchService = app.state.service
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def search(request: Request) -> Response:
        form = SearchForm.parse(request.query_params)
        try:
            if "q" not in request.query_params and not form.problems:
                searcher = await service.run(service.live.current)
                return _html("home.html", form=form, manifest=searcher.generation.manifest)
            results = await service.search(form.query())
        except ArticleSearchError as error:
            return _problem(form, *describe(error), str(error))
        return _html("results.html", form=form, results=results)

    @app.api_route("/article/{article_id:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def article(request: Request, article_id: str) -> Response:
        form = SearchForm.parse(request.query_params)
        try:
            passage = _span(request.query_params, "passage")
            answer = _span(request.query_params, "answer")
            question = form.query().words if form.q or form.problems else ""
            # An article may be megabytes long: laid out in a thread, so that others are answered.
            return await service.run(
                lambda: _article_page(service, form, article_id, question, passage, answer)
            )
        except ArticleSearchError as error:
            return _problem(form, *describe(error), str(error))

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return _html("docs.html", form=SearchForm.parse(QueryParams()), schema=app.openapi())


def _article_page(
    service: SearchService,
    form: SearchForm,
    article_id: str,
    question: str,
    passage: Span | None,
    answer: Span | None,
) -> Response:
    """An article, marked by what the link says, else by what answers the question."""
    searcher = service.live.current()
    stored = searcher.article(article_id)
    if stored is None:
        return _problem(form, 404, "article_not_found", f"There is no article “{article_id}”.")
    if question and passage is None and answer is None:
        best = searcher.best_sentence(question, stored.number)
        if best:
            passage, answer = best[0].passage.span, best[1]
    paragraphs = marked(stored.article.text, passage=passage, answer=answer)
    anchored = any(piece.anchor for pieces in paragraphs for piece in pieces)
    return _html(
        "article.html",
        form=form,
        article=stored.article,
        story=searcher.story(stored.story),
        paragraphs=paragraphs,
        anchored=anchored,
    )


def _span(parameters: QueryParams, name: str) -> Span | None:
    value = parameters.get(name)
    if not value:
        return None
    found = _SPAN.fullmatch(value)
    if not found:
        raise QueryError(f"{name} is “{value}”; it must be two offsets, as in 120-360")
    return Span(int(found[1]), int(found[2]))


def _readable_date(iso: str) -> str:
    """As in 30 November 2024, or November 2024; what is no date stays as it is."""
    month = len(iso) == len("2024-11")
    try:
        day = datetime.fromisoformat(f"{iso}-01" if month else iso)
    except ValueError:
        return iso
    return f"{day:%B %Y}" if month else f"{day.day} {day:%B %Y}"


def _host(url: str | None) -> str | None:
    """The host of a web address, or None for anything that must not become a link."""
    try:
        parts = urlsplit(url or "")
        return parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        return None


_templates = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(
    limits=limits,
    MODES=MODES,
    GROUPS=GROUPS,
    DEGREES=_DEGREES,
    LAST_PAGE=LAST_PAGE,
    PAGE_SIZE=PAGE_SIZE,
    MAX_QUESTION=MAX_QUESTION,
    marked=marked,
)
_templates.filters.update(readable_date=_readable_date, host=_host)


def _html(template: str, status: int = 200, **facts: object) -> Response:
    return HTMLResponse(_templates.get_template(template).render(**facts), status, _HEADERS)


def _problem(form: SearchForm, status: int, code: str, message: str) -> Response:
    heading = _HEADINGS.get(code, "Something went wrong")
    response = _html("problem.html", status, form=form, heading=heading, code=code, message=message)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response
