"""The page as HTML: what a person sees of a search and of an article, and where marks fall."""

import html
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from indexer.article import Article, Date
from indexer.storage.rows import StoredArticle
from search.live import LiveSearcher
from search.question.query import Query
from search.results import Story
from tests.conftest import settings_for
from tests.support.corpus import QUESTIONS
from tests.support.fake_searcher import ANSWER, ARTICLE, PASSAGE, TEXT, FakeSearcher
from tests.support.fakes import FakeEmbedder, FakeReader
from tests.support.pages import box, links, marks, solid, words
from tests.support.serving import app_over
from web.page.form import LAST_PAGE, SearchForm


def test_first_visit_shows_the_box_and_hints(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert box(answer.text) == ""
    assert "autofocus" in answer.text
    assert "1,234 articles, indexed" in answer.text
    assert "22 November 2026" in answer.text
    assert marks(answer.text) == []


def test_results_show_the_article_the_passage_and_the_answer(client: TestClient) -> None:
    page = client.get("/", params={"q": "who pays?"}).text
    assert "<title>who pays? – article-search</title>" in page
    assert box(page) == "who pays?"
    assert marks(page) == ["The minister promised new walls."]
    assert " Work begins in May." in page
    assert "Nobody asked" not in page
    assert '<time datetime="2024-11-30T09:12:00+09:00">30 November 2024</time>' in page
    assert "<bdi>Ana Diaz</bdi>" in page
    assert 'role="status">Showing 1–1 of 1 <span class="took">12 ms</span>' in page
    assert words(page) == ["walls"]
    found = links(page)
    spans = f"passage={PASSAGE.start}-{PASSAGE.end}&answer={ANSWER.start}-{ANSWER.end}"
    assert f"/article/storm-1?q=who+pays%3F&{spans}#passage" in found
    assert "/?q=who+pays%3F&source=The+Northern+Ledger" in found
    original = "https://ledger.example/storm?a=1&b=2#:~:text="
    assert f"{original}The%20minister%20promised%20new%20walls." in found
    assert 'rel="noreferrer noopener nofollow"' in page
    assert 'id="passage"' not in page


def test_the_article_opens_at_the_passage(client: TestClient) -> None:
    form = SearchForm(q="who pays?", page=2, sources=("A & B",))
    page = client.get(form.passage_url("storm-1", PASSAGE, ANSWER)).text
    assert marks(page) == ["The minister promised new walls."]
    assert '<span class="passage"> Work begins in May.</span>' in page
    assert page.count('id="passage"') == 1
    assert '<mark id="passage">' in page
    assert "Nobody asked who would pay." in page
    assert form.url in links(page)


def test_an_article_asked_a_question_finds_its_own_sentence(client: TestClient) -> None:
    page = client.get("/article/storm-1?q=what+was+promised").text
    assert marks(page) == ["The minister promised new walls."]


@pytest.mark.parametrize("where", ["", "?passage=9000-9001&answer=9000-9001", "?answer=9-2"])
def test_an_article_without_a_passage_is_shown_unmarked(client: TestClient, where: str) -> None:
    answer = client.get(f"/article/storm-1{where}")
    assert answer.status_code == 200
    assert "Walls for the harbour" in answer.text
    assert "<mark" not in answer.text
    assert "#passage" not in answer.text


def test_nothing_found_suggests_to_remove_filters(client: TestClient, fake: FakeSearcher) -> None:
    fake.total = 0
    page = client.get("/", params={"q": "walls", "source": "X", "from": "2024-01-02"}).text
    assert "Nothing found for" in page
    assert "/?q=walls" in links(page)
    assert "/?q=walls&source=X" in links(page)
    assert "/?q=walls&from=2024-01-02" in links(page)
    assert "Try other words" in client.get("/?q=walls").text


def test_filters_reach_the_query_and_stay_in_the_form(
    client: TestClient, fake: FakeSearcher
) -> None:
    page = client.get(
        "/?q=walls&source=X&source=Y&source=&author=Ana&lang=en&from=2024-01-02&to=2024-02-03"
        "&mode=lexical&group=passage&sort=date&page=2"
    ).text
    assert fake.asked == [
        Query(
            text="walls",
            limit=10,
            offset=10,
            mode="lexical",
            group="passage",
            sources=("X", "Y"),
            published_from=date(2024, 1, 2),
            published_to=date(2024, 2, 3),
            authors=("Ana",),
            languages=("en",),
            sort="date",
            explain=True,
        )
    ]
    assert '<input name="source" value="X"' in page
    assert '<input type="hidden" name="source" value="Y">' in page
    assert '<input name="author" value="Ana"' in page
    assert '<input name="lang" value="en"' in page
    assert 'name="from" value="2024-01-02"' in page
    assert '<option value="lexical" selected>' in page
    assert '<option value="passage" selected>' in page
    assert '<option value="date" selected>' in page
    rest = "from=2024-01-02&to=2024-02-03&mode=lexical&group=passage&sort=date"
    for without in ("source=Y&author=Ana&lang=en", "source=X&source=Y&lang=en"):
        assert f"/?q=walls&{without}&{rest}" in links(page)
    days = "source=X&source=Y&author=Ana&lang=en&mode=lexical&group=passage&sort=date"
    assert f"/?q=walls&{days}" in links(page)


def test_empty_fields_of_a_form_sent_without_scripts_are_defaults(
    client: TestClient, fake: FakeSearcher
) -> None:
    assert (
        client.get("/?q=walls&mode=&group=&sort=&from=&to=&page=&cursor=&author=").status_code
        == 200
    )
    assert fake.asked == [Query(text="walls", group="story", explain=True)]


@pytest.mark.parametrize(
    ("total", "page", "shown", "previous", "following"),
    [
        (10, 1, "1–10", False, False),
        (11, 1, "1–10", False, True),
        (25, 2, "11–20", True, True),
        (25, 3, "21–25", True, False),
        (2000, LAST_PAGE, "401–410", True, False),
    ],
)
def test_pager(
    client: TestClient,
    fake: FakeSearcher,
    total: int,
    page: int,
    shown: str,
    previous: bool,
    following: bool,
) -> None:
    fake.total = total
    text = client.get(f"/?q=walls&page={page}").text
    assert f"Showing {shown} of {total}" in text
    assert ('rel="prev"' in text) == previous
    assert ('rel="next"' in text) == following
    for kind, number in (("prev", page - 1), ("next", page + 1)):
        if found := re.search(f'rel="{kind}" href="([^"]*)"', text):
            target = html.unescape(found[1])
            assert target.startswith(f"/?q=walls&page={number}&cursor=" if number > 1 else "/?q=w")
            assert f"{number * 10 - 9}–" in client.get(target).text


def test_a_page_past_the_end_links_to_the_last(client: TestClient, fake: FakeSearcher) -> None:
    fake.total = 21
    page = client.get("/?q=walls&page=9").text
    assert "There is no page 9" in page
    (last,) = [link for link in links(page) if link.startswith("/?q=walls&page=3&cursor=")]
    assert "Showing 21–21 of 21" in client.get(last).text


@pytest.mark.parametrize("identity", ["a/b?c=d#e&f", "“ß” & <i>", "../x", "a//b"])
def test_any_id_can_be_opened(client: TestClient, fake: FakeSearcher, identity: str) -> None:
    fake.article_found = Article(identity, "Odd", TEXT)
    (link,) = {link for link in links(client.get("/?q=walls").text) if "/article/" in link}
    assert client.get(link).status_code == 200


@pytest.mark.parametrize("odds", [3.0, -0.5])
def test_the_page_marks_what_the_json_asserts(
    corpus_index: Path, fake_model: FakeEmbedder, monkeypatch: pytest.MonkeyPatch, odds: float
) -> None:
    monkeypatch.setattr("search.live.open_reader", lambda threads: FakeReader({"": odds}))
    client = TestClient(app_over(LiveSearcher(settings_for(corpus_index))))
    for asked in QUESTIONS:
        question = f"who said {asked}?"
        parameters = {"q": question, "group": "story"}
        body = client.get("/v1/search", params=parameters).json()
        hits = body["hits"]
        page = client.get("/", params={"q": question}).text
        opened = [link for link in links(page) if link.endswith("#passage")]
        assert len(hits) == len(opened) > 0
        assert body["answerable"] is (True if odds > 0 else None)
        asserted = hits[0]["answer"]["text"] if body["answerable"] else ""
        assert solid("".join(marks(page))) == solid(asserted)
        assert solid("".join(marks(client.get(opened[0]).text))) == solid(asserted)
        assert all("answer=" not in link for link in opened[1:])


@pytest.mark.parametrize(
    ("published", "shown"),
    [("2024-11-05", "5 November 2024"), ("2024-11", "November 2024")],
)
def test_dates_are_as_precise_as_known(
    client: TestClient, fake: FakeSearcher, published: str, shown: str
) -> None:
    fake.article_found = Article("a", "A", TEXT, published=Date(published))
    assert f'<time datetime="{published}">{shown}</time>' in client.get("/?q=walls").text


def test_an_uncertain_date_says_so(client: TestClient, fake: FakeSearcher) -> None:
    assert "(uncertain)" not in client.get("/?q=walls").text
    date = Date("2024-11-05", certain=False, line='Tuesday "5" <November>')
    fake.article_found = replace(ARTICLE, published=date)
    page = client.get("/?q=walls").text
    assert "(uncertain)</span>" in page
    assert "Read from: Tuesday &#34;5&#34; &lt;November&gt;" in page


def test_an_article_names_the_others_of_its_story(client: TestClient, fake: FakeSearcher) -> None:
    assert "The same story" not in client.get("/article/storm-1?q=walls").text
    copy = replace(ARTICLE, id="copy 2", title="Walls <planned>", source="Echo", published=None)
    fake.story_found = Story(
        [StoredArticle(1, copy, 1), StoredArticle(0, ARTICLE, 1, "edited")], 120
    )
    page = client.get("/article/storm-1?q=walls").text
    assert "120 articles, of which the first 2" in page
    assert "/article/copy%202?q=walls" in links(page)
    assert "Walls &lt;planned&gt;" in page
    assert "the earliest" in page
    assert "an edited copy" in page
