"""A client that goes on when its connection breaks, and says so."""

import asyncio
from collections.abc import Sequence

from scripts.lab.load import Connection

# Seconds that one answer may take.
PATIENCE = 30.0
# What `ask` raises when there is no answer that can be understood.
NO_ANSWER = (OSError, EOFError, RuntimeError)


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
