"""Processes of their own for what must not share one, and the memory that a process takes.

A measure that shared a process with the one before would pay for its threads and its memory.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

from scripts.lab.machine import read_fields

P = ParamSpec("P")
T = TypeVar("T")


def say(message: str) -> None:
    """Tell what is being done, on stderr."""
    print(message, file=sys.stderr, flush=True)


def isolated(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run work in a fresh process (not a fork) and return what it returns; it fails as it fails."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def memory(pid: int | str, field: str) -> int:
    """A field of /proc/PID/status in bytes: VmRSS, VmHWM, RssAnon, RssFile.

    Raises:
        KeyError: there is no such field.
    """
    return int(read_fields(Path(f"/proc/{pid}/status"))[field].split()[0]) * 1024
