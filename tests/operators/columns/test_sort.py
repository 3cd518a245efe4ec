"""Sort, limit and the changelog functions."""

import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.logical_types import STRING, IntType, TimestampType
from flott.common.sql_errors import RecordError
from flott.core.column_batch import ColumnBatch
from flott.operators.columns.changelog import FromChangelogSpec, ToChangelogSpec
from flott.operators.columns.description import ColumnOrder
from flott.operators.columns.limit import LimitSpec
from flott.operators.columns.sort import SortSpec, TemporalSortSpec
from tests.operators.columns.harness import ColumnHarness

PAIRS = (STRING, IntType())
TIMED = (TimestampType(3), IntType())
START = datetime.datetime(1970, 1, 1)


def at(second: int) -> datetime.datetime:
    return START + datetime.timedelta(seconds=second)


pairs = st.lists(st.tuples(st.none() | st.sampled_from("abc"), st.none() | st.integers(0, 3)))


@settings(deadline=None)
@given(pairs, st.booleans(), st.integers(0, 3), st.none() | st.integers(0, 3))
def test_sort_orders_a_bounded_input(
    rows: list[Any], ascending: bool, offset: int, fetch: int | None
) -> None:
    order = (ColumnOrder(0, True, True), ColumnOrder(1, ascending, ascending))
    harness = ColumnHarness(SortSpec(order, PAIRS, offset, fetch), PAIRS)
    harness.push_each([("+I", *row) for row in rows], 4)
    assert harness.changes == []
    harness.end()
    by_value = sorted(
        rows, key=lambda row: (row[1] is not None, row[1] or 0), reverse=not ascending
    )
    expected = sorted(by_value, key=lambda row: (row[0] is not None, row[0] or ""))
    stop = None if fetch is None else offset + fetch
    assert harness.changes == [("+I", *row) for row in expected[offset:stop]]


def test_sort_keeps_only_what_may_be_among_the_first() -> None:
    spec = SortSpec((ColumnOrder(0, True, True),), (IntType(),), 1, 2)
    harness = ColumnHarness(spec, (IntType(),))
    descending = pl.int_range(50_000, 0, -1, dtype=pl.Int32, eager=True)
    for first in range(10):
        frame = pl.DataFrame({"f0": descending * 10 - first})
        harness.plain.operator.process_batch(ColumnBatch(frame), 0)
    one_batch = frame.estimated_size() * 5  # each row has its time and its number beside it
    assert harness.plain.context.keyed_store.state_bytes < 5 * one_batch
    harness.end()
    assert harness.changes == [("+I", 2), ("+I", 3)]


def test_temporal_sort_waits_for_the_watermark_and_drops_what_is_late() -> None:
    harness = ColumnHarness(TemporalSortSpec((), 0, True, TIMED), TIMED)
    harness.push(("+I", at(3), 1), ("+I", at(1), 2), ("+I", at(9), 3))
    harness.watermark(3000)
    harness.push(("+I", at(3), 4), ("+I", at(4), 5))
    harness.end()
    assert [change[2] for change in harness.changes] == [2, 1, 5, 3]


def test_temporal_sort_keeps_what_waits() -> None:
    spec = TemporalSortSpec((), 0, True, TIMED)
    harness = ColumnHarness(spec, TIMED)
    harness.push(("+I", at(3), 1), ("+I", at(1), 2))
    first = harness.snapshot(1)
    harness.watermark(1000)
    harness.push(("+I", at(2), 3))
    second = harness.snapshot(2, full=False)
    again = ColumnHarness(spec, TIMED, restore=[[*first, *second]])
    again.end()
    assert [change[2] for change in again.changes] == [3, 1]


@pytest.mark.parametrize("size", [1, 3, 10])
def test_limit_passes_the_first_rows(size: int) -> None:
    harness = ColumnHarness(LimitSpec(2, 3, PAIRS), PAIRS)
    harness.push_each([("+I", "x", i) for i in range(9)], size)
    assert [change[2] for change in harness.changes] == [2, 3, 4]


def test_from_changelog_takes_the_kind_from_a_column() -> None:
    mapping = (("c", "INSERT"), ("u", "UPDATE_AFTER"), ("d", "DELETE"))
    harness = ColumnHarness(FromChangelogSpec(0, mapping, (), PAIRS), PAIRS)
    harness.push(("+I", "c", 1), ("+I", "u", 2), ("+I", "d", 2))
    assert harness.changes == [("+I", 1), ("+U", 2), ("-D", 2)]


def test_an_unknown_operation_fails_or_is_left_out() -> None:
    mapping = (("c", "INSERT"),)
    harness = ColumnHarness(FromChangelogSpec(0, mapping, (), PAIRS), PAIRS)
    with pytest.raises(RecordError, match="Unknown operation 'x'; the mapping knows c"):
        harness.push(("+I", "x", 1))
    skipping = FromChangelogSpec(0, mapping, (("invalid_op_handling", "SKIP"),), PAIRS)
    harness = ColumnHarness(skipping, PAIRS)
    harness.push(("+I", "x", 1), ("+I", "c", 2), ("+I", None, 3))
    assert harness.changes == [("+I", 2)]


def test_to_changelog_makes_every_change_a_row() -> None:
    mapping = (("INSERT", "I"), ("DELETE", "D"))
    harness = ColumnHarness(ToChangelogSpec(mapping, (), PAIRS, partition=(1,)), PAIRS)
    harness.push(("+I", "a", 1), ("-U", "a", 1), ("-D", "a", 1))
    assert harness.changes == [("+I", 1, "I", "a"), ("+I", 1, "D", "a")]
