"""What is read of the five articles that the project began with."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from indexer.article import Article, Document
from indexer.reading.cleaning import clean
from indexer.reading.documents import read_documents
from tests.conftest import require


@dataclass(frozen=True)
class Seed:
    """What a seed holds: its article is the lines first to last of those with text, from 1."""

    first: int
    last: int
    title: str | None
    published: str
    source: str | None
    updated: str | None = None
    certain: bool = True
    agency: str | None = None


SEEDS = {
    "000": Seed(
        4,
        11,
        "Pyongyang will stand by Moscow until victory – North Korea",
        "2024-11-01T13:40:15",
        "Russia Today",
        updated="2024-11-01T15:31:47",
    ),
    "001": Seed(1, 5, None, "2024-11-04", "MENAFN", agency="MENAFN"),
    "002": Seed(
        9,
        15,
        "North Korea’s Leader Pledges Full, Unconditional Support for Russia",
        "2025-07-13T03:04:10",
        "MENAFN",
        agency="MENAFN",
    ),
    "003": Seed(
        3,
        16,
        "Putin says Russia supports North Korea against ‘treacherous’ West",
        "2024-06-26",
        None,
        certain=False,
    ),
    "004": Seed(
        2,
        7,
        "North Korean leader meets Russia's Defence chief, "
        "vows continued support for Moscow's war efforts",
        "2024-11-30",
        "IANS",
        agency="IANS",
    ),
}


@pytest.mark.shared
@pytest.mark.parametrize("number", SEEDS)
def test_seeds(shared: Path, number: str) -> None:
    files = list((shared / "seeds").glob(f"{number}_*"))
    require(files, f"there is no seed {number} in {shared / 'seeds'}")
    (document,) = read_documents(files[0])
    assert isinstance(document, Document)
    article, seed = clean(document), SEEDS[number]
    assert isinstance(article, Article)
    lines = [" ".join(line.split()) for line in document.content.split("\n")]
    body = [line for line in lines if line][seed.first - 1 : seed.last]
    assert article.paragraphs() == [body[0].removeprefix("date 2024-11-04 "), *body[1:]]
    assert article.published
    assert article.published.line
    assert (article.published.iso, article.published.certain) == (seed.published, seed.certain)
    assert (article.updated.iso if article.updated else None) == seed.updated
    assert (article.source, article.agency, article.language) == (seed.source, seed.agency, "en")
    assert article.title_made == (seed.title is None)
    if seed.title:
        assert article.title == seed.title
    else:
        assert article.title == (
            "North Korea has affirmed its commitment to support Russia in the ongoing conflict "
            "in Ukraine, with Foreign Choe Son-hui…"
        )


@pytest.mark.shared
@pytest.mark.parametrize("number", SEEDS)
def test_dates_of_seeds_whose_lines_were_glued(shared: Path, number: str) -> None:
    files = list((shared / "seeds").glob(f"{number}_*"))
    require(files, f"there is no seed {number} in {shared / 'seeds'}")
    (document,) = read_documents(files[0])
    assert isinstance(document, Document)
    glued = " ".join(document.content.split("\n"))
    article, seed = clean(replace(document, content=glued)), SEEDS[number]
    assert isinstance(article, Article)
    assert article.published
    assert (article.published.iso, article.published.certain) == (seed.published, seed.certain)
    assert (article.updated.iso if article.updated else None) == seed.updated
