"""The network: the layers of the default model, a score for each token and one for no sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import AutoModel

from indexer.embedding.model import find_model
from indexer.settings import DEFAULT_MODEL
from search.answering.pages import Page


@dataclass(frozen=True, slots=True)
class Batch:
    """Pages as tensors, each (b, t) int64; types are 1 from the headline on."""

    ids: Any
    mask: Any
    types: Any
    sentences: Any

    @classmethod
    def of(cls, pages: Sequence[Page]) -> "Batch":
        """Pad pages to the longest."""
        longest = max(len(page.ids) for page in pages)
        ids, mask, types = (torch.zeros((len(pages), longest), dtype=torch.int64) for _ in range(3))
        sentences = torch.full_like(ids, -1)
        for row, page in enumerate(pages):
            length = len(page.ids)
            ids[row, :length] = torch.from_numpy(page.ids)
            mask[row, :length] = 1
            types[row, page.question : length] = 1
            sentences[row, :length] = torch.from_numpy(page.sentences)
        return cls(ids, mask, types, sentences)


class Reader(torch.nn.Module):  # type: ignore[misc]
    """ids, mask, types → (b, 1) for none, (b, t, 2) for the tokens: a mean's part, a maximum's."""

    def __init__(self) -> None:
        """Begin with the weights of the default model; its word vectors are never trained."""
        super().__init__()
        path = str(find_model(DEFAULT_MODEL).path)
        self.encoder = AutoModel.from_pretrained(
            path, add_pooling_layer=False, attn_implementation="sdpa", local_files_only=True
        )
        for module in self.encoder.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        for name, parameter in self.encoder.named_parameters():
            if "word_embeddings" in name or "position_embeddings" in name:
                parameter.requires_grad_(False)
        width = self.encoder.config.hidden_size
        self.of_tokens = torch.nn.Linear(width, 2)
        self.of_none = torch.nn.Linear(width, 1)
        torch.nn.init.normal_(self.of_tokens.weight, std=0.02)

    def forward(self, ids: Any, mask: Any, types: Any) -> tuple[Any, Any]:
        """Scores for none and of each token."""
        hidden = self.encoder(
            input_ids=ids, attention_mask=mask, token_type_ids=types
        ).last_hidden_state.float()
        return self.of_none(hidden[:, 0]), self.of_tokens(hidden)


def logits(none: Any, tokens: Any, sentences: Any) -> Any:
    """(b, 1 + s): of none, then of each sentence: the mean of one score and the maximum of another.

    A sentence of which no token fits has -10,000.
    """
    count = int(sentences.max()) + 1
    member = sentences[..., None] == torch.arange(count)  # (b, t, s)
    size = member.sum(1)
    mean = (tokens[..., :1] * member).sum(1) / size.clamp_min(1)
    best = tokens[..., 1:].masked_fill(~member, -1e4).amax(1)
    return torch.cat([none, (mean + best).masked_fill(size == 0, -1e4)], 1)


def loss(scores: Any, tokens: Any, answers: Sequence[tuple[int, ...] | None], spans: Any) -> Any:
    """The mean negative log likelihood of the right choices; and a share for the words themselves.

    answers: of each row, as in Sample; None asks only that it is not none
    spans: (b, t) bool, tokens that are the words that answer
    """
    log_p = scores.log_softmax(1)
    total = scores.new_zeros(())
    for row, right in zip(log_p, answers, strict=True):
        if right is None:
            total = total - torch.log1p(-row[0].exp().clamp_max(0.999))
        else:
            total = total - row[[0] if not right else [1 + each for each in right]].logsumexp(0)
    marked = spans.any(1)
    if marked.any():
        words = tokens[..., 1][marked].log_softmax(1).masked_fill(~spans[marked], -1e4)
        total = total - 0.2 * words.logsumexp(1).sum()
    return total / len(answers)
