"""Killing `reindex` at random instants: the old index or the new one, and nothing in between.

Half of the tries kill a first build, half a run over a live index of which a third has changed.
The instant is uniform over the time that such a run takes; but a fifth of the tries wait for the
new generation to appear, or for CURRENT to name it, and kill at once: publishing is the shortest
step, and the one that matters. After each kill, what is there is checked byte by byte, and one more
run has to end with what a run that was never interrupted gives.
"""

import random
import shutil
import sqlite3
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from indexer.embedding.base import Embedder
from indexer.errors import IndexMissing
from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from indexer.verify import verify
from scripts.faults.answers import Answers, Fault, answers_of, difference
from scripts.faults.litter import litter
from scripts.lab.commands import PATIENCE, Done, finish, run_reindex, start_reindex
from scripts.lab.process import say
from scripts.lab.questions import collect_questions
from scripts.lab.sources import revise_sources, with_paragraph_of, write_article, write_sources
from scripts.lab.table import Row, figure
from scripts.lab.timing import timed
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
    tries: int = 0
    ended: int = 0
    before: int = 0
    after: int = 0
    saved: int = 0
    embedded: int = 0
    failures: list[str] = field(default_factory=list)

    def rows(self) -> list[Row]:
        """The report."""
        return [
            *(
                Row(f"{kind.name}, not interrupted", f"{figure(kind.seconds)} s")
                for kind in self.kinds
            ),
            Row("tries", f"{self.tries:,}"),
            Row("ended before the kill", f"{self.ended:,}"),
            Row("killed before publication", f"{self.before:,}"),
            Row("killed after publication", f"{self.after:,}"),
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
    stage = _Stage(embedder, folder, articles)
    kinds = [
        stage.undisturbed("first build", None),
        stage.undisturbed("incremental run", stage.old),
    ]
    instants = random.Random(seed)
    found = Kills(kinds)
    for number in range(1, tries + 1):
        kind = kinds[number % 2]
        instant = instants.uniform(0, kind.seconds)
        entry = AIMED.get((number - 1) % ROUND)
        when = f"when {entry} changed" if entry else f"after {instant:.3f} s"
        about = f"try {number} of {tries}, {kind.name}, killed {when}"
        problems = stage.attempt(kind, entry or instant, found)
        say(f"{about}: {'; '.join(problems) or 'sound'}")
        found.failures += [f"{about}: {problem}" for problem in problems]
        if problems:
            stage.index.rename(folder / f"failed-{number}")
    return found


class _Stage:
    """The sources, before and after they were revised, and the index that is tried on."""

    def __init__(self, embedder: Embedder, folder: Path, articles: int) -> None:
        self._embedder = embedder
        self._folder = folder
        self._sources = folder / "articles"
        self.old = folder / "old"
        self.index = folder / "index"
        say("building the indexes to compare with")
        made = write_sources(self._sources, articles)
        reindex([self._sources], self.old, embedder, None)
        # As many generations as are kept: the next run has one to remove.
        write_article(self._sources, with_paragraph_of(made[0], made[-1]))
        reindex([self._sources], self.old, embedder, None)
        revise_sources(self._sources, made)
        old = IndexFolder(self.old).open_current()
        self._questions = collect_questions(old, QUESTIONS, None).texts

    def undisturbed(self, name: str, start: Path | None) -> Kind:
        """Run reindex to its end, over the index at `start` if there is one."""
        before = self._answers() if self._begin(start) else None
        seconds, done = timed(self._run)
        after = self._answers()
        if done.problem or after is None:
            raise RuntimeError(f"{name}, not interrupted: reindex {done.problem}")
        return Kind(name, start, seconds, before, after)

    def _begin(self, start: Path | None) -> bool:
        shutil.rmtree(self.index, ignore_errors=True)
        if start:
            shutil.copytree(start, self.index)
        return start is not None

    def _run(self) -> Done:
        return run_reindex(self._sources, self.index, piece=PIECE)

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
        process = start_reindex(self._sources, self.index, piece=PIECE)
        if isinstance(when, str):
            self._wait_for_entry(when, process)
        else:
            with suppress(subprocess.TimeoutExpired):
                process.wait(when)
        process.kill()
        done = finish(process)
        found.tries += 1
        published = self._entry("CURRENT") != live
        try:
            if done.status == 0:
                found.ended += 1
            elif done.status > 0:
                raise Fault(f"reindex failed before it was killed: {done.error}")
            elif published:
                found.after += 1
            else:
                found.before += 1
            self._compare("after the kill", kind.after if published else kind.before)
            saved = self._saved()
            done = self._run()
            if done.problem:
                raise Fault(f"the next reindex {done.problem}")
            if not published:
                found.saved += saved
                found.embedded += done.summary["embedded"]
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
        answers = self._answers()
        if answers is None or wanted is None:
            if answers != wanted:
                raise Fault(f"{when} there is {'no' if answers is None else 'an'} index")
            return
        differs = difference(answers, wanted, TOLERANCE)
        if differs:
            raise Fault(f"{when} {differs}")

    def _saved(self) -> int:
        """Passages that the killed run left, counted in a copy: opening would mend the file."""
        copy = self._folder / "saved"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for file in self.index.glob("embedded.db*"):
            shutil.copy(file, copy)
        connection = sqlite3.connect(copy / "embedded.db")
        try:
            (count,) = connection.execute("SELECT count(*) FROM passages").fetchone()
            return int(count)
        except sqlite3.DatabaseError:
            return 0  # killed before its tables were made
        finally:
            connection.close()
