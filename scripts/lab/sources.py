"""Made articles as files of a folder, a file each, and what may become of them."""

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from scripts.lab.corpus import made_articles


def write_article(folder: Path, article: Mapping[str, str]) -> Path:
    """Write an article as a JSON file that is named by its id, over the one before; returns it."""
    file = folder / f"{article['_id']}.json"
    file.write_text(json.dumps(article), "utf-8")
    return file


def with_paragraph_of(article: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """An article whose middle paragraph was edited: it is the first one of another article."""
    paragraphs = article["text"].split("\n\n")
    paragraphs[len(paragraphs) // 2] = other["text"].split("\n\n")[0]
    return {**article, "text": "\n\n".join(paragraphs)}


def write_sources(folder: Path, count: int) -> list[dict[str, str]]:
    """Write made articles, a file each; returns them."""
    folder.mkdir(parents=True)
    articles = list(islice(made_articles(), count))
    for article in articles:
        write_article(folder, article)
    return articles


def revise_sources(folder: Path, articles: Sequence[Mapping[str, str]]) -> None:
    """Change a third of the articles, remove, rename and add one in ten each."""
    files = [folder / f"{article['_id']}.json" for article in articles]
    for i in range(0, len(articles), 3):
        write_article(folder, with_paragraph_of(articles[i], articles[i - 1]))
    for file in files[1::10]:
        file.unlink()
    for file in files[2::10]:
        file.rename(file.with_name(f"renamed-{file.name}"))
    added = islice(made_articles(), len(articles), len(articles) + len(articles) // 10)
    for article in added:
        write_article(folder, article)
