"""What people may type, in one SQLite file: words to correct to, names and headlines.

    words        each distinct word, in how many articles, and how it is mostly written
    suggestions  names, then headlines, the best of each first
    keys         where a prefix may begin: at the first letter of each word of a suggestion

The numbers of suggestions are their ranks, so the best of those that a prefix finds are the lowest
numbers in a slice of the keys. All is a function of the articles and their order.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from indexer.analysis import LONGEST_WORD, plain_words
from indexer.arrays import Int32
from indexer.article import Article
from indexer.errors import IndexDamaged
from indexer.letters import PAIRED, UNCORRECTED
from indexer.storage.database import Database, read_only

# Characters of a prefix that count.
LONGEST_KEY = 64
# Words of a suggestion that a prefix may begin with.
MOST_KEYS = 8
# Articles that a name has to be in.
NAMED_IN = 2
# A word that is written with a small letter in more than one of so many articles is no name.
OFTEN_SMALL = 3
# Counters are emptied into the file when they have so many entries: some 10 MB each.
SPILL = 100_000

_SCHEMA = """
CREATE TABLE words (
    word TEXT PRIMARY KEY,
    articles INTEGER NOT NULL,
    written TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE suggestions (
    number INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    article INTEGER,
    articles INTEGER NOT NULL,
    published TEXT NOT NULL
) STRICT;
CREATE TABLE keys (
    key TEXT NOT NULL,
    suggestion INTEGER NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (key, suggestion)
) STRICT, WITHOUT ROWID;
CREATE TABLE places (suggestions BLOB NOT NULL) STRICT;
"""
# Sorted by SQLite, which needs no more memory for more articles.
_SCRATCH = """
CREATE TEMP TABLE seen_words (word TEXT, articles INTEGER);
CREATE TEMP TABLE seen_forms (form TEXT, word TEXT, articles INTEGER);
CREATE TEMP TABLE seen_names (key TEXT, name TEXT, articles INTEGER);
CREATE TEMP TABLE headlines (key TEXT, text TEXT, article INTEGER, id TEXT, published TEXT);
CREATE TEMP TABLE begun (key TEXT, suggestion INTEGER);
"""
_FINISH_WORDS = """
CREATE TEMP TABLE forms (form TEXT PRIMARY KEY, word TEXT, articles INTEGER) WITHOUT ROWID;
INSERT INTO forms SELECT form, word, sum(articles) FROM seen_forms GROUP BY form ORDER BY form;
INSERT INTO words
    SELECT word, sum(s.articles), coalesce(form, word)
    FROM seen_words AS s
    LEFT JOIN (
        SELECT word, form, row_number() OVER (PARTITION BY word ORDER BY articles DESC, form) AS n
        FROM forms
    ) AS f USING (word)
    WHERE n IS NULL OR n = 1
    GROUP BY word ORDER BY word;
"""
# A word that is often written small is no name, unless it is an abbreviation.
_FINISH_NAMES = f"""
INSERT INTO suggestions
    SELECT
        row_number() OVER (ORDER BY sum(articles) DESC, key) - 1, first, NULL, sum(articles), ''
    FROM (
        SELECT key, articles, first_value(name) OVER (
            PARTITION BY key ORDER BY articles DESC, name
        ) AS first
        FROM (SELECT key, name, sum(articles) AS articles FROM seen_names GROUP BY key, name)
    )
    WHERE first = capitals(first) OR NOT EXISTS (
        SELECT 1 FROM forms AS small JOIN forms AS large ON large.form = first
        WHERE small.form = small_letters(first) AND {OFTEN_SMALL} * small.articles > large.articles
    )
    GROUP BY key HAVING sum(articles) >= {NAMED_IN};
"""
_FINISH_HEADLINES = """
INSERT INTO suggestions
    SELECT (SELECT count(*) FROM suggestions) - 1
        + row_number() OVER (ORDER BY published DESC, same DESC, key),
        text, article, same, published
    FROM (
        SELECT *, count(*) OVER (PARTITION BY key) AS same,
            row_number() OVER (PARTITION BY key ORDER BY published DESC, id) AS n
        FROM headlines
    )
    WHERE n = 1;
"""
_FINISH_KEYS = """
INSERT INTO keys
    SELECT key, suggestion, row_number() OVER (ORDER BY key, suggestion) - 1
    FROM (SELECT DISTINCT key, suggestion FROM begun)
    ORDER BY key, suggestion;
"""
_PLACE = "(SELECT place FROM keys WHERE key >= ? ORDER BY key, suggestion LIMIT 1)"
# What the analyzer cuts at too, most of it; cutting once more what is left is then cheap.
LONGEST_FORM = 4 * LONGEST_WORD
# Pairs of letters are no words to correct to.
_FORM = re.compile(
    rf"[^\s\x00-/:-@\[-`{{-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\u2000-\u206f{PAIRED}]+"
)


def _forms_of(text: str) -> set[str]:
    """What is written between spaces and signs, but for what is too long to be words."""
    return {form for form in _FORM.findall(text) if len(form) <= LONGEST_FORM}


class SuggestionWriter:
    """Writes a new terms file."""

    def __init__(self, file: Path) -> None:
        """Create `file`."""
        self._connection = sqlite3.connect(file.absolute().as_uri(), uri=True)
        # The generation is synced as a whole when it is published.
        self._connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        self._connection.executescript(_SCHEMA + _SCRATCH)
        self._connection.create_function("capitals", 1, str.upper, deterministic=True)
        self._connection.create_function("small_letters", 1, str.lower, deterministic=True)
        # In how many articles each is, since the last spill.
        self._words: Counter[str] = Counter()
        self._forms: Counter[str] = Counter()
        self._names: Counter[str] = Counter()
        self._cut = lru_cache(SPILL)(self._words_of)

    def add(self, number: int, article: Article, names: Iterable[str]) -> None:
        """Count the words of an article and the names in it, and keep its headline."""
        forms = _forms_of(article.text)
        met = forms | _forms_of(article.title)
        self._words.update(set(chain.from_iterable(map(self._cut, met))))
        self._forms.update(forms)
        self._names.update(names)
        key = " ".join(plain_words(article.title))
        if key and not article.title_made:
            published = article.published.iso if article.published else ""
            row = (key, article.title, number, article.id, published)
            self._connection.execute("INSERT INTO headlines VALUES (?, ?, ?, ?, ?)", row)
        if max(len(self._words), len(self._forms), len(self._names)) > SPILL:
            self._spill()

    def finish(self) -> None:
        """Rank what was added, commit and close."""
        self._spill()
        self._connection.executescript(_FINISH_WORDS + _FINISH_NAMES + _FINISH_HEADLINES)
        suggestions = self._connection.cursor().execute("SELECT number, text FROM suggestions")
        self._connection.executemany(
            "INSERT INTO begun VALUES (?, ?)",
            ((key, number) for number, text in suggestions for key in self._keys(text)),
        )
        self._connection.executescript(_FINISH_KEYS)
        rows = self._connection.execute("SELECT suggestion FROM keys ORDER BY key, suggestion")
        places = np.fromiter((row[0] for row in rows), "<i4")
        self._connection.execute("INSERT INTO places VALUES (?)", (places.tobytes(),))
        self._connection.commit()
        self._connection.close()

    def close(self) -> None:
        """Close without keeping what was not committed."""
        self._connection.close()

    def _words_of(self, form: str) -> tuple[str, ...]:
        """The words that an analyzer makes of a form: nearly always one."""
        return tuple(
            word
            for word in plain_words(form)
            if len(word) <= LONGEST_WORD and not word.isdigit() and not UNCORRECTED.search(word)
        )

    def _keys(self, text: str) -> Iterator[str]:
        words = plain_words(text)
        for first in range(min(len(words), MOST_KEYS)):
            # A space at the end, so that "kim " finds "Kim" and not "Kimmel".
            yield f"{' '.join(words[first:])} "[:LONGEST_KEY]

    def _spill(self) -> None:
        """Empty the counters into the file."""
        insert = self._connection.executemany
        insert("INSERT INTO seen_words VALUES (?, ?)", self._words.items())
        insert(
            "INSERT INTO seen_forms VALUES (?, ?, ?)",
            (
                (form, words[0], articles)
                for form, articles in self._forms.items()
                if form.isalnum() and len(words := self._cut(form)) == 1
            ),
        )
        insert(
            "INSERT INTO seen_names VALUES (?, ?, ?)",
            (
                (" ".join(plain_words(name)).removeprefix("the "), name, articles)
                for name, articles in self._names.items()
            ),
        )
        for counter in (self._words, self._forms, self._names):
            counter.clear()


class Suggested(NamedTuple):
    """A name, in so many articles; or the headline of one, by its number, and its date."""

    text: str
    article: int | None
    articles: int
    published: str

    @property
    def key(self) -> str:
        """What it shares with those of its kind that are spelled another way."""
        key = " ".join(plain_words(self.text))
        return key.removeprefix("the ") if self.article is None else key


class Suggestions:
    """Reads a published terms file; safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        """Open the file for reading.

        Raises:
            IndexDamaged: it is not a readable database.
        """
        self._rows = Database(file).rows
        rows = self._rows("SELECT suggestions FROM places")
        if len(rows) != 1 or len(rows[0][0]) % 4:
            raise IndexDamaged(f"{file} is not as it was written; run `reindex --full`")
        # The suggestion of each key, in their order.
        self._suggestions: Int32 = np.frombuffer(rows[0][0], "<i4")

    def suggest(self, prefix: str, limit: int) -> list[Suggested]:
        """The `limit` best names and headlines that begin so, or a word of which does.

        Case, accents and punctuation do not matter, and of a headline the first `MOST_KEYS` words
        count. Names come first, those in more articles before others; then the newest headlines.
        """
        key = key_of(prefix)
        if not key:
            return []
        ((first, last),) = self._rows(f"SELECT {_PLACE}, {_PLACE}", key, f"{key}\U0010ffff")
        found = self._suggestions[first:last] if first is not None else self._suggestions[:0]
        # One suggestion has that many keys at most.
        enough = limit * MOST_KEYS
        if enough < len(found):
            found = np.partition(found, enough)[:enough]
        numbers = np.unique(found)[:limit].tolist()
        rows = self._rows(
            "SELECT text, article, articles, published FROM suggestions "
            f"WHERE number IN ({','.join('?' * len(numbers))}) ORDER BY number",
            *numbers,
        )
        return [Suggested(*row) for row in rows]

    def vocabulary(self) -> tuple[list[str], Int32]:
        """Every word, ascending, and in how many articles it is, (n,)."""
        rows = self._rows("SELECT word, articles FROM words ORDER BY word")
        return [row[0] for row in rows], np.fromiter((row[1] for row in rows), np.int32, len(rows))

    def written(self, word: str) -> tuple[str, int]:
        """How a word is mostly written, "Belousov" of "belousov", and in how many articles it is.

        The word itself if it is in none.
        """
        rows = self._rows("SELECT written, articles FROM words WHERE word = ?", word)
        return rows[0] if rows else (word, 0)


def key_of(prefix: str) -> str:
    """What keys begin with that a prefix finds; empty if it finds none."""
    key = " ".join(plain_words(prefix[:LONGEST_KEY]))
    return (f"{key} " if key and prefix[-1].isspace() else key)[:LONGEST_KEY]


def differences(file: Path, other: Path) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Every row that is in only one of two such files, with its table."""
    with closing(sqlite3.connect(":memory:", uri=True)) as connection:
        for schema, database in (("one", file), ("other", other)):
            connection.execute(f"ATTACH DATABASE ? AS {schema}", (read_only(database),))
        for table in ("words", "suggestions", "keys", "places"):
            for more, less in (("one", "other"), ("other", "one")):
                query = f"SELECT * FROM {more}.{table} EXCEPT SELECT * FROM {less}.{table}"
                yield from ((table, row) for row in connection.execute(query))
