"""What web archives put around a page. The pages are made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Date
from indexer.reading.body.archive_frame import text_without_frame
from tests.support.ferry import BODY, PARAGRAPHS, TITLE, html_of
from tests.support.lighthouse import cleaned

ADDRESS = "http://courier.example/ferry"
COPY = f"https://web.archive.org/web/20190711123456/{ADDRESS}"
CALENDAR = (
    "<div>17 captures</div><div>11 Jul 2019 - 03 Feb 2022</div><table><tr><td>Jun</td><td>JUL</td>"
    "<td>Aug</td></tr><tr><td>11</td></tr><tr><td>2018</td><td>2019</td></tr></table>"
    "<p>About this capture</p><p>Collected by: Harbour Web Rescue. Volunteers who keep copies of "
    "web sites that are about to vanish, so that people can go on reading them.</p>"
)
FORM = f"<input type='text' name='url' value='{ADDRESS}'>"
FRAMES = {
    "toolbar between comments": "<!-- BEGIN WAYBACK TOOLBAR INSERT --><div id='tb'>"
    f"{FORM}{CALENDAR}</div><!-- END WAYBACK TOOLBAR INSERT -->",
    "toolbar by its ids": f"<div id='wm-ipp-base'><div id='wm-ipp'>{CALENDAR}</div></div>"
    f"<div id='wm-ipp-print'>The Wayback Machine - {COPY}</div>",
    "archive.today": "<div id='HEADER'><table><tr><td>archive.today<br>webpage capture</td>"
    f"<td>Saved from <input name='q' value='{ADDRESS}'></td><td><time itemprop='pubdate' "
    "datetime='2019-07-11T12:34:56Z'>11 Jul 2019 12:34:56 UTC</time></td></tr></table></div>",
    "perma.cc": "<header><div><p>This is a <span>Perma.cc</span> record</p><p>"
    f"<span>Captured</span> July 11, 2019 12:34 pm</p></div>"
    f"<a href='{ADDRESS}'>View the live page</a></header>",
    "Google": "<div id='bN015htcoyT__google-cache-hdr'><span>This is Google's cache of "
    f"<a href='{ADDRESS}'>{ADDRESS}</a>.</span> <span>It is a snapshot of the page as it "
    "appeared on Sep 16, 2018 13:43:18 GMT.</span></div>",
    "Google, older": f"<div><div>This is Google's cache of <a href='{ADDRESS}'>{ADDRESS}</a>. "
    "It is a snapshot of the page as it appeared on 16 Sep 2018 13:43:18 GMT.<br>Learn more"
    "</div></div>",
}
PRINTED = "<p>Published: March 4, 2009</p>"


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_a_frame_is_cut_off(frame: str) -> None:
    html = html_of(body=PRINTED + PARAGRAPHS).replace("<body>", f"<body>{frame}")
    article = cleaned(html, "html")
    assert article.published == Date("2009-03-04", True, "Published: March 4, 2009")
    assert article.text == "\n\n".join(BODY)
    assert (article.title, article.url, article.source) == (TITLE, ADDRESS, "Aldvik Courier")


def test_what_an_archive_declares_is_of_its_copy() -> None:
    head = (
        "<meta property='og:site_name' content='archive.ph'>"
        "<meta property='og:url' content='https://archive.ph/AbCdE'>"
        "<meta itemprop='dateModified' content='2019-07-11T12:34:56Z'>"
        f"<link rel='canonical' href='https://archive.ph/2019.07.11-123456/{ADDRESS}'>"
    )
    html = html_of(head, PRINTED + PARAGRAPHS).replace("<body>", "<body>" + FRAMES["archive.today"])
    article = cleaned(html, "html", url="https://archive.ph/AbCdE")
    assert (article.url, article.source) == (ADDRESS, "Aldvik Courier")
    assert article.published == Date("2009-03-04", True, "Published: March 4, 2009")
    assert article.updated is None


@pytest.mark.parametrize("kind", ["html", "text"])
def test_a_declared_address_is_unwrapped(kind: str) -> None:
    content = PARAGRAPHS if kind == "html" else "\n\n".join(BODY)
    article = cleaned(content, kind, title=TITLE, url=COPY)
    assert (article.url, article.source, article.published) == (ADDRESS, "courier.example", None)


def test_an_address_of_a_copy_alone_is_kept() -> None:
    article = cleaned("\n\n".join(BODY), title=TITLE, url="https://perma.cc/AB12-CD34")
    assert (article.url, article.source) == ("https://perma.cc/AB12-CD34", None)


TEXTS = {
    "Wayback Machine": "17 captures\n11 Jul 2019 - 03 Feb 2022\n\nJun JUL Aug\n11\n2018 2019 2020\n"
    "success\nfail\nAbout this capture\nCOLLECTED BY\nOrganization: Internet Archive\nThe archive "
    "keeps copies of pages that many crawls have found over the years.\nTIMESTAMPS\n\n"
    f"The Wayback Machine - {COPY}\n",
    "Google": f"This is Google's cache of {ADDRESS}. It is a snapshot of the page as it "
    "appeared on Sep 16, 2018 13:43:18 GMT. Learn more.\nFull versionText-only versionView source\n"
    "Tip: To quickly find your search term on this page, press Ctrl+F.\n",
    "archive.today": f"archive.today\nwebpage capture\nSaved from {ADDRESS}\nsearch\n11 Jul 2019 "
    "12:34:56 UTC\nno other snapshots from this url\nAll snapshots\tfrom host courier.example\n"
    "Webpage\tScreenshot\nshare download .zip report bug or abuse\n",
}


@pytest.mark.parametrize("frame", TEXTS.values(), ids=TEXTS)
def test_a_frame_above_a_text_is_cut_off(frame: str) -> None:
    page = "\n\n".join(["", TITLE, "March 4, 2009", *BODY])
    assert text_without_frame(frame + page) == (page, ADDRESS)
    article = cleaned(frame + page)
    assert (article.title, article.url) == (TITLE, ADDRESS)
    assert article.published == Date("2009-03-04", True, "March 4, 2009")


@pytest.mark.parametrize(
    "text",
    [
        "The Wayback Machine is a fine thing\n\nIt keeps 17 captures of this page.",
        "Perma.cc wins a prize\n\nThe jury praised it.",
        "",
    ],
)
def test_an_article_about_archives_is_whole(text: str) -> None:
    assert text_without_frame(text) == (text, None)


@given(st.text(alphabet="17 captures\nJul209-:/.hgo", max_size=200))
def test_nothing_but_lines_is_taken_from_a_text(text: str) -> None:
    left, _ = text_without_frame(text)
    lines = iter(text.split("\n"))
    assert all(line in lines for line in left.split("\n"))
