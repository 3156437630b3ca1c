"""Who is let in: the checks that every request passes before anything is done for it.

And who is sent away when the server stops before they have their answer.
"""

import asyncio
import math
import re

from fastapi import Response
from prometheus_client import Counter
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search.http.access import Access
from search.http.middleware.keys import Keys
from search.http.middleware.rate import RateLimit, client_of
from search.http.problems import KINDS, Problems

# Bytes. The longest question is 12 kB when every character of it is escaped; the MCP and the JSON
# body of a search are smaller still.
LONGEST_ADDRESS = 32 * 1024
LARGEST_BODY = 64 * 1024

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:.][^:]*?)\.?(:[0-9]*)?")
# Whoever watches the server may ask these; they say nothing about the articles.
_HEALTH = ("/livez", "/readyz")
# What a browser needs to show that it was refused, and what says that robots are.
_OPEN = ("/static/", "/robots.txt")
_UNLIMITED = ("/static/", "/metrics")
# Their clients are programs. A browser asks for a key if it is told that Basic is understood.
_FOR_PROGRAMS = ("/v1/", "/mcp")


class Gate:
    """ASGI middleware: host, size, key and rate, in this order."""

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        rate: RateLimit | None,
        rejected: Counter,
        problems: Problems,
    ) -> None:
        """Wrap an app; `rejected` counts by `reason` what is refused for its rate."""
        self._app = app
        self._problems = problems
        self._keys = Keys(access)
        self._hosts = {host for host in access.hosts if not host.startswith("*.")}
        self._domains = tuple(host[1:] for host in access.hosts if host.startswith("*."))
        self._rate = rate
        self._rejected = rejected

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may enter, answer what may not."""
        if scope["type"] == "http":
            refusal = self._too_large(scope) or (
                None if scope["path"] in _HEALTH else self._not_allowed(scope)
            )
            if refusal is not None:
                return await refusal(scope, receive, send)
            receive = _bounded(receive)
        await self._app(scope, receive, send)

    def _too_large(self, scope: Scope) -> Response | None:
        if len(scope["path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            detail = f"the address is longer than {LONGEST_ADDRESS:,} bytes"
            return self._problems.response(scope, KINDS["uri_too_long"], detail)
        return None

    def _not_allowed(self, scope: Scope) -> Response | None:
        path: str = scope["path"]
        if not self._known_host(scope):
            detail = (
                "the server does not answer to this host name; if it is its own, name it in "
                "ARTICLE_SEARCH_HOSTS and start the server anew"
            )
            return self._problems.response(scope, KINDS["host_not_allowed"], detail)
        scope["key"] = self._keys.name(scope["headers"])
        if self._keys.required and scope["key"] is None and not path.startswith(_OPEN):
            return self._unauthorized(scope)
        if self._rate is None or path.startswith(_UNLIMITED):
            return None
        client = scope["key"] or client_of((scope.get("client") or ("",))[0])
        if wait := self._rate.wait(client):
            self._rejected.labels("rate").inc()
            headers = {"Retry-After": str(math.ceil(wait))}
            detail = "too many requests; wait"
            return self._problems.response(scope, KINDS["rate_limited"], detail, headers)
        return None

    def _unauthorized(self, scope: Scope) -> Response:
        if scope["path"].startswith(_FOR_PROGRAMS):
            detail = "send the header Authorization: Bearer KEY, or X-API-Key: KEY"
            headers = {"WWW-Authenticate": "Bearer"}
        else:
            detail = "sign in with any user name, and your key as the password"
            headers = {"WWW-Authenticate": 'Basic realm="article-search", charset="UTF-8"'}
        return self._problems.response(scope, KINDS["unauthorized"], detail, headers)

    def _known_host(self, scope: Scope) -> bool:
        if not self._hosts and not self._domains:
            return True
        values = [value for name, value in scope["headers"] if name == b"host"]
        found = _HOST.fullmatch(values[0].decode("latin-1").lower()) if len(values) == 1 else None
        return found is not None and (found[1] in self._hosts or found[1].endswith(self._domains))


class Stopping:
    """ASGI middleware that answers requests which the server cancels, since it has to stop."""

    def __init__(self, app: ASGIApp, problems: Problems) -> None:
        """Wrap an app."""
        self._app = app
        self._problems = problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except asyncio.CancelledError:
            if scope["type"] != "http" or started:
                raise
            detail = "the server stops; ask again in a moment"
            refusal = self._problems.response(scope, KINDS["stopping"], detail)
            await refusal(scope, receive, send)


def _bounded(receive: Receive) -> Receive:
    """`receive` that raises a 413 when a body is too large, whatever its length was said to be."""
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > LARGEST_BODY:
            # Else what is still to come would be read, and thrown away.
            headers = {"Connection": "close"}
            raise HTTPException(413, f"the body is larger than {LARGEST_BODY:,} bytes", headers)
        return message

    return bounded
