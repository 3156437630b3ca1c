"""How the last run of `reindex` over an index ended, for who looks after it: last-run.json."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError, with_config

FILE = "last-run.json"
# Bytes of the file that are read, and characters of a message that are kept.
_LONGEST, _MESSAGE = 1 << 14, 1000

_Count = Annotated[int, Field(ge=0)]


@with_config({"extra": "ignore"})
@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """When a run ended, what it found, and which generation is live since.

    ended: Unix time
    error: why it failed; None if it did not, and then the counts are of articles
    """

    ended: float
    seconds: float
    error: str | None = None
    generation: str | None = None
    published: bool = False
    added: _Count = 0
    changed: _Count = 0
    removed: _Count = 0
    skipped: _Count = 0


_LAST_RUN = TypeAdapter(LastRun)


def write_last_run(index: Path, run: LastRun) -> None:
    """Replace what is known of the run before; that this fails is no failure of the run."""
    message = run.error[:_MESSAGE] if run.error else None
    temporary = index / f"{FILE}.new"
    with contextlib.suppress(OSError):
        temporary.write_text(json.dumps(asdict(run) | {"error": message}), "utf-8")
        os.replace(temporary, index / FILE)


def read_last_run(index: Path) -> LastRun | None:
    """How the last run ended; None if that is not known."""
    try:
        with (index / FILE).open("rb") as stream:
            return _LAST_RUN.validate_json(stream.read(_LONGEST))
    except (OSError, ValidationError):
        return None
