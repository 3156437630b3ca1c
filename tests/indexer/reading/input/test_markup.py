"""Which texts are pages, and what is left of those that have some words in bold."""

import pytest

from indexer.reading.input.markup import is_html, less_inline_tags, less_tags


@pytest.mark.parametrize(
    "text",
    [
        "<p>The keeper retires.</p>",
        "<P CLASS='x'>The keeper retires.</P>",
        "One<br>two<br/>three",
        "<p>One.<p>Two.",
        "Lead. <ul><li>One</li></ul>",
        "<div class='a'>The keeper</div>",
        "<table><tr><td>1</td></tr></table>",
    ],
)
def test_pages(text: str) -> None:
    assert is_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "The keeper retires.",
        "He likes the <b> tag.",
        "Close every <p> with </p>, she said, and a <div> with (</div>).",
        "The <b>keeper</b> retires, <i>The Skerry Post</i> reports.",
        "See <a href='https://s.example'>here</a>.",
        "If a < b and c > d, or <3.",
        "Ann <ann@s.example> wrote to <https://s.example>.",
        "One line<br>and another.",
    ],
)
def test_texts(text: str) -> None:
    assert not is_html(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The <b>keeper</b>, <a href='https://s.example'>Ole</a>.\nHe", "The keeper, Ole.\nHe"),
        ("One line<br />and another", "One line\nand another"),
        ("Put it between <b> and </b>.", "Put it between <b> and </b>."),
        ("He likes the <b> tag, a < b.", "He likes the <b> tag, a < b."),
    ],
)
def test_words_in_bold(text: str, expected: str) -> None:
    assert less_inline_tags(text) == expected


def test_tags_in_markdown() -> None:
    assert less_tags("# Quay\n<p align='left'><img src='a.png'>\nText, <b>bold</b>, 1 < 2.") == (
        "# Quay\n\nText, bold, 1 < 2."
    )


@pytest.mark.parametrize("text", ["<" * 500_000, "<a " * 200_000, "<b>" * 200_000, " <b" * 200_000])
def test_hostile_sizes_are_read(text: str) -> None:
    is_html(text)
    less_inline_tags(text)
