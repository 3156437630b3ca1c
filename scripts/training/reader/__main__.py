"""Train the reader; interrupted, it goes on where it stopped.

    python -m scripts.training.reader ../shared/data/qa WORK

WORK holds a checkpoint every 100 steps, and at last `reader.pt`.
"""

import argparse
import logging
import random
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from scripts.benchmarks.confidence import area
from scripts.training.reader.examples import OWN, Example, own_examples, public_examples
from scripts.training.reader.network import Batch, Reader, logits, loss
from scripts.training.reader.pages import answers_within, default_maker, page_of, span_tokens
from scripts.training.reader.samples import Sample, Sampler
from search.answering.pages import Page, PageMaker

logger = logging.getLogger(__name__)

# Pairs of the public sources alone first, then with our own articles.
PUBLIC_STEPS, STEPS, WARM_UP = 300, 2700, 100
BATCH, CHUNK = 32, 8
RATE = 1e-4
# The share of samples by source; what is not named shares the rest by its number of pairs.
SHARES = {
    "qamr": 0.20,
    "squadshifts_new_wiki": 0.20,
    "squad_train_part": 0.18,
    "squadshifts_reddit": 0.07,
    "squadshifts_amazon_reviews": 0.06,
    "nq_open_oracle": 0.07,
    "boolq": 0.04,
}
OWN_SHARE = 0.5
# Of our own articles one in so many is held out, by its headline, so that it stays so.
HELD_OUT = 12


class Drawer:
    """Draws examples by source."""

    def __init__(self, examples: Sequence[Example], shares: dict[str, float]) -> None:
        """`shares` of the sources that are there; they add up to less than 1."""
        self._by_source: dict[str, list[Example]] = {}
        for example in examples:
            self._by_source.setdefault(example.source, []).append(example)
        rest = {name: len(of) for name, of in self._by_source.items() if name not in shares}
        left = 1 - sum(shares.values())
        self._names = list(self._by_source)
        self._weights = [
            shares.get(name, left * rest.get(name, 0) / max(1, sum(rest.values())))
            for name in self._names
        ]

    def draw(self, random: random.Random, count: int) -> list[Example]:
        """So many examples."""
        names = random.choices(self._names, self._weights, k=count)
        return [random.choice(self._by_source[name]) for name in names]


