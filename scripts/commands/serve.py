"""The commands that go on: serve, over HTTP; mcp, the tools for an agent that started it."""

import argparse
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from tempfile import TemporaryDirectory
from typing import Any

from indexer.errors import ArticleSearchError
from indexer.settings import Settings
from scripts.status import DONE

logger = logging.getLogger(__name__)


def add_serving(commands: Any, index: argparse.ArgumentParser) -> None:
    """Add the parsers; `index` is the parent that holds --index."""
    serve = commands.add_parser(
        "serve", parents=[index], help="serve the search page and the JSON endpoint"
    )
    serve.add_argument("--host", default="127.0.0.1", metavar="H")
    serve.add_argument("--port", type=int, default=8000, metavar="P")
    serve.flag("--public", "serve other machines though there is no key")
    serve.number("--workers", 1, "processes that answer, sharing the cores (default: 1)", least=1)
    serve.path("--access-log", "append a line of JSON for each request", metavar="FILE")
    serve.set_defaults(command=_serve)
    mcp = commands.add_parser(
        "mcp", parents=[index], help="serve the tools search and fetch to an agent over stdio (MCP)"
    )
    mcp.set_defaults(command=_mcp)


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    with _shared_metrics() if options.workers > 1 else nullcontext():
        from search.http.access import Access
        from search.http.middleware.accesslog import write_access_log
        from web.server import serve

        if options.access_log:
            write_access_log(options.access_log)
        serve(
            settings,
            Access.from_environment(),
            options.host,
            options.port,
            lambda url: print(f"article-search: searching {settings.index} on {url}", flush=True),
            options.public,
            options.workers,
        )
    return DONE


@contextmanager
def _shared_metrics() -> Iterator[None]:
    """Have every worker count in a folder of files, which each of them can add up.

    The library looks for it when it is first imported.
    """
    with TemporaryDirectory(prefix="article-search-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield


def _mcp(_: argparse.Namespace, settings: Settings) -> int:
    from search.http.access import Access
    from search.http.runner import Runner
    from search.live import LiveSearcher
    from web.agents import agent_server

    # Nothing is written here that could be left half done, and the thread that reads the input
    # cannot be told to end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    deadline = Access.from_environment().deadline
    live = LiveSearcher(settings)
    try:
        live.current()
    except ArticleSearchError as error:
        logger.warning("serving without an index: %s", error)
    live.follow()
    try:
        agent_server(Runner(live, settings.threads, deadline)).run("stdio")
    finally:
        live.stop()
    return DONE
