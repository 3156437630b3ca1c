"""What is no article as JSON: errors, health checks, reloads."""

from datetime import UTC, datetime

from pydantic import BaseModel

from indexer.storage.last_run import LastRun


class Problem(BaseModel):
    """An error (RFC 9457, application/problem+json); `code` is stable, `detail` is for people."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str


class Status(BaseModel):
    """A health check."""

    status: str


class RunFacts(BaseModel):
    """How the last run of `reindex` ended: when (ISO 8601, UTC), after how many seconds.

    Counts are of articles, of what was skipped of files and records; `failed`: the index is as it
    was before, and the log of that run says why.
    """

    ended: str
    seconds: float
    failed: bool
    added: int
    changed: int
    removed: int
    skipped: int

    @classmethod
    def of(cls, run: LastRun) -> "RunFacts":
        """What anybody may know of a run: its error may name files."""
        ended = datetime.fromtimestamp(run.ended, UTC).isoformat(timespec="seconds")
        return cls(
            ended=ended,
            seconds=round(run.seconds, 3),
            failed=run.error is not None,
            added=run.added,
            changed=run.changed,
            removed=run.removed,
            skipped=run.skipped,
        )


class Ready(Status):
    """A health check, and the last run of `reindex`; null if it is not known."""

    last_run: RunFacts | None


class Reload(BaseModel):
    """What is served after a reload; `swapped` says whether it is another generation now."""

    generation: str
    swapped: bool
