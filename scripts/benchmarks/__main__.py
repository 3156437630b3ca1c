"""How fast this project is on this machine, how much memory it takes and how large an index is.

Each measure runs in processes of its own, one after the other; progress goes to stderr. Run it on a
quiet machine: the load average before is in the table.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import Generation
from scripts.benchmarks.embedding import QUESTIONS as EMBEDDED_QUESTIONS
from scripts.benchmarks.embedding import measure_embedding
from scripts.benchmarks.serving import QUESTIONS as HTTP_QUESTIONS
from scripts.benchmarks.serving import measure_http, measure_search, measure_starts
from scripts.benchmarks.size import build_rows, size_rows
from scripts.benchmarks.vectors import HEADER, compare_stores
from scripts.lab.build import measured_build, prepare_model
from scripts.lab.corpus import write_corpus
from scripts.lab.machine import describe_machine
from scripts.lab.measure import isolated, say
from scripts.lab.program import benchmark, working_folder
from scripts.lab.questions import Questions, collect_questions
from scripts.lab.table import MEASURES, Row, Table

# Questions searched in process, and those asked before them to warm up.
SEARCHED, WARM_UP = 300, 30
# Questions in the comparison of vector stores.
COMPARED = 200


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything and print the tables; returns the exit status."""
    program = benchmark("scripts.benchmarks", "Measure speed, memory and size on this machine.")
    program.number("--passages", 100_000, "size of the corpus to make", least=1)
    program.number("--texts", 512, "texts embedded by both programs", least=1)
    program.path("--corpus", "articles to index instead of made ones (used whole)", metavar="PATH")
    program.questions()
    program.path("--keep", "keep the index there; one that is there is measured, and none is built")
    return program.run(_report, arguments)


def _report(options: argparse.Namespace) -> Iterator[Table | str]:
    machine = describe_machine()
    with working_folder() as folder:
        prepare_model()
        index = options.keep or folder / "index"
        about, built = _index(options, folder, index)
        generation = IndexFolder(index).open_current()
        needed = WARM_UP + SEARCHED + HTTP_QUESTIONS
        questions = isolated(collect_questions, generation, needed, options.questions)
        # Those of a file come first, so that they are measured; others serve to warm up.
        texts = questions.texts
        searched, served, warm_up = texts[:SEARCHED], texts[SEARCHED:-WARM_UP], texts[-WARM_UP:]
        say("embedding, ours and sentence-transformers in turn")
        embedding = isolated(
            measure_embedding, generation, options.texts, texts[:EMBEDDED_QUESTIONS]
        )
        say("searching in process")
        rows = [
            *machine,
            *embedding,
            _corpus(generation, options.passages, about),
            *built,
            *size_rows(generation),
            Row("questions", f"{len(texts):,} distinct", _origin(questions, options)),
            *isolated(measure_search, index, warm_up, searched),
            *measure_http(index, served),
            *measure_starts(index, searched[0]),
        ]
        yield Table(MEASURES, rows)
        compared = isolated(compare_stores, generation, texts[:COMPARED])
        smaller = "Vector stores are not compared: the index is smaller than the smallest size."
        yield Table(HEADER, compared) if compared else smaller


def _index(options: argparse.Namespace, folder: Path, index: Path) -> tuple[str, list[Row]]:
    """Build the index, unless the kept one is there; what it holds, and the rows of building it."""
    if (index / "CURRENT").exists():
        say(f"measuring the index in {index}")
        return f"the index kept in {index}; not built by this run", []
    if options.corpus:
        corpus, about = options.corpus, f"articles of {options.corpus}"
    else:
        say(f"making articles of about {options.passages:,} passages")
        corpus = write_corpus(folder, options.passages)
        about = "made articles (scripts/lab/corpus.py)"
    say(f"indexing {corpus}")
    return about, build_rows(measured_build(corpus, index))


def _corpus(generation: Generation, asked: int, about: str) -> Row:
    manifest = generation.manifest
    fewer = f"; fewer than the {asked:,} asked for" if manifest.passages < asked else ""
    return Row(
        "corpus",
        f"{manifest.articles:,} articles, {manifest.passages:,} passages{fewer}",
        f"{about}; {manifest.tokens / manifest.passages:.0f} tokens a passage; "
        f"vectors in a {manifest.segments[0].vector_index} index",
    )


def _origin(questions: Questions, options: argparse.Namespace) -> str:
    made = len(questions.texts) - questions.from_file
    given = f"{questions.from_file} of {options.questions}, " if options.questions else ""
    return f"{given}{made} made of the words of a sentence of the index; each asked once a measure"


if __name__ == "__main__":
    sys.exit(main())
