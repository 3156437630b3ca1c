"""The whole server: the JSON service with the search page, on one address."""

import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import FrameType

import uvicorn
from fastapi import FastAPI

from indexer.errors import SettingsError
from indexer.settings import Settings
from search.http.access import Access
from search.http.api import create_api
from search.live import LiveSearcher
from web.agents import add_agents
from web.feeds import add_feeds
from web.page.page import add_page
from web.protocol import BoundedProtocol
from web.workers import SIGNALS, run_workers

# Seconds after which a thread lets another run Python. At the usual 5 ms the event loop waits for
# searches, and they for it: 113 against 126 searches/s at 8 clients on two cores.
SWITCH_INTERVAL = 0.0005
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def serve(
    settings: Settings,
    access: Access,
    host: str,
    port: int,
    announce: Callable[[str], None],
    public: bool = False,
    workers: int = 1,
) -> None:
    """Serve until interrupted; `announce` is told the address once the server is listening.

    Other machines are served with a key, or without one if it is to be `public`. Of several
    `workers`, each searches on as many threads as the settings say.

    Raises:
        SettingsError: the address cannot be listened on, or has no key that guards it.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    if not 0 <= port <= 65535:
        raise SettingsError(f"cannot listen on port {port}: choose one from 0 to 65535 (0: any)")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise SettingsError(
            f"cannot listen on {host} port {port}: {error}; choose another with --host and --port"
        ) from error
    with listener:
        shown = f"[{host}]" if ":" in host else host
        access = _guarded(access, listener, shown, public)
        live = LiveSearcher(settings)
        app = create_api(live, settings.threads, access)
        add_page(app)
        add_feeds(app)
        add_agents(app)
        # Its warnings are of requests that anybody can send, as many as they like.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        announce(f"http://{shown}:{listener.getsockname()[1]}/")
        answer = partial(_answer, app, live, listener)
        if workers == 1:
            answer()
        else:
            run_workers(workers, answer, listener.close)


class _Server(uvicorn.Server):
    """Hurries at a second SIGINT alone, and not at one that comes beside a SIGTERM.

    Ctrl-C reaches workers as well as their parent, which tells them to end by SIGTERM.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end, or give up what is in flight."""
        if sig == signal.SIGINT and sig not in self._captured_signals and self.should_exit:
            self._captured_signals.append(sig)
        else:
            super().handle_exit(sig, frame)


def _answer(app: FastAPI, live: LiveSearcher, listener: socket.socket) -> None:
    """Answer on a socket until this process is told to end."""
    server = _Server(
        uvicorn.Config(
            app,
            http=BoundedProtocol,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
    )
    signal.signal(signal.SIGHUP, lambda *_: live.reload_soon())
    # uvicorn takes these over, and raises them once more when it is done: it has ended as it
    # was told to, and nothing was interrupted.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    server.run(sockets=[listener])


def _guarded(access: Access, listener: socket.socket, host: str, public: bool) -> Access:
    """Who may ask, with the host names that are answered on this address."""
    loopback = ipaddress.ip_address(listener.getsockname()[0]).is_loopback
    if not (loopback or access.read_keys or public):
        raise SettingsError(
            f"other machines can reach {host}: set ARTICLE_SEARCH_READ_KEY to a key that readers "
            "have to know, or let everybody read with --public"
        )
    if not access.hosts and (access.read_keys or not loopback):
        return access
    # Without a key only the name tells a page of this server from one of another site whose name
    # was made to point here (DNS rebinding).
    hosts = tuple(dict.fromkeys((*LOOPBACK, host.lower(), *access.hosts)))
    return replace(access, hosts=hosts)
