"""HTTP clients on kept connections, and several of them that share a list of requests.

Raw sockets under asyncio and the standard library alone, so that the machine's time goes to the
server.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

HOST = "127.0.0.1"
# Seconds that one answer may take.
PATIENCE = 30.0
# What `ask` raises when there is no answer that can be understood.
NO_ANSWER = (OSError, EOFError, RuntimeError)

T = TypeVar("T")


class Client:
    """A kept connection, HTTP/1.1, one request at a time; opened when needed, again when broken."""

    def __init__(self, port: int) -> None:
        """Open nothing yet."""
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, target: str, method: str = "GET", headers: Sequence[str] = ()
    ) -> tuple[int, bytes]:
        """Send a request without a body; returns the status and the body of the answer.

        Raises:
            NO_ANSWER: there is none, or one without a length; the next request has a new
                connection.
        """
        lines = [f"{method} {target} HTTP/1.1", f"Host: {HOST}:{self._port}", *headers, "", ""]
        return await self._exchange("\r\n".join(lines).encode("latin-1"), method != "HEAD")

    async def send(self, request: bytes) -> int:
        """Send bytes on a connection that is closed then; the status, 0 if there is no answer."""
        await self.close()
        try:
            return (await self._exchange(request, has_body=False))[0]
        except (EOFError, ConnectionError):
            return 0
        finally:
            await self.close()

    async def _exchange(self, request: bytes, has_body: bool) -> tuple[int, bytes]:
        try:
            async with asyncio.timeout(PATIENCE):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(HOST, self._port)
                reader, writer = self._streams
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(_content_length(head)) if has_body else b""
                return int(head.split(maxsplit=2)[1]), body
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Disconnect."""
        streams, self._streams = self._streams, None
        if streams:
            streams[1].close()
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RuntimeError(f"the answer has no Content-Length: {head!r}")


async def share(
    clients: Sequence[Client], requests: Iterator[T], send: Callable[[Client, T], Awaitable[None]]
) -> None:
    """Let clients send requests at once, each the next one when it is free, until all are sent."""

    async def work(client: Client) -> None:
        for request in requests:
            await send(client, request)

    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(work(client))
