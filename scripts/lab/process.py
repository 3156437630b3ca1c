"""The machine a benchmark ran on, and processes of their own for what must not share one.

A measure that shared a process with the one before would pay for its threads and its memory.
"""

import os
import platform
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

from indexer.errors import InputError

P = ParamSpec("P")
T = TypeVar("T")

PACKAGES = ("torch", "sentence-transformers", "openvino", "faiss-cpu", "tantivy")


def say(message: str) -> None:
    """Tell what is being measured, on stderr."""
    print(f"benchmark: {message}", file=sys.stderr, flush=True)


def isolated(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run work in a fresh process (not a fork) and return what it returns; it fails as it fails."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def new_folder(folder: Path) -> Path:
    """A folder that is empty, made if need be.

    Raises:
        InputError: there is something in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InputError(f"{folder} is not empty; name another folder to work in")
    return folder


def memory(pid: int | str, field: str) -> int:
    """A field of /proc/PID/status in bytes: VmRSS, VmHWM, RssAnon, RssFile."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) * 1024
    raise KeyError(f"/proc/{pid}/status has no {field}")


def describe_machine() -> list[tuple[str, str]]:
    """What the figures depend on, and the date."""
    processor = _fields("/proc/cpuinfo")
    total = int(_fields("/proc/meminfo")["MemTotal"].split()[0]) * 1024
    return [
        ("date", date.today().isoformat()),
        ("CPU", processor.get("model name", platform.processor() or "unknown")),
        ("cores usable", str(len(os.sched_getaffinity(0)))),
        ("AMX", "yes" if "amx_tile" in processor.get("flags", "").split() else "no"),
        ("memory", f"{total / 2**30:.1f} GiB"),
        ("load average before", f"{os.getloadavg()[0]:.2f}"),
        ("Python", platform.python_version()),
        *((name, version(name)) for name in PACKAGES),
    ]


def _fields(file: str) -> dict[str, str]:
    """The first value of each `name: value` line."""
    fields: dict[str, str] = {}
    for line in Path(file).read_text("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    return fields
