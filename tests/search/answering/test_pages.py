"""What the network sees of a question and sentences."""

import numpy as np
import pytest
from tokenizers import Tokenizer

from search.answering.pages import LONGEST_HEADLINE, LONGEST_QUESTION, WINDOW, PageMaker
from search.answering.reader import default_tokenizer

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return default_tokenizer()


@pytest.fixture(scope="module")
def maker(tokenizer: Tokenizer) -> PageMaker:
    return PageMaker(tokenizer)


def test_a_page_by_hand(maker: PageMaker, tokenizer: Tokenizer) -> None:
    page, other = maker.pages("who won", [("The cup", ["Kim won.", "Lee lost."]), ("", ["No."])])
    words = [str(tokenizer.id_to_token(number)) for number in page.ids.tolist()]
    assert " ".join(words) == ("[CLS] who won [SEP] the cup [SEP] kim won . lee lost . [SEP]")
    assert page.sentences.tolist() == [-1] * 7 + [0, 0, 0, 1, 1, 1, -1]
    assert page.question == 4
    words = [str(tokenizer.id_to_token(number)) for number in other.ids.tolist()]
    assert " ".join(words) == "[CLS] who won [SEP] [SEP] no . [SEP]"


def test_what_exceeds_the_window_is_left_out(maker: PageMaker) -> None:
    sentence = "word " * 40
    page = maker.pages("who " * 100, [("cup " * 100, [sentence] * 20)])[0]
    assert len(page.ids) == WINDOW
    assert page.question == LONGEST_QUESTION + 2
    first = int(np.flatnonzero(page.sentences == 0)[0])
    assert first == page.question + LONGEST_HEADLINE + 1
    assert sorted(set(page.sentences.tolist())) == [-1, 0, 1, 2, 3, 4]
    assert (np.diff(page.sentences[first:-1]) >= 0).all()
