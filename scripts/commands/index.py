"""The commands that write an index and look after it: reindex, verify, stats, rollback."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.settings import Settings
from indexer.storage.folder import IndexFolder
from indexer.storage.folders import folder_at
from indexer.storage.last_run import LastRun, read_last_run
from indexer.storage.manifest import Published
from scripts.commands.build import build
from scripts.commands.terminal import printable, progress_bars
from scripts.status import DONE, FAILED, SKIPPED

if TYPE_CHECKING:
    from indexer.pipeline import Summary


def add_index_commands(commands: Any, index: argparse.ArgumentParser) -> None:
    """Add the parsers; `index` is the parent that holds --index."""
    reindex = commands.add_parser(
        "reindex", parents=[index], help="make the index mirror files and folders of articles"
    )
    reindex.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    reindex.flag("--compact", "write all segments into one; without a PATH nothing is read")
    reindex.flag("--watch", "go on: read again what changes, until interrupted")
    reindex.flag("--full", "embed everything again, carry nothing over")
    reindex.flag("--dry-run", "say what would change, and change nothing")
    reindex.flag("--prune", "remove the articles of paths that are not named")
    reindex.flag("--yes", "remove even more than half of the articles")
    reindex.mapping("--map")
    reindex.dates("--dates")
    verify = commands.add_parser(
        "verify", parents=[index], help="check every byte and every reference of a generation"
    )
    stats = commands.add_parser("stats", parents=[index], help="describe the index")
    rollback = commands.add_parser(
        "rollback", parents=[index], help="make an older generation live again"
    )
    for parser, which in ((verify, "the live one"), (rollback, "the one before the live one")):
        about = f"default: {which}"
        parser.add_argument("generation", nargs="?", metavar="GENERATION", help=about)
    for parser in (reindex, verify, stats):
        parser.flag("--json", "print the report as JSON")
    for parser in (reindex, verify):
        parser.flag("--quiet", "no progress on stderr")
    reindex.set_defaults(command=_reindex, refuse=reindex.error)
    verify.set_defaults(command=_verify)
    stats.set_defaults(command=_stats)
    rollback.set_defaults(command=_rollback)


def _reindex(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.embedding.embedder import open_embedder
    from indexer.pipeline import Options
    from indexer.reading.fields import KNOWN
    from scripts.commands.summary import summary_lines, write_report

    if not options.paths and (options.watch or not options.compact):
        options.refuse("name the files and folders to read")
    if options.watch and (options.full or options.dry_run or options.prune):
        options.refuse("--watch goes with neither --full nor --dry-run nor --prune")
    embedder = open_embedder(settings)
    wanted = Options(
        options.full,
        options.compact,
        options.dry_run,
        options.prune,
        options.yes,
        settings.keep,
        options.map or KNOWN,
        options.dates,
    )

    def run(paths: Sequence[Path], gone: Sequence[Path] = ()) -> "Summary":
        with progress_bars(options.quiet) as progress:
            summary = build(paths, settings, embedder, progress, replace(wanted, gone=gone))
        report = None if options.dry_run else write_report(settings.folder, summary)
        if options.json:
            remarks = [{"location": place, **asdict(each)} for place, each in summary.remarks]
            print(json.dumps({**asdict(summary), "remarks": remarks}, ensure_ascii=False))
        else:
            for line in summary_lines(summary, options.dry_run, report):
                print(printable(line))
        sys.stdout.flush()
        return summary

    if options.watch:
        from indexer.watching import keep_together

        keep_together(options.paths, settings.folder, run)
        return DONE
    summary = run(options.paths)
    return SKIPPED if any(not each.foreign for each in summary.skipped) else DONE


def _verify(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.embedding.embedder import open_embedder
    from indexer.verify import verify

    # Of an index at a URL, what was sent there from this machine.
    folder = IndexFolder(settings.folder)
    generation = folder.describe(options.generation or folder.current_id())
    embedder = open_embedder(settings, generation.manifest.model)
    with progress_bars(options.quiet) as progress:
        problems = verify(generation, embedder, progress)
    if options.json:
        print(json.dumps({"generation": generation.id, "problems": problems}))
    else:
        for problem in problems:
            print(printable(problem))
        verdict = "damaged" if problems else "sound"
        print(f"generation {generation.id}: {verdict}")
    return FAILED if problems else DONE


def _stats(options: argparse.Namespace, settings: Settings) -> int:
    folder = folder_at(settings.index)
    live, counted = folder.current_id(), folder.counted()
    sources, languages = counted["source"], counted["language"]
    last_run = read_last_run(settings.folder)
    if options.json:
        report = {
            "index": str(settings.index),
            "live": live,
            "generations": [_facts(generation) for generation in folder.generations()],
            "sources": [{"source": source, "articles": count} for source, count in sources],
            "last_run": asdict(last_run) if last_run else None,
            "languages": [{"language": name, "articles": count} for name, count in languages],
        }
        print(json.dumps(report, ensure_ascii=False))
        return DONE
    for generation in folder.generations():
        facts, mark = _facts(generation), "*" if generation.id == live else " "
        print(
            f"{mark} {generation.id}  {facts['articles']:,} articles, {facts['passages']:,} "
            f"passages, {facts['bytes'] / 2**20:,.1f} MiB, {_age(facts['age_seconds'])} old, "
            f"{printable(facts['model'])} ({facts['model_sha256'][:12]}), "
            f"{_counted(len(facts['segments']), 'segment')}"
        )
    if last_run is not None:
        print(printable(_told(last_run)))
    for source, count in sources:
        print(f"{count:>9,} {printable(source or 'no outlet known')}")
    for name, count in languages:
        print(f"{count:>9,} in {printable(name or 'no language known')}")
    return DONE


def _facts(generation: Published) -> dict[str, Any]:
    manifest = asdict(generation.manifest)
    manifest["tokens"] = generation.manifest.tokens
    age = datetime.now(UTC) - datetime.fromisoformat(manifest["created"])
    del manifest["files"], manifest["confidence"]
    about = {"age_seconds": max(0, int(age.total_seconds())), "bytes": generation.manifest.size}
    return {"id": generation.id, **manifest, **about}


def _told(run: LastRun) -> str:
    ago = _age(max(0, int(time.time() - run.ended)))
    if run.error is not None:
        return f"the last run failed {ago} ago: {run.error}"
    return (
        f"the last run ended {ago} ago, after {run.seconds:.1f} s: added {run.added}, changed "
        f"{run.changed}, removed {run.removed}, skipped {run.skipped}"
    )


def _age(seconds: int) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} seconds"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _rollback(options: argparse.Namespace, settings: Settings) -> int:
    generation = folder_at(settings.index).roll_back(options.generation)
    print(f"generation {generation.id} is live ({generation.manifest.articles} articles)")
    return DONE
