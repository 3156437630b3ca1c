"""Fitting the weights that find a headline in a text, `indexer/reading/facts/headline.py`.

A conditional logistic regression over the lines of each page: one of them, or none, is the
headline.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from indexer.arrays import Float64, Mask
from indexer.article import Document
from indexer.reading.cleaning import judged_lines, unframed
from indexer.reading.facts.headline import WEIGHTS, candidates
from scripts.lab.data import Pages

# Strength of the pull of all weights to zero; the same within 2 % from 0.1 to 2.
RIDGE = 0.5
FOLDS = 8
# What a page counts for in training that is changed, or has no headline.
VARIANT = 0.1

# The lines of a page that have text, and the numbers of those that are the body's.
Judged = tuple[Sequence[str], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Choice:
    """A page as the regression sees it; c candidates and at last "none", f features.

    features: (c + 1, f); right: (c + 1,) bool, which are the headline; weight: of the page
    """

    features: Float64
    right: Mask
    weight: float = 1.0


def read_judged(pages: Pages) -> list[tuple[Judged, str]]:
    """The judged lines and the gold headline of each page that has one."""
    found: list[tuple[Judged, str]] = []
    for name, page in pages.gold().items():
        if page["title"]:
            lines = judged_lines(unframed(Document(name, pages.text(name), "text")))
            body = [number for number, line in enumerate(lines) if line.kept]
            found.append((([line.text for line in lines], body), page["title"]))
    return found


def same(one: str | None, other: str | None) -> bool:
    """Whether two headlines are equal after dropping case and punctuation."""
    return _words(one) == _words(other)


def cross_validated(pages: Sequence[tuple[Judged, str]]) -> float:
    """The share of pages whose headline is right by weights from the other folds."""
    order = np.random.default_rng(0).permutation(len(pages))
    known = [choices(page) for page in pages]
    right = 0
    for fold in range(FOLDS):
        held = set(order[fold::FOLDS].tolist())
        weights = fit([c for i, each in enumerate(known) if i not in held for c in each])
        for whole in (known[i][0] for i in held):
            best = int(np.argmax(whole.features @ weights))
            right += bool(whole.right[best]) and best < len(whole.right) - 1
    return right / len(pages)


def trained(pages: Sequence[tuple[Judged, str]]) -> dict[str, float]:
    """The weights from all pages, by feature; "none" is what a line has to score."""
    weights = fit([choice for page in pages for choice in choices(page)])
    names = [*WEIGHTS, "none"]
    return {name: round(float(weight), 2) for name, weight in zip(names, weights, strict=True)}


def choices(page: tuple[Judged, str]) -> list[Choice]:
    """A page to learn from: as it is, without its headline, and as a dump that begins with it."""
    (lines, body), title = page
    whole = _choice(lines, body, title)
    if whole.right[-1]:
        return [replace(whole, weight=VARIANT)]
    rest = ~whole.right
    without = np.append(np.zeros(int(rest.sum()) - 1, bool), True)
    first = max(each.line for each in candidates(lines, body) if same(lines[each.line], title))
    shorter = [i - first for i in body if i >= first] or [0]
    return [
        whole,
        Choice(whole.features[rest], without, VARIANT),
        replace(_choice(lines[first:], shorter, title), weight=VARIANT),
    ]


def _choice(lines: Sequence[str], body: Sequence[int], title: str) -> Choice:
    found = candidates(lines, body)
    right = [same(lines[each.line], title) for each in found]
    features = [[*map(float, each.features), 0.0] for each in found]
    features.append([0.0] * len(WEIGHTS) + [1.0])
    return Choice(np.array(features), np.array([*right, not any(right)]))


def fit(pages: Sequence[Choice]) -> Float64:
    """The weights, (f,), that make the right lines likeliest; see `RIDGE`."""

    def loss(weights: Float64) -> tuple[float, Float64]:
        value, slope = RIDGE * weights @ weights, 2 * RIDGE * weights
        for page in pages:
            every = page.features @ weights
            right = np.where(page.right, every, -np.inf)
            value += page.weight * (logsumexp(every) - logsumexp(right))
            slope += page.weight * ((softmax(every) - softmax(right)) @ page.features)
        return float(value), slope

    start = np.zeros(pages[0].features.shape[1])
    found: Float64 = minimize(loss, start, jac=True, method="L-BFGS-B", tol=1e-12).x
    return found


def _words(text: str | None) -> list[str]:
    return re.findall(r"\w+", (text or "").casefold())
