"""Which field of a record is what, as exporters and users name them."""

import time
from typing import Any

import pytest

from indexer.article import Document, Rejected, Remark
from indexer.reading.fields import KNOWN, Fields, key

TEXT = "Councillors voted nine to two to turn the lighthouse into a museum."


def _read(record: dict[str, Any], fields: Fields = KNOWN) -> Document:
    found = fields.document("a", record)
    assert isinstance(found, Document)
    return found


# What each of them writes of one article.
EXPORTERS: dict[str, dict[str, Any]] = {
    "NewsAPI": {
        "source": {"id": None, "name": "Skerry Post"},
        "author": "A. Ek",
        "title": "Vote",
        "url": "https://s.example/1",
        "publishedAt": "2024-02-01T10:00:00Z",
        "description": "Short.",
        "content": TEXT + "… [+1234 chars]",
    },
    "news-please": {
        "authors": ["A. Ek"],
        "date_publish": "2024-02-01 10:00:00",
        "maintext": TEXT,
        "description": "Short.",
        "title": "Vote",
        "url": "https://s.example/1",
        "source_domain": "Skerry Post",
    },
    "WordPress": {
        "date": "2024-02-01T10:00:00",
        "link": "https://s.example/1",
        "title": {"rendered": "Vote"},
        "content": {"rendered": TEXT, "protected": False},
        "yoast_head_json": {"author": "A. Ek", "title": "Vote - Skerry"},
        "source": "Skerry Post",
        "author": "A. Ek",
    },
    "Guardian": {
        "webTitle": "Vote",
        "webPublicationDate": "2024-02-01T10:00:00Z",
        "webUrl": "https://s.example/1",
        "source": "Skerry Post",
        "fields": {"bodyText": TEXT, "byline": "A. Ek"},
    },
    "New York Times": {
        "headline": {"main": "Vote", "kicker": "X"},
        "pub_date": "2024-02-01T10:00:00Z",
        "byline": {"original": "A. Ek"},
        "web_url": "https://s.example/1",
        "source": "Skerry Post",
        "lead_paragraph": TEXT,
    },
    "Event Registry": {
        "dateTimePub": "2024-02-01T10:00:00Z",
        "body": TEXT,
        "title": "Vote",
        "url": "https://s.example/1",
        "source": {"uri": "s.example", "title": "Skerry Post"},
        "authors": [{"name": "A. Ek", "type": "author"}],
    },
    "trafilatura": {
        "title": "Vote",
        "author": "A. Ek",
        "hostname": "s.example",
        "sitename": "Skerry Post",
        "date": "2024-02-01",
        "text": TEXT,
        "raw_text": "x",
        "source-hostname": "Skerry Post",
        "source": "Skerry Post",
        "url": "https://s.example/1",
    },
    "fundus": {
        "title": "Vote",
        "publishing_date": "2024-02-01 10:00:00",
        "authors": ["A. Ek"],
        "plaintext": TEXT,
        "publisher": "Skerry Post",
        "url": "https://s.example/1",
    },
    "All the News": {
        "id": 7,
        "headline": "Vote",
        "publication": "Skerry Post",
        "author": "A. Ek",
        "date": "2024-02-01",
        "content": TEXT,
        "url": "https://s.example/1",
    },
    "JSON Feed": {
        "title": "Vote",
        "content_text": TEXT,
        "date_published": "2024-02-01T10:00:00Z",
        "authors": [{"name": "A. Ek"}],
        "url": "https://s.example/1",
        "feed": {"title": "Skerry Post"},
    },
    "Elasticsearch": {
        "title": "Vote",
        "body": [TEXT],
        "published_at": {"$date": "2024-02-01T10:00:00Z"},
        "byline": "A. Ek",
        "source_name": "Skerry Post",
        "permalink": "https://s.example/1",
    },
}


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_the_names_of_exporters(exporter: str) -> None:
    document = _read(EXPORTERS[exporter])
    assert document.content == TEXT
    assert document.format == "text"
    assert document.title == "Vote"
    assert document.author == "A. Ek"
    assert document.source == "Skerry Post"
    assert document.url == "https://s.example/1"
    assert document.date is not None
    assert document.date.startswith("2024-02-01")


@pytest.mark.parametrize(
    ("date", "read"),
    [
        (1710504000, "1710504000"),
        (1710504000123, "1710504000"),
        ("1710504000123456", "1710504000"),
        (1710504000123456789, "1710504000"),
        ({"$date": {"$numberLong": "1710504000123"}}, "1710504000"),
        ([2024, 3, 15, 10, 30, 0], "2024-03-15"),
        (["2024-03-15"], "2024-03-15"),
        ("20240315103000", "20240315103000"),
        ("202403151030", "202403151030"),
    ],
)
def test_dates_as_numbers_and_objects(date: Any, read: str) -> None:
    assert _read({"text": TEXT, "date": date}).date == read


def test_what_is_declared_and_cannot_be_read_is_remarked() -> None:
    document = _read({"text": TEXT, "date": True, "title": {"x": 1}, "author": None, "url": ""})
    assert document.remarks == (
        Remark("title", "{'x': 1}", "cannot be read"),
        Remark("date", "True", "cannot be read"),
    )


