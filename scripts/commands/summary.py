"""What reindex says at its end: counts, and what was not read, by kind; all of it in a file."""

import json
import logging
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from indexer.article import Rejected, Remark
from indexer.pipeline import Summary

logger = logging.getLogger(__name__)

# Removed articles that are printed one by one.
LISTED = 10
# Of a kind of what was not read, what is printed one by one, or named for an example.
FEW = 3
MOST_KINDS = 20
REPORT = "skipped.jsonl"


def summary_lines(summary: Summary, dry: bool, report: Path | None) -> list[str]:
    """The summary for people, under 40 lines however much was skipped.

    report: the file that lists all that was skipped, if one was written
    """
    skipped = [each for each in summary.skipped if not each.foreign]
    foreign = [each for each in summary.skipped if each.foreign]
    lines = ["dry run: nothing is written"] if dry else []
    lines += [
        f"{summary.articles} articles, {summary.passages} passages in {summary.seconds:.1f} s "
        f"({summary.duplicates} exact duplicates left out, {len(skipped)} skipped)",
        f"added {summary.added}, changed {summary.changed}, moved {summary.moved}, "
        f"removed {len(summary.removed)}, unchanged {summary.unchanged}; "
        f"passages embedded {summary.embedded}",
    ]
    if summary.kept:
        lines.append(
            f"kept {summary.kept} of paths that were not named or cannot be read; "
            "--prune removes those that were not named"
        )
    lines += [f"removed {place}" for place in summary.removed[:LISTED]]
    if len(summary.removed) > LISTED:
        lines.append(f"… and {len(summary.removed) - LISTED} more")
    told = [
        *_by_kind("skipped", skipped),
        *_by_kind("passed over", foreign),
        *_remarks(summary),
        *_undecided(summary),
    ]
    lines += told[:MOST_KINDS]
    if len(told) > MOST_KINDS:
        lines.append(f"… and {len(told) - MOST_KINDS} more kinds")
    if report is not None:
        lines.append(f"each of them is in {report}")
    if not summary.published and not dry:
        lines.append(f"nothing has changed: generation {summary.generation} stays live")
    return lines


def _by_kind(what: str, rejected: Sequence[Rejected]) -> Iterator[str]:
    """A line for each, or where there are many of a kind, for the kind."""
    kinds: dict[str, list[Rejected]] = {}
    for each in rejected:
        kinds.setdefault(each.reason.partition(":")[0], []).append(each)
    for kind, some in sorted(kinds.items(), key=lambda item: -len(item[1])):
        if len(some) <= FEW:
            yield from (f"{what} {each.location}: {each.reason}" for each in some)
        else:
            yield f"{what} {len(some)}: {kind}: {_examples([each.location for each in some])}"


def _remarks(summary: Summary) -> Iterator[str]:
    """A line for each declared field that could not be read."""
    ordered = sorted(summary.remarks, key=_kind_of_remark)
    for (name, reason), group in groupby(ordered, key=_kind_of_remark):
        some = list(group)
        shown = [f"{place} ({remark.value})" for place, remark in some]
        yield f"declared but not read, {name} {len(some)}: {reason}: {_examples(shown)}"


def _kind_of_remark(each: tuple[str, Remark]) -> tuple[str, str]:
    return each[1].field, each[1].reason


def _undecided(summary: Summary) -> Iterator[str]:
    """A line if there are dates of which nobody knows whether the day or the month comes first."""
    if summary.undecided:
        shown = [f"{place} ({' or '.join(days)})" for place, days in summary.undecided]
        yield (
            f"day or month first, nothing tells {len(shown)}: {_examples(shown)}; "
            "if you know, say --dates us or --dates eu"
        )


def _examples(places: Sequence[str]) -> str:
    return ", ".join(places[:FEW]) + (", …" if len(places) > FEW else "")


def report_rows(summary: Summary) -> Iterator[dict[str, Any]]:
    """What was not read, and each field that was not, one by one."""
    for each in summary.skipped:
        yield {"location": each.location, "reason": each.reason, "foreign": each.foreign}
    for place, remark in summary.remarks:
        reason = f"{remark.field} {remark.value}: {remark.reason}"
        yield {"location": place, "reason": reason, "field": remark.field}
    for place, days in summary.undecided:
        reason = f"date {' or '.join(days)}: the day or the month may come first"
        yield {"location": place, "reason": reason, "field": "date"}


def write_report(index: Path, summary: Summary) -> Path | None:
    """Write what was not read beside the index, one JSON object a line; None if nothing was."""
    path = index / REPORT
    rows = list(report_rows(summary))
    if not rows:
        path.unlink(missing_ok=True)
        return None
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    try:
        path.write_text("".join(lines), "utf-8", "replace")
    except OSError as error:
        # The generation is published; what was skipped is printed by kind all the same.
        logger.warning("%s cannot be written: %s", path, error.strerror)
        return None
    return path
