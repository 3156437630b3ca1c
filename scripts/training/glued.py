"""Train the model that cuts glued pages: `python -m scripts.training.glued GOLD [MORE]`.

GOLD and MORE are as for scripts.training.lines: the line ends of their pages are what is learned.
Prints the F1 of the bodies of GOLD, glued, in five folds, no site in two of them, and writes
reading/body/glued_model.json. One thread, fixed seeds: the same pages give the same weights.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from indexer.arrays import Float32
from indexer.reading.body import glued, lines
from indexer.reading.body.network import Network
from scripts.lab.data import Pages
from scripts.lab.program import Program
from scripts.training.lines import (
    FOLDS,
    Example,
    folds,
    read_examples,
    read_extracted,
    rounded,
    text_f1,
    variants,
)
from scripts.training.lines import (
    train as train_lines,
)

HIDDEN = 16
EPOCHS = 4
BATCH = 2048
THRESHOLD = 0.4
# A page in another script counts less.
DISGUISED = 0.3

_Sample = tuple[Float32, Float32, float]


def words_of(example: Example) -> tuple[list[str], Float32]:
    """The words of a page, and behind which of them but the last a line ended, (words - 1,)."""
    split = [lines.plain_line(line).split() for line in example.raw]
    ends = np.zeros(sum(map(len, split)), np.float32)
    ends[np.cumsum(list(map(len, split))) - 1] = 1
    return [word for line in split for word in line], ends[:-1]


def _samples(example: Example, seed: int) -> Iterator[_Sample]:
    *_, disguised = variants(example, seed)
    for page, weight in ((example, 1.0), (disguised, DISGUISED)):
        words, ends = words_of(page)
        if len(words) > 1:
            yield np.concatenate(list(glued.gap_features(words))), ends, weight


def train(examples: Sequence[Example]) -> Network:
    """Train on the line ends of pages, by cross-entropy."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    samples = [each for seed, example in enumerate(examples) for each in _samples(example, seed)]
    every = np.concatenate([features for features, _, _ in samples])
    mean, scale = every.mean(0), every.std(0) + 0.05
    inputs = torch.from_numpy((every - mean) / scale).clamp(-5, 5)
    labels = torch.from_numpy(np.concatenate([ends for _, ends, _ in samples]))
    weights = torch.from_numpy(
        np.concatenate([np.full(len(ends), weight, np.float32) for _, ends, weight in samples])
    )
    inner, outer = nn.Linear(every.shape[1], HIDDEN), nn.Linear(HIDDEN, 1)
    network = nn.Sequential(inner, nn.ReLU(), nn.Dropout(0.2), outer)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.02)
    steps = EPOCHS * -(-len(every) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    for _ in range(EPOCHS):
        for numbers in torch.randperm(len(every)).split(BATCH):
            odds = network(inputs[numbers])[:, 0]
            loss = functional.binary_cross_entropy_with_logits(
                odds, labels[numbers], weight=weights[numbers]
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    matrix = inner.weight.detach().numpy().T / scale[:, None]
    bias = inner.bias.detach().numpy() - mean @ matrix
    return Network(matrix, bias, outer.weight.detach().numpy()[0], outer.bias.item())


def cross_validate(examples: Sequence[Example], more: Sequence[Example] = ()) -> list[float]:
    """The F1 of each page, glued, by models that were trained without the pages of its site.

    more: further pages to train on
    """
    found = [0.0] * len(examples)
    for train_on, held in folds(examples, FOLDS):
        sites = {examples[i].site for i in held}
        others = [examples[i] for i in train_on]
        others += [example for example in more if example.site not in sites]
        ends, body = glued.Model(train(others), THRESHOLD), train_lines(others)
        for i in held:
            page = " ".join(words_of(examples[i])[0])
            judged = lines.judge_glued([page], ends, body)
            kept = [line.text for line in judged if line.kept]
            found[i] = text_f1("\n".join(kept), examples[i].body)
    return found


def write(model: glued.Model, path: Path) -> None:
    """Write the weights as JSON, four digits each."""
    path.write_text(json.dumps(asdict(model), default=rounded) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figure of the folds, and write the weights; returns the exit status."""
    program = Program(
        prog="python -m scripts.training.glued",
        description="Train the model that cuts glued pages.",
    )
    program.path("gold", "pages whose bodies are known", metavar="GOLD")
    program.add_argument("more", nargs="*", type=Path, metavar="MORE", help="other pages")
    return program.run(_train, arguments)


def _train(options: argparse.Namespace) -> Iterator[str]:
    examples = read_examples(Pages(options.gold))
    extracted = [example for folder in options.more for example in read_extracted(Pages(folder))]
    write(glued.Model(train(examples + extracted), THRESHOLD), glued.MODEL)
    scores = cross_validate(examples, extracted)
    yield f"F1 {np.mean(scores):.4f} over {len(scores)} glued pages, {FOLDS} folds by site"


if __name__ == "__main__":
    sys.exit(main())
