"""Train the model that finds an article's lines: `python -m scripts.training.lines GOLD [MORE]`.

GOLD holds text/NAME.txt and gold.json ({NAME: {body, url}}); MORE holds text/ and html/NAME.html.gz
of pages without a gold body, whose bodies are taken from trafilatura. Prints the F1 on GOLD in five
folds, no site in two of them, and writes reading/body/line_model.json. One thread, fixed seeds: the
same pages give the same weights.

Measured so on 181 pages (whole dump .640): hand-written rules alone .819, the model alone .907, the
model and the rules of `lines` .911; without the pages of MORE the model alone has .889. Smoothing
the verdicts (Viterbi over kept and dropped) gained nothing.
"""

import argparse
import json
import random
import re
import string
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import torch
import trafilatura
from torch import nn
from torch.nn import functional

from indexer.arrays import Float32
from indexer.reading.body.line_features import LineFeatures, describe_lines
from indexer.reading.body.lines import (
    MODEL,
    Model,
    Page,
    first_features,
    judge_pages,
    plain_line,
    second_features,
)
from indexer.reading.body.network import Network
from scripts.lab.data import Pages
from scripts.lab.program import Program

FOLDS = 5
HIDDEN = 24
SEEDS = (0, 1, 2)
EPOCHS = 14
DICE = 0.5
BATCH_LINES = 512
THRESHOLD = 0.35
# A page as it is, with little around its body (three times), the body alone, another script.
VARIANT_WEIGHTS = (1, 0.3, 0.3, 0.3, 0.3, 0.5)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Example:
    """A page whose body is known: its site, its lines, the true body, and which lines are of it."""

    site: str
    raw: tuple[str, ...]
    body: str
    labels: Float32


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Runs of four words, counted."""
    words = _WORD.findall(text)
    return Counter(
        tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1)) if words
    )


def text_f1(found: str, gold: str) -> float:
    """F1 over four-word shingles as a multiset, as in article-extraction-benchmark."""
    one, other = shingles(found), shingles(gold)
    common = (one & other).total()
    return 2 * common / (one.total() + other.total()) if common else 0.0


def label(texts: Sequence[str], body: str) -> Float32:
    """Which lines are the body's, (lines,) 0 or 1.

    Most shingles of such a line are in the body, or it is a few words that stand in the body beside
    the same words as in the page.
    """
    gold = _WORD.findall(body)
    whole = f" {' '.join(gold)} "
    known = shingles(body)
    words = [_WORD.findall(text) for text in texts]
    found = np.zeros(len(texts), np.float32)
    for i, own in enumerate(words):
        if len(own) >= 4:
            runs = shingles(texts[i])
            found[i] = sum(n for run, n in runs.items() if run in known) * 2 >= runs.total()
        elif own and f" {' '.join(own)} " in whole:
            before = words[i - 1][-2:] if i else []
            after = words[i + 1][:2] if i + 1 < len(words) else []
            placed = [before + own] * bool(before) + [own + after] * bool(after)
            found[i] = any(f" {' '.join(run)} " in whole for run in placed)
    return found


def read_examples(pages: Pages) -> list[Example]:
    """The pages of a folder with their gold bodies."""
    return [_example(pages, name, page["url"], page["body"]) for name, page in pages.gold().items()]


def _example(pages: Pages, name: str, url: str, body: str) -> Example:
    raw = tuple(line for line in pages.text(name).split("\n") if plain_line(line))
    host = (urlsplit(url).hostname or name).split(".")
    country = len(host) > 2 and len(host[-1]) == 2 and len(host[-2]) <= 3
    site = ".".join(host[-3:] if country else host[-2:])
    return Example(site, raw, body, label([plain_line(line) for line in raw], body))


def read_extracted(pages: Pages) -> list[Example]:
    """The pages of a folder whose bodies trafilatura finds in their HTML, and their texts have.

    A second opinion, not the truth (F1 .95): good to learn from, never to measure with.
    """
    examples = []
    for name, page in pages.gold().items():
        html = pages.html(name)
        body = trafilatura.extract(html, include_comments=False, include_tables=False)
        example = _example(pages, name, page["url"], body or "")
        lines = zip(example.raw, example.labels, strict=True)
        found = "\n".join(plain_line(line) for line, label in lines if label)
        if example.labels.sum() > 2 and text_f1(found, example.body) > 0.9:
            examples.append(example)
    return examples


def folds(examples: Sequence[Example], count: int) -> Iterator[tuple[list[int], list[int]]]:
    """Indices of the pages to train on and to test, no site in both."""
    sites = sorted({example.site for example in examples})
    random.Random(0).shuffle(sites)
    for fold in range(count):
        held = set(sites[fold::count])
        test = [i for i, example in enumerate(examples) if example.site in held]
        yield [i for i in range(len(examples)) if i not in set(test)], test


def _disguises() -> list[dict[int, Any]]:
    """Alphabets to write a page in: no listed word occurs, no letter has a case, or no space."""
    lower, upper = string.ascii_lowercase, string.ascii_uppercase
    shifted = lower[7:] + lower[:7] + upper[7:] + upper[:7]
    without_case = str.maketrans(lower + upper, 2 * "".join(chr(0x0620 + i) for i in range(26)))
    dense = {**without_case, ord(" "): "", ord("."): "。", ord(","): "、"}
    return [str.maketrans(lower + upper, shifted), without_case, dense]


def variants(example: Example, seed: int) -> Iterator[Example]:
    """A page as it is, the body with little around it, and the page in another script."""
    rng = random.Random(seed)
    inside = np.flatnonzero(example.labels)
    yield example
    if len(inside):
        for most in (0, 3, 12):
            start = max(int(inside[0]) - rng.randint(0, most), 0)
            stop = int(inside[-1]) + 1 + rng.randint(0, most)
            yield _part(example, range(len(example.raw))[start:stop])
        yield _part(example, inside.tolist())
    disguise = _disguises()[seed % 3]
    yield replace(example, raw=tuple(line.translate(disguise) for line in example.raw))


def _part(example: Example, lines: Sequence[int]) -> Example:
    return replace(example, raw=tuple(example.raw[i] for i in lines), labels=example.labels[lines])


@dataclass(frozen=True, slots=True)
class _Sample:
    """A page to learn from, and how much it counts."""

    page: LineFeatures
    labels: Float32
    weight: float


def _samples(example: Example, seed: int) -> list[_Sample]:
    return [
        _Sample(describe_lines([[plain_line(line) for line in one.raw]]), one.labels, weight)
        for one, weight in zip(variants(example, seed), VARIANT_WEIGHTS, strict=False)
    ]


def _line_weights(sample: _Sample) -> Float32:
    """A line counts by its share of the body, as in F1."""
    mass = np.minimum(sample.page.lengths, 500)
    body = max(float((mass * sample.labels).sum()), 250.0)
    return (sample.weight * (0.2 + 20 * mass / body)).astype(np.float32)


def _loss(
    odds: torch.Tensor, rows: Sequence[tuple[torch.Tensor, ...]], scale: float
) -> torch.Tensor:
    """Cross-entropy of the lines, plus one minus the expected F1 (Dice) of each page."""
    labels, weights = (torch.cat([row[k] for row in rows]) for k in (1, 2))
    loss = functional.binary_cross_entropy_with_logits(odds, labels, weight=weights / scale)
    pages = torch.sigmoid(odds).split([len(row[1]) for row in rows])
    dice = torch.zeros(())
    for likely, (_, truth, _, mass, weight) in zip(pages, rows, strict=True):
        common = (likely * truth * mass).sum()
        total = (likely * mass).sum() + (truth * mass).sum()
        dice = dice + weight * (1 - 2 * common / (total + 1))
    return loss + DICE * dice / len(rows)


def _train_stage(
    features: Sequence[Float32], samples: Sequence[_Sample], seeds: Sequence[int]
) -> Network:
    every = np.vstack(features)
    mean, scale = every.mean(0), every.std(0) + 0.05
    rows = [
        (
            torch.from_numpy((x - mean) / scale).clamp(-5, 5),
            torch.from_numpy(sample.labels),
            torch.from_numpy(_line_weights(sample)),
            torch.from_numpy(np.minimum(sample.page.lengths, 2000)),
            torch.tensor(sample.weight),
        )
        for x, sample in zip(features, samples, strict=True)
    ]
    typical = float(torch.cat([row[2] for row in rows]).mean())
    batch = max(1, BATCH_LINES * len(rows) // len(every))
    hidden, bias, output, offset = [], [], [], 0.0
    for seed in seeds:
        torch.manual_seed(seed)
        inner, outer = nn.Linear(every.shape[1], HIDDEN), nn.Linear(HIDDEN, 1)
        network = nn.Sequential(nn.Dropout(0.1), inner, nn.ReLU(), nn.Dropout(0.3), outer)
        optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.02)
        steps = EPOCHS * -(-len(rows) // batch)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=steps)
        for _ in range(EPOCHS):
            for numbers in torch.randperm(len(rows)).split(batch):
                chosen = [rows[number] for number in numbers.tolist()]
                odds = network(torch.cat([row[0] for row in chosen]))[:, 0]
                loss = _loss(odds, chosen, typical)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
        matrix = inner.weight.detach().numpy().T / scale[:, None]
        hidden.append(matrix)
        bias.append(inner.bias.detach().numpy() - mean @ matrix)
        output.append(outer.weight.detach().numpy()[0] / len(seeds))
        offset += outer.bias.item() / len(seeds)
    return Network(np.hstack(hidden), np.concatenate(bias), np.concatenate(output), offset)


def train(examples: Sequence[Example]) -> Model:
    """Train both stages; the second learns from what a first one says of pages unknown to it."""
    torch.set_num_threads(1)
    samples = [_samples(example, number) for number, example in enumerate(examples)]

    def stage(inputs: dict[int, list[Float32]], seeds: Sequence[int]) -> Network:
        features = [each for rows in inputs.values() for each in rows]
        return _train_stage(features, [each for i in inputs for each in samples[i]], seeds)

    seen = {i: [first_features(each.page) for each in some] for i, some in enumerate(samples)}
    again: dict[int, list[Float32]] = {}
    for train_on, held in folds(examples, FOLDS):
        first = stage({i: seen[i] for i in train_on}, SEEDS[:1])
        for i in held:
            pairs = zip(samples[i], seen[i], strict=True)
            again[i] = [second_features(each.page, first(x)) for each, x in pairs]
    return Model(stage(seen, SEEDS), stage(again, SEEDS), THRESHOLD)


def cross_validate(examples: Sequence[Example], more: Sequence[Example] = ()) -> list[float]:
    """The F1 of each page, by a model that was trained without the pages of its site.

    more: further pages to train on
    """
    found = [0.0] * len(examples)
    for train_on, held in folds(examples, FOLDS):
        sites = {examples[i].site for i in held}
        others = [example for example in more if example.site not in sites]
        model = train([examples[i] for i in train_on] + others)
        for i in held:
            (judged,) = judge_pages([Page(examples[i].raw)], model)
            kept = [line.text for line in judged if line.kept]
            found[i] = text_f1("\n".join(kept), examples[i].body)
    return found


def write(model: Model, path: Path) -> None:
    """Write the weights as JSON, four digits each."""
    path.write_text(json.dumps(asdict(model), default=rounded) + "\n")


def rounded(values: Float32) -> object:
    """Weights as JSON has them, four digits each."""
    return json.loads(
        json.dumps(values.tolist()), parse_float=lambda text: float(f"{float(text):.4g}")
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figure of the folds, and write the weights; returns the exit status."""
    program = Program(
        prog="python -m scripts.training.lines",
        description="Train the model that finds an article's lines.",
    )
    program.path("gold", "pages whose bodies are known", metavar="GOLD")
    program.add_argument("more", nargs="*", type=Path, metavar="MORE", help="other pages")
    return program.run(_train, arguments)


def _train(options: argparse.Namespace) -> Iterator[str]:
    examples = read_examples(Pages(options.gold))
    extracted = [example for folder in options.more for example in read_extracted(Pages(folder))]
    scores = cross_validate(examples, extracted)
    yield f"F1 {np.mean(scores):.4f} over {len(scores)} pages, {FOLDS} folds by site"
    write(train(examples + extracted), MODEL)


if __name__ == "__main__":
    sys.exit(main())
