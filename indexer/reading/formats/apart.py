"""Formats that a library of C++ reads: in a process of its own, of bounded memory and time.

Whatever a hostile file does to such a library ends there: the file is reported and the run goes on.
The process gets the file as its input and answers a line of JSON a record: where in the file, and
the record or, as a text, why there is none.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import IO, Any

from indexer.article import Rejected
from indexer.reading.formats.extras import lacking
from indexer.reading.formats.json_values import MAX_VALUE, parse_json
from indexer.reading.formats.record import Records
from indexer.reading.input.packed import Source

MAX_MEMORY = 400 * 2**20
# Seconds of the processor for one record.
MAX_SECONDS = 60
_MORE = f"needs more than {MAX_MEMORY // 2**20} MB of memory"

Answers = Iterator[tuple[int | None, dict[str, Any] | str]]
"""The number of a record, None if it is the file, and the record or why there is none."""


def read_apart(source: Source, extra: str, *about: str) -> Records:
    """The records of a file whose format is read by the module of this name, beside this one.

    extra: the format, which is the extra that it needs
    about: what `read` of the module is told beside the file
    """
    if find_spec(_LIBRARIES[extra]) is None:
        yield lacking(source.place, extra)
        return
    with source.seekable() as file:
        if isinstance(file, Rejected):
            yield file
            return
        with _started(file, extra, *about) as process:
            assert process.stdout is not None
            last = 0
            while line := process.stdout.readline(_MAX_LINE):
                number, found = parse_json(line.decode())
                place = source.place if number is None else f"{source.place}:{number}"
                last = number or last
                yield Rejected(place, found) if isinstance(found, str) else (place, found)
            if status := process.wait():
                place = f"{source.place}:{last + 1}" if last else source.place
                yield Rejected(place, _ended(status))


_LIBRARIES = {"pdf": "pypdfium2", "parquet": "pyarrow"}
_MAX_LINE = 4 * MAX_VALUE + 1


# Threads and allocators reserve more than they use, which would count as used.
_LEAN = {
    **dict.fromkeys(("ARROW_IO_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
}


@contextmanager
def _started(file: IO[bytes], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    # The modules are those of this process, and none of the folder that it was started in.
    path = os.pathsep.join(filter(None, sys.path))
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", __name__, *arguments],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**_without_keys(os.environ), **_LEAN, "PYTHONPATH": path},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _without_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment less our settings, keys of the server among them."""
    return {name: value for name, value in environ.items() if not name.startswith("ARTICLE_SEARCH")}


def _ended(status: int) -> str:
    if status == -signal.SIGXCPU:
        return f"takes longer than {MAX_SECONDS} s to read"
    return f"damaged, or {_MORE}"


def _main(module: str, *about: str) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))
    # What the other process read of the file, it shares the place with this one.
    os.lseek(0, 0, os.SEEK_SET)
    found: Answers = import_module(f"indexer.reading.formats.{module}").read(0, *about)
    last = None
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    try:
        while True:
            seconds = int(time.process_time()) + MAX_SECONDS
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, most))
            answer = next(found, None)
            if answer is None:
                return
            last = answer[0]
            line = json.dumps(answer, ensure_ascii=False)
            if len(line) > MAX_VALUE:
                line = json.dumps((last, f"longer than {MAX_VALUE // 2**20} million characters"))
            sys.stdout.buffer.write(f"{line}\n".encode("utf-8", "replace"))
            # What has been read is told, whatever the next record does to this process.
            sys.stdout.buffer.flush()
    except MemoryError:
        line = json.dumps((last and last + 1, _MORE))
        sys.stdout.buffer.write(f"{line}\n".encode())


if __name__ == "__main__":
    _main(*sys.argv[1:])
