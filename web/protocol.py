"""HTTP on a connection: uvicorn's, but for requests that never come to their end.

uvicorn reads an address, headers and trailers of any length, in time that grows with its square
(100 MB of address: 13 s of the event loop), and waits for them for ever.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Bytes of a request beside its body.
LARGEST_HEAD = 64 * 1024
# Seconds from when a connection or a request begins until the request must have come.
PATIENCE = 20.0


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose request is too long in its head, or too long in coming."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """As uvicorn makes it."""
        super().__init__(*arguments, **options)
        self._beside_body = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        self._come()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what is received, less what `on_body` finds to be of a body."""
        self._beside_body += len(data)
        super().data_received(data)
        if self._beside_body > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("Request head too large.")

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a request."""
        super().on_message_begin()
        self._wait()

    def on_body(self, body: bytes) -> None:
        """A body has a limit of its own, in the service."""
        self._beside_body -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is here."""
        self._come()
        self._beside_body = 0
        super().on_message_complete()

    def _wait(self) -> None:
        self._come()
        self._timer = self.loop.call_later(PATIENCE, self.transport.close)

    def _come(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
