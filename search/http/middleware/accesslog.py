"""One line of JSON for each request, and the id by which an answer and its line are matched.

Questions are personal: the query string is not logged. Keys never are; their names are.
"""

import json
import logging
import re
import secrets
import time
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from indexer.errors import SettingsError

_logger = logging.getLogger("article_search.access")
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LONGEST = 500


def write_access_log(file: Path) -> None:
    """Append to a file from now on, also after it was rotated.

    Raises:
        SettingsError: it cannot be written.
    """
    try:
        handler = WatchedFileHandler(file, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"cannot write the access log {file}: {error.strerror}") from error
    handler.setFormatter(logging.Formatter("%(message)s"))
    _logger.addHandler(handler)
    _logger.setLevel(logging.INFO)
    _logger.propagate = False


class AccessLog:
    """ASGI middleware that gives each request its id, and logs it when it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through, with the header X-Request-ID on the answer."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began = time.perf_counter()
        scope["request_id"] = identity = _identity(scope)
        status, size = 500, 0

        async def watched(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", identity.encode())]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            if _logger.isEnabledFor(logging.INFO):
                milliseconds = round((time.perf_counter() - began) * 1e3, 3)
                _logger.info(_line(scope, identity, status, milliseconds, size))


def _identity(scope: Scope) -> str:
    """The id that the client or a proxy has given, if it is a sane one, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return str(value, "ascii")
    return secrets.token_hex(8)


def _line(scope: Scope, identity: str, status: int, milliseconds: float, size: int) -> str:
    # ASCII: what a client sends cannot end the line, nor steer a terminal.
    return json.dumps(
        {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "id": identity,
            "client": (scope.get("client") or ("",))[0][:_LONGEST],
            "key": scope.get("key"),
            "method": scope["method"],
            "path": scope["path"][:_LONGEST],
            "status": status,
            "ms": milliseconds,
            "bytes": size,
        }
    )
