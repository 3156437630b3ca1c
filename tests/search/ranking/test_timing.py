"""A clock by a time that passes when told to."""

from types import SimpleNamespace

import pytest

from search.ranking.timing import Clock


def test_stages_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 10.25, 10.5, 12.0, 12.5])
    monkeypatch.setattr("search.ranking.timing.time", SimpleNamespace(perf_counter=times.__next__))
    clock = Clock(started=9.0)
    with clock.stage("narrow"):
        pass
    # What fails takes its time as well.
    with pytest.raises(ZeroDivisionError), clock.stage("embed"):
        raise ZeroDivisionError
    assert clock.stages == {"narrow": 250, "embed": 1500}
    assert clock.total() == 3500


def test_every_clock_has_its_own_stages() -> None:
    first, second = Clock(), Clock()
    with first.stage("dense"):
        pass
    assert first.stages.keys() == {"dense"}
    assert second.stages == {}
    assert 0 <= first.stages["dense"] <= first.total()
