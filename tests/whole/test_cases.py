"""Inputs of real people on which this failed once, each with its right value.

The files lie in `../shared/cases`; of each kind more are held back, so a test here stands for its
kind, which has tests of its own beside the modules.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.article import Article, Document, Rejected
from indexer.reading.cleaning import clean
from indexer.reading.documents import read_documents
from indexer.reading.explain import explain
from indexer.reading.input.files import find_files
from search.question.query import Query
from search.results import Hit
from tests.conftest import ROOT, Run, open_index, require
from tests.support.fakes import FakeEmbedder

pytestmark = pytest.mark.shared

Case = Callable[[str], Path]
Find = Callable[..., list[Hit]]


@pytest.fixture
def case(shared: Path, tmp_path: Path) -> Case:
    """A copy of the folder of a case, by the number that its name begins with."""

    def copied(number: str) -> Path:
        require((shared / "cases").is_dir(), f"there is no {shared / 'cases'}")
        (folder,) = (shared / "cases").glob(f"{number}-*")
        target = tmp_path / folder.name
        if not target.exists():
            shutil.copytree(folder, target)
            (target / "case.md").unlink()
            for path in [target, *target.rglob("*")]:
                path.chmod(0o755)
        return target

    return copied


@pytest.fixture
def find(index: Path, embedder: FakeEmbedder) -> Find:
    """The hits of a question, by words alone."""

    def found(text: str, **options: Any) -> list[Hit]:
        query = Query(**{"text": text, "mode": "lexical", "floor": 0, **options})
        return open_index(index, embedder).search(query).hits

    return found


def _articles(path: Path) -> list[Article]:
    """The articles of a file."""
    found = []
    for document in read_documents(path):
        assert not isinstance(document, Rejected), document
        article = clean(document)
        assert not isinstance(article, Rejected), article
        found.append(article)
    return found


def _article(path: Path) -> Article:
    (article,) = _articles(path)
    return article


def _day(article: Article) -> str | None:
    return article.published.iso[:10] if article.published else None


def test_01_a_fact_that_an_outlet_repeats_stays(case: Case, run: Run, find: Find) -> None:
    run(case("01") / "bridge.jsonl")
    for words in ("Queen Sigrid", '"40,000 vehicles"'):
        hits = find(words)
        assert len(hits) == 1
        assert "opened in 1931 by Queen Sigrid" in hits[0].article.text


def test_02_behind_a_paywall_the_page_declares_its_text(case: Case) -> None:
    article = _article(case("02") / "p.html")
    assert article.text.startswith("Skerrivane's harbour board voted on Thursday")
    assert len(article.text.split("\n\n")) == 3
    assert "the architect Ivo Stanek" in article.text
    assert "Subscribe" not in article.text
    assert "free articles" not in article.text


@pytest.mark.parametrize("name", ["yaml.md", "toml.md"])
def test_03_front_matter(case: Case, name: str) -> None:
    article = _article(case("03") / name)
    assert article.title == "Fish auction closes after 150 years"
    assert _day(article) == "2023-06-15"
    assert article.author == "Ragna Holt"
    assert article.text.startswith("Skerrivane's harbour board voted on Thursday")
    if name == "yaml.md":
        assert article.source == "Skerry Post"
        assert article.url == "https://skerry.example/2023/06/auction"


def test_04_invisible_characters(case: Case, run: Run, find: Find) -> None:
    folder = case("04")
    run(folder / "a.json", folder / "b.json")
    for words in ("unemployment benefit", "fishermen", "government", "Skerrivane", "harbourmaster"):
        assert find(words), words
    (hit,) = find('"unemployment benefit"')
    assert hit.article.title == "Unemployment benefit to rise"
    page = _article(folder / "c.html")
    assert page.title == "Unemployment benefit to rise"
    assert "unemployment benefit for fishermen" in page.text


def test_05_words_cut_at_line_ends(case: Case, run: Run, find: Find) -> None:
    folder = case("05")
    run(folder / "column.txt", folder / "pdftotext.txt")
    for words in ("discontinue", "shareholders", '"Waldemar Brink"', "announcement", "government"):
        assert len(find(words)) == (
            2 if words in ("discontinue", "shareholders") else len(find(words))
        )
        assert find(words), words
    column = _article(folder / "column.txt")
    assert column.title == "FERRY COMPANY TO END WINTER SERVICE"
    assert len(column.text.split("\n\n")) == 2
    assert column.text.endswith("the harbour master, Mr. Waldemar Brink.")


@pytest.mark.parametrize("name", ["wayback.html", "same-without-toolbar.html"])
def test_06_the_day_of_an_archived_page(case: Case, name: str) -> None:
    assert _day(_article(case("06") / name)) == "2009-03-04"


def test_08_dates_of_one_file_are_read_together(case: Case, run: Run, find: Find) -> None:
    run(case("08") / "d.jsonl")
    days = {hit.article.id: _day(hit.article) for hit in find("council vote", limit=20)}
    assert days == {
        "u0": "2024-11-27", "u1": "2024-12-25", "u2": "2024-10-31", "u3": "2025-01-15",
        "u4": "2024-03-04", "u5": "2024-09-08", "u6": "2024-12-11",
    }  # fmt: skip


def test_09_declared_dates(case: Case, run: Run) -> None:
    articles = _articles(case("09") / "d.jsonl")
    # A year alone is no day.
    read = {article.id: _day(article) for article in articles if article.id != "year"}
    assert read == dict.fromkeys(read, "2024-03-15")
    assert len(read) == 22
    (year,) = (article for article in articles if article.id == "year")
    assert [(each.field, each.value) for each in year.remarks] == [("date", "2024")]
    remarks = run(case("09") / "d.jsonl").remarks
    assert [remark.field for _, remark in remarks] == ["date"]


def test_11_an_export_of_several_articles(case: Case) -> None:
    articles = _articles(case("11") / "export.txt")
    assert [(each.title, _day(each), each.source) for each in articles] == [
        ("Mayor quits over ferry losses", "2024-03-15", "The Skerry Post"),
        ("Goat boards last ferry", "2024-03-14", "The Skerry Post"),
        ("Bakery burns down", "2024-03-13", "The Skerry Post"),
    ]
    assert articles[1].text.startswith("A goat boarded the last winter ferry")
    assert not any("LENGTH" in each.text or "Copyright" in each.text for each in articles)


@pytest.mark.parametrize("name", ["lines.json", "array.jsonl", "concat.json", "lines.ndjson"])
def test_12_the_content_says_what_json_it_is(case: Case, name: str) -> None:
    assert [each.title for each in _articles(case("12") / name)] == [
        "Story 1",
        "Story 2",
        "Story 3",
    ]


def test_13_the_names_of_exporters(case: Case) -> None:
    folder = case("13")
    found = {file.name: _article(file) for file in sorted(folder.glob("*.json*"))}
    assert len(found) == 6
    for name, article in found.items():
        assert article.text.startswith("Councillors in Skerrivane voted nine to two"), name
    named = [article for name, article in found.items() if name != "cnn_dm.jsonl"]
    assert {article.title for article in named} == {"Museum vote"}
    assert _day(found["newsapi.json"]) == _day(found["newsplease.json"]) == "2024-02-01"
    assert found["newsapi.json"].source == "Skerry Post"
    assert found["newsplease.json"].author == "A. Ek"


def test_15_a_folder_is_read_whole(case: Case, run: Run) -> None:
    summary = run(case("15") / "crawl")
    assert summary.skipped == []
    assert summary.articles + summary.duplicates == 9


def test_16_ids_belong_to_their_source(case: Case, run: Run, find: Find) -> None:
    summary = run(case("16") / "dumps")
    assert (summary.articles, summary.skipped) == (6, [])
    sources = {hit.article.source for hit in find("ferry museum", limit=10)}
    assert sources == {"Ulvdal Echo", "Skerry Post"}


def test_17_a_folder_that_has_moved(case: Case, run: Run, find: Find) -> None:
    folder = case("17")
    run(folder / "a")
    (folder / "a").rename(folder / "b")
    for name, old, new in (
        (
            "post.json",
            "The roof of the museum leaks",
            "CORRECTION: the roof of the museum is sound",
        ),
        ("x.txt", "ten percent", "four percent"),
    ):
        file = folder / "b" / name
        file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    summary = run(folder / "b")
    assert (summary.articles, summary.skipped) == (3, [])
    assert "CORRECTION" in find("museum roof")[0].article.text
    assert "four percent" in find("tram fares")[0].article.text


@pytest.mark.parametrize(
    ("question", "first"),
    [('"C++"', {"cpp"}), ('title:"C++"', {"cpp"}), ("-C++", {"csharp", "vitc"})],
)
def test_18_signs_that_belong_to_a_name(
    case: Case, run: Run, find: Find, question: str, first: set[str]
) -> None:
    run(case("18") / "d.jsonl")
    assert {hit.article.id for hit in find(question)} == first


@pytest.mark.parametrize(
    ("question", "first"),
    [("US", {"us_trade", "u_s"}), ("WHO", {"who1"}), ("U.S.", {"us_trade", "u_s"})],
)
def test_19_acronyms(case: Case, run: Run, find: Find, question: str, first: set[str]) -> None:
    run(case("19") / "d.jsonl")
    hits = find(question)
    assert {hit.article.id for hit in hits[: len(first)]} == first


def test_20_filters_without_a_question(case: Case, run: Run, find: Find) -> None:
    run(case("20") / "d.jsonl")
    found = find('source:"Skerry Post" after:2024-03-02')
    assert [_day(hit.article) for hit in found] == ["2024-03-03", "2024-03-02"]
    assert find("-museum") == []
    assert len(find(" ", sources=("Skerry Post",))) == 3


def test_24_markup_in_a_text(case: Case) -> None:
    folder = case("24")
    article = _article(folder / "a.json")
    assert article.title == "Ferry & bridge: what’s next"
    assert article.text.startswith("The lighthouse keeper, Ole Brand, retires.")
    assert "41 years & two days" in article.text
    assert not re.search(r"[<>]|iframe|utm", article.text)
    page = _article(folder / "page.txt")
    assert page.title == "Crane falls on shed"
    assert (
        page.text.split("\n")[0] == "The quay was closed on Monday after the crane fell on a shed."
    )


def test_27_a_newsletter(case: Case) -> None:
    folder = case("27")
    article = _article(folder / "mail.txt")
    assert article.title == "Morning briefing: the mayor quits"
    assert article.source == "The Skerry Post"
    assert _day(article) == "2024-03-15"
    assert "ferry line for two years" in article.text
    assert "“The books will be open,” she said" in article.text
    (other,) = read_documents(folder / "mail.eml")
    assert not isinstance(other, Rejected)
    assert other.title == "x"


@pytest.mark.parametrize("name", ["hidden.html", "shy.html"])
def test_28_explain_tells_what_is_there(case: Case, name: str) -> None:
    (document,) = read_documents(case("28") / name)
    assert not isinstance(document, Rejected)
    article = clean(document)
    assert not isinstance(article, Rejected)
    kept = " ".join(line.text for line in explain(document, article) if line.kept)
    for words in (
        ("climbing centre", "Auctioneer Ragna Toft") if name == "hidden.html" else ("unemployment",)
    ):
        assert words in article.text
        assert words in kept


def test_31_a_page_that_was_stored_packed(case: Case) -> None:
    assert _article(case("31") / "p.html").title == "Auction closes"


def test_explain_tells_every_article_as_it_is(case: Case, shared: Path) -> None:
    folders = [ROOT / "data" / "sample", shared / "seeds"]
    folders += [case(folder.name[:2]) for folder in sorted((shared / "cases").iterdir())]
    told = 0
    for path in find_files(folders):
        assert not isinstance(path, Rejected)
        for document in read_documents(path):
            article = clean(document) if isinstance(document, Document) else document
            if isinstance(document, Rejected) or isinstance(article, Rejected):
                continue
            kept = [line for line in explain(document, article) if line.kept]
            words = " ".join(line.becomes or line.text for line in kept)
            assert re.findall(r"\w+", words) == re.findall(r"\w+", article.text), path
            told += 1
    assert told > 150
