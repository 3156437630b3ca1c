"""benchmark: how fast this project is on this machine, as a Markdown table on stdout.

    python -m scripts.benchmarks [--passages 100000] [--texts 512] [--corpus PATH] [--keep DIR]

Each measure runs in processes of its own, one after the other; progress goes to stderr. Run it on a
quiet machine: the load average before is in the table.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import ArticleSearchError
from indexer.storage.folder import Generation, IndexFolder
from scripts.benchmarks.embedding import QUESTIONS as EMBEDDED_QUESTIONS
from scripts.benchmarks.embedding import measure_embedding
from scripts.benchmarks.index import build_index, build_rows, prepare_model, size_rows
from scripts.benchmarks.search import measure_search
from scripts.benchmarks.serving import QUESTIONS as HTTP_QUESTIONS
from scripts.benchmarks.serving import measure_http, measure_starts
from scripts.benchmarks.vectors import HEADER, compare_scans
from scripts.lab.corpus import write_corpus
from scripts.lab.process import describe_machine, isolated, say
from scripts.lab.questions import Questions, collect_questions
from scripts.lab.table import Row, table

DONE, FAILED, USAGE = 0, 1, 2
# Questions searched in process, and those asked before them to warm up.
SEARCHED, WARM_UP = 300, 30
# Questions in the comparison of vector stores.
COMPARED = 200


@dataclass(frozen=True, slots=True)
class Corpus:
    """What was indexed, in words, and the rows that only a fresh index has."""

    about: str
    rows: list[Row]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything and print the tables; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.passages < 1 or options.texts < 1:
        parser.error("--passages and --texts must be at least 1")
    # For every process started from here: nothing is fetched, and no measure waits for a network.
    os.environ["HF_HUB_OFFLINE"] = "1"
    # As `article-search` sets it: a search in process is one of its searches.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            print(_report(options, Path(folder)))
    except ArticleSearchError as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return FAILED
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmark", description="Measure speed, memory and size on this machine."
    )
    parser.add_argument(
        "--passages", type=int, default=100_000, metavar="N", help="size of the corpus to make"
    )
    parser.add_argument(
        "--texts", type=int, default=512, metavar="N", help="texts embedded by both programs"
    )
    parser.add_argument(
        "--corpus",
        type=Path,
        metavar="PATH",
        help="articles to index instead of made ones (used whole)",
    )
    parser.add_argument(
        "--questions",
        type=Path,
        metavar="FILE",
        help="questions, one a line, or a BEIR queries.jsonl[.gz]; more are made where needed",
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="keep the index there; if one is there, measure it as it is and build none",
    )
    parser.add_argument(
        "--markdown", action="store_true", help="do not pad the cells: for pasting into a document"
    )
    return parser


def _report(options: argparse.Namespace, folder: Path) -> str:
    machine = describe_machine()
    say("opening the model")
    isolated(prepare_model)
    index: Path = options.keep or folder / "index"
    corpus = _index(options, folder, index)
    generation = IndexFolder(index).open_current()
    needed = WARM_UP + SEARCHED + HTTP_QUESTIONS
    questions = isolated(collect_questions, generation, needed, options.questions)
    rows = [
        *(Row(name, value) for name, value in machine),
        *_embedding(generation, options.texts, questions),
        Row("corpus", *_corpus(corpus, generation, options.passages)),
        *corpus.rows,
        *size_rows(generation),
        Row("questions", f"{len(questions.texts):,} distinct", _origin(questions, options)),
        *_searches(index, questions),
    ]
    cells = [(row.measure, row.value, row.how) for row in rows]
    return "\n".join(
        [
            table(("measure", "figure", "how"), cells, not options.markdown),
            "",
            _scans(generation, questions, not options.markdown),
        ]
    )


def _index(options: argparse.Namespace, folder: Path, index: Path) -> Corpus:
    """Build the index, unless the kept one is there."""
    if (index / "CURRENT").exists():
        say(f"measuring the index in {index}")
        return Corpus(f"the index kept in {index}; not built by this run", [])
    if options.corpus:
        corpus, about = options.corpus, f"articles of {options.corpus}"
    else:
        say(f"making articles of about {options.passages:,} passages")
        corpus = write_corpus(folder, options.passages)
        about = "made articles (scripts/lab/corpus.py)"
    say(f"indexing {corpus}")
    built = isolated(build_index, corpus, index)
    return Corpus(about, build_rows(built, IndexFolder(index).open_current().manifest.passages))


def _corpus(corpus: Corpus, generation: Generation, asked: int) -> tuple[str, str]:
    manifest = generation.manifest
    fewer = f"; fewer than the {asked:,} asked for" if manifest.passages < asked else ""
    return (
        f"{manifest.articles:,} articles, {manifest.passages:,} passages{fewer}",
        f"{corpus.about}; {manifest.tokens / manifest.passages:.0f} tokens a passage; "
        f"vectors in a {manifest.vector_index} index",
    )


def _origin(questions: Questions, options: argparse.Namespace) -> str:
    made = len(questions.texts) - questions.from_file
    given = f"{questions.from_file} of {options.questions}, " if options.questions else ""
    return f"{given}{made} made of the words of a sentence of the index; each asked once a measure"


def _embedding(generation: Generation, texts: int, questions: Questions) -> list[Row]:
    say("embedding, ours and sentence-transformers in turn")
    return isolated(measure_embedding, generation, texts, questions.texts[:EMBEDDED_QUESTIONS])


def _searches(index: Path, questions: Questions) -> list[Row]:
    """In process first, so that a file's questions are measured there; warm-ups are made ones."""
    texts = questions.texts
    searched, served, warm_up = texts[:SEARCHED], texts[SEARCHED:-WARM_UP], texts[-WARM_UP:]
    say("searching in process")
    return [
        *isolated(measure_search, index, warm_up, searched),
        *measure_http(index, served),
        *measure_starts(index, searched[0]),
    ]


def _scans(generation: Generation, questions: Questions, padded: bool) -> str:
    comparisons = isolated(compare_scans, generation, questions.texts[:COMPARED])
    if not comparisons:
        return "Vector stores are not compared: the index is smaller than the smallest size."
    return table(HEADER, [comparison.cells() for comparison in comparisons], padded)


if __name__ == "__main__":
    sys.exit(main())
