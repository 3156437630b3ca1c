"""Several processes that answer on one listening socket, and the one that looks after them.

They are forked from it once everything is imported and nothing is opened: what they have in common
(the code, the rate of each client, what an ETag is made of) is made before. The kernel gives each
new connection to one that is free to take it.
"""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.context import ForkProcess

from prometheus_client.multiprocess import mark_process_dead

logger = logging.getLogger(__name__)

# Who looks after the others waits for these, one after the other, rather than being interrupted.
# Blocked in a worker as well until it can handle them: none is lost while it starts.
SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD})
# Seconds before one that ended is started again: what cannot start must not take a core.
PAUSE = 1.0
# Seconds from when they are told to end until they are killed; requests in flight have ten.
PATIENCE = 15.0


def run_workers(count: int, work: Callable[[], None], close: Callable[[], None]) -> None:
    """Run `work` in so many processes until SIGINT or SIGTERM; one that ends is started again.

    SIGHUP goes to all of them; a second SIGINT too, and the requests in flight are given up.

    work: does what each process is for, and ends on SIGTERM; it unblocks `SIGNALS` when it can
        handle them
    close: gives up what this process holds of what they share, when they are told to end
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    workers = [_start(work) for _ in range(count)]
    while (number := signal.sigwait(SIGNALS)) not in (signal.SIGINT, signal.SIGTERM):
        if number == signal.SIGHUP:
            _tell(workers, signal.SIGHUP)
        for at, worker in enumerate(workers):
            if not worker.is_alive():
                logger.error("a worker ended with status %s and is started again", worker.exitcode)
                # What it has counted stays counted; what it was doing, it does no more.
                mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
                time.sleep(PAUSE)
                workers[at] = _start(work)
    close()
    _tell(workers, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while any(worker.is_alive() for worker in workers):
        told = signal.sigtimedwait(SIGNALS, max(0.0, until - time.monotonic()))
        if told is None:
            _tell(workers, signal.SIGKILL)
            until += PATIENCE
        elif told.si_signo == signal.SIGINT:
            _tell(workers, signal.SIGINT)


def _start(work: Callable[[], None]) -> ForkProcess:
    process = multiprocessing.get_context("fork").Process(target=_begin, args=(work,))
    process.start()
    return process


def _begin(work: Callable[[], None]) -> None:
    threading.Thread(target=_end_with_the_parent, name="parent", daemon=True).start()
    work()


def _end_with_the_parent() -> None:
    """Else workers whose parent was killed would hold the port, and nobody could end them."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _tell(workers: Sequence[ForkProcess], number: signal.Signals) -> None:
    for worker in workers:
        # Of one that has ended and is not waited for yet, the number is still its own.
        if worker.exitcode is None and worker.pid is not None:
            os.kill(worker.pid, number)
