"""A plan: of which articles the next generation writes a row, and which stay where they are."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from indexer.mirror import mirror
from indexer.plan import Plan, make_plan
from indexer.progress import no_progress
from indexer.storage.drafts import Drafts
from indexer.storage.manifest import Segment
from tests.conftest import Run, WriteFiles, write_tree
from tests.support.corpus import BAKERY, generated, record
from tests.support.segments import OLD, live_of

SLOGAN = "You read this because two thousand islanders pay for their own paper."


@pytest.fixture
def planned(index: Path, tmp_path: Path) -> "_Planner":
    return _Planner(index, tmp_path)


class _Planner:
    """Plans the generation after the live one, from a folder; `drafts` are open meanwhile."""

    def __init__(self, index: Path, scratch: Path) -> None:
        self._index = index
        self._file = scratch / "drafts.db"

    @contextmanager
    def __call__(
        self, folder: Path, segments: Sequence[Segment] | None = None
    ) -> Iterator[tuple[Plan, Drafts]]:
        live = live_of(self._index)
        with closing(Drafts(self._file, live)) as drafts:
            _, places = mirror([folder], drafts, no_progress, prune=False, reuse=True)
            chosen = live.manifest.segments if segments is None else segments
            yield make_plan(places, drafts, chosen), drafts
        self._file.unlink()


def test_without_a_live_generation_all_is_written(write_files: WriteFiles, tmp_path: Path) -> None:
    folder = write_files(generated(5))
    with closing(Drafts(tmp_path / "drafts.db")) as drafts:
        _, places = mirror([folder], drafts, no_progress, prune=False, reuse=True)
        plan = make_plan(places, drafts, ())
        assert (plan.staying, plan.numbers, plan.written()) == ((), [-1] * 5, [0, 1, 2, 3, 4])
        assert [each.told.title for each in plan.decided] == [
            drafts.by_number(number)[0].title for number in range(5)
        ]
        assert (drafts.staying_passages(), drafts.leaving_passages()) == (0, [])


def test_what_is_as_it_was_stays(source: Path, planned: _Planner, index: Path) -> None:
    live = live_of(index).manifest
    # Before all others in the order of places, and behind them in that of numbers.
    write_tree(source, {"000.json": record("bakery", "Last loaves", BAKERY).encode()})
    (source / "0004.json").unlink()
    with planned(source) as (plan, drafts):
        assert plan.staying == live.segments
        assert plan.numbers == [-1, *(number for number in range(OLD) if number != 4)]
        assert plan.written() == [0]
        assert all(each.same for each in plan.decided)
        leaving = drafts.leaving_passages()
        assert drafts.staying_passages() == live.passages - len(leaving)
        assert leaving == list(range(leaving[0], leaving[-1] + 1))
    # What may not stay is written, though nothing of it has changed.
    with planned(source, ()) as (plan, drafts):
        assert (plan.staying, plan.numbers) == ((), [-1] * OLD)
        assert drafts.staying_passages() == 0
        assert drafts.leaving_passages() == list(range(live.passages))


def test_what_is_merged_is_written_from_the_segments_that_stay_on(
    grown: Path, planned: _Planner, index: Path
) -> None:
    first, last = live_of(index).manifest.segments
    with planned(grown) as (plan, _):
        # Nothing is new; so nothing has to be merged.
        assert (plan.staying, plan.written()) == ((first, last), [])
        assert sorted(plan.numbers) == list(range(OLD + 1))
    write_tree(grown, {"bakery.json": record("bakery", "Last loaves", BAKERY).encode()})
    with planned(grown) as (plan, drafts):
        assert plan.staying == (first,)
        # That of the ferry, which is not new.
        assert plan.numbers == [*range(OLD), -1, -1]
        assert drafts.leaving_passages() == list(range(last.first_passage, last.end_passage))


def _paper(number: int, *below: str) -> bytes:
    text = [f"Report {number} of the paper begins here.", f"It ends {number} lines below.", *below]
    return record(f"e{number}", f"News of day {number}", text, source="Echo").encode()


def test_what_others_change_is_written(
    write_files: WriteFiles, run: Run, however_small: None, planned: _Planner
) -> None:
    papers = {f"e{number}.json": _paper(number, SLOGAN) for number in range(4)}
    folder = write_files({**generated(OLD), **papers})
    run(folder)
    # Five articles of a source have the paragraph now.
    write_tree(folder, {"e4.json": _paper(4, SLOGAN)})
    with planned(folder) as (plan, drafts):
        assert len(plan.staying) == 1
        assert plan.written() == list(range(OLD, OLD + 5))
        assert [plan.decided[place].positions for place in plan.written()] == [[2]] * 5
        assert [plan.decided[place].positions for place in range(OLD)] == [[]] * OLD
        assert len(drafts.leaving_passages()) == 4
