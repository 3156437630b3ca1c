"""Damaging one file of a published index at random: it is noticed, or it changes no answer.

A bit or a byte is altered, or the file is cut short. `verify` must tell, every time. Opening the
index, asking it questions and reading what is found must be refused, or give what the intact index
gives. That is tried in a process of its own, since what reads a damaged file might not survive it.
"""

import os
import random
import shutil
import signal
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path, PurePath

from indexer.embedding.base import Embedder
from indexer.embedding.embedder import open_embedder
from indexer.errors import ArticleSearchError
from indexer.pipeline import reindex
from indexer.settings import Settings
from indexer.storage.filenames import MANIFEST, TOKENS
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from indexer.verify import verify
from scripts.faults.answers import Answers, answers_of, difference
from scripts.lab.process import say
from scripts.lab.questions import collect_questions
from scripts.lab.sources import write_sources
from scripts.lab.table import Row
from search.engine import Searcher

ARTICLES = 200
QUESTIONS = 10
# Damaged more often than the others: the only one that is not checked whole when it is opened.
CHECKED_WHEN_READ, AS_OFTEN = TOKENS, 5
# Seconds that all questions may take together.
PATIENCE = 120.0

FOUND, MISSED = "found by verify", "NOT FOUND BY VERIFY"
AT_OPENING, WHEN_READ, UNAFFECTED = "refused at opening", "refused when read", "answers unaffected"
WRONG, CRASHED, DIED = "WRONG ANSWERS", "OTHER EXCEPTIONS", "PROCESSES THAT DIED"
OUTCOMES = (FOUND, MISSED, AT_OPENING, WHEN_READ, UNAFFECTED, WRONG, CRASHED, DIED)
# What must never be.
FAILURES = (MISSED, WRONG, CRASHED, DIED)

Damage = tuple[str, str]
"""An outcome, and its details."""


@dataclass(slots=True)
class Damages:
    """What came of each damage, counted by outcome and by the file."""

    tries: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    files: dict[str, Counter[str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def count(self, file: str, about: str, outcomes: Sequence[Damage]) -> None:
        """Add one try."""
        self.tries += 1
        of_file = self.files.setdefault(file, Counter())
        for outcome, details in outcomes:
            self.outcomes[outcome] += 1
            of_file[outcome] += 1
            if outcome in FAILURES:
                self.failures.append(f"{about}: {outcome}: {details}")

    def rows(self) -> list[Row]:
        """The report."""
        return [
            Row("tries", f"{self.tries:,}"),
            *(Row(outcome, f"{self.outcomes[outcome]:,}") for outcome in OUTCOMES),
            *(
                Row(
                    f"of them in {file}",
                    f"{counts[FOUND] + counts[MISSED]:,}",
                    ", ".join(f"{counts[o]} {o}" for o in OUTCOMES[2:] if counts[o]),
                )
                for file, counts in sorted(self.files.items())
            ),
        ]


def damage(
    tries: int, seed: int, embedder: Embedder, folder: Path, articles: int = ARTICLES
) -> Damages:
    """Damage copies of an index, one file of each copy; all files have their turn."""
    say("building the index to damage")
    intact, copy = folder / "intact", folder / "damaged"
    write_sources(folder / "articles", articles)
    reindex([folder / "articles"], intact, embedder, None)
    generation = IndexFolder(intact).open_current()
    questions = collect_questions(generation, QUESTIONS, None).texts
    names = [MANIFEST, *generation.manifest.files]
    names += [CHECKED_WHEN_READ] * (AS_OFTEN - 1)
    files = [name for name in names if (generation.path / name).stat().st_size]
    choices = random.Random(seed)
    found = Damages()
    with _Reader(intact, questions) as reader:
        for number in range(tries):
            if number % len(files) == 0:
                choices.shuffle(files)
            name = files[number % len(files)]
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(intact, copy)
            what = alter(copy / "generations" / generation.id / name, choices)
            about = f"try {number + 1} of {tries}, {name}, {what}"
            outcomes = [_verified(copy, embedder), reader.read(copy)]
            say(f"{about}: {', '.join(outcome for outcome, _ in outcomes)}")
            found.count(_kind_of(name), about, outcomes)
    return found


def alter(file: Path, choices: random.Random) -> str:
    """Flip a bit, replace a byte or cut a file, somewhere; returns what was done."""
    content = bytearray(file.read_bytes())
    kind, at = choices.choice(("bit", "byte", "cut")), choices.randrange(len(content))
    if kind == "cut":
        del content[at:]
    else:
        content[at] ^= 1 << choices.randrange(8) if kind == "bit" else choices.randrange(1, 256)
    file.write_bytes(content)
    return f"{kind} at {at}"


def _kind_of(name: str) -> str:
    """The name of a file, without the random id that tantivy gives its files."""
    path = PurePath(name)
    return str(path.with_stem("*")) if len(path.stem) >= 32 else name


def _verified(index: Path, embedder: Embedder) -> Damage:
    folder = IndexFolder(index)
    try:
        problems = verify(folder.describe(folder.current_id()), embedder)
    except ArticleSearchError as error:
        problems = [str(error)]
    except Exception as error:  # noqa: BLE001 - whatever else it raises is a finding
        return CRASHED, f"verify: {error!r}"
    return (FOUND, problems[0]) if problems else (MISSED, "verify finds nothing")


class _Reader:
    """A process that opens indexes and searches them; it is replaced when it dies."""

    def __init__(self, intact: Path, questions: Sequence[str]) -> None:
        self._questions = questions
        self._start()
        self._wanted = self._pool.submit(_read_intact, intact, questions).result(PATIENCE)

    def __enter__(self) -> "_Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def _start(self) -> None:
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        self._pid = self._pool.submit(os.getpid).result(PATIENCE)

    def read(self, index: Path) -> Damage:
        """What comes of opening and asking a damaged index."""
        try:
            return self._pool.submit(_read, index, self._questions, self._wanted).result(PATIENCE)
        except (BrokenProcessPool, TimeoutError) as error:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._pool.shutdown()
            self._start()
            return DIED, repr(error)


@cache
def _embedder() -> Embedder:
    return open_embedder(Settings.from_environment())


def _read_intact(index: Path, questions: Sequence[str]) -> Answers:
    return answers_of(
        Searcher(LocalIndex(IndexFolder(index).open_current()), _embedder()), questions
    )


def _read(index: Path, questions: Sequence[str], wanted: Answers) -> Damage:
    opened = False
    try:
        searcher = Searcher(LocalIndex(IndexFolder(index).open_current()), _embedder())
        opened = True
        differs = difference(answers_of(searcher, questions), wanted, tolerance=0)
    except ArticleSearchError as error:
        return WHEN_READ if opened else AT_OPENING, str(error)
    except BaseException as error:  # noqa: BLE001 - a panic of tantivy is no Exception
        return CRASHED, repr(error)
    return (WRONG, differs) if differs else (UNAFFECTED, "")
