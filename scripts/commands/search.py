"""The command search: one question, and its hits as text or JSON."""

import argparse
import sys
from datetime import date, datetime
from typing import Any, get_args

from indexer.settings import Settings
from scripts.commands.terminal import printable
from scripts.status import DONE
from search.question.query import Group, Mode, Query, Sort


def add_search(commands: Any, index: argparse.ArgumentParser) -> None:
    """Add the parser; `index` is the parent that holds --index."""
    search = commands.add_parser("search", parents=[index], help="answer one question")
    search.add_argument("question")
    search.add_argument("--limit", type=int, default=10, metavar="N", help="hits (1-100)")
    search.add_argument("--offset", type=int, default=0, metavar="N", help="hits to pass over")
    search.add_argument("--mode", choices=get_args(Mode), default="hybrid")
    search.add_argument("--group", choices=get_args(Group), default="article")
    search.add_argument("--sort", choices=get_args(Sort), default="relevance")
    for name, help_text in (
        ("source", "only of this outlet"),
        ("author", "only by this person"),
        ("lang", "only in this language, as in en"),
    ):
        search.add_argument(
            f"--{name}", action="append", default=[], metavar="X", help=f"{help_text}; may repeat"
        )
    search.add_argument("--from", dest="first", type=_day, metavar="DAY", help="published since")
    search.add_argument("--to", dest="last", type=_day, metavar="DAY", help="published until")
    search.add_argument("--explain", action="store_true", help="in JSON, the parts of each score")
    search.add_argument("--json", action="store_true", help="the same object as GET /v1/search")
    search.set_defaults(command=_search)


def _day(value: str) -> date:
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is no day, as in 2024-11-30") from None


def _search(options: argparse.Namespace, settings: Settings) -> int:
    from search.live import open_searcher

    query = Query(
        options.question.encode("utf-8", "replace").decode("utf-8"),
        limit=options.limit,
        offset=options.offset,
        mode=options.mode,
        group=options.group,
        sources=tuple(options.source),
        published_from=options.first,
        published_to=options.last,
        authors=tuple(options.author),
        languages=tuple(options.lang),
        sort=options.sort,
        explain=options.explain,
    )
    results = open_searcher(settings).search(query)
    if options.json:
        from search.http.schema import SearchResponse

        print(SearchResponse.of(results).model_dump_json())
        return DONE
    for each in results.corrections:
        print(printable(f"searching for {each.read}, not {each.written}"), file=sys.stderr)
    if results.answerable is False:
        print("no passage answers this; the nearest:", file=sys.stderr)
    for hit in results.hits:
        article = hit.article
        day = article.published.iso[:10] if article.published else None
        about = " · ".join(filter(None, [article.source, day]))
        print(f"{hit.rank:>2}. {printable(article.title)}")
        if about:
            print(f"    {printable(about)}")
        print(f"    {_marked(printable(hit.answer.of(article.text)))}\n")
    if not results.hits:
        print("nothing found", file=sys.stderr)
    return DONE


def _marked(answer: str) -> str:
    return f"\x1b[1m{answer}\x1b[0m" if sys.stdout.isatty() else answer
