"""Three articles with four passages, and generations of stored articles."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from indexer.article import Article, Date, Degree, Mention, Passage, Removed, Span
from indexer.identity import distinct_ids
from indexer.storage.article_writer import ArticleWriter
from indexer.storage.corpus_writer import Standing, write_corpus
from indexer.storage.drafts import Drafts
from indexer.storage.manifest import Generation, Segment
from tests.support.generations import DRAFT


def passages(*spans: tuple[int, int]) -> list[Passage]:
    return [Passage(Span(start, end), (Span(start, end),)) for start, end in spans]


LONG = "Gulls cry.\n" + "x" * 19
ARTICLES = [
    Article(
        "a",
        "Title",
        LONG,
        Date("2024-03-01T09:00:00+09:00", False, "Published 1 March"),
        "Echo",
        "https://e.example/1",
        "Ruth",
        "a.txt",
        updated=Date("2024-03-02"),
        agency="Island Press",
        language="en",
        title_made=True,
        removed=(Removed(0, "Subscribe"), Removed(2, "“Ü” 🦉")),
        mentioned=(Mention(Span(0, 4), "2024-02-26", "2024-03-03"),),
    ),
    Article("b 🦉/ü", "", "y" * 20, None, None, None, None, "b.txt"),
    Article("c", "Copy", f" GULLS  cry.{LONG[11:]}", Date("2024-02-29"), "ÉCHO", None,
            "By Lee Kim and Ann Poe", "c.txt:3", language="sr"),
]  # fmt: skip
PASSAGES = [
    [Passage(Span(0, 20), (Span(0, 9), Span(10, 20))), *passages((21, 30))],
    passages((5, 20)),
    passages((0, 30)),
]
DOCUMENTS = [b"one", b"two", b"three"]
# The number of the earliest article of each one's story, and how it relates to that.
STORIES: list[tuple[int, Degree | None]] = [(2, "same"), (1, None), (2, None)]


class Told(NamedTuple):
    """An article, the digest of its document, and its passages."""

    article: Article
    document: bytes
    passages: Sequence[Passage]


TOLD = [Told(*each) for each in zip(ARTICLES, DOCUMENTS, PASSAGES, strict=True)]


def one_passage(article: Article) -> Told:
    """An article of one passage, which is its text."""
    return Told(article, article.id.encode(), passages((0, len(article.text))))


def facts_of(document: bytes) -> bytes:
    """What stands for the described paragraphs of the article of a document."""
    return b"paragraphs of " + document


def add(writer: ArticleWriter, *told: Told) -> None:
    for article, document, passages in told:
        writer.cut(article, document, facts_of(document), passages)


def write_generation(
    folder: Path,
    *segments: Sequence[Told],
    stories: Sequence[tuple[int, Degree | None]] | None = None,
    gone: Collection[int] = (),
    rejected: Mapping[bytes, str] | None = None,
) -> Generation:
    """A draft of a generation in a new folder: its corpus.db, and articles.db of each segment.

    stories: of all articles; without them each is a story of its own
    gone: numbers of articles that the generation has no more
    rejected: documents of the first segment that hold no article, and why
    """
    folder.mkdir(parents=True)
    written: list[Segment] = []
    for number, told in enumerate(segments):
        article, passage = (written[-1].end_article, written[-1].end_passage) if written else (0, 0)
        segment = Segment(
            first_article=article,
            articles=len(told),
            first_passage=passage,
            passages=sum(len(each.passages) for each in told),
            tokens=0,
            vector_index="flat",
        )
        _write_segment(folder, segment, told, (rejected or {}) if number == 0 else {})
        written.append(segment)
    everything = [each for told in segments for each in told]
    places = stories or [(number, None) for number in range(len(everything))]
    left = [number for number in range(len(everything)) if number not in gone]
    ids = distinct_ids([everything[number].article.id for number in left])
    write_corpus(
        folder / "corpus.db",
        (Standing(number, place, ids[place], *places[number]) for place, number in enumerate(left)),
    )
    manifest = replace(
        DRAFT,
        articles=len(left),
        passages=sum(len(everything[number].passages) for number in left),
        segments=tuple(written),
    )
    return Generation("draft", manifest, folder)


def _write_segment(
    folder: Path, segment: Segment, told: Sequence[Told], rejected: Mapping[bytes, str]
) -> None:
    (folder / segment.folder).mkdir(parents=True)
    file, scratch = folder / segment.folder / "articles.db", folder / "drafts.db"
    with closing(Drafts(scratch)) as drafts:
        for document, reason in rejected.items():
            drafts.reject(document, reason)
        writer = ArticleWriter(drafts, file, segment.first_article, segment.first_passage)
        add(writer, *told)
        writer.reject(staying=0)
        writer.complete(reuse=False)
        writer.finish()
    scratch.unlink()
