"""The whole server: the JSON service with the search page, on one address."""

import logging
import signal
import socket
from collections.abc import Callable

import uvicorn

from indexer.errors import SettingsError
from indexer.settings import Settings
from search.api import create_api
from search.live import LiveSearcher
from web.page import add_page


def serve(settings: Settings, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until interrupted; `announce` is told the address once the server is listening.

    Raises:
        SettingsError: the address cannot be listened on.
    """
    if not 0 <= port <= 65535:
        raise SettingsError(f"cannot listen on port {port}: choose one from 0 to 65535 (0: any)")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise SettingsError(
            f"cannot listen on {host} port {port}: {error}; choose another with --host and --port"
        ) from error
    live = LiveSearcher(settings)
    app = create_api(live, settings.threads, settings.admin_key)
    add_page(app)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=10)
    shown = f"[{host}]" if ":" in host else host
    signal.signal(signal.SIGHUP, lambda *_: live.reload_soon())
    with listener:
        announce(f"http://{shown}:{listener.getsockname()[1]}/")
        uvicorn.Server(config).run(sockets=[listener])
