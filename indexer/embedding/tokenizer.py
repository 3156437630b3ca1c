"""From text to token ids: queries and passages each in their own way, so prompts never mix.

A passage is tokenized behind its headline, in one string, as the model would see it; only the
passage's own tokens are kept for late interaction, and the headline gives way if both do not fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from tokenizers import Encoding, Tokenizer

from indexer.arrays import Int64

# A passage may fill three quarters of the window; the rest is for the headline and the prompt.
PASSAGE_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class TokenizedPassage:
    """What the model sees of one passage.

    ids: (t,) int64, headline and special tokens included
    first, last: the passage's own tokens are `ids[first:last]`
    offsets: (last - first, 2) int64, code points in the passage's text
    """

    ids: Int64
    first: int
    last: int
    offsets: Int64

    def distinct_ids(self) -> Int64:
        """The passage's own token ids, each once, (u,) ascending."""
        return np.unique(self.ids[self.first : self.last])

    def first_tokens(self, sentence_ends: Int64) -> Int64:
        """Which of its tokens begins each sentence, (s,), from where sentences end, (s,)."""
        begins = np.concatenate([[0], sentence_ends[:-1]])
        first: Int64 = np.searchsorted(self.offsets[:, 1], begins, side="right")
        return first


@dataclass(frozen=True, slots=True)
class TokenizedQuery:
    """What the model sees of one query.

    ids: (t,) int64, special tokens and prompt included
    own: (q,) int64, positions of the query's own tokens in `ids`
    words: (q,) int64, which word of the query each of its own tokens is a piece of
    offsets: (q, 2) int64, code points in the query's text
    """

    ids: Int64
    own: Int64
    words: Int64
    offsets: Int64


class PassageTokenizer:
    """The model's tokenizer with its prompts and its window."""

    def __init__(
        self, tokenizer: Tokenizer, max_tokens: int, query_prompt: str, passage_prompt: str
    ) -> None:
        """Take over `tokenizer`: its truncation and padding are switched off."""
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self.max_tokens = max_tokens
        self.query_prompt = query_prompt
        self.passage_prompt = passage_prompt
        self.vocabulary_size: int = tokenizer.get_vocab_size(with_added_tokens=True)
        self.max_passage_tokens = int(max_tokens * PASSAGE_SHARE)

    @classmethod
    def open(
        cls, file: Path, max_tokens: int, query_prompt: str, passage_prompt: str
    ) -> "PassageTokenizer":
        """Read a `tokenizer.json`."""
        return cls(Tokenizer.from_file(str(file)), max_tokens, query_prompt, passage_prompt)

    def save(self, file: Path) -> None:
        """Write a `tokenizer.json`."""
        self._tokenizer.save(str(file))

    @cached_property
    def whole_words(self) -> frozenset[str]:
        """The words, in lower case, that are one piece to this tokenizer: common ones, and names.

        WordPiece marks what goes on with a word by ##, SentencePiece what begins one by ▁.
        """
        pieces = self._tokenizer.get_vocab(with_added_tokens=False)
        begins = any(piece.startswith("▁") for piece in pieces)
        words = (
            piece.removeprefix("▁")
            for piece in pieces
            if not piece.startswith("##") and (not begins or piece.startswith("▁"))
        )
        return frozenset(word.lower() for word in words if word.isalpha())

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens not counted."""
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    def word_spans(self, text: str) -> list[tuple[int, int]]:
        """Code point ranges of the tokens of one text."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).offsets)

    def passages(self, headlines: Sequence[str], texts: Sequence[str]) -> list[TokenizedPassage]:
        """Tokenize each passage behind its headline; the headline is cut if both do not fit.

        Raises:
            ValueError: a passage alone does not fit the window; the passage cutter prevents it.
        """
        prefixes = [
            self.passage_prompt + (f"{headline}\n" if headline else "") for headline in headlines
        ]
        joined = [prefix + text for prefix, text in zip(prefixes, texts, strict=True)]
        encodings = self._tokenizer.encode_batch(joined)
        return [
            self._fit(encoding, len(prefix))
            for encoding, prefix in zip(encodings, prefixes, strict=True)
        ]

    def _fit(self, encoding: Encoding, prefix: int) -> TokenizedPassage:
        ids = np.array(encoding.ids, np.int64)
        offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)
        special = np.array(encoding.special_tokens_mask, bool)
        # A sentencepiece token may swallow the line break, so ask where a token ends, not starts.
        own = np.flatnonzero(~special & (offsets[:, 1] > prefix))
        first, last = (int(own[0]), int(own[-1]) + 1) if own.size else (len(ids), len(ids))
        excess = len(ids) - self.max_tokens
        if excess > 0:
            cut = max(first - excess, 1)
            ids = np.concatenate([ids[:cut], ids[first:]])
            if len(ids) > self.max_tokens:
                raise ValueError(f"a passage of {last - first} tokens does not fit the model")
            moved = first - cut
        else:
            moved = 0
        return TokenizedPassage(
            ids, first - moved, last - moved, np.maximum(offsets[first:last] - prefix, 0)
        )

    def query(self, text: str) -> TokenizedQuery:
        """Tokenize a query behind its prompt; what exceeds the window is dropped."""
        encoding = self._tokenizer.encode(self.query_prompt + text)
        ids = np.array(encoding.ids, np.int64)
        special = np.array(encoding.special_tokens_mask, bool)
        offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)
        own = np.flatnonzero(~special & (offsets[:, 1] > len(self.query_prompt)))
        if len(ids) > self.max_tokens:
            keep = np.flatnonzero(special)
            tail = keep[keep >= self.max_tokens]
            ids = np.concatenate([ids[: self.max_tokens - len(tail)], ids[tail]])
            own = own[own < self.max_tokens - len(tail)]
        words = np.array([encoding.word_ids[i] for i in own], np.int64)
        begin = len(self.query_prompt)
        return TokenizedQuery(ids, own, words, np.maximum(offsets[own] - begin, 0))