def test_a_later_name_stands_in_for_one_that_cannot_be_read() -> None:
    document = _read({"text": TEXT, "date": {}, "published_at": "2024-02-01"})
    assert (document.date, document.remarks) == ("2024-02-01", ())


def test_markup_in_a_field_of_text() -> None:
    assert _read({"text": f"<p>{TEXT}</p>"}).format == "html"
    assert _read({"content": {"rendered": f"<p>{TEXT}</p>"}}).format == "html"
    assert _read({"text": "The <3 of the town, 5 < 6 and 7 > 6."}).format == "text"


def test_a_summary_stands_in_for_a_text() -> None:
    assert _read({"title": "Vote", "description": "Short.", "summary": TEXT}).content == TEXT


def test_what_has_no_text_says_what_it_has() -> None:
    rejected = KNOWN.document("a", {"title": "Vote", "seendate": "x", "story_html_path": "y"})
    assert isinstance(rejected, Rejected)
    assert "title, seendate, storyhtmlpath" in rejected.reason
    assert "--map text=FIELD" in rejected.reason


def test_what_a_user_maps_wins() -> None:
    fields = Fields({"text": "words.long", "title": "kop"})
    record = {"text": "Not this.", "words": {"long": TEXT}, "kop": "Vote", "title": "Not this"}
    document = _read(record, fields)
    assert (document.content, document.title) == (TEXT, "Vote")


def test_what_is_mapped_may_be_missing() -> None:
    assert _read({"text": TEXT}, Fields({"text": "verhaal"})).content == TEXT


def test_a_field_that_is_mapped_is_no_other_one() -> None:
    document = _read({"body": TEXT, "subject": "Skerry"}, Fields({"source": "subject"}))
    assert (document.source, document.title) == ("Skerry", None)


def test_names_are_compared_without_case_and_signs() -> None:
    assert key("Published At") == key("publishedAt") == key("published_at") == "publishedat"
    assert key("_id") != key("id")


def test_a_record_nested_without_end() -> None:
    record: dict[str, Any] = {"text": TEXT}
    inner = record
    for _ in range(50):
        inner["more"] = {f"field{n}": "x" for n in range(100)}
        inner = inner["more"]
    assert _read(record).content == TEXT


def test_a_run_of_blanks_is_read_at_once() -> None:
    begun = time.process_time()
    assert _read({"text": TEXT + " " * 200_000 + "."}).content.endswith(" .")
    assert time.process_time() - begun < 2


def test_fields_are_read_as_they_are_seen() -> None:
    found = _read(
        {
            "title": "Ferry &amp;amp; bridge: what&#8217;s <i>ne\u00adxt</i>",
            "author": "M&uuml;ller",
            "source": "Skerri\u200bvane\u00a0Post",
            "url": "https://s.example/?a=1&amp;copy=2",
            "text": TEXT,
        }
    )
    assert (found.title, found.author, found.source, found.url) == (
        "Ferry & bridge: what’s next",
        "Müller",
        "Skerrivane Post",
        "https://s.example/?a=1&copy=2",
    )


@pytest.mark.parametrize(
    ("text", "content", "kind"),
    [
        (f"<p>{TEXT}</p>", f"<p>{TEXT}</p>", "html"),
        (f"&lt;p&gt;{TEXT}&lt;/p&gt;", f"<p>{TEXT}</p>", "html"),
        (rf"<p>{TEXT}</p>\n<p>\u201cYes.\u201d</p>", f"<p>{TEXT}</p>\n<p>“Yes.”</p>", "html"),
        (f"{TEXT}\n\nThe &lt;b&gt; tag.", f"{TEXT}\n\nThe &lt;b&gt; tag.", "text"),
        (f"<b>{TEXT}</b>\nHe likes <br>.", f"{TEXT}\nHe likes \n.", "text"),
        (rf"{TEXT}\n\nThe keeper\u2019s lamp.", f"{TEXT}\n\nThe keeper’s lamp.", "text"),
    ],
)
def test_texts_are_read_as_what_they_are(text: str, content: str, kind: str) -> None:
    found = _read({"text": text})
    assert (found.content, found.format) == (content, kind)


@pytest.mark.parametrize(
    ("authors", "read"),
    [("['Ann Ek', 'Bo Li']", "Ann Ek, Bo Li"), ('["O\'Brien"]', "O'Brien"), ("[sic]", "[sic]")],
)
def test_authors_as_pandas_writes_a_list(authors: str, read: str) -> None:
    assert _read({"text": TEXT, "authors": authors}).author == read


def test_a_moment_as_asp_writes_it() -> None:
    assert _read({"text": TEXT, "date": "/Date(1710496800000)/"}).date == "1710496800"


def test_names_in_other_languages() -> None:
    document = _read({"Überschrift": "Vote", "Text": TEXT, "Datum": "15.3.2024", "Quelle": "Post"})
    assert (document.title, document.date, document.source) == ("Vote", "15.3.2024", "Post")
