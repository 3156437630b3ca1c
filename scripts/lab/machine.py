"""The machine that something was measured on, and the memory of its processes."""

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

from scripts.lab.table import Row, Table

PACKAGES = ("torch", "sentence-transformers", "openvino", "faiss-cpu", "tantivy")


def describe_machine() -> list[Row]:
    """What the figures depend on, and the date."""
    processor = read_fields(Path("/proc/cpuinfo"))
    total = int(read_fields(Path("/proc/meminfo"))["MemTotal"].split()[0]) * 1024
    return [
        Row("date", date.today().isoformat()),
        Row("CPU", processor.get("model name", platform.processor() or "unknown")),
        Row("cores usable", str(len(os.sched_getaffinity(0)))),
        Row("AMX", "yes" if "amx_tile" in processor.get("flags", "").split() else "no"),
        Row("memory", f"{total / 2**30:.1f} GiB"),
        Row("load average before", f"{os.getloadavg()[0]:.2f}"),
        Row("Python", platform.python_version()),
        *(Row(name, version(name)) for name in PACKAGES),
    ]


def machine_table(*more: Row) -> Table:
    """The same as a table of its own, with more rows below."""
    return Table(("machine", ""), [row[:2] for row in (*describe_machine(), *more)])


def read_fields(file: Path) -> dict[str, str]:
    """The first value of each `name: value` line of a file of /proc."""
    fields: dict[str, str] = {}
    for line in file.read_text("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    return fields


def memory(pid: int | str, field: str) -> int:
    """A field of /proc/PID/status in bytes: VmRSS, VmHWM, RssAnon, RssFile.

    Raises:
        KeyError: there is no such field.
    """
    return int(read_fields(Path(f"/proc/{pid}/status"))[field].split()[0]) * 1024
