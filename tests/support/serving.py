"""The service with its page and feeds, in the same process or on a real port."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from search.http.access import Access
from search.http.api import Service, create_api
from search.live import LiveSearcher
from web.feeds import add_feeds
from web.page.page import add_page


def app_over(live: LiveSearcher, access: Access | None = None) -> Service:
    """The service, the page and the feeds."""
    app = create_api(live, threads=2, access=access)
    add_page(app)
    add_feeds(app)
    return app


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of an app on a real port, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
        )
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=30)
