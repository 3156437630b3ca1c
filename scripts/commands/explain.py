"""The command explain: every line of a file, kept or dropped, and why."""

import argparse
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.article import Article, Document, Order, Rejected
from indexer.errors import ArticleSearchError, IndexMissing, InputError
from indexer.settings import Settings
from indexer.storage.folder import IndexFolder
from scripts.commands.terminal import printable
from scripts.status import DONE, SKIPPED

if TYPE_CHECKING:
    from indexer.reading.fields import Fields
    from indexer.storage.articles import Articles

_OF_DATE = ("iso", "precision", "certain", "line")
_BELOW = ("source", "source_read", "agency", "author", "language", "url")

logger = logging.getLogger(__name__)


def add_explain(commands: Any, index: argparse.ArgumentParser) -> None:
    """Add the parser; `index` is the parent that holds --index."""
    explain = commands.add_parser(
        "explain", parents=[index], help="print every line of a file, kept or dropped, and why"
    )
    explain.add_argument("file", metavar="FILE", help="of several articles one with FILE:LINE")
    explain.mapping("--map")
    explain.dates("--dates")
    explain.flag("--json", "print one JSON object an article")
    explain.set_defaults(command=_explain)


def _explain(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.reading.cleaning import clean
    from indexer.reading.explain import explain

    status, articles = DONE, _indexed(settings)
    for found in _documents(options.file, options.map):
        article = found if isinstance(found, Rejected) else clean(found, options.dates)
        if isinstance(found, Document) and isinstance(article, Article) and articles is not None:
            article = _as_indexed(found, article, articles, options.dates)
        lines = list(explain(found, article)) if isinstance(found, Document) else []
        if isinstance(article, Rejected):
            status = SKIPPED
        if options.json:
            report = {**_facts(article), "lines": [asdict(line) for line in lines]}
            print(json.dumps(report, ensure_ascii=False))
            continue
        for name, value in _facts(article).items():
            if value is not None:
                print(printable(f"{name:<10} {_told(value)}"))
        print()
        for line in lines:
            done = ("changed" if line.becomes else "kept") if line.kept else "dropped"
            print(printable(f"{done:<8} {line.why:<40} {line.text}"))
        print()
    return status


def _documents(name: str, fields: "Fields | None") -> Iterator[Document | Rejected]:
    """The documents of a file, of a member of an archive, or the one that is at a location.

    If none has the number, what is told of the file as a whole: of some records only their count.

    Raises:
        InputError: there is none.
    """
    from indexer.reading.documents import read_all
    from indexer.reading.fields import KNOWN
    from indexer.reading.input.files import file_of, location, resolved, without_record

    file = name if Path(name).exists() else file_of(name)
    record = name.removeprefix(file)
    path = resolved(Path(file))
    if not path.is_file():
        raise InputError(f"{name} is not a file")
    place = location(path) + record
    any_found, of_all = False, list[Rejected]()
    for found in read_all(path, fields or KNOWN):
        unread = isinstance(found, Rejected) and found.unread
        if unread or not record or place in (found.location, without_record(found.location)):
            any_found = True
            yield found
        elif isinstance(found, Rejected) and found.location == without_record(place):
            of_all.append(found)
    if not any_found:
        yield from of_all
    if not any_found and not of_all:
        raise InputError(f"there is no record {record.removeprefix(':')} in {file}")


def _indexed(settings: Settings) -> "Articles | None":
    """The articles of the index, if there is one that can be read."""
    from indexer.storage.articles import Articles

    try:
        return Articles(IndexFolder(settings.folder).open_current())
    except IndexMissing:
        return None
    except ArticleSearchError as error:
        logger.warning("lines that many articles have are not told: %s", error)
        return None


def _as_indexed(
    document: Document, article: Article, articles: "Articles", order: Order | None
) -> Article:
    """The article as the index has it: without the lines and names that many others of its source
    have too, and, unless their order is given, with the dates that those tell.
    """
    from indexer.identity import full_id

    stored = articles.by_full_id(full_id(article, document))
    same = stored is not None and stored.article.paragraphs() == article.paragraphs()
    if stored is None or not same:
        return article
    if order is None:
        return stored.article
    return replace(stored.article, published=article.published, updated=article.updated)


def _facts(article: Article | Rejected) -> dict[str, Any]:
    if isinstance(article, Rejected):
        return {"location": article.location, "rejected": article.reason}
    dates = {
        name: {each: getattr(date, each) for each in _OF_DATE} if date else None
        for name, date in (("published", article.published), ("updated", article.updated))
    }
    above = {
        n: getattr(article, n) for n in ("location", "id", "title", "title_made", "title_read")
    }
    below = {n: getattr(article, n) for n in _BELOW}
    return {**above, **dates, **below}


def _told(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    certain = "certain" if value["certain"] else "uncertain"
    return f"{value['iso']} ({value['precision']}, {certain}; from: {value['line']})"
