"""What the reader is trained on: public pairs of questions and passages, and articles of our own.

The pairs are those of a folder with `pairs.jsonl.gz` (its README names the sources and licences).
The articles are `data/reader/*.jsonl`: invented news, with questions that paraphrase what a
sentence says, and questions that nothing answers. `plain-*.jsonl` has more questions of the same
articles, in the words of the text: without them the reader learns to distrust a shared word.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.reading.passages import split_sentences

OWN = "own"
# Sources whose passages answer, without a span that says where.
_SOMEWHERE = ("boolq", "clapnq", "selqa_para")
_UNUSED = ("fever_claims", "clapnq_unanswerable_NEG")


@dataclass(frozen=True, slots=True)
class Example:
    """A question and a text.

    answers: the numbers of the sentences that answer, none if the text does not; None if some do
        and it is not known which
    span: the words that answer, if they are known
    others: other passages of the same article
    """

    source: str
    question: str
    headline: str
    sentences: tuple[str, ...]
    answers: tuple[int, ...] | None
    span: str = ""
    others: tuple[str, ...] = ()


def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a text as indexing cuts them."""
    return tuple(span.of(text) for span in split_sentences(text))


def public_examples(folder: Path) -> Iterator[Example]:
    """The examples of the public pairs."""
    with gzip.open(folder / "pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            pair = json.loads(line)
            source, span = pair["source"], pair["answer"] or ""
            if source in _UNUSED or not pair["passage"]:
                continue
            # Titles of forums and shops are names of the data set.
            headline = "" if "reddit" in source or "amazon" in source else pair["title"]
            others = tuple(pair["negatives"] or ())
            if source == "qamr":
                sentences: tuple[str, ...] = (pair["passage"],)
            else:
                sentences = sentences_of(pair["passage"])
            answers: tuple[int, ...] | None
            if span:
                answers = tuple(n for n, each in enumerate(sentences) if span in each)
                if len(answers) != 1:
                    continue
            elif source in _SOMEWHERE:
                answers = None
            else:
                continue
            yield Example(source, pair["question"], headline, sentences, answers, span, others)


def own_examples(folder: Path) -> list[list[Example]]:
    """The examples of each article of our own."""
    plain: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for file in sorted(folder.glob("plain-*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            more = json.loads(line)
            plain[more["file"], more["line"]] = more["questions"]
    articles = []
    for file in sorted(set(folder.glob("*.jsonl")) - set(folder.glob("plain-*.jsonl"))):
        for number, line in enumerate(file.read_text("utf-8").splitlines()):
            article = json.loads(line)
            sentences = tuple(article["sentences"])
            articles.append(
                [
                    Example(OWN, each["q"], article["headline"], sentences, tuple(each["a"]))
                    for each in [*article["questions"], *plain.get((file.stem, number), [])]
                ]
            )
    return articles
