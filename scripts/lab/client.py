"""HTTP clients on kept connections: one that fails when it breaks, and one that goes on.

Raw sockets under asyncio and the standard library alone, so that the machine's time goes to the
server.
"""

import asyncio
import contextlib
from collections.abc import Sequence

HOST = "127.0.0.1"
# Seconds that one answer may take.
PATIENCE = 30.0
# What `ask` raises when there is no answer that can be understood.
NO_ANSWER = (OSError, EOFError, RuntimeError)


class Connection:
    """One kept connection, HTTP/1.1, one request at a time."""

    def __init__(self, port: int) -> None:
        """Open nothing yet."""
        self._port = port

    async def open(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection(HOST, self._port)

    async def ask(
        self, target: str, method: str = "GET", headers: Sequence[str] = ()
    ) -> tuple[int, bytes]:
        """Send a request without a body; returns the status and the body of the answer.

        Raises:
            OSError, EOFError: the server closed the connection.
            RuntimeError: the answer is not of a kind that this server gives.
        """
        lines = [f"{method} {target} HTTP/1.1", f"Host: {HOST}:{self._port}", *headers, "", ""]
        return await self.send("\r\n".join(lines).encode("latin-1"), method != "HEAD")

    async def send(self, request: bytes, has_body: bool = True) -> tuple[int, bytes]:
        """Send a request as it is; see `ask`."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        body = await self._reader.readexactly(_content_length(head)) if has_body else b""
        return int(head.split(maxsplit=2)[1]), body

    async def close(self) -> None:
        """Disconnect."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RuntimeError(f"the answer has no Content-Length: {head!r}")


class Client:
    """One kept connection to a server, opened when needed and again when it has broken."""

    def __init__(self, port: int) -> None:
        """Open nothing yet."""
        self._port = port
        self._connection: Connection | None = None

    async def ask(
        self, target: str, method: str = "GET", headers: Sequence[str] = ()
    ) -> tuple[int, bytes]:
        """The status and the body of the answer.

        Raises:
            NO_ANSWER: there is none; the next request has a new connection.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                return await (await self._opened()).ask(target, method, headers)
        except BaseException:
            await self.close()
            raise

    async def send(self, request: bytes) -> int:
        """Send bytes on a connection that is closed then; the status, 0 if there is no answer."""
        await self.close()
        try:
            async with asyncio.timeout(PATIENCE):
                return (await (await self._opened()).send(request, has_body=False))[0]
        except (EOFError, ConnectionError):
            return 0
        finally:
            await self.close()

    async def _opened(self) -> Connection:
        if self._connection is None:
            connection = Connection(self._port)
            await connection.open()
            self._connection = connection
        return self._connection

    async def close(self) -> None:
        """Disconnect."""
        connection, self._connection = self._connection, None
        if connection:
            await connection.close()
