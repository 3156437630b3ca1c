"""How well misspelled words are corrected: well-spelled questions, and names with random edits.

Each folder of DATA is in the layout of BEIR: `corpus.jsonl.gz` and `queries.jsonl.gz`. Editors
wrote the questions of news_quiz_dev, so every correction of these is a false one; some words of the
others are misspelled. A question asked of a corpus that it was not written for has many words that
the corpus lacks, nearly all of them spelled well.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.analysis import analyzer
from indexer.article import Article
from indexer.embedding.model import find_model
from indexer.embedding.tokenizer import PassageTokenizer
from indexer.errors import InputError
from indexer.settings import DEFAULT_MODEL
from indexer.storage.suggestions import Suggestions, SuggestionWriter
from indexer.storage.union import UnionSuggestions
from scripts.lab.data import read_records
from scripts.lab.measure import say, timed
from scripts.lab.program import benchmark
from scripts.lab.table import Table
from search.question.spelling import LONG, SHORTEST, Correction, Speller

CORPORA = ("news_quiz_dev", "scifact", "xquad_en")
SEED = 7
NAMES = 1000
# Articles that a name is in at least.
NAMED_IN = 3
WELL_SPELLED = ("corpus", "questions of", "questions", "corrected", "distinct corrections")
MISSPELLED = ("names of", "edits", "names", "restored", "read otherwise", "left")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Corpus:
    """The words of a corpus, and the questions that were written for it."""

    speller: Speller
    terms: UnionSuggestions
    stems: frozenset[str]
    questions: list[str]

    def corrections(self, question: str) -> list[Correction]:
        """What a search of this corpus would read otherwise."""
        return self.speller.corrections(question, self.terms.written, self._lacks)

    def _lacks(self, word: str) -> bool:
        return self.stems.isdisjoint(analyzer().analyze(word))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both tables, and every correction of a question by its own corpus."""
    program = benchmark("scripts.benchmarks.spelling", "Measure how misspelled words are read.")
    program.path("data", metavar="DATA")
    return program.run(_report, arguments)


def _report(options: argparse.Namespace) -> Iterator[Table | str]:
    if not (options.data / CORPORA[0]).is_dir():
        raise InputError(f"there is no {options.data / CORPORA[0]}")
    tokenizer = find_model(DEFAULT_MODEL).path / "tokenizer.json"
    known = PassageTokenizer.open(tokenizer, 256, "", "").whole_words
    with tempfile.TemporaryDirectory() as folder:
        corpora = {
            name: read_corpus(options.data / name, Path(folder) / name, known) for name in CORPORA
        }
        corrected = list(well_spelled(corpora))
        yield Table(WELL_SPELLED, [row for row, _ in corrected])
        yield Table(MISSPELLED, misspelled(corpora[CORPORA[0]]))
    yield "\n".join(
        f"{name}: {', '.join(pairs) or 'none'}"
        for (name, asked, *_), pairs in corrected
        if name == asked
    )


def read_corpus(data: Path, file: Path, known: frozenset[str]) -> Corpus:
    """Count the words of a corpus as an index does, into a file."""
    writer = SuggestionWriter(file)
    for number, each in enumerate(read_records(data / "corpus.jsonl.gz")):
        writer.add(number, Article(each["_id"], each.get("title", ""), each["text"]), [])
    writer.finish()
    terms = UnionSuggestions([Suggestions(file)])
    words, articles = terms.vocabulary()
    stems = frozenset(stem for word in words for stem in analyzer().analyze(word))
    questions = [each["text"] for each in read_records(data / "queries.jsonl.gz")]
    return Corpus(Speller(words, articles, known), terms, stems, questions)


def well_spelled(corpora: dict[str, Corpus]) -> Iterator[tuple[list[str], list[str]]]:
    """For each corpus and the questions of each: a table row, and the distinct corrections."""
    for name, corpus in corpora.items():
        for asked, other in corpora.items():
            found = [corpus.corrections(question) for question in other.questions]
            pairs = sorted({f"{each.written} → {each.read}" for some in found for each in some})
            count = sum(map(bool, found))
            share = f"{count} ({count / len(found):.1%})"
            yield [name, asked, str(len(found)), share, str(len(pairs))], pairs


def misspelled(corpus: Corpus) -> list[tuple[str, ...]]:
    """How many names of a corpus are restored after random edits, as table rows."""
    words, articles = corpus.terms.vocabulary()
    names = [
        word
        for word, count in zip(words, articles.tolist(), strict=True)
        if count >= NAMED_IN and len(word) >= SHORTEST and set(word) <= set(LETTERS)
        if corpus.terms.written(word)[0].isupper()
    ]
    rows: list[tuple[str, ...]] = []
    took: list[float] = []
    for label, least, most, edits in (
        (f"{SHORTEST} letters or more", SHORTEST, sys.maxsize, 1),
        (f"{SHORTEST} to {LONG - 1} letters", SHORTEST, LONG - 1, 1),
        (f"{LONG} letters or more", LONG, sys.maxsize, 1),
        (f"{LONG} letters or more", LONG, sys.maxsize, 2),
    ):
        random = np.random.default_rng(SEED)
        sample = random.permutation([name for name in names if least <= len(name) <= most])
        outcomes: Counter[bool | None] = Counter()
        for name in sample[:NAMES].tolist():
            edited = name
            for _ in range(edits):
                edited = _edited(edited, random)
            seconds, found = timed(corpus.corrections, edited.capitalize())
            took.append(seconds)
            outcomes[found[0].read == corpus.terms.written(name) if found else None] += 1
        shares = (f"{outcomes[each] / outcomes.total():.1%}" for each in (True, False, None))
        rows.append((label, str(edits), str(outcomes.total()), *shares))
    say(f"a word of {len(words):,}: median {np.median(took) * 1e3:.2f} ms")
    return rows


def _edited(word: str, random: np.random.Generator) -> str:
    """A letter other than the first replaced, added, removed or swapped with the next."""
    while True:
        at = int(random.integers(1, len(word)))
        letter = LETTERS[random.integers(len(LETTERS))]
        edited = (
            word[:at] + letter + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
        )[random.integers(4)]
        if edited != word:
            return edited


if __name__ == "__main__":
    sys.exit(main())
