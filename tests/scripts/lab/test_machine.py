"""Processes of their own, their memory, and the machine that they run on."""

import os
from pathlib import Path

import pytest

from scripts.lab.machine import PACKAGES, describe_machine, machine_table, memory, read_fields
from scripts.lab.measure import isolated
from scripts.lab.table import Row


def test_work_runs_in_another_process() -> None:
    assert isolated(os.getpid) != os.getpid()
    assert isolated(int, "7", base=8) == 7
    with pytest.raises(ValueError, match="invalid literal"):
        isolated(int, "seven")


def test_memory_of_a_process() -> None:
    peak, now = memory("self", "VmHWM"), memory(os.getpid(), "VmRSS")
    assert peak >= now > 2**20
    with pytest.raises(KeyError, match="VmNone"):
        memory("self", "VmNone")


def test_the_first_value_of_each_field(tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    file.write_bytes(b"model name\t: A: B\nflags\t: x amx_tile\n\nmodel name\t: other \xff\n")
    assert read_fields(file) == {"model name": "A: B", "flags": "x amx_tile", "": ""}


def test_the_machine() -> None:
    described = {row.measure: row.value for row in describe_machine()}
    assert int(described["cores usable"]) >= 1
    assert described["memory"].endswith(" GiB")
    assert set(PACKAGES) < set(described)
    table = machine_table(Row("model", "small"))
    assert table.header == ("machine", "")
    assert table.rows[-1] == ("model", "small")
