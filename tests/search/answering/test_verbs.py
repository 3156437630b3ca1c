"""Verbs that report the same act are found, and no other words."""

import pytest

from search.answering.verbs import group_of

ACTS = (
    ("promise", ("vowed", "pledges", "PROMISING", "committed", "undertook")),
    ("says", ("told", "announced", "claims", "Revealed", "declaring")),
    ("blamed", ("accuses", "criticised", "slammed", "condemns")),
    ("denies", ("rejected", "dismissing", "refuted")),
    ("warn", ("threatened", "cautioning")),
    ("demanded", ("urges", "calls", "requested", "appealed")),
    ("agree", ("signed", "approves", "ratified", "endorsing")),
    ("refused", ("declines",)),
    ("praised", ("hailed", "thanks", "welcomed")),
    ("predicts", ("expected", "forecast", "foresees")),
)


@pytest.mark.parametrize(("verb", "like"), ACTS)
def test_verbs_of_one_act_find_each_other_and_none_of_another(
    verb: str, like: tuple[str, ...]
) -> None:
    pattern = group_of(verb)
    assert pattern is not None
    for word in like:
        assert group_of(word) is pattern
        assert pattern.search(f"She then {word}, he did not.")
    others = [each for other, words in ACTS if other != verb for each in (other, *words)]
    assert not pattern.search(" ".join(others))


@pytest.mark.parametrize("word", ["bridge", "", "unsaid", "signatures", "demands it", "callously"])
def test_what_is_no_such_verb(word: str) -> None:
    assert group_of(word) is None
