"""The one way from a request to the Searcher: off the event loop, so many at a time, in time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from indexer.errors import DeadlineExceeded, Overloaded
from search.http.middleware.metrics import Metrics
from search.live import LiveSearcher
from search.question.query import Query
from search.results import Results

T = TypeVar("T")

# Searches that may wait for each that runs: what is let in is done within this many searches' time,
# and who is turned away learns it at once.
WAITING_EACH = 16


class Runner:
    """Runs searches off the event loop, a bounded number at a time."""

    def __init__(self, live: LiveSearcher, threads: int, deadline: float = 10.0) -> None:
        """Serve what `live` finds on `threads` cores, each search in `deadline` seconds."""
        self.live = live
        self.metrics = Metrics(live)
        # Twice the cores: while one search waits for its answer to be sent, another can run
        # (135 against 120 searches/s at 8 clients on two cores; four times the cores, 112).
        running = 2 * threads
        self._threads = ThreadPoolExecutor(running, thread_name_prefix="search")
        self._free = asyncio.Semaphore(running)
        self._most_waiting = WAITING_EACH * running
        self._waiting = 0
        self._deadline = deadline

    async def run(self, work: Callable[[], T]) -> T:
        """Run blocking work in a thread, when one is free.

        Raises:
            Overloaded: too many are waiting for one.
            DeadlineExceeded: it was not done in time. What still waited is never begun; what runs
                cannot be stopped, and keeps its thread until it is done.
        """
        if self._waiting >= self._most_waiting:
            self.metrics.rejected.labels("overloaded").inc()
            raise Overloaded("too many searches are waiting; ask again in a moment")
        try:
            async with asyncio.timeout(self._deadline) as timer:
                self._waiting += 1
                try:
                    await self._free.acquire()
                finally:
                    self._waiting -= 1
                return await self._in_thread(work)
        except TimeoutError:
            if not timer.expired():
                raise
            self.metrics.rejected.labels("deadline").inc()
            message = f"the search was not done in {self._deadline:g} seconds"
            raise DeadlineExceeded(message) from None

    async def search(self, query: Query) -> Results:
        """Answer a question on the live index and count its stages."""
        return await self.answer(query, lambda results: results)

    async def answer(self, query: Query, render: Callable[[Results], T]) -> T:
        """Search, and lay the results out in the same thread: the event loop has others to serve.

        Raises as `run` does, and what searching raises.
        """

        def work() -> tuple[Results, T]:
            results = self.live.current().search(query)
            return results, render(results)

        results, rendered = await self.run(work)
        self.metrics.observe(results)
        return rendered

    async def close(self) -> None:
        """Wait for what still runs; nothing can be run any more."""
        await asyncio.to_thread(self._threads.shutdown)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run work in a thread that has been waited for, and free the thread when it is done."""
        loop = asyncio.get_running_loop()
        future = self._threads.submit(work)
        try:
            result = await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            # Time is up, or nobody listens any more; but the thread still works.
            future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._free.release))
            raise
        except BaseException:
            self._free.release()
            raise
        self._free.release()
        return result
