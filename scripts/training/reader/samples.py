"""From examples to what is trained on: windows of texts, with decoys as news has them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scripts.training.reader.examples import OWN, Example, sentences_of

# Words of a window; searching reads passages of 40 to 100 words and some sentences beside them.
SHORTEST_WINDOW, LONGEST_WINDOW = 50, 165
# Lines that repeat a question and do not answer it, as headings, leads and teasers do.
_DECOYS = (
    "{q}?",
    "{q}",
    "Here is what we know about {q}.",
    "It is a question that many people ask: {q}?",
    "Read more: {q}",
    "Experts and fans alike have long argued over {q}, and they are not done yet.",
    "MORE: {q}?",
    "The question of {q} came up again this week.",
    "Watch: {q} explained in two minutes",
    "So {q}? We take a look.",
    "Officials did not say {q}.",
    "Many readers have written to us to ask {q}.",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the network is to learn from once; `answers` as in `Example`."""

    question: str
    headline: str
    sentences: tuple[str, ...]
    answers: tuple[int, ...] | None
    span: str


class Sampler:
    """Makes a new sample of an example each time; `strangers` are sentences of other texts."""

    def __init__(self, examples: Sequence[Example], seed: int) -> None:
        """Draw strangers from the examples of one sentence."""
        self._random = random.Random(seed)
        self._strangers = [each.sentences[0] for each in examples if len(each.sentences) == 1]

    def sample(self, example: Example) -> Sample:
        """One sample: as it is, without its answer, with another passage, or with decoys."""
        draw = self._random
        answers = example.answers
        if answers and example.source != OWN:
            if len(example.sentences) == 1:
                example = self._among_strangers(example)
            elif draw.random() < 0.25:
                example = _without_answer(example)
            elif draw.random() < 0.15 and example.others:
                other = draw.choice(example.others)
                if example.span not in other:
                    example = replace(example, sentences=sentences_of(other), answers=(), span="")
        elif answers and len(example.sentences) > len(answers) + 1:
            chance = draw.random()
            if chance < 0.1:
                example = _without_answer(example)
            elif chance < 0.3:
                example = self._elsewhere(example)
        if example.source != OWN and draw.random() < 0.3:
            example = self._with_decoy(example)
        example = self._window(example)
        return Sample(
            self._typed(example.question),
            example.headline if draw.random() < 0.9 else "",
            example.sentences,
            example.answers,
            example.span,
        )

    def _elsewhere(self, example: Example) -> Example:
        """What the article says before its answers, or after them."""
        assert example.answers
        before, after = min(example.answers), max(example.answers) + 1
        parts = [part for part in (example.sentences[:before], example.sentences[after:]) if part]
        if not parts:
            return example
        return replace(example, sentences=self._random.choice(parts), answers=(), span="")

    def _among_strangers(self, example: Example) -> Example:
        draw = self._random
        others = [draw.choice(self._strangers) for _ in range(draw.randint(2, 5))]
        others = [each for each in others if example.span not in each]
        if draw.random() < 0.3:
            return replace(example, sentences=tuple(others), answers=(), span="")
        at = draw.randint(0, len(others))
        sentences = (*others[:at], *example.sentences, *others[at:])
        return replace(example, sentences=sentences, answers=(at,))

    def _with_decoy(self, example: Example) -> Example:
        draw = self._random
        asked = example.question.rstrip("? ")
        decoy = draw.choice(_DECOYS)
        if not decoy.startswith("{q}"):
            asked = asked[:1].lower() + asked[1:]
        line = decoy.format(q=asked[:1].upper() + asked[1:] if decoy.startswith("{q}") else asked)
        if example.answers is None:
            return example
        near = (
            example.answers[0] + draw.randint(0, 1) if example.answers else len(example.sentences)
        )
        at = near if draw.random() < 0.7 else draw.randint(0, len(example.sentences))
        sentences = (*example.sentences[:at], line, *example.sentences[at:])
        return replace(
            example,
            sentences=sentences,
            answers=tuple(each + (each >= at) for each in example.answers),
        )

    def _window(self, example: Example) -> Example:
        """Sentences that follow each other, with one that answers if there is one."""
        draw, sentences = self._random, example.sentences
        if not sentences:
            return example
        room = draw.randint(SHORTEST_WINDOW, LONGEST_WINDOW)
        words = [len(each.split()) for each in sentences]
        first = last = draw.choice(example.answers or range(len(sentences)))
        if example.answers is None:
            first = last = 0
        total = words[first]
        while True:
            sides = [side for side in (first - 1, last + 1) if 0 <= side < len(sentences)]
            if not sides:
                break
            side = draw.choice(sides)
            if total + words[side] > room:
                break
            total += words[side]
            first, last = min(first, side), max(last, side)
        answers = example.answers
        if answers is not None:
            answers = tuple(each - first for each in answers if first <= each <= last)
        return replace(example, sentences=sentences[first : last + 1], answers=answers)

    def _typed(self, question: str) -> str:
        """The question as somebody may type it."""
        draw = self._random
        if draw.random() < 0.25:
            question = question.lower()
        if draw.random() < 0.3:
            question = question.rstrip("? ")
        words = question.split()
        if len(words) > 5 and draw.random() < 0.12:
            del words[draw.randrange(1, len(words))]
        return " ".join(words)


def _without_answer(example: Example) -> Example:
    assert example.answers
    left = tuple(each for n, each in enumerate(example.sentences) if n not in example.answers)
    return replace(example, sentences=left, answers=(), span="")
