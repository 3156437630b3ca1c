"""What every answer says to browsers and caches, unless the route has said otherwise."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    # For all that is no page: nothing of it may be run, loaded or framed.
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    # Scripts of other sites that CORS lets in are not held back by this; their image tags are.
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}


class AnswerHeaders:
    """ASGI middleware that adds the headers that an answer lacks."""

    def __init__(self, app: ASGIApp, private: bool) -> None:
        """Wrap an app; the answers of a `private` one are for who asked alone."""
        self._app = app
        # Kept, and asked about each time: a new generation is seen at once, and as long as there
        # is none the answer is a 304 that costs no search.
        self._kept = b"private, no-cache" if private else b"no-cache"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through, and complete the headers of the answer."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        reading = scope["method"] in ("GET", "HEAD")

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = reading and message["status"] in (200, 304)
                usual = {**_HEADERS, b"cache-control": self._kept if kept else b"no-store"}
                given = {name.lower() for name, _ in message["headers"]}
                if message["status"] == 304:
                    # A browser puts the headers of a 304 in place of those that it has kept.
                    given.add(b"content-security-policy")
                missing = [pair for pair in usual.items() if pair[0] not in given]
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        await self._app(scope, receive, completed)
