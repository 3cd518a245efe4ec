"""The suites pass connectors that keep the rules, and say which one the others break."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.connectors.number_sequence import NumberSequenceSource
from flott.core.batch import RowBatch
from flott.core.sink import Committer, Sink, SinkWriter
from flott.core.source import SplitBatch
from flott.testing.connectors import SinkJob, SourceJob, check_sink, check_source


class Board(Sink):
    """Writes to a list; ``moves`` says how committables get there."""

    def __init__(self, moves: Callable[[list[int], dict[str, list[int]], str], None]) -> None:
        self.visible: list[int] = []
        self.staged: dict[str, list[int]] = {}
        self.moves = moves
        self.names = 0

    def create_writer(self, context: Any, restored: list[Any], committer: Any) -> SinkWriter:
        return BoardWriter(self)

    def create_committer(self, context: Any) -> Committer:
        return BoardCommitter(self)


class BoardWriter(SinkWriter):
    def __init__(self, board: Board) -> None:
        self.board = board
        self.values: list[int] = []

    def write(self, batch: Any) -> None:
        self.values += batch.values

    def prepare_commit(self, checkpoint_id: int) -> list[str]:
        self.board.names += 1
        name = f"{self.board.names}"
        self.board.staged[name], self.values = self.values, []
        return [name]


class BoardCommitter(Committer):
    def __init__(self, board: Board) -> None:
        self.board = board

    def commit(self, committables: Sequence[str]) -> None:
        for name in committables:
            self.board.moves(self.board.visible, self.board.staged, name)


def move(visible: list[int], staged: dict[str, list[int]], name: str) -> None:
    visible += staged.pop(name, [])


def copy(visible: list[int], staged: dict[str, list[int]], name: str) -> None:
    visible += staged[name]


def forget(visible: list[int], staged: dict[str, list[int]], name: str) -> None:
    staged.pop(name, None)


def run_seeds(given: Any) -> None:
    for seed in range(60):
        board = given if isinstance(given, Board) else Board(given)
        check_sink(seed, lambda fuse, board=board: board, lambda board=board: board.visible)


def test_sink_that_keeps_the_rules_passes() -> None:
    run_seeds(move)


@pytest.mark.parametrize(("moves", "said"), [(copy, "visible twice"), (forget, "never visible")])
def test_sink_that_breaks_a_rule_is_told(moves: Any, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        run_seeds(moves)


def test_records_that_show_before_their_checkpoint_are_found() -> None:
    board = Board(move)
    board.create_writer = lambda *_: Eager(board)  # type: ignore[method-assign]
    with pytest.raises(AssertionError, match="no complete checkpoint covers them"):
        run_seeds(board)


class Eager(BoardWriter):
    def write(self, batch: Any) -> None:
        self.board.visible += batch.values


def test_writer_that_changes_a_batch_is_found() -> None:
    board = Board(move)
    board.create_writer = lambda *_: Sorting(board)  # type: ignore[method-assign]
    job = SinkJob(board, batch_of=lambda numbers: RowBatch(numbers[::-1]))
    with pytest.raises(AssertionError, match="changed the records"):
        job.write(3)


class Sorting(BoardWriter):
    def write(self, batch: Any) -> None:
        batch.values.sort()


@given(choices=st.data())
def test_source_that_keeps_the_rules_passes(choices: st.DataObject) -> None:
    job = check_source(choices, NumberSequenceSource(1, 40), range(1, 41))
    assert len(job.records) == 40


@pytest.mark.parametrize(
    ("expected", "said"),
    [(range(1, 41), r"records missing: \['40'\]"), (range(1, 39), r"too many: \['39'\]")],
)
def test_missing_and_surplus_records_are_named(expected: Any, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        check_source(0, NumberSequenceSource(1, 39), expected)


def test_order_within_a_split_is_checked() -> None:
    source, backwards = NumberSequenceSource(1, 40), range(40, 0, -1)
    with pytest.raises(AssertionError, match="in another order"):
        check_source(0, source, backwards, in_order_by=lambda number: "one")


def spoil(job: SourceJob, found: SplitBatch) -> None:
    job.tasks[0].reader.poll = lambda rows_max: found  # type: ignore[method-assign]


def test_records_of_a_foreign_split_are_found() -> None:
    job = SourceJob(NumberSequenceSource(1, 9))
    job.step(0, 1)
    spoil(job, SplitBatch("elsewhere", RowBatch([1])))
    with pytest.raises(AssertionError, match=r"splits it has not got: .'elsewhere'"):
        job.step(0, 1)


def test_parts_that_do_not_add_up_are_found() -> None:
    job = SourceJob(NumberSequenceSource(1, 9))
    job.step(0, 1)
    [name] = job.tasks[0].open_splits
    spoil(job, SplitBatch(name, RowBatch([1]), parts=((name, 2),)))
    with pytest.raises(AssertionError, match="parts have 2 records and the batch 1"):
        job.step(0, 1)


def test_choices_come_from_a_seed_or_from_hypothesis() -> None:
    with pytest.raises(TypeError, match="a seed or from"):
        check_source("dice", NumberSequenceSource(1, 9), range(1, 10))