def batches(
    drawer: Drawer, examples: Sequence[Example], maker: PageMaker, start: int
) -> Iterator[list[tuple[Sample, Page]]]:
    """Batches from a step on, without end; of the same step always the same."""
    for chunk in range(start // CHUNK, 1 << 30):
        draw = random.Random(chunk)
        sampler = Sampler(examples, chunk)
        samples = [sampler.sample(each) for each in drawer.draw(draw, BATCH * CHUNK)]
        made = [(each, page_of(each, maker)) for each in samples if each.sentences]
        made.sort(key=lambda pair: len(pair[1].ids))
        groups = [made[at : at + BATCH] for at in range(0, len(made), BATCH)]
        draw.shuffle(groups)
        yield from groups[start % CHUNK if chunk == start // CHUNK else 0 :]


def held_out(reader: Reader, examples: Sequence[Example], maker: PageMaker) -> str:
    """How often the right sentence is the best of a window, and the ROC area of none."""
    sampler = Sampler([each for each in examples if each.source != OWN] or examples, 5)
    samples = [each for each in map(sampler.sample, examples) if each.answers is not None]
    right: list[bool] = []
    none: list[tuple[float, bool]] = []
    reader.eval()
    with torch.inference_mode():
        for at in range(0, len(samples), 64):
            group = samples[at : at + 64]
            pages = [page_of(each, maker) for each in group]
            batch = Batch.of(pages)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                none_scores, tokens = reader(batch.ids, batch.mask, batch.types)
                scores = logits(none_scores, tokens, batch.sentences)
            for sample, row in zip(group, scores.float(), strict=True):
                none.append((float(row.softmax(0)[0]), not sample.answers))
                if sample.answers and len(sample.sentences) > 1:
                    right.append(int(row[1:].argmax()) in sample.answers)
    reader.train()
    scores = np.array([value for value, _ in none])
    truth = np.array([is_none for _, is_none in none])
    told = area(scores[truth], scores[~truth])
    return f"sentence {np.mean(right):.3f} of {len(right)}, none ROC {told:.3f} of {len(none)}"


def _held(article: Sequence[Example]) -> bool:
    return zlib.crc32(article[0].headline.encode()) % HELD_OUT == 0


def rate(step: int) -> float:
    """The learning rate: up, level, then down to 3% of it."""
    if step < PUBLIC_STEPS:
        return RATE * min(1, (step + 1) / WARM_UP)
    return RATE * max(0.03, 1 - (step - PUBLIC_STEPS) / (STEPS - PUBLIC_STEPS))


def main(argv: Sequence[str] | None = None) -> int:
    """Train."""
    parser = argparse.ArgumentParser(description="Train the reader.")
    parser.add_argument("qa", type=Path, metavar="QA", help="folder with pairs.jsonl.gz")
    parser.add_argument(
        "work", type=Path, metavar="WORK", help="folder for checkpoints and the result"
    )
    parser.add_argument("--own", type=Path, default=Path("data/reader"))
    parser.add_argument("--until", type=int, default=STEPS, help="stop after this step")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.manual_seed(0)
    arguments.work.mkdir(parents=True, exist_ok=True)
    checkpoint = arguments.work / "checkpoint.pt"

    maker = default_maker()
    public = list(public_examples(arguments.qa))
    random.Random(1).shuffle(public)
    held, public = public[:800], public[800:]
    own = own_examples(arguments.own)
    own_held = [each for article in own if _held(article) for each in article]
    own_used = [each for article in own if not _held(article) for each in article]
    logger.info("%d public examples, %d of our own", len(public), len(own_used))

    reader = Reader()
    reader.train()
    trained = [each for each in reader.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=RATE, weight_decay=0.01)
    begun = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        reader.load_state_dict(state["reader"])
        optimizer.load_state_dict(state["optimizer"])
        begun = state["step"]
        logger.info("going on after step %d", begun)

    alone = Drawer(public, SHARES)
    mixed = (
        Drawer(
            [*public, *own_used],
            {OWN: OWN_SHARE, **{name: (1 - OWN_SHARE) * s for name, s in SHARES.items()}},
        )
        if own_used
        else alone
    )
    stream: Iterator[list[tuple[Sample, Page]]] | None = None
    losses: list[float] = []
    for step in tqdm(range(begun, arguments.until), initial=begun, total=arguments.until):
        if stream is None or step == PUBLIC_STEPS:
            stream = batches(alone if step < PUBLIC_STEPS else mixed, public, maker, step)
        group = next(stream)
        for each in optimizer.param_groups:
            each["lr"] = rate(step)
        batch = Batch.of([page for _, page in group])
        width = batch.ids.shape[1]
        spans = torch.stack([span_tokens(*pair, maker, width) for pair in group])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            none, tokens = reader(batch.ids, batch.mask, batch.types)
        scores = logits(none.float(), tokens.float(), batch.sentences)
        tokens = tokens.float().masked_fill((batch.sentences < 0)[..., None], -1e4)
        value = loss(scores, tokens, [answers_within(*pair) for pair in group], spans)
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        losses.append(value.item())
        if (step + 1) % 100 == 0 or step + 1 == arguments.until:
            logger.info("step %d: loss %.3f", step + 1, np.mean(losses[-100:]))
            state = {
                "reader": reader.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": step + 1,
            }
            torch.save(state, checkpoint.with_suffix(".new"))
            checkpoint.with_suffix(".new").replace(checkpoint)
        if (step + 1) % 300 == 0 or step + 1 == arguments.until:
            logger.info("public: %s", held_out(reader, held, maker))
            if own_held:
                logger.info("our own: %s", held_out(reader, own_held, maker))
    torch.save(reader.state_dict(), arguments.work / "reader.pt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
