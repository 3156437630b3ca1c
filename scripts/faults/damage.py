"""Damaging one file of a published index at random: it is noticed, or it changes no answer.

A bit or a byte is altered, or the file is cut short. `verify` must tell, every time. Opening the
index, asking it questions and reading what is found must be refused, or give what the intact index
gives. That is tried in a process of its own, since what reads a damaged file might not survive it.
"""

import random
import shutil
import signal
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path, PurePath

from indexer.embedding.base import Embedder
from indexer.embedding.embedder import open_embedder
from indexer.errors import ArticleSearchError
from indexer.settings import Settings
from indexer.storage.filenames import MANIFEST
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from indexer.storage.manifest import checked_when_read
from indexer.verify import verify
from scripts.faults.answers import Answers, answers_of, difference
from scripts.faults.stage import Stage
from scripts.lab.corpus import made_articles
from scripts.lab.measure import say
from scripts.lab.table import Row
from search.engine import Searcher

ARTICLES = 200
QUESTIONS = 10
# So many times as often as the others is damaged what is not checked whole when it is opened.
AS_OFTEN = 5
# Seconds that all questions may take together; the process that takes longer dies.
PATIENCE = 120

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
    """What came of each damage, by the file: two outcomes a try, of verifying and of reading."""

    files: dict[str, Counter[str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def count(self, file: str, about: str, outcomes: Sequence[Damage]) -> None:
        """Add one try."""
        for outcome, details in outcomes:
            self.files.setdefault(file, Counter())[outcome] += 1
            if outcome in FAILURES:
                self.failures.append(f"{about}: {outcome}: {details}")

    @property
    def outcomes(self) -> Counter[str]:
        """Those of all files."""
        return sum(self.files.values(), Counter())

    def rows(self) -> list[Row]:
        """The report."""
        rows = [Row("tries", f"{self.outcomes.total() // 2:,}")]
        rows += [Row(outcome, f"{self.outcomes[outcome]:,}") for outcome in OUTCOMES]
        for file, counts in sorted(self.files.items()):
            read = ", ".join(f"{counts[o]} {o}" for o in OUTCOMES[2:] if counts[o])
            rows.append(Row(f"of them in {file}", f"{counts.total() // 2:,}", read))
        return rows


def damage(
    tries: int, seed: int, embedder: Embedder, folder: Path, articles: int = ARTICLES
) -> Damages:
    """Damage copies of an index, one file of each copy; all files have their turn."""
    stage = Stage(folder, embedder, islice(made_articles(), articles))
    live, copy = stage.live, folder / "damaged"
    questions = stage.questions(QUESTIONS)
    often = [name for name in live.manifest.files if checked_when_read(name)]
    names = [MANIFEST, *live.manifest.files, *often * (AS_OFTEN - 1)]
    files = [name for name in names if (live.path / name).stat().st_size]
    choices = random.Random(seed)
    found = Damages()
    reader = _reading_process()
    wanted = reader.submit(_read_intact, stage.index, questions).result()
    for number in range(tries):
        if number % len(files) == 0:
            choices.shuffle(files)
        name = files[number % len(files)]
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(stage.index, copy)
        what = alter(copy / "generations" / live.id / name, choices)
        about = f"try {number + 1} of {tries}, {name}, {what}"
        outcomes = [_verified(copy, embedder)]
        try:
            outcomes.append(reader.submit(_read, copy, questions, wanted).result())
        except BrokenProcessPool as error:
            outcomes.append((DIED, repr(error)))
            reader = _reading_process()
        say(f"{about}: {', '.join(outcome for outcome, _ in outcomes)}")
        found.count(_kind_of(name), about, outcomes)
    reader.shutdown()
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


def _reading_process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


@cache
def _embedder() -> Embedder:
    return open_embedder(Settings.from_environment())


def _open(index: Path) -> Searcher:
    return Searcher(LocalIndex(IndexFolder(index).open_current()), _embedder())


def _read_intact(index: Path, questions: Sequence[str]) -> Answers:
    return answers_of(_open(index), questions)


def _read(index: Path, questions: Sequence[str], wanted: Answers) -> Damage:
    """What comes of opening and asking a damaged index."""
    signal.alarm(PATIENCE)
    refused = AT_OPENING
    try:
        searcher = _open(index)
        refused = WHEN_READ
        differs = difference(answers_of(searcher, questions), wanted, tolerance=0)
    except ArticleSearchError as error:
        return refused, str(error)
    except BaseException as error:  # noqa: BLE001 - a panic of tantivy is no Exception
        return CRASHED, repr(error)
    finally:
        signal.alarm(0)
    return (WRONG, differs) if differs else (UNAFFECTED, "")
