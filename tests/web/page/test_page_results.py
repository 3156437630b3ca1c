"""The results page as HTML: stories, facets, what was read otherwise, no answer, other formats."""

import html
import re
from dataclasses import replace
from datetime import date

import pytest
from fastapi.testclient import TestClient

from indexer.article import PageStart
from indexer.errors import Overloaded
from indexer.storage.rows import StoredArticle
from search.question.cursor import write_cursor
from search.question.period import Period
from search.question.query import Query
from search.question.spelling import Correction
from search.ranking.variants import Variant
from search.results import Count, Facets, Neighbour
from tests.support.fake_searcher import ARTICLE, FakeSearcher, months, telling_all
from tests.support.pages import marks


def targets(page: str) -> dict[str, str]:
    """The text of every link, and where it leads."""
    found = re.findall(r'<a[^>]* href="([^"]*)"[^>]*>(.*?)</a>', page, re.S)
    return {plain(text): html.unescape(target) for target, text in found}


def plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub("<[^>]*>", "", markup)).split())


def test_a_hit_names_the_outlets_of_its_story(client: TestClient, fake: FakeSearcher) -> None:
    telling_all(fake)
    page = client.get("/?q=sparse").text
    said = plain(page)
    assert "Also in at least 3 outlets, first in Echo, 29 November 2024" in said
    assert "Walls are promised Echo · 29 November 2024 · the earliest" in said
    assert "Walls for the harbour The Northern Ledger · 30 November 2024 · the same text" in said
    assert "and 25 more, listed beside the article" in said
    found = targets(page)
    assert found["Walls are promised"] == "/article/copy-1?q=sparse"
    assert found["listed beside the article"] == "/article/storm-1?q=sparse#story"


@pytest.mark.parametrize(
    ("articles", "outlets", "earliest", "said"),
    [
        (2, ("Echo",), 1, "Also in 1 outlet, first in Echo, 29 November 2024"),
        (2, ("Echo",), 0, "Also in 1 outlet; this is the earliest"),
        (2, (), 1, "1 more article of this story, first in Echo"),
        (3, (), 0, "2 more articles of this story; this is the earliest"),
        (1, (), 0, None),
    ],
)
def test_how_a_story_is_told_of(
    client: TestClient,
    fake: FakeSearcher,
    articles: int,
    outlets: tuple[str, ...],
    earliest: int,
    said: str | None,
) -> None:
    telling_all(fake)
    assert fake.hit_story
    other, this = fake.hit_story.members[:2]
    members = ((this, other) if earliest == 0 else (other, this))[:articles]
    fake.hit_story = replace(
        fake.hit_story, articles=articles, outlets=outlets, members=(*members, *members)
    )
    page = client.get("/?q=sparse").text
    assert ("copies" in page) == (said is not None)
    assert (said or "") in plain(page)


def test_facets_are_links_with_counts(client: TestClient, fake: FakeSearcher) -> None:
    telling_all(fake)
    page = client.get("/?q=walls&mode=lexical").text
    found = targets(page)
    assert found["Outlet 0"] == "/?q=walls&source=Outlet+0&mode=lexical"
    assert found["Nov November 2024, 30 hits"] == (
        "/?q=walls&from=2024-11-01&to=2024-11-30&mode=lexical"
    )
    assert found["Nov November 2023, 1 hit"]
    assert "<summary>4 more</summary>" in page
    assert plain(page).count("Outlet 8 12 hits") == 1
    assert "Narrow by date and source" in page


def test_long_spans_are_shown_by_decade(client: TestClient, fake: FakeSearcher) -> None:
    telling_all(fake)
    found = targets(client.get("/?q=long+ago").text)
    assert found["30s 1930–1939, 2 hits"] == "/?q=long+ago&from=1930-01-01&to=1939-12-31"


@pytest.mark.parametrize(
    "facets",
    [Facets(), Facets({"source": (Count("Echo", 3),)}, months("2024-11:3"))],
    ids=["none", "one value"],
)
def test_facets_that_narrow_nothing_are_left_out(
    client: TestClient, fake: FakeSearcher, facets: Facets
) -> None:
    fake.said["walls"] = {"facets": facets}
    assert "Narrow" not in client.get("/?q=walls").text


def test_the_order_can_be_changed(client: TestClient) -> None:
    page = client.get("/?q=walls&source=Echo&page=1").text
    assert targets(page)["Newest first"] == "/?q=walls&source=Echo&sort=date"
    page = client.get("/?q=walls&source=Echo&sort=date").text
    assert targets(page)["Most relevant"] == "/?q=walls&source=Echo"


def test_a_list_without_a_question_is_the_newest_first(client: TestClient) -> None:
    page = client.get("/?source=Echo").text
    assert '<span aria-current="true">Newest first</span>' in page
    assert "Most relevant</" not in page.split('aria-label="Order"')[1].split("</ul>")[0]
    assert "Most relevant" in client.get("/?q=walls").text.split('aria-label="Order"')[1]


def test_the_page_of_a_pdf(client: TestClient, fake: FakeSearcher) -> None:
    assert "<li>page" not in client.get("/?q=walls").text
    starts = (PageStart(0, 0), PageStart(1, 0), PageStart(2, 0))
    fake.article_found = replace(fake.article_found, pages=starts)
    assert "<li>page 2</li>" in client.get("/?q=walls").text


def test_operators_are_shown_as_chips(client: TestClient) -> None:
    page = client.get("/", params={"q": 'walls "grain deal" -fish source:Echo'}).text
    said = plain(page)
    for chip in ("Exactly grain deal ×", "Excluding fish ×", "Source Echo ×"):
        assert chip in said
    assert 'aria-label="Remove Excluding fish"' in page
    assert "/?q=walls+%22grain+deal%22+source%3AEcho" in html.unescape(page)


