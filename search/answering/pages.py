"""From a question and some sentences of an article to what the reader's network sees.

    [CLS] question [SEP] headline [SEP] sentence sentence … [SEP]

Training and searching make their inputs here, so they cannot differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from indexer.arrays import Int64

# Tokens. Longer questions and headlines are cut; what is left belongs to the sentences.
LONGEST_QUESTION = 48
LONGEST_HEADLINE = 32
WINDOW = 256
_CLS, _SEP = 101, 102


@dataclass(frozen=True, slots=True)
class Page:
    """What the network reads at once.

    ids: (t,) int64, token ids
    sentences: (t,) int64, which sentence each token is of, -1 for what is none of a sentence
    question: how many tokens come before the headline
    """

    ids: Int64
    sentences: Int64
    question: int


@dataclass(frozen=True, slots=True)
class PageMaker:
    """Makes pages; `tokenizer` neither pads nor truncates."""

    tokenizer: Tokenizer

    def pages(self, question: str, texts: Sequence[tuple[str, Sequence[str]]]) -> list[Page]:
        """One page for each headline with its sentences; what exceeds the window is left out."""
        asked = self._ids([question])[0][:LONGEST_QUESTION]
        pieces = self._ids(
            [each for headline, sentences in texts for each in (headline, *sentences)]
        )
        pages: list[Page] = []
        for _, sentences in texts:
            headline, *said = pieces[: 1 + len(sentences)]
            del pieces[: 1 + len(sentences)]
            before = [_CLS, *asked, _SEP, *headline[:LONGEST_HEADLINE], _SEP]
            ids, owners = [*before], [-1] * len(before)
            for number, tokens in enumerate(said):
                fitting = tokens[: WINDOW - 1 - len(ids)]
                ids += fitting
                owners += [number] * len(fitting)
            page = Page(
                np.array([*ids, _SEP], np.int64), np.array([*owners, -1], np.int64), len(asked) + 2
            )
            pages.append(page)
        return pages

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        encodings = self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in encodings]
