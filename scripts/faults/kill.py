"""Killing `reindex` at random instants: the old index or the new one, and nothing in between.

Half of the tries kill a first build, half a run over a live index of which a third has changed.
The instant is uniform over the time that such a run takes; but a fifth of the tries wait for the
new generation to appear, or for CURRENT to name it, and kill at once: publishing is the shortest
step, and the one that matters. After each kill, what is there is checked byte by byte, and one more
run has to end with what a run that was never interrupted gives.
"""

import json
import random
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from indexer.embedding.base import Embedder
from indexer.errors import IndexMissing
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from indexer.verify import verify
from scripts.faults.answers import Answers, answers_of, difference
from scripts.faults.stage import PATIENCE, Fault, Stage, run, start
from scripts.lab.corpus import made_articles, revise, with_paragraph_of
from scripts.lab.measure import say, timed
from scripts.lab.table import Row, figure
from search.engine import Searcher

ARTICLES = 80
QUESTIONS = 8
# Passages embedded at a time; by the program's own 1,024 a small corpus would be one piece.
PIECE = 32
# Of so many tries that follow each other, the last ones wait for an entry of the index to change.
ROUND = 20
AIMED = {16: "generations", 17: "generations", 18: "CURRENT", 19: "CURRENT"}
# Seconds between two looks.
LOOK = 0.0003
# Scores depend on which passages were embedded together, by a CPU's bfloat16.
TOLERANCE = 1e-3
# All that may be in an index when nothing writes to it, and how many generations are kept.
ENTRIES = frozenset({"CURRENT", "LOCK", "generations", "last-run.json"})
KEPT = 2

