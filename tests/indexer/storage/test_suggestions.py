"""The terms file: words, names and headlines are counted, ranked and found by any beginning."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import LONGEST_WORD, plain_words
from indexer.article import Article, Date
from indexer.errors import IndexDamaged
from indexer.letters import UNCORRECTED
from indexer.reading.facts.names import names_in
from indexer.storage.suggestions import (
    MOST_KEYS,
    Suggested,
    Suggestions,
    SuggestionWriter,
    differences,
)

ARTICLES = [
    Article("a", "Gulls over Port Ellis",
            "On Friday, at noon, Zoë Böhm fed a gull in Port Ellis. Gulls ate.",
            Date("2024-03-01")),
    Article("b", "Zoe Bohm wins", "We saw Zoë Böhm, the Port Ellis champion. The gull saw us.",
            Date("2024-03-02")),
    Article("c", "GULLS over Port Ellis!", "A gull met Zoe Bohm, and the Echo knew.",
            Date("2024-03-03")),
    Article("d", "A made headline", "They read the Echo in Port Ellis. An echo, an echo, so it is.",
            title_made=True),
    Article("e", "", "No echo. Elsewhere the Echo, in 2024 and 1999, had 12 pages and one Tide."),
]  # fmt: skip


def _write(file: Path, articles: Sequence[Article]) -> Suggestions:
    with closing(SuggestionWriter(file)) as writer:
        for number, article in enumerate(articles):
            writer.add(number, article, names_in(article.text))
        writer.finish()
    return Suggestions(file)


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> Suggestions:
    return _write(tmp_path_factory.mktemp("terms") / "terms.db", ARTICLES)


def _names(*texts: str, articles: int = 3) -> list[Suggested]:
    return [Suggested(text, None, articles, "") for text in texts]


# Of two headlines that are the same but for case and signs, the newer one.
GULLS = Suggested("GULLS over Port Ellis!", 2, 2, "2024-03-03")
WINS = Suggested("Zoe Bohm wins", 1, 1, "2024-03-02")


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("p", [*_names("Port Ellis"), GULLS]),
        ("zoe", [*_names("Zoë Böhm"), WINS]),
        ("ZOË BÖ", [*_names("Zoë Böhm"), WINS]),
        ("bohm", [*_names("Zoë Böhm"), WINS]),
        ("bohm ", [*_names("Zoë Böhm"), WINS]),
        ("bohm w", [WINS]),
        ("zoe bohm wins", [WINS]),
        ("zoe-bohm wins!", [WINS]),
        ("zoe bohm wins more", []),
        ("gulls o", [GULLS]),
        ("gull ", []),
        ("e", [*_names("Port Ellis"), GULLS]),
        ("a made", []),
        ("ti", []),
        ("", []),
        (" ", []),
        ("…!", []),
        ("%", []),
        ("_", []),
    ],
)
def test_suggestions(terms: Suggestions, prefix: str, found: list[Suggested]) -> None:
    assert terms.suggest(prefix, 10) == found


def test_the_best_are_suggested(tmp_path: Path) -> None:
    often = [f"We asked Tide {name} of Ellis{name}." for name in ("Ash", "Elm", "Oak")]
    articles = [
        Article(f"{n} {i}", f"Tide tables {n}", text, Date(f"2024-03-{10 + n}"))
        for n, text in enumerate(often)
        for i in range(2 + n)
    ]
    terms = _write(tmp_path / "terms.db", articles)
    ranked = [
        *_names("Tide Oak of EllisOak", articles=4),
        *_names("Tide Elm of EllisElm", articles=3),
        *_names("Tide Ash of EllisAsh", articles=2),
        # The first of those that have it, two, three and four.
        Suggested("Tide tables 2", 5, 4, "2024-03-12"),
        Suggested("Tide tables 1", 2, 3, "2024-03-11"),
        Suggested("Tide tables 0", 0, 2, "2024-03-10"),
    ]
    for limit in range(1, 8):
        assert terms.suggest("t", limit) == ranked[:limit]
    assert terms.suggest("elli", 2) == ranked[:2]


def test_the_first_words_of_a_headline_begin_a_suggestion(tmp_path: Path) -> None:
    words = [f"w{n:02}" for n in range(2 * MOST_KEYS)]
    terms = _write(tmp_path / "terms.db", [Article("a", " ".join(words), "text")])
    for number, word in enumerate(words):
        assert len(terms.suggest(word, 3)) == (number < MOST_KEYS)
    assert len(terms.suggest(" ".join(words), 3)) == 1
    assert terms.suggest(" ".join([*words[:5], "w99"]), 3) == []


def test_a_word_that_is_mostly_small_is_no_name(tmp_path: Path) -> None:
    texts = ["We saw the Pier, and NATO, and Ellis."] * 3 + ["A pier of the nato, ellis."]
    for copies, kept in ((1, ["NATO", "Ellis", "Pier"]), (2, ["NATO"])):
        articles = [
            Article(f"{i}", "", text)
            for i, text in enumerate([*texts[:3], *texts[3:] * copies])
        ]  # fmt: skip
        terms = _write(tmp_path / f"{copies}.db", articles)
        for name in ("NATO", "Ellis", "Pier"):
            assert terms.suggest(name, 1) == (_names(name) if name in kept else [])


def test_words(terms: Suggestions) -> None:
    expected: Counter[str] = Counter()
    for article in ARTICLES:
        found = set(plain_words(f"{article.title}\n{article.text}"))
        expected.update(word for word in found if not word.isdigit())
    words, counts = terms.vocabulary()
    assert words == sorted(expected)
    assert counts.tolist() == [expected[word] for word in words]
    assert expected["gull"] == 3
    assert "2024" not in words


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("bohm", "Böhm"),
        ("zoe", "Zoë"),
        ("gull", "gull"),
        ("port", "Port"),
        ("echo", "Echo"),
        ("wins", "wins"),
        ("unheard", "unheard"),
        ("'; --", "'; --"),
    ],
)
def test_how_a_word_is_written(terms: Suggestions, word: str, written: str) -> None:
    assert terms.written(word)[0] == written


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=60), max_size=6))
def test_any_words(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    articles = [Article(str(n), text[:20], text) for n, text in enumerate(texts)]
    terms = _write(tmp_path_factory.mktemp("any") / "terms.db", articles)
    expected: Counter[str] = Counter()
    for article in articles:
        found = set(plain_words(f"{article.title}\n{article.text}"))
        expected.update(
            word
            for word in found
            if not word.isdigit() and len(word) <= LONGEST_WORD and not UNCORRECTED.search(word)
        )
    words, counts = terms.vocabulary()
    assert dict(zip(words, counts.tolist(), strict=True)) == dict(expected)
    assert words == sorted(words)
    for article in articles:
        if plain_words(article.title):
            found_ids = [each.article for each in terms.suggest(article.title, 10)]
            assert found_ids
        terms.suggest(article.text, 3)


def test_counters_that_are_emptied_on_the_way_count_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path / "one", ARTICLES)
    monkeypatch.setattr("indexer.storage.suggestions.SPILL", 10)
    _write(tmp_path / "other", ARTICLES)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert list(differences(tmp_path / "one", tmp_path / "other")) == []


def test_differences(tmp_path: Path) -> None:
    _write(tmp_path / "one", ARTICLES)
    _write(tmp_path / "other", ARTICLES[:-1])
    found = list(differences(tmp_path / "one", tmp_path / "other"))
    assert ("words", ("elsewhere", 1, "Elsewhere")) in found
    assert sorted(found) == sorted(differences(tmp_path / "other", tmp_path / "one"))


def test_no_article(tmp_path: Path) -> None:
    terms = _write(tmp_path / "terms.db", [])
    assert terms.suggest("a", 5) == []
    assert terms.vocabulary()[0] == []


def test_threads(terms: Suggestions) -> None:
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda prefix: terms.suggest(prefix, 10), ["zoe"] * 200):
            assert found == [*_names("Zoë Böhm"), WINS]


def test_what_is_not_finished_is_not_kept(tmp_path: Path) -> None:
    writer = SuggestionWriter(tmp_path / "terms.db")
    writer.add(0, ARTICLES[0], ["Port Ellis"])
    writer.close()
    with closing(sqlite3.connect(tmp_path / "terms.db")) as connection:
        assert connection.execute("SELECT count(*) FROM words").fetchone() == (0,)


@pytest.mark.parametrize("content", [b"", b"not a database", None])
def test_a_damaged_file(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "terms.db").write_bytes(content)
    with pytest.raises(IndexDamaged):
        Suggestions(tmp_path / "terms.db")


@pytest.mark.parametrize("change", ["DELETE FROM places", "UPDATE places SET suggestions = x'00'"])
def test_places_that_were_altered(tmp_path: Path, change: str) -> None:
    _write(tmp_path / "terms.db", ARTICLES)
    with closing(sqlite3.connect(tmp_path / "terms.db")) as connection:
        connection.execute(change)
        connection.commit()
    with pytest.raises(IndexDamaged):
        Suggestions(tmp_path / "terms.db")
