"""A made-up web page, for the tests of reading HTML: the ferry to Skarholm returns."""

import json
from datetime import date

from indexer.reading.body.page import Page, read_page
from indexer.reading.facts.metadata import Metadata

TODAY = date(2024, 11, 30)
TITLE = "Ferry to Skarholm returns after a winter in the dry dock"
BODY = (
    "The ferry between Aldvik and Skarholm sailed again on Monday, five months after its engine "
    "failed in the middle of the sound.",
    "Harbour master Ingrid Voll said that the winter in the dry dock had cost the island half of "
    "its visitors and all of its patience.",
    "The shipyard replaced both engines and the bow door, which had leaked since the ferry was "
    "built in the last century.",
    "A second crossing in the evening begins in June, when the school on Skarholm is closed and "
    "the campsite at the lighthouse opens.",
)
PARAGRAPHS = "".join(f"<p>{text}</p>" for text in BODY)


def html_of(head: str = "", body: str = PARAGRAPHS, title: str = TITLE, lang: str = "") -> str:
    return (
        f"<!DOCTYPE html><html{lang}><head><meta charset='utf-8'>{head}</head><body>"
        "<nav><ul><li><a href='/news'>News</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
        f"<article><h1>{title}</h1>{body}</article>"
        "<footer><p>© 2024 Aldvik Courier. All rights reserved.</p></footer></body></html>"
    )


def page_of(html: str, url: str | None = None) -> Page:
    found = read_page(html, url, TODAY)
    assert isinstance(found, Page), found
    return found


def about(html: str, url: str | None = None) -> Metadata:
    return page_of(html, url).about


def json_ld_of(**fields: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(fields)}</script>"
