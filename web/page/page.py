"""The search page: HTML made on the server, from the same Searcher as the JSON.

It works without scripts, asks no other host for anything, and says so to the browser in its
Content-Security-Policy. Every ArticleSearchError of a page route leaves as a page.
"""

import re
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

from indexer.article import Span
from indexer.errors import ArticleSearchError, QueryError
from indexer.storage.fields import FIELDS
from search.http.api import Service
from search.http.problems import KINDS, ProblemKind, kind_of_problem
from search.http.runner import Runner
from search.question.query import MAX_QUESTION
from web.page.bars import HEIGHT, lines
from web.page.chips import chips
from web.page.counts import facets_to_narrow_by
from web.page.days import readable_date, readable_period
from web.page.form import DEFAULTS, GROUPS, LAST_PAGE, MODES, PAGE_SIZE, SORTS, SearchForm
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
_DEGREES = {
    None: "the earliest",
    "same": "the same text",
    "edited": "an edited copy",
    "event": "another report of the event",
}
_SPAN = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_MOST_SIMILAR = 5
_MOST_VALUES = 8


def add_page(api: Service) -> None:
    """Add the page's routes to the service, and have problems at its paths be pages."""
    runner = api.runner
    api.problems.page = _problem_page
    api.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")

    @api.get("/", include_in_schema=False)
    async def search(request: Request) -> Response:
        form = SearchForm.parse(request.query_params)
        try:
            if form.is_blank and "q" not in request.query_params:
                searcher = await runner.run(runner.live.current)
                return _html("home.html", form=form, manifest=searcher.generation.manifest)
            return await runner.answer(
                form.query(), lambda results: _html("results.html", form=form, results=results)
            )
        except ArticleSearchError as error:
            return _problem(form, kind_of_problem(error), str(error))

    @api.get("/article/{article_id:path}", include_in_schema=False)
    async def article(request: Request, article_id: str) -> Response:
        form = SearchForm.parse(request.query_params)
        try:
            passage = _span(request.query_params, "passage")
            answer = _span(request.query_params, "answer")
            question = form.query().words if form.q or form.problems else ""
            # An article may be megabytes long: laid out in a thread, so that others are answered.
            page = await runner.run(
                lambda: _article_page(runner, form, article_id, question, passage, answer)
            )
        except ArticleSearchError as error:
            return _problem(form, kind_of_problem(error), str(error))
        missing = f"There is no article “{article_id}”."
        return page or _problem(form, KINDS["article_not_found"], missing)

    @api.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return _html("docs.html", form=SearchForm.parse(QueryParams()), schema=api.openapi())


def _problem_page(scope: Scope, kind: ProblemKind, message: str) -> Response | None:
    """An error that was not a page route's own: refused, unexpected, or at no route at all.

    A browser, which says that it reads HTML, gets a page where there is nothing.
    """
    path = scope["path"]
    of_the_page = path in ("/", "/docs") or path.startswith("/article/")
    reads_html = "text/html" in Headers(scope=scope).get("accept", "")
    if not of_the_page and not (reads_html and kind.code == "not_found"):
        return None
    return _problem(SearchForm.parse(QueryParams(scope["query_string"])), kind, message)


def _problem(form: SearchForm, kind: ProblemKind, message: str) -> Response:
    response = _html("problem.html", kind.status, form=form, kind=kind, message=message)
    if kind.retry_after is not None:
        response.headers["Retry-After"] = str(kind.retry_after)
    return response


def _article_page(
    runner: Runner,
    form: SearchForm,
    article_id: str,
    question: str,
    passage: Span | None,
    answer: Span | None,
) -> Response | None:
    """An article, marked by what the link says, else by what answers the question."""
    searcher = runner.live.current()
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
    DEFAULTS=DEFAULTS,
    FIELDS=FIELDS,
    SOURCE=next(field for field in FIELDS if field.name == "source"),
    facets_to_narrow_by=facets_to_narrow_by,
    limits=limits,
    MODES=MODES,
    GROUPS=GROUPS,
    SORTS=SORTS,
    DEGREES=_DEGREES,
    LAST_PAGE=LAST_PAGE,
    PAGE_SIZE=PAGE_SIZE,
    MAX_QUESTION=MAX_QUESTION,
    MOST_VALUES=_MOST_VALUES,
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
