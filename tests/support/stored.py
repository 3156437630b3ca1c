"""Three articles with four passages, as an articles file holds them."""

from collections.abc import Sequence

from indexer.article import Article, Date, Mention, Passage, Removed, Span
from indexer.storage.article_writer import ArticleWriter


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


def add(
    writer: ArticleWriter, article: Article, document: bytes, passages: Sequence[Passage]
) -> None:
    writer.add(article, document)
    writer.cut(writer.articles - 1, article, passages)
