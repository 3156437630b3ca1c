"""The command search: one question, answered on the terminal or as JSON."""

import argparse
import sys
from datetime import date, datetime
from typing import Any, Literal

from pydantic.fields import FieldInfo

from indexer.settings import Settings
from scripts.commands.terminal import printable
from scripts.status import DONE
from search.question.query import Query, choices_of, kind_of

# Fields of a question that are no options: the argument itself, and what goes on with a page that
# a command has printed and forgotten.
NO_OPTIONS = ("text", "cursor")


def add_search(commands: Any, index: argparse.ArgumentParser) -> None:
    """Add the parser; `index` is the parent that holds --index."""
    search = commands.add_parser("search", parents=[index], help="answer one question")
    search.add_argument("text", type=_text, metavar="question", nargs="?", default="")
    for name, field in Query.model_fields.items():
        if name not in NO_OPTIONS:
            search.add_argument(f"--{field.alias or name}", dest=name, **_option(field))
    search.add_argument("--json", action="store_true", help="the same object as GET /v1/search")
    search.set_defaults(command=_search)


def _option(field: FieldInfo) -> dict[str, Any]:
    """What argparse has to know of an option for a field."""
    description = (field.description or "").replace("`", "")
    known: dict[str, Any] = {"help": description[:1].lower() + description[1:]}
    kind = kind_of(field)
    if kind is bool:
        return known | {"action": "store_true"}
    known["default"] = field.default
    if kind is Literal:
        return known | {"choices": choices_of(field)}
    if kind is tuple:
        known["help"] += "; may repeat"
        return known | {"action": "append", "default": [], "type": _text, "metavar": "X"}
    if kind is date:
        return known | {"type": _day, "metavar": "DAY"}
    number = float if kind is float else int
    least, most = (
        next(getattr(each, end) for each in field.metadata if hasattr(each, end))
        for end in ("ge", "le")
    )
    default = "of the mode" if field.default is None else field.default
    known["help"] += f", {least}-{most} (default: {default})"
    return known | {"type": number, "metavar": "N"}


def _text(argument: str) -> str:
    return argument.encode("utf-8", "replace").decode("utf-8")


def _day(argument: str) -> date:
    try:
        return datetime.strptime(argument, "%Y-%m-%d").date()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{argument!r} is no day, as in 2024-11-30") from None


def _search(options: argparse.Namespace, settings: Settings) -> int:
    from search.live import open_searcher

    query = Query(**{n: getattr(options, n) for n in Query.model_fields if n in options})
    results = open_searcher(settings).search(query)
    if options.json:
        from search.http.schema.search import SearchResponse

        print(SearchResponse.of(results).model_dump_json())
        return DONE
    for each in results.corrections:
        print(printable(f"searching for {each.read}, not {each.written}"), file=sys.stderr)
    for name in results.variants:
        spellings = ", ".join(name.also)
        print(printable(f"{name.written} is also found as {spellings}"), file=sys.stderr)
    if results.answerable is False:
        print("nothing here seems to answer this; the nearest:", file=sys.stderr)
    for hit in results.hits:
        article = hit.article
        day = article.published.iso[:10] if article.published else None
        page = f"page {hit.page}" if hit.page else None
        about = " · ".join(filter(None, [article.source, day, page]))
        print(f"{hit.rank:>2}. {printable(article.title)}")
        if about:
            print(f"    {printable(about)}")
        said = printable(hit.answer.of(article.text))
        if hit.context:
            print(f"    {printable(hit.context.of(article.text))}")
        refuted = (
            f"\n    a claim; refuted: {printable(hit.verdict.of(article.text))}"
            if hit.verdict
            else ""
        )
        print(f"    {_marked(said) if results.answerable and hit.rank == 1 else said}{refuted}\n")
    if not results.hits:
        print("nothing found", file=sys.stderr)
    return DONE


def _marked(answer: str) -> str:
    return f"\x1b[1m{answer}\x1b[0m" if sys.stdout.isatty() else answer
