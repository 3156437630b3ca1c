"""The command serve: the search page and the JSON endpoint over HTTP."""

import argparse
from pathlib import Path
from typing import Any

from indexer.settings import Settings
from scripts.status import DONE


def add_serve(commands: Any, index: argparse.ArgumentParser) -> None:
    """Add the parser; `index` is the parent that holds --index."""
    serve = commands.add_parser(
        "serve", parents=[index], help="serve the search page and the JSON endpoint"
    )
    serve.add_argument("--host", default="127.0.0.1", metavar="H")
    serve.add_argument("--port", type=int, default=8000, metavar="P")
    serve.add_argument(
        "--public", action="store_true", help="serve other machines though there is no key"
    )
    serve.add_argument(
        "--access-log", type=Path, metavar="FILE", help="append a line of JSON for each request"
    )
    serve.set_defaults(command=_serve)


def _serve(options: argparse.Namespace, settings: Settings) -> int:
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
    )
    return DONE