def test_a_month_is_one_chip(client: TestClient) -> None:
    page = client.get("/?q=walls&from=2024-11-01&to=2024-11-30").text
    assert "Published November 2024 ×" in plain(page)


def test_a_correction_is_told_and_can_be_taken_back(client: TestClient, fake: FakeSearcher) -> None:
    fake.said["who is Belousow"] = {"corrections": (Correction(7, 15, "Belousow", "Belousov"),)}
    page = client.get("/?q=who+is+Belousow").text
    assert "Searching for Belousov instead of Belousow. Search as written" in plain(page)
    assert targets(page)["Search as written"] == "/?q=who+is+%22Belousow%22"


def test_a_period_is_suggested_and_never_applied(client: TestClient, fake: FakeSearcher) -> None:
    july = Period("in July 2025", date(2025, 7, 1), date(2025, 7, 31), 6, 18)
    fake.said["walls in July 2025"] = {"period": july}
    page = client.get("/?q=walls+in+July+2025").text
    target = "/?q=walls+in+July+2025&from=2025-07-01&to=2025-07-31"
    assert targets(page)["Only articles from July 2025"] == target
    assert fake.asked[0].published_from is None


def test_a_phrase_that_nobody_wrote_is_told_of(client: TestClient, fake: FakeSearcher) -> None:
    fake.said["the walls fell"] = {"relaxed": ("the walls fell",)}
    page = plain(client.get("/", params={"q": '"the walls fell"'}).text)
    assert "No passage has the exact words “the walls fell”; they were searched as plain" in page


def test_no_answer_is_said_above_the_nearest_passages(
    client: TestClient, fake: FakeSearcher
) -> None:
    for answerable, said in ((False, True), (True, False), (None, False)):
        fake.said["walls"] = {"answerable": answerable}
        page = client.get("/?q=walls").text
        assert ("Nothing here seems to answer this" in page) == said
        assert bool(marks(page)) == (answerable is True)
        assert "Walls for the harbour" in page


def test_only_the_first_hit_is_marked(client: TestClient, fake: FakeSearcher) -> None:
    fake.total = 30
    assert marks(client.get("/?q=walls").text) == ["The minister promised new walls."]
    assert marks(client.get("/?q=walls&page=2").text) == []


def test_other_spellings_of_a_name_are_told_of(client: TestClient, fake: FakeSearcher) -> None:
    fake.said["zelensky"] = {"variants": (Variant(0, 8, "zelensky", ("Zelenskyy", "Zelenskiy")),)}
    page = plain(client.get("/?q=zelensky").text)
    said = re.sub(r"\W+", " ", page)
    assert "zelensky is also found as Zelenskyy Zelenskiy" in said


def test_more_than_can_be_paged_through_is_said(client: TestClient, fake: FakeSearcher) -> None:
    fake.said["walls"] = {"total": 400, "total_relation": "gte"}
    assert "Showing 1–10 of at least 400" in client.get("/?q=walls").text


def test_an_expired_cursor_leads_back_to_the_first_page(
    client: TestClient, fake: FakeSearcher
) -> None:
    fake.total = 30
    cursor = write_cursor(Query(text="walls", group="story"), "g0", 10)
    answer = client.get(f"/?q=walls&page=2&cursor={cursor}")
    assert answer.status_code == 410
    assert "The articles have been renewed" in answer.text
    assert targets(answer.text)["Begin again with the first page"] == "/?q=walls"


def test_the_same_search_in_other_formats(client: TestClient, fake: FakeSearcher) -> None:
    fake.total = 30
    page = client.get("/?q=walls&sort=date&page=2").text
    found = targets(page)
    assert found["JSON"] == "/v1/search?q=walls&sort=date&group=story&limit=10&offset=10"
    assert client.get(found["JSON"]).json()["hits"][0]["rank"] == 11
    assert found["RSS"] == "/feed.rss?q=walls&sort=date"
    assert 'href="/feed.json?q=walls&amp;sort=date" type="application/feed+json"' in page


def test_an_article_has_others_like_it(client: TestClient, fake: FakeSearcher) -> None:
    assert "More like this" not in client.get("/article/storm-1").text
    other = replace(ARTICLE, id="a/b", title="Who pays <for> the walls")
    fake.neighbours = [Neighbour(1, 0.9, StoredArticle(2, other, 2))]
    page = client.get("/article/storm-1?q=walls").text
    assert "More like this" in page
    assert targets(page)["Who pays <for> the walls"] == "/article/a%2Fb?q=walls"


def test_the_original_is_opened_at_the_sentence(client: TestClient) -> None:
    page = client.get("/article/storm-1?q=walls").text
    original = "https://ledger.example/storm?a=1&b=2"
    assert f"{original}#:~:text=The%20minister%20promised%20new%20walls." in (
        targets(page).values()
    )
    assert original in targets(client.get("/article/storm-1").text).values()


def test_a_busy_server_says_so_in_a_page(client: TestClient, fake: FakeSearcher) -> None:
    fake.failing["walls"] = Overloaded("too many are waiting")
    answer = client.get("/?q=walls")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "Too busy just now" in answer.text
    assert targets(answer.text)["Try again"] == "/?q=walls"


def test_a_bug_leaves_as_a_page(client: TestClient, fake: FakeSearcher) -> None:
    fake.failing["walls"] = ZeroDivisionError("<secret>")
    answer = client.get("/?q=walls")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Something went wrong" in answer.text
    assert "secret" not in answer.text
