"""This project and its peers, side by side: the same passages, model, threads and machine.

Each contender indexes the passages of the same articles, and is asked the same questions, in a
process of its own, one after the other. Peers are installed into environments of their own. One
that cannot be installed or fails is a row that says so.
"""

import argparse
import json
import random
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from indexer.cores import usable_cores
from indexer.embedding.model import find_model
from indexer.errors import InputError
from indexer.settings import Settings
from indexer.storage.folder import IndexFolder
from scripts.benchmarks.peers.environments import REQUIREMENTS, Environments, PeerFailed
from scripts.benchmarks.peers.ours import (
    Judged,
    Measured,
    export_passages,
    in_process,
    judge,
    over_http,
)
from scripts.lab.build import measured_build, prepare_model
from scripts.lab.data import read_records
from scripts.lab.machine import machine_table
from scripts.lab.measure import isolated, kept, say
from scripts.lab.program import benchmark
from scripts.lab.questions import collect_questions
from scripts.lab.table import Row, Table, figure, mebibytes
from search.evaluation import find_corpus, passage_measures, read_questions

SEED = 5
# Passages of an article of news_quiz_dev.
PASSAGES_AN_ARTICLE = 16
# Questions: to warm up, for one client, for eight.
WARM_UP, ONE, MANY = 20, 200, 400
# This project's rows, and what they add to every query over HTTP. As peers are asked: for passages,
# which nobody reads; in the last row the first hit is read, as it is by default.
OURS = {
    "article-search, in process": None,
    "article-search, over HTTP": "&group=passage&reader=off",
    "article-search, over HTTP, read": "&group=passage",
}
HEADER = (
    "",
    "index",
    "passages/s",
    "disk a passage",
    "p50, 1 client",
    "searches/s, 8 clients",
    "RR@10 by passage",
    "peak memory",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the tables; returns the exit status."""
    program = benchmark("scripts.benchmarks.peers", "Measure this project beside its peers.")
    program.path("folder", metavar="BEIR_DIR")
    program.path("--environment", "where the peers are installed; made if missing")
    program.number("--passages", 10_000, "about how many; articles that are judged come first", 1)
    program.add_argument(
        "--peers", nargs="*", choices=REQUIREMENTS, default=list(REQUIREMENTS), help="which ones"
    )
    program.path("--keep", "work in this folder and leave it; what is measured there is not again")
    return program.run(_report, arguments)


def _report(options: argparse.Namespace) -> Iterator[Table | str]:
    if options.peers and options.environment is None:
        raise InputError("name a folder for the peers' installations by --environment")
    yield machine_table(Row("threads of each contender", str(usable_cores())))
    with nullcontext(options.keep) if options.keep else TemporaryDirectory() as name:
        folder = Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        index = folder / "ours"
        seconds = kept(folder / "build.json", lambda: _build(options, folder))
        texts = isolated(export_passages, index)
        say("judging")
        judged = isolated(judge, index, read_questions(options.folder))
        job = _job(folder, texts, judged)
        contenders = {name: _ours(name, folder, job, seconds) for name in OURS}
        yield (
            f"{len(texts):,} passages, {len(judged.questions)} judged questions. RR@10 of "
            "article-search as `evaluate` has it, where passages that follow each other share a "
            f"place: {judged.own:.3f}"
        )
        for peer in options.peers:
            contenders[peer] = _peer(Environments(options.environment), peer, folder, job)
    yield Table(HEADER, [_cells(*each, len(texts), judged) for each in contenders.items()])
    # Not one version of each: environments differ.
    versions = {
        pair
        for each in contenders.values()
        if isinstance(each, Measured)
        for pair in each.versions.items()
    }
    yield Table(("peers' library", "version"), sorted(versions))


def _write_part(beir: Path, passages: int, file: Path) -> None:
    """Write articles of about as many passages as asked for, those that are judged first."""
    records = list(read_records(find_corpus(beir)))
    judged = {each for question in read_questions(beir) for each in question.relevant}
    random.Random(SEED).shuffle(records)
    records.sort(key=lambda each: str(each["_id"]) not in judged)
    with file.open("w", encoding="utf-8") as stream:
        for each in records[: -(-passages // PASSAGES_AN_ARTICLE)]:
            stream.write(json.dumps(each) + "\n")


def _job(folder: Path, texts: Sequence[str], judged: Judged) -> dict[str, Any]:
    """What every contender does; questions are asked once each."""
    passages = folder / "passages.jsonl"
    passages.write_text("".join(json.dumps(text) + "\n" for text in texts), "utf-8")
    generation = IndexFolder(folder / "ours").open_current()
    made = isolated(collect_questions, generation, WARM_UP + ONE + MANY, None).texts
    return {
        "passages": str(passages),
        "model": str(find_model(Settings.from_environment().model).path),
        "threads": usable_cores(),
        "warm_up": made[:WARM_UP],
        "one": made[WARM_UP : WARM_UP + ONE],
        "many": made[WARM_UP + ONE :],
        "judged": [{"id": each.id, "text": each.text} for each in judged.questions],
    }


def _build(options: argparse.Namespace, folder: Path) -> float:
    prepare_model()
    _write_part(options.folder, options.passages, folder / "corpus.jsonl")
    say("indexing, ours")
    return measured_build(folder / "corpus.jsonl", folder / "ours").seconds


def _ours(name: str, folder: Path, job: dict[str, Any], seconds: float) -> Measured | PeerFailed:
    def measure() -> dict[str, Any]:
        say(name)
        options = OURS[name]
        if options is None:
            return asdict(isolated(in_process, folder / "ours", job))
        return asdict(isolated(over_http, folder / "ours", job, options))

    files = IndexFolder(folder / "ours").open_current().manifest.files.values()
    found = Measured(**kept(folder / f"{name.replace(' ', '-')}.json", measure))
    return replace(found, index_seconds=seconds, disk=sum(size for size, _ in files))


def _peer(
    environments: Environments, peer: str, folder: Path, job: dict[str, Any]
) -> Measured | PeerFailed:
    job_file, result_file = folder / f"{peer}.job.json", folder / f"{peer}.json"
    if not result_file.exists():
        say(peer)
        files = folder / peer
        shutil.rmtree(files, ignore_errors=True)
        files.mkdir()
        job_file.write_text(json.dumps({**job, "folder": str(files)}), "utf-8")
        try:
            environments.run(peer, job_file, result_file, job["threads"])
        except PeerFailed as error:
            return error
    return Measured(**json.loads(result_file.read_text("utf-8")))


def _cells(name: str, measured: Measured | PeerFailed, passages: int, judged: Judged) -> list[str]:
    """A row under `HEADER`."""
    if isinstance(measured, PeerFailed):
        return [name, str(measured), *[""] * (len(HEADER) - 2)]
    score = "as above"
    if measured.ranked:
        run = {
            question: {str(number): 1 / rank for rank, number in enumerate(numbers, start=1)}
            for question, numbers in measured.ranked.items()
        }
        qrels = {
            question: dict.fromkeys(map(str, numbers), 1)
            for question, numbers in judged.relevant.items()
        }
        score = f"{passage_measures(qrels, run)['RR@10'].mean:.3f}"
    return [
        name,
        f"{figure(measured.index_seconds)} s",
        figure(passages / measured.index_seconds),
        f"{figure(measured.disk / passages)} B",
        f"{figure(float(np.median(measured.milliseconds)))} ms",
        figure(measured.rate),
        score,
        mebibytes(measured.memory),
    ]


if __name__ == "__main__":
    sys.exit(main())
