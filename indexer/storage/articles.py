"""Articles and passages in SQLite, a file a segment: all text lives here, and nowhere else."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from indexer.errors import IndexDamaged
from indexer.storage.database import Database
from indexer.storage.filenames import ARTICLES, CORPUS
from indexer.storage.manifest import Generation
from indexer.storage.rows import (
    ARTICLE,
    OUTLINE,
    PASSAGE,
    WITHOUT_MENTIONS,
    WITHOUT_TEXT,
    WRITTEN,
    StoredArticle,
    StoredPassage,
    StoryOutline,
    read_article,
    read_outline,
    read_passage,
)
from indexer.storage.views import attach

# The earliest first, and last those of which no day is known.
_OF_A_STORY = "degree IS NOT NULL, published IS NULL OR length(published) = 7, published, number"


class Articles:
    """Reads the articles of a generation; safe to use from several threads."""

    def __init__(self, generation: Generation) -> None:
        """Open their files for reading.

        Raises:
            IndexDamaged: one is not a readable database.
        """
        prepare = partial(attach, generation=generation)
        folders = (generation.path / each.folder for each in generation.manifest.segments)
        segments = [folder / ARTICLES for folder in folders]
        self.database = Database(generation.path / CORPUS, prepare, segments)
        self._rows = self.database.rows

    def count(self) -> int:
        """The number of articles."""
        return int(self._rows("SELECT count(*) FROM standings")[0][0])

    def ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """The ids of those of some articles that the generation has, by number."""
        wanted = list(numbers)
        marks = ",".join("?" * len(wanted))
        rows = self._rows(f"SELECT number, id FROM standings WHERE number IN ({marks})", *wanted)
        return dict(rows)

    def counted(self, column: str) -> list[tuple[str | None, int]]:
        """Every value of a column and how many articles have it, the most frequent first."""
        query = f"SELECT {column}, count(*) FROM articles GROUP BY 1 ORDER BY 2 DESC, 1"
        return [(value, int(articles)) for value, articles in self._rows(query)]

    def everything(self) -> Iterator[tuple[StoredArticle, list[tuple[StoredPassage, bytes]]]]:
        """Every article in order, with its passages and their keys; one article in memory."""
        return self.whole(self._numbers("standings"))

    def whole(
        self, numbers: Iterable[int]
    ) -> Iterator[tuple[StoredArticle, list[tuple[StoredPassage, bytes]]]]:
        """Articles by number, in the order asked for, as `everything`."""
        return self._with_passages("articles", ARTICLE, numbers)

    def written(self) -> Iterator[tuple[StoredArticle, list[tuple[StoredPassage, bytes]]]]:
        """As `everything`, those too that the generation has no more; ids are full ones."""
        return self._with_passages("written", WRITTEN, self._numbers("written"))

    def _numbers(self, table: str) -> list[int]:
        return [number for (number,) in self._rows(f"SELECT number FROM {table} ORDER BY number")]

    def _with_passages(
        self, table: str, columns: str, numbers: Iterable[int]
    ) -> Iterator[tuple[StoredArticle, list[tuple[StoredPassage, bytes]]]]:
        """The articles of a table."""
        passages = f"SELECT {PASSAGE}, key FROM passages WHERE article = ? ORDER BY number"
        for number in numbers:
            (row,) = self._numbered(table, columns, {number})
            rows = self._rows(passages, number)
            yield read_article(row), [(read_passage(fields), key) for *fields, key in rows]

    def passages(self, numbers: Iterable[int]) -> list[StoredPassage]:
        """Passages by number, in the order asked for."""
        wanted = list(numbers)
        found = {
            row[0]: read_passage(row) for row in self._numbered("passages", PASSAGE, set(wanted))
        }
        return [found[number] for number in wanted]

    def passage_numbers(self) -> list[int]:
        """The numbers of all passages of the articles that the generation has, ascending."""
        rows = self._rows(
            "SELECT number FROM passages WHERE article IN (SELECT number FROM standings) "
            "ORDER BY number"
        )
        return [number for (number,) in rows]

    def passages_of(self, article: int, limit: int = -1) -> list[StoredPassage]:
        """The first passages of an article, in order; without a limit all of them."""
        query = f"SELECT {PASSAGE} FROM passages WHERE article = ? ORDER BY number LIMIT ?"
        return [read_passage(row) for row in self._rows(query, article, limit)]

    def sample(self, count: int) -> list[StoredPassage]:
        """The first passages of up to `count` articles that begin a story, drawn by their digests.

        The same texts give the same passages, however the index came to be.
        """
        query = (
            f"SELECT {PASSAGE} FROM passages WHERE number IN (SELECT min(p.number) "
            "FROM passages AS p JOIN articles AS a ON a.number = p.article "
            "WHERE a.degree IS NULL GROUP BY p.article) ORDER BY key, number LIMIT ?"
        )
        return [read_passage(row) for row in self._rows(query, count)]

    def articles(self, numbers: Iterable[int]) -> dict[int, StoredArticle]:
        """Articles by number, less the days that they mention.

        A search shows none of these, and they would cost it half a millisecond.
        """
        rows = self._numbered("articles", WITHOUT_MENTIONS, set(numbers))
        return {row[0]: read_article(row) for row in rows}

    def story(self, number: int, limit: int) -> tuple[list[StoredArticle], int]:
        """The first articles of a story, by the number of its earliest one, and how many it has.

        Without their texts; the earliest comes first, then others by date.
        """
        rows = self._rows(
            f"SELECT {WITHOUT_TEXT}, count(*) OVER () FROM articles WHERE story = ? "
            f"ORDER BY {_OF_A_STORY} LIMIT ?",
            number,
            limit,
        )
        return [read_article(row[:-1]) for row in rows], int(rows[0][-1])

    def outlines(self, stories: Iterable[int], limit: int) -> dict[int, StoryOutline]:
        """Stories by number, each with its first `limit` articles; one query for all."""
        wanted = list(stories)
        marks = ",".join("?" * len(wanted))
        rows = self._rows(
            f"SELECT * FROM (SELECT story, {OUTLINE}, count(*) OVER (PARTITION BY story), "
            f"row_number() OVER (PARTITION BY story ORDER BY {_OF_A_STORY}) AS place "
            f"FROM articles WHERE story IN ({marks})) WHERE place <= ? ORDER BY story, place",
            *wanted,
            limit,
        )
        found: dict[int, StoryOutline] = {}
        for story, *fields, count, _ in rows:
            found.setdefault(story, StoryOutline(count, [])).members.append(read_outline(fields))
        return found

    def without_story(self) -> list[int]:
        """The numbers of articles whose story does not begin with an article of its own."""
        rows = self._rows(
            "SELECT a.number FROM articles AS a LEFT JOIN articles AS first "
            "ON first.number = a.story AND first.story = first.number AND first.degree IS NULL "
            "WHERE first.number IS NULL OR (a.degree IS NULL) != (a.story = a.number)"
        )
        return [int(row[0]) for row in rows]

    def by_id(self, article_id: str) -> StoredArticle | None:
        """An article by its id."""
        rows = self._rows(f"SELECT {ARTICLE} FROM articles WHERE id = ?", article_id)
        return read_article(rows[0]) if rows else None

    def by_full_id(self, full_id: str) -> StoredArticle | None:
        """An article by the id that it would have if others declared the same."""
        rows = self._rows(f"SELECT {ARTICLE} FROM articles WHERE full_id = ?", full_id)
        return read_article(rows[0]) if rows else None

    def _numbered(self, table: str, columns: str, numbers: set[int]) -> list[Any]:
        """The rows of some numbers, in no order; one statement, since each gives up the GIL."""
        marks = ",".join("?" * len(numbers))
        query = f"SELECT {columns} FROM {table} WHERE number IN ({marks})"
        rows = self._rows(query, *numbers)
        if len(rows) != len(numbers):
            raise IndexDamaged(
                f"{self.database.file} lacks {table} that others name; run `reindex --full`"
            )
        return rows
