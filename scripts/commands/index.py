"""The commands that write an index and look after it: reindex, verify, stats, rollback."""

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from indexer.settings import Settings
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import Generation
from scripts.commands.build import build
from scripts.commands.terminal import printable, progress_bars
from scripts.status import DONE, FAILED, SKIPPED


def add_index_commands(commands: Any, index: argparse.ArgumentParser) -> None:
    """Add the parsers; `index` is the parent that holds --index."""
    reindex = commands.add_parser(
        "reindex", parents=[index], help="make the index mirror files and folders of articles"
    )
    reindex.add_argument("paths", nargs="+", type=Path, metavar="PATH")
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
    reindex.set_defaults(command=_reindex)
    verify.set_defaults(command=_verify)
    stats.set_defaults(command=_stats)
    rollback.set_defaults(command=_rollback)


def _reindex(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.embedding.embedder import open_embedder
    from indexer.pipeline import Options
    from indexer.reading.fields import KNOWN
    from scripts.commands.summary import summary_lines, write_report

    embedder = open_embedder(settings)
    wanted = Options(
        options.full,
        options.dry_run,
        options.prune,
        options.yes,
        settings.keep,
        options.map or KNOWN,
        options.dates,
    )
    with progress_bars(options.quiet) as progress:
        summary = build(options.paths, settings.index, embedder, progress, wanted)
    report = None if options.dry_run else write_report(settings.index, summary)
    if options.json:
        remarks = [{"location": place, **asdict(each)} for place, each in summary.remarks]
        print(json.dumps({**asdict(summary), "remarks": remarks}, ensure_ascii=False))
    else:
        for line in summary_lines(summary, options.dry_run, report):
            print(printable(line))
    return SKIPPED if any(not each.foreign for each in summary.skipped) else DONE


def _verify(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.embedding.embedder import open_embedder
    from indexer.verify import verify

    folder = IndexFolder(settings.index)
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
    from indexer.storage.parts import open_articles

    folder = IndexFolder(settings.index)
    live = folder.open_current()
    articles = open_articles(live.path)
    sources, languages = articles.sources(), articles.languages()
    if options.json:
        report = {
            "index": str(settings.index),
            "live": live.id,
            "generations": [_facts(generation) for generation in folder.generations()],
            "sources": [{"source": source, "articles": count} for source, count in sources],
            "languages": [{"language": name, "articles": count} for name, count in languages],
        }
        print(json.dumps(report, ensure_ascii=False))
        return DONE
    for generation in folder.generations():
        facts, mark = _facts(generation), "*" if generation.id == live.id else " "
        print(
            f"{mark} {generation.id}  {facts['articles']:,} articles, {facts['passages']:,} "
            f"passages, {facts['bytes'] / 2**20:,.1f} MiB, {_age(facts['age_seconds'])} old, "
            f"{printable(facts['model'])} ({facts['model_sha256'][:12]}), "
            f"{facts['vector_index']} vectors"
        )
    for source, count in sources:
        print(f"{count:>9,} {printable(source or 'no outlet known')}")
    for name, count in languages:
        print(f"{count:>9,} in {printable(name or 'no language known')}")
    return DONE


def _facts(generation: Generation) -> dict[str, Any]:
    manifest = asdict(generation.manifest)
    age = datetime.now(UTC) - datetime.fromisoformat(manifest["created"])
    del manifest["files"], manifest["confidence"]
    about = {"age_seconds": max(0, int(age.total_seconds())), "bytes": generation.manifest.size}
    return {"id": generation.id, **manifest, **about}


def _age(seconds: int) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} seconds"


def _rollback(options: argparse.Namespace, settings: Settings) -> int:
    generation = IndexFolder(settings.index).roll_back(options.generation)
    print(f"generation {generation.id} is live ({generation.manifest.articles} articles)")
    return DONE
