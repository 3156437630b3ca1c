"""Which language a text is in."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.facts.language import language, language_code, page_language
from tests.conftest import ROOT
from tests.support.languages import NEWS


@pytest.mark.parametrize("code", NEWS)
def test_a_news_item(code: str) -> None:
    assert language(NEWS[code]) == code
    assert language(f"\n\n {NEWS[code][:120]}") == code
    assert language(NEWS[code].upper()) == code


@pytest.mark.parametrize(
    "text",
    ["", " \n", "OK", "4,200", "Hello", "Tarrow Bridge", "Q3 2024: EUR 4.2bn", "😀😀😀😀",
     "http://a.example/b/c?d=1", "\ud800\x00", "x" * 1_000_000],
)  # fmt: skip
def test_too_short_to_tell(text: str) -> None:
    assert language(text) is None


def test_of_two_languages_the_one_with_more_text_near_the_beginning() -> None:
    assert language(NEWS["en"] + NEWS["de"][:60]) == "en"
    assert language(NEWS["de"] + NEWS["en"][:60]) == "de"
    assert language(NEWS["en"] * 9 + NEWS["de"] * 90) == "en"


@pytest.mark.parametrize("code", sorted(NEWS.keys() - {"ja", "ko", "th", "zh"}))
def test_under_a_dozen_words_nothing_is_said(code: str) -> None:
    assert language(" ".join(NEWS[code].split()[:5])) is None


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("en", "en"), ("EN-us", "en"), ("en_GB.UTF-8", "en"), (" de ", "de"), ("zh-Hans-CN", "zh"),
        ("eng", "en"), ("deu", "de"), ("ger", "de"), ("fre-CA", "fr"), ("iw", "he"), ("nb", "nb"),
        ("English", "en"), ("german", "de"), ("Deutsch", "de"), ("español", "es"), ("日本語", "ja"),
        ("und", None), ("x-default", None), ("xx", None), ("Klingon", None), ("", None),
        (None, None),
    ],
)  # fmt: skip
def test_declared_languages(declared: str | None, code: str | None) -> None:
    assert language_code(declared) == code


def test_what_a_page_declares_is_believed_but_for_english() -> None:
    assert page_language("nb", NEWS["da"]) == "nb"
    assert page_language("de", NEWS["en"]) == "en"
    assert page_language("en", NEWS["fr"]) == "fr"
    assert page_language(None, NEWS["fr"]) == "fr"
    assert page_language("pt", "Lorem ipsum.") == "pt"


def test_threads_agree() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(language, list(NEWS.values()) * 5)) == list(NEWS) * 5


def test_the_model_is_not_loaded_before_it_is_needed() -> None:
    program = "import sys, indexer.reading.facts.language; print('py3langid' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


@given(st.text(max_size=200))
def test_any_text_has_a_code_or_none(text: str) -> None:
    code = language(text)
    assert code is None or (len(code) == 2 and code.isalpha())
