"""Tests of flott.operators.columns.group_aggregate and local_aggregate."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.common.sql_errors import RecordError
from flott.core.column_batch import ColumnBatch
from flott.operators.columns.description import AggregateColumn, ColumnOrder
from flott.operators.columns.group_aggregate import GroupAggregateSpec
from flott.operators.columns.local_aggregate import LocalAggregateSpec
from tests.operators.columns.harness import ColumnHarness, applied

LONG = t.BigIntType()
TYPES = (t.STRING, LONG)
COUNT = AggregateColumn("COUNT", (), (), LONG)
SUM = AggregateColumn("SUM", (1,), (LONG,), LONG)


def run(spec: GroupAggregateSpec, *batches: list[Any], types: Any = TYPES) -> ColumnHarness:
    harness = ColumnHarness(spec, types)
    for batch in batches:
        harness.push(*batch)
    return harness


def group(*calls: AggregateColumn, **settings: Any) -> GroupAggregateSpec:
    return GroupAggregateSpec((0,), calls, TYPES, **settings)


def test_the_first_result_is_an_insert_and_later_ones_are_updates() -> None:
    harness = run(group(SUM), [("+I", "a", 1)], [("+I", "a", 2)])
    assert harness.changes == [("+I", "a", 1), ("-U", "a", 1), ("+U", "a", 3)]


def test_a_group_that_changes_often_in_a_batch_is_sent_once() -> None:
    assert run(group(COUNT), [("+I", "a", 1)] * 5).changes == [("+I", "a", 5)]


def test_nothing_is_sent_when_nothing_changes() -> None:
    assert len(run(group(SUM), [("+I", "a", 1)], [("+I", "a", 0)]).changes) == 1


def test_a_group_without_rows_is_deleted() -> None:
    harness = run(group(SUM, input_retracts=True), [("+I", "a", 1)], [("-D", "a", 1)])
    assert harness.changes[-1] == ("-D", "a", 1)
    harness.push(("+I", "a", 7))
    assert harness.changes[-1] == ("+I", "a", 7)


def test_null_is_a_group() -> None:
    assert run(group(COUNT), [("+I", None, 1), ("+I", None, None)]).changes == [("+I", None, 2)]


def test_a_global_aggregate_of_nothing_sends_nothing_in_streaming() -> None:
    harness = run(GroupAggregateSpec((), (COUNT,), TYPES))
    harness.end()
    assert harness.changes == []


def test_a_global_aggregate_of_nothing_gives_a_row_in_batch() -> None:
    spec = GroupAggregateSpec((), (COUNT, SUM), TYPES, final_only=True, is_global_empty_row=True)
    harness = run(spec)
    harness.end()
    assert harness.changes == [("+I", 0, None)]


def test_batch_gives_final_results_only() -> None:
    harness = run(group(SUM, final_only=True), [("+I", "a", 1)], [("+I", "b", 1), ("+I", "a", 2)])
    assert harness.changes == []
    harness.end()
    assert harness.changes == [("+I", "a", 3), ("+I", "b", 1)]


def test_a_group_starts_anew_after_its_time_to_live() -> None:
    harness = ColumnHarness(group(COUNT, ttl_ms=10_000), TYPES)
    harness.push(("+I", "a", 1))
    harness.plain.clock.set(11_000)
    harness.push(("+I", "a", 1))
    assert harness.changes == [("+I", "a", 1), ("+I", "a", 1)]


def call(function: str, column: t.DataType, result: t.DataType, **more: Any) -> AggregateColumn:
    return AggregateColumn(function, (1,), (column,), result, **more)


def one(aggregate: AggregateColumn, *values: Any, types: Any = None) -> Any:
    """The aggregate of one group of values; the second column is the argument."""
    types = types or (t.STRING, *aggregate.arg_types)
    rows = [("+I", "a", *(value if isinstance(value, tuple) else (value,))) for value in values]
    spec = GroupAggregateSpec((0,), (aggregate,), types)
    return run(spec, rows, types=types).changes[-1][-1]


TEXT = t.STRING
TEXTS = t.ArrayType(TEXT)


def test_listagg_joins_what_is_not_null() -> None:
    assert one(call("LISTAGG", TEXT, TEXT), "x", None, "y") == "x,y"


def test_listagg_takes_a_separator() -> None:
    aggregate = AggregateColumn("LISTAGG", (1, 2), (TEXT, TEXT), TEXT)
    assert one(aggregate, ("x", "; "), ("y", "; ")) == "x; y"


def test_lists_can_be_ordered() -> None:
    aggregate = call("ARRAY_AGG", TEXT, TEXTS, order_by=(ColumnOrder(1, False, False),))
    assert one(aggregate, "b", None, "c", "a") == ["c", "b", "a", None]


def test_array_agg_can_leave_nulls_out() -> None:
    assert one(call("ARRAY_AGG", TEXT, TEXTS), "x", None) == ["x", None]
    ignoring = call("ARRAY_AGG", TEXT, TEXTS, settings=(("nulls", "IGNORE"),))
    assert one(ignoring, "x", None) == ["x"]


def test_array_agg_takes_rows_and_arrays() -> None:
    row = t.RowType.of(("p", LONG), ("q", TEXTS))
    value = {"p": 1, "q": ["x", None]}
    assert one(call("ARRAY_AGG", row, t.ArrayType(row)), value, None) == [value, None]


def test_collect_counts_values() -> None:
    found = one(call("COLLECT", TEXT, t.MultisetType(TEXT)), "x", "y", "x", None)
    assert found == [{"key": "x", "value": 2}, {"key": "y", "value": 1}]


@pytest.mark.parametrize(("on_null", "text"), [("NULL", "[1,null]"), ("ABSENT", "[1]")])
def test_json_arrays_keep_nulls_on_demand(on_null: str, text: str) -> None:
    aggregate = call("JSON_ARRAYAGG", LONG, TEXT, settings=(("on_null", on_null),))
    assert one(aggregate, 1, None) == text


def test_json_objects_have_values_of_every_type() -> None:
    value = t.RowType.of(
        ("d", t.DecimalType(10, 2)), ("t", t.TimestampType(3)), ("b", t.BYTES), ("l", TEXTS)
    )
    aggregate = AggregateColumn("JSON_OBJECTAGG", (1, 2), (TEXT, value), TEXT)
    row = {
        "d": Decimal("1.50"),
        "t": datetime.datetime(2020, 1, 2, 3, 4, 5, 600_000),
        "b": b"\x01",
        "l": ["ü", None],
    }
    expected = '{"k":{"d":1.50,"t":"2020-01-02T03:04:05.6","b":"AQ==","l":["ü",null]}}'
    assert one(aggregate, ("k", row)) == expected


def test_a_null_key_of_a_json_object_is_an_error() -> None:
    aggregate = AggregateColumn("JSON_OBJECTAGG", (1, 2), (TEXT, LONG), TEXT)
    with pytest.raises(RecordError, match="a key is NULL"):
        one(aggregate, (None, 1))


def test_a_key_of_a_json_object_is_there_once() -> None:
    aggregate = AggregateColumn("JSON_OBJECTAGG", (1, 2), (TEXT, LONG), TEXT)
    with pytest.raises(RecordError, match="'k' is there twice"):
        one(aggregate, ("k", 1), ("k", 2))


def test_documents_stay_documents_in_json() -> None:
    settings = (("is_json", True),)
    assert one(call("JSON_ARRAYAGG", TEXT, TEXT, settings=settings), '{"a":1}') == '[{"a":1}]'
    pairs = AggregateColumn("JSON_OBJECTAGG", (1, 2), (TEXT, TEXT), TEXT, settings=settings)
    assert one(pairs, ("k", "[1]"), ("l", None)) == '{"k":[1],"l":null}'


@pytest.mark.parametrize(
    ("value", "text"), [(5.0, "[5.0]"), (1.7e308, "[1.7E+308]"), (1e7, "[1.0E+7]")]
)
def test_numbers_in_json_are_written_as_java_writes_decimals(value: float, text: str) -> None:
    assert one(call("JSON_ARRAYAGG", t.DoubleType(), TEXT), value) == text


def percentile(result: t.DataType, *args: t.DataType) -> AggregateColumn:
    return AggregateColumn("PERCENTILE", tuple(range(1, 1 + len(args))), args, result)


def test_percentiles_lie_between_the_nearest_values() -> None:
    double = t.DoubleType()
    rows = [(float(value), 0.5) for value in (4, 1, 3, 2)]
    assert one(percentile(double, double, double), *rows) == 2.5
    doubles = t.ArrayType(double)
    several = [(float(value), [0.0, 1.0]) for value in (4, 1, 3)]
    assert one(percentile(doubles, double, doubles), *several) == [1.0, 4.0]


def test_percentiles_take_frequencies() -> None:
    double = t.DoubleType()
    rows = [(1.0, 0.5, 3), (9.0, 0.5, 1), (5.0, 0.5, None)]
    assert one(percentile(double, double, double, LONG), *rows) == 1.0


@pytest.mark.parametrize(("point", "count"), [(1.5, 1), (0.5, -1)])
def test_a_wrong_percentage_or_frequency_is_an_error(point: float, count: int) -> None:
    double = t.DoubleType()
    with pytest.raises(RecordError):
        one(percentile(double, double, double, LONG), (1.0, point, count))


def test_count_of_several_columns_needs_all_of_them() -> None:
    aggregate = AggregateColumn("COUNT", (0, 1), (TEXT, LONG), LONG)
    assert one(aggregate, 1, None, types=(TEXT, LONG)) == 1
    distinct = AggregateColumn("COUNT", (0, 1), (TEXT, LONG), LONG, is_distinct=True)
    assert one(distinct, 1, 1, 2, None, types=(TEXT, LONG)) == 2


def test_an_update_that_changes_no_result_in_the_end_is_not_sent() -> None:
    double = t.DoubleType()
    spec = GroupAggregateSpec((), (percentile(double, double, double),), (TEXT, double, double))
    rows = [[("+I", "a", value, 0.0)] for value in (1.0, 2.0, 3.0)]
    assert run(spec, *rows, types=spec.input_types).changes == [("+I", 1.0)]


CHANGES = st.lists(
    st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.integers(-3, 3))), max_size=30
)
DISTINCT = AggregateColumn("COUNT", (1,), (LONG,), LONG, is_distinct=True)
LARGEST = AggregateColumn("MAX", (1,), (LONG,), LONG)


def changelog(rows: list[tuple[str, int | None]]) -> list[Any]:
    """Rows, of which every third goes again at once or later."""
    changes: list[Any] = []
    for number, row in enumerate(rows):
        changes.append(("+I", *row))
        if number % 3 == 2:
            changes.append(("-D", *rows[number // 2 * 2 if number % 2 else number]))
            if number % 2:
                changes.append(("+I", *rows[number // 2 * 2]))
    return changes


@settings(max_examples=40, deadline=None)
@given(CHANGES, st.integers(1, 9))
def test_the_size_of_batches_does_not_change_what_is_left(rows: Any, size: int) -> None:
    spec = group(COUNT, SUM, DISTINCT, LARGEST, input_retracts=True)
    changes = changelog(rows)
    by_one, by_many = ColumnHarness(spec, TYPES), ColumnHarness(spec, TYPES)
    by_one.push_each(changes, 1)
    by_many.push_each(changes, size)
    assert by_one.table == by_many.table


@settings(max_examples=20, deadline=None)
@given(CHANGES, st.integers(0, 30))
def test_a_restored_operator_goes_on(rows: Any, cut: int) -> None:
    spec = group(COUNT, SUM, DISTINCT, LARGEST, input_retracts=True)
    changes = changelog(rows)
    whole, first = ColumnHarness(spec, TYPES), ColumnHarness(spec, TYPES)
    whole.push_each(changes, 3)
    first.push_each(changes[:cut], 3)
    second = ColumnHarness(spec, TYPES, restore=[first.snapshot(1)])
    second.push_each(changes[cut:], 3)
    assert applied(first.changes + second.changes) == whole.table


@settings(max_examples=30, deadline=None)
@given(st.lists(CHANGES, max_size=4))
def test_two_phases_give_what_one_gives(batches: Any) -> None:
    calls = (COUNT, SUM, LARGEST, DISTINCT)
    local = ColumnHarness(LocalAggregateSpec((0,), calls, TYPES), TYPES)
    merging = GroupAggregateSpec((0,), calls, (t.STRING, t.BYTES), merges_partials=True)
    final, whole = ColumnHarness(merging, (t.STRING, t.BYTES)), ColumnHarness(group(*calls), TYPES)
    for batch in batches:
        rows = [("+I", *row) for row in batch]
        local.push(*rows)
        whole.push(*rows)
    for event in local.plain.output.events:
        assert isinstance(event[1], ColumnBatch)
        final.plain.operator.process_batch(event[1], 0)
    assert final.table == whole.table
