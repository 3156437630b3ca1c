"""Reading over HTTP: HEAD, and answers that are not made again while nothing has changed."""

import secrets
from collections.abc import Callable, Coroutine
from datetime import date
from hashlib import sha256
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search.live import LiveSearcher

# Of this process: another one may lay out the same answer in another way.
_PROCESS = secrets.token_bytes(8)

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def conditional_route(live: LiveSearcher) -> type[APIRoute]:
    """Routes whose answer to a GET follows from the address, the generation and the day.

    Their ETag is made of these, so that If-None-Match is answered (304) without a search. It is
    weak: `took_ms` differs between equal answers, and the same tag is good for an answer in gzip.
    """

    class ConditionalRoute(APIRoute):
        def get_route_handler(self) -> _Handler:
            handle = super().get_route_handler()
            return _conditional(handle, live) if "GET" in (self.methods or ()) else handle

    return ConditionalRoute


def _conditional(handle: _Handler, live: LiveSearcher) -> _Handler:
    async def conditional(request: Request) -> Response:
        serving = live.serving
        if serving is None:
            return await handle(request)
        tag = _tag(request, serving.id)
        # Only the quoted part of a tag counts here (weak comparison, RFC 9110, 13.1.2).
        if tag in request.headers.get("if-none-match", ""):
            return Response(
                status_code=304, headers={"ETag": f"W/{tag}", "Vary": "Accept-Encoding"}
            )
        response = await handle(request)
        # If another generation has been swapped in meanwhile, either may have answered.
        if response.status_code == 200 and live.serving is serving:
            response.headers["ETag"] = f"W/{tag}"
        return response

    return conditional


def _tag(request: Request, generation: str) -> str:
    # Feeds hold absolute addresses; "last week" is another one tomorrow.
    parts = (generation, str(date.today()), str(request.url))
    return f'"{sha256(_PROCESS + repr(parts).encode()).hexdigest()[:32]}"'


class HeadAsGet:
    """ASGI middleware: HEAD is GET without the body, for every route."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through but the bodies of answers to HEAD."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self._app(scope, receive, send)

        # A copy: the server looks at the method in its own to write no body.
        asked = {**scope, "method": "GET"}

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            else:
                # What has been found out, for those who wrap this one.
                scope["route"] = asked.get("route")
            await send(message)

        await self._app(asked, receive, without_body)