ENDED = "ended before the kill"
BEFORE, AFTER = "killed before publication", "killed after publication"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of run, how long it takes undisturbed, and what is answered before and after it.

    `start` is the index that it begins with, if any.
    """

    name: str
    start: Path | None
    seconds: float
    before: Answers | None
    after: Answers


@dataclass(slots=True)
class Kills:
    """What was found; `saved` of the `embedded` passages were not embedded again."""

    kinds: list[Kind]
    outcomes: Counter[str] = field(default_factory=Counter)
    saved: int = 0
    embedded: int = 0
    failures: list[str] = field(default_factory=list)

    def rows(self) -> list[Row]:
        """The report."""
        return [
            *(
                Row(f"{each.name}, not interrupted", f"{figure(each.seconds)} s")
                for each in self.kinds
            ),
            Row("tries", f"{self.outcomes.total():,}"),
            *(Row(outcome, f"{self.outcomes[outcome]:,}") for outcome in (ENDED, BEFORE, AFTER)),
            Row(
                "passages saved",
                f"{self.saved:,} of {self.embedded:,}",
                "embedded by the killed run, and not again by the next",
            ),
            Row("failures", f"{len(self.failures):,}"),
        ]


def kill(
    tries: int, seed: int, embedder: Embedder, folder: Path, articles: int = ARTICLES
) -> Kills:
    """Kill runs of reindex at random instants; `folder` keeps the index of each failed try."""
    trial = _Trial(Stage(folder, embedder, islice(made_articles(), articles)), embedder)
    kinds = [
        trial.undisturbed("first build", None),
        trial.undisturbed("incremental run", trial.stage.index),
    ]
    instants = random.Random(seed)
    found = Kills(kinds)
    for number in range(1, tries + 1):
        kind = kinds[number % 2]
        instant = instants.uniform(0, kind.seconds)
        entry = AIMED.get((number - 1) % ROUND)
        when = f"when {entry} changed" if entry else f"after {instant:.3f} s"
        about = f"try {number} of {tries}, {kind.name}, killed {when}"
        problems = trial.attempt(kind, entry or instant, found)
        say(f"{about}: {'; '.join(problems) or 'sound'}")
        found.failures += [f"{about}: {problem}" for problem in problems]
        if problems:
            trial.index.rename(folder / f"failed-{number}")
    return found


class _Trial:
    """Articles that were revised since the index of the stage was built, and the index to try."""

    def __init__(self, stage: Stage, embedder: Embedder) -> None:
        self.stage = stage
        self.index = stage.folder / "tried"
        self._embedder = embedder
        self._command = stage.reindex(self.index)
        made = stage.articles
        # As many generations as are kept: the next run has one to remove.
        stage.write([with_paragraph_of(made[0], made[-1])])
        stage.build(embedder)
        third, tenth, another = slice(0, None, 3), slice(1, None, 10), slice(2, None, 10)
        revise(stage.sources, made, changed=third, removed=tenth, renamed=another)
        stage.write(islice(made_articles(), len(made), len(made) + len(made) // 10))
        self._questions = stage.questions(QUESTIONS)

    def undisturbed(self, name: str, begin: Path | None) -> Kind:
        """Run reindex to its end, over a copy of the index at `begin` if there is one."""
        self._begin(begin)
        before = self._answers()
        seconds, _ = timed(run, self._command, PIECE)
        after = self._answers()
        if after is None:
            raise RuntimeError(f"{name}, not interrupted: there is no index")
        return Kind(name, begin, seconds, before, after)

    def _begin(self, begin: Path | None) -> None:
        shutil.rmtree(self.index, ignore_errors=True)
        if begin:
            shutil.copytree(begin, self.index)

    def _answers(self) -> Answers | None:
        """What the live generation answers, if there is one; it must be sound."""
        try:
            generation = IndexFolder(self.index).open_current()
        except IndexMissing:
            return None
        problems = verify(generation, self._embedder)
        if problems:
            raise Fault(f"verify: {'; '.join(problems)}")
        return answers_of(Searcher(LocalIndex(generation), self._embedder), self._questions)

    def attempt(self, kind: Kind, when: float | str, found: Kills) -> list[str]:
        """Kill one run, count it in `found`, run again; returns all that is wrong.

        when: seconds after its start, or the entry of the index that has to change
        """
        self._begin(kind.start)
        live = self._entry("CURRENT")
        with start(self._command, PIECE) as process:
            if isinstance(when, str):
                self._wait_for_entry(when, process)
            else:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(when)
            process.kill()
            _, error = process.communicate()
        published = self._entry("CURRENT") != live
        ended = process.returncode >= 0
        found.outcomes[ENDED if ended else AFTER if published else BEFORE] += 1
        try:
            if process.returncode > 0:
                raise Fault(f"reindex failed before it was killed: {error.strip()}")
            self._compare("after the kill", kind.after if published else kind.before)
            saved = self._saved()
            summary = json.loads(run(self._command, PIECE))
            if not published:
                found.saved += saved
                found.embedded += summary["embedded"]
            self._compare("after the next run", kind.after)
            return list(litter(self.index))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong here is a finding
            return [f"{type(error).__name__}: {error}"]

    def _entry(self, name: str) -> object:
        """What an entry of the index holds: the name of the live generation, or all names."""
        try:
            if name == "CURRENT":
                return (self.index / name).read_bytes()
            names = {entry.name for entry in (self.index / name).iterdir()}
        except FileNotFoundError:
            return None
        return {each for each in names if not each.endswith(".writing")} or None

    def _wait_for_entry(self, name: str, process: subprocess.Popen[str]) -> None:
        before, until = self._entry(name), time.monotonic() + PATIENCE
        while self._entry(name) == before and process.poll() is None and time.monotonic() < until:
            time.sleep(LOOK)

    def _compare(self, when: str, wanted: Answers | None) -> None:
        differs = difference(self._answers(), wanted, TOLERANCE)
        if differs:
            raise Fault(f"{when} {differs}")

    def _saved(self) -> int:
        """Passages that the killed run left, counted in a copy: opening would mend the file."""
        copy = self.stage.folder / "saved"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for file in self.index.glob("embedded.db*"):
            shutil.copy(file, copy)
        with closing(sqlite3.connect(copy / "embedded.db")) as connection:
            try:
                (count,) = connection.execute("SELECT count(*) FROM passages").fetchone()
                return int(count)
            except sqlite3.DatabaseError:
                return 0  # killed before its tables were made


def litter(index: Path) -> Iterator[str]:
    """What is left in an index and should not be, a sentence each."""
    for name in sorted({entry.name for entry in index.iterdir()} - ENTRIES):
        yield f"{name} is left in the index"
    kept = {generation.id: generation for generation in IndexFolder(index).generations()}
    for name in sorted({entry.name for entry in (index / "generations").iterdir()} - set(kept)):
        yield f"generations/{name} is left, and is no published generation"
    for generation in kept.values():
        for problem in generation.damage():
            yield f"a generation is left that is not whole: {problem}"
    if len(kept) > KEPT:
        yield f"{len(kept)} generations are left, not {KEPT}"
