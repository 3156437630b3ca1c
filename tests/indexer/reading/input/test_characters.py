"""Text as a reader sees it: what is not seen is gone, what was escaped is what it stands for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.input.characters import seen, unescaped, unquoted
from indexer.reading.input.decoding import tidy
from tests.support.languages import NEWS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("un\u00adem\u00adploy\u00adment", "unemployment"),
        ("fisher\u00ad\nmen, fisher\u00ad  \n  men", "fishermen, fishermen"),
        ("The end\u00ad\n\nA new", "The end\n\nA new"),
        ("Skerri\u200bvane, word\u2060join\ufeffer", "Skerrivane, wordjoiner"),
        ("Auf\u200clage and a\u200db", "Auflage and ab"),
        ("ﬁnal oﬃce, ﬂat ﬀ ﬄ", "final office, flat ff ffl"),
        ("cafe\u0301 sen\u0303or", "café señor"),
        ("ＡＢＣ１２は、（ガ）", "ＡＢＣ１２は、（ガ）"),
        ("10\u00a0000\u202f% of 5\u20077", "10 000 % of 5 7"),
    ],
)
def test_what_is_seen(text: str, expected: str) -> None:
    assert seen(text) == tidy(text) == expected


@pytest.mark.parametrize(
    "text",
    ["می\u200cخواهم", "क्\u200dष and क्\u200cष", "👩\u200d👩\u200d👧", "🏳\ufe0f\u200d🌈",
     "👩🏽\u200d🚒", *NEWS.values()],
)  # fmt: skip
def test_joiners_stay_where_they_are_needed(text: str) -> None:
    assert tidy(text) == text


def test_half_a_letter_that_was_encoded_twice_is_no_soft_hyphen() -> None:
    assert tidy("MarÃ\u00ada is in BogotÃ¡ â€” “here”") == "María is in Bogotá — “here”"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ferry &amp; bridge: what&#8217;s next", "Ferry & bridge: what’s next"),
        ("Ferry &amp;amp; bridge: what&amp;#8217;s", "Ferry & bridge: what’s"),
        ("caf&eacute;&#x2026;", "café…"),
        ("AT&T, ?a=1&copy=2, &bogus; &;", "AT&T, ?a=1&copy=2, &bogus; &;"),
        (f"&#{'9' * 5000};", f"&#{'9' * 5000};"),
    ],
)
def test_entities(text: str, expected: str) -> None:
    assert unescaped(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"The mayor\u2019s plan was cut.", "The mayor’s plan was cut."),
        (r"It closed.\n\n\u201cWe wait,\u201d he said.\nShe left.",
         "It closed.\n\n“We wait,” he said.\nShe left."),
        (r'He said \"no.\"\r\nShe left.', 'He said "no."\r\nShe left.'),
        (r'"The caf\u00e9 closed.\nIt was \"old\"."', 'The café closed.\nIt was "old".'),
        (r"A smile \ud83d\ude00 won.", "A smile 😀 won."),
        (r"She left.\nThe dog stayed.\tWet.", "She left.\nThe dog stayed.\tWet."),
    ],
)  # fmt: skip
def test_what_was_escaped_twice(text: str, expected: str) -> None:
    assert unquoted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        r"The file is in C:\new\names. \nlost",
        r"It lies on \\server\news\2024.",
        r"The program says print('Done.\n') and ends.",
        r'He wrote printf("Done.\n"); twice.',
        r"Write \n for the end of a line.",
        r"The pattern \d+.\nThe rest.",
        "Lines.\nThat end.\nAs they should, and one.\\nThat does not.\n",
        r"In Java '\u2019' is a quote.",
        r"It costs \u0041 dollar.",
    ],
)
def test_paths_and_code_stay(text: str) -> None:
    assert unquoted(text) == text


@given(st.text(alphabet="a\u00ad\u200b\u200c\u200d\u2060\ufeff\u00a0ﬁ\n 👩ا", max_size=40))
def test_what_is_seen_is_seen_again(text: str) -> None:
    once = seen(text)
    assert seen(once) == once
    assert not set(once) & set("\u00ad\u200b\u2060\ufeff\u00a0ﬁ")


@given(st.text(alphabet='\\nu2019dA."& ;#amp\n', max_size=60))
def test_any_escapes_are_read(text: str) -> None:
    tidy(unescaped(unquoted(text))).encode("utf-8")
