"""The command mcp: the tools for agents over stdio, for programs that start their own server."""

import argparse
import logging
import signal
from typing import Any

from indexer.errors import ArticleSearchError
from indexer.settings import Settings
from scripts.status import DONE

logger = logging.getLogger(__name__)


def add_mcp(commands: Any, index: argparse.ArgumentParser) -> None:
    """Add the parser; `index` is the parent that holds --index."""
    mcp = commands.add_parser(
        "mcp", parents=[index], help="serve the tools search and fetch to an agent over stdio (MCP)"
    )
    mcp.set_defaults(command=_mcp)


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
