"""Which of the lines of a text are its article's. The messes are made up."""

import textwrap

import pytest

from tests.support.lighthouse import BODY, cleaned, page


def test_the_body_alone_is_the_text() -> None:
    article = cleaned(page("Lamp of Gull Point goes out", ""))
    assert article.title == "Lamp of Gull Point goes out"
    assert article.text == "\n\n".join(BODY)
    assert article.location == "a.txt"


def test_head_and_tail_are_dropped() -> None:
    head = (
        "Home | News | Sport | Weather | Podcasts\nSearch\nSubscribe\n\n"
        "Lamp of Gull Point goes out\n\n"
        "By Coast Gazette | Published at 2024-05-05 18:30:00 | Updated at 2024-05-06 07:00:00\n"
        "Share on Facebook\nTweet"
    )
    tail = (
        "Leave a Comment\nYour email address will not be published.\nName\nWebsite\n\n"
        "Related articles\n\nTen walks along the coast that you should take before winter comes.\n"
        "© 2024 Coast Gazette. All rights reserved."
    )
    article = cleaned(page(head, tail))
    assert article.text == "\n\n".join(BODY)
    assert article.title == "Lamp of Gull Point goes out"
    assert article.published
    assert article.published.iso == "2024-05-05T18:30:00"
    assert article.updated
    assert article.updated.iso == "2024-05-06T07:00:00"
    assert article.source == "Coast Gazette"


@pytest.mark.parametrize(
    "line",
    ["ADVERTISEMENT", "Story continues below", "Read more: Why lamps go out", "Share", "Loading...",
     "Photo: Ola Berg / Coast Gazette", "3 min read", "Follow us on everything",
     "Click here to subscribe", "Accept all cookies",
     "Home    News    Sport    Weather    Opinion    Video"],
)  # fmt: skip
def test_furniture_inside_the_body_is_dropped(line: str) -> None:
    body = (*BODY[:2], line, *BODY[2:])
    assert cleaned(page("Lamp of Gull Point goes out", "", body)).text == "\n\n".join(BODY)


@pytest.mark.parametrize(
    "line",
    ["Leave a Reply", "Comments (12)", "No comments yet", "Legal Disclaimer:", "Most Read",
     "Read Entire Article", "Related stories", "Tags: sea, lamps", "You might also like",
     "About the author", "Sign up for our newsletter", "Copyright 2024 Coast Gazette",
     "LEAVE A COMMENT", "More articles"],
)  # fmt: skip
def test_the_tail_is_cut(line: str) -> None:
    tail = f"{line}\n\nAnother story altogether, about a goat that learned to open the gate."
    text = cleaned(page("Lamp of Gull Point goes out", tail)).text
    assert "goat" not in text
    assert text.endswith(BODY[-1])


def test_a_marker_above_the_body_does_not_cut_it() -> None:
    text = cleaned(page("Latest news\n\nLamp of Gull Point goes out", "")).text
    assert text == "\n\n".join(BODY)


def test_subheadings_and_short_quotations_stay() -> None:
    body = (BODY[0], "A cold summer", BODY[1], "“I will come back.”", BODY[2])
    assert cleaned(page("Lamp goes out at Gull Point", "", body)).text == "\n\n".join(body)


def test_text_that_mentions_furniture_words_stays() -> None:
    body = (
        *BODY,
        "He asked visitors to leave a comment in the book, and most read it aloud to the others.",
    )
    assert cleaned(page("Lamp of Gull Point goes out", "", body)).text == "\n\n".join(body)


def test_entities_and_spaces() -> None:
    article = cleaned("Tom &amp; Odd said&nbsp;that the   lamp &quot;will not&quot; burn again.\n")
    assert article.text == 'Tom & Odd said that the lamp "will not" burn again.'


@pytest.mark.parametrize("reference", ["&#" + "9" * 5000 + ";", "&#x" + "f" * 5000 + ";"])
@pytest.mark.parametrize("kind", ["text", "html"])
def test_a_reference_of_thousands_of_digits(reference: str, kind: str) -> None:
    content = f"{BODY[0]} {reference}\n\n{BODY[1]}"
    page = "".join(f"<p>{paragraph}</p>" for paragraph in content.split("\n\n"))
    article = cleaned(content if kind == "text" else f"<article>{page}</article>", kind)
    assert BODY[1][:40] in article.text


def test_wrapped_lines_become_paragraphs() -> None:
    words = " ".join(f"word{i}" for i in range(60)) + "."
    wrapped = textwrap.fill(f"The council met on Monday and {words}", 90)
    assert cleaned(f"{wrapped}\n\n{wrapped}").text.count("\n") == 2


def test_a_narrow_column_is_read_in_sentences() -> None:
    column = (
        "KEEPER OF GULL POINT TO\nLEAVE HIS LAMP\n\n"
        "The keeper of Gull Point an-\nnounced on Sunday that he will dis-\n"
        "continue his watch. Odd Halvorsen,\nwho has kept the lamp for years, is\nto move inland.\n"
    )
    article = cleaned(column)
    assert article.title == "KEEPER OF GULL POINT TO LEAVE HIS LAMP"
    assert article.text == (
        "The keeper of Gull Point announced on Sunday that he will discontinue his watch. Odd "
        "Halvorsen, who has kept the lamp for years, is to move inland."
    )


def test_markdown_is_read_as_it_is_seen() -> None:
    marked = (
        f"# Lamp of Gull Point goes out\n\n**{BODY[0]}**\n\n---\n\n> {BODY[1]}\n\n"
        "## A *cold* summer\n\n"
        f"{BODY[2].replace('lamp', '[lamp](https://s.example/lamp)')}\n\n{BODY[3]}\n"
    )
    article = cleaned(marked)
    assert article.title == "Lamp of Gull Point goes out"
    assert article.text == "\n\n".join([*BODY[:2], "A cold summer", *BODY[2:]])


@pytest.mark.parametrize(
    "first",
    ["March 2024 was the warmest since records began, scientists said on Monday.",
     "30 November 2024 was a cold day on the island, and nobody went out.",
     "By Monday, the river had risen past the bridge, and nobody had been warned.",
     "By Christmas, everything had changed: the mill was shut for good."],
)  # fmt: skip
def test_a_first_sentence_that_begins_like_a_dateline_or_byline_stays(first: str) -> None:
    article = cleaned("\n\n".join([first, *BODY]), title="Lamp")
    assert article.text.startswith(first)
    assert article.author is None


def test_a_brief_without_spaces_between_words() -> None:
    text = "昨日、港町の市場で火災があり、三人が負傷した。警察が原因を調べている。"
    assert cleaned(text, title="火災").text == text
    assert cleaned(f"<html><body><article><p>{text}</p></article></body></html>", "html").text
