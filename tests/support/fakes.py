"""A model without a model: every token is a fixed pseudo-random direction."""

import hashlib
import math
import string
from collections.abc import Sequence
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from indexer.arrays import Float32, Int64
from indexer.embedding.base import PassageVectors, QueryVectors
from indexer.embedding.model import ModelFiles
from indexer.embedding.tokenizer import PassageTokenizer, TokenizedPassage

DIMENSION = 32
MAX_TOKENS = 256


@cache
def _vocabulary() -> dict[str, int]:
    letters = string.ascii_lowercase
    chunks = [*string.punctuation, *string.digits, *letters]
    chunks += ["".join(pair) for pair in product(letters, repeat=2)]
    chunks += ["".join(triple) for triple in product(letters, repeat=3)]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *chunks, *(f"##{chunk}" for chunk in chunks)]
    return {token: number for number, token in enumerate(tokens)}


def fake_tokenizer(
    max_tokens: int = MAX_TOKENS, query_prompt: str = "", passage_prompt: str = ""
) -> PassageTokenizer:
    """WordPiece over chunks of up to three letters, with BERT's normaliser and special tokens."""
    vocabulary = _vocabulary()
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(
        ("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"])
    )
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    return PassageTokenizer(tokenizer, max_tokens, query_prompt, passage_prompt)


@cache
def _direction(token: int) -> Float32:
    seed = int.from_bytes(hashlib.sha256(str(token).encode()).digest()[:8], "big")
    vector = np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
    unit: Float32 = vector / np.linalg.norm(vector)
    return unit


def _directions(ids: Int64) -> Float32:
    rows = [_direction(token) for token in ids.tolist()]
    return np.array(rows, np.float32).reshape(len(rows), DIMENSION)


def _unit(vectors: Float32) -> Float32:
    total = vectors.sum(axis=0)
    unit: Float32 = total / np.linalg.norm(total)
    return unit


class FakeEmbedder:
    """Meets `Embedder`; texts that share words are near each other."""

    def __init__(self, max_tokens: int = MAX_TOKENS, sha256: str = "f" * 64) -> None:
        self.model = ModelFiles("fake", Path("fake"), sha256, sha256)
        self.tokenizer = fake_tokenizer(max_tokens)
        self.dimension = DIMENSION

    def embed_query(self, text: str) -> QueryVectors:
        query = self.tokenizer.query(text)
        own = query.ids[query.own]
        vector = _unit(_directions(own if own.size else query.ids))
        return QueryVectors.of(query, vector, _directions(query.ids))

    def embed_passages(
        self, passages: Sequence[TokenizedPassage], projection: Float32
    ) -> PassageVectors:
        vectors = [
            _unit(_directions(passage.ids[1:-1] if len(passage.ids) > 2 else passage.ids))
            for passage in passages
        ]
        tokens = [
            _directions(passage.ids[passage.first : passage.last]) @ projection
            for passage in passages
        ]
        return PassageVectors(
            np.array(vectors, np.float32).reshape(len(passages), DIMENSION), tokens
        )

    def release(self) -> None:
        """Nothing is kept."""


class Killed(BaseException):
    """What a process that is killed cannot catch, as well as a test can say it."""


class CountingEmbedder(FakeEmbedder):
    """Counts the passages it embeds, and is killed when asked for more than `most`.

    released: how often it was to give back what that took
    """

    def __init__(self, most: float = math.inf, sha256: str = "f" * 64) -> None:
        super().__init__(sha256=sha256)
        self.most = most
        self.embedded = self.released = 0

    def release(self) -> None:
        self.released += 1

    def embed_passages(
        self, passages: Sequence[TokenizedPassage], projection: Float32
    ) -> PassageVectors:
        if self.embedded + len(passages) > self.most:
            raise Killed
        self.embedded += len(passages)
        return super().embed_passages(passages, projection)


class FakeReader:
    """Meets `Reader`: the log odds of a sentence are those of the first phrase that it holds."""

    def __init__(self, odds: dict[str, float]) -> None:
        self.odds = odds
        self.read_texts: list[tuple[str, tuple[str, ...]]] = []

    def read(self, question: str, texts: Sequence[tuple[str, Sequence[str]]]) -> list[Float32]:
        self.read_texts += [(question, tuple(sentences)) for _, sentences in texts]
        return [np.array([self._of(each) for each in said], np.float32) for _, said in texts]

    def _of(self, sentence: str) -> float:
        return next((odds for phrase, odds in self.odds.items() if phrase in sentence), -5.0)
