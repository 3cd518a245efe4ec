"""Tests of flott.kernels.columns.group_table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.kernels.columns.group_table import DistinctSet, GroupTable, KernelAggregate
from flott.kernels.columns.partition import column_key_groups
from tests.kernels.columns.aggregate_model import Group, Row, aggregate

#: key, number, text, filter
INPUT: dict[str, Any] = {
    "f0": pl.String(),
    "f1": pl.Int64(),
    "f2": pl.String(),
    "f3": pl.Boolean(),
}
COUNTS = pl.List(pl.Struct({"key": pl.String(), "value": pl.Int32()}))
#: function, column, filter column, distinct, type
CALLS: list[tuple[str, int, int | None, bool, Any]] = [
    ("COUNT", 1, None, False, pl.Int64()),
    ("COUNT", 2, 3, False, pl.Int64()),
    ("SUM", 1, None, False, pl.Int64()),
    ("SUM0", 1, 3, False, pl.Int64()),
    ("AVG", 1, None, False, pl.Int64()),
    ("MIN", 1, None, False, pl.Int64()),
    ("MAX", 1, 3, False, pl.Int64()),
    ("MIN", 2, None, False, pl.String()),
    ("MAX", 2, None, False, pl.String()),
    ("FIRST_VALUE", 1, None, False, pl.Int64()),
    ("LAST_VALUE", 2, None, False, pl.String()),
    ("LIST", 2, None, False, pl.List(pl.String())),
    ("COUNT", 1, None, True, pl.Int64()),
    ("COUNT", 1, 3, True, pl.Int64()),
    ("SUM", 1, None, True, pl.Int64()),
    ("COUNT", 2, 3, True, pl.Int64()),
]
TEXTS = st.one_of(st.none(), st.sampled_from(["", "a", "b", "longer than twelve bytes"]))
NUMBERS = st.one_of(st.none(), st.integers(-3, 3), st.sampled_from([2**63 - 1, -(2**63)]))
ROWS = st.tuples(
    st.sampled_from([None, "x", "a key that is longer than twelve"]),
    NUMBERS,
    TEXTS,
    st.sampled_from([None, True, False]),
)
BATCHES = st.lists(st.lists(st.tuples(ROWS, st.sampled_from([1, 1, -1])), max_size=12), max_size=6)
KINDS = {1: 0, -1: 3}


def make_table(retracts: bool, **settings: Any) -> GroupTable:
    sets: list[DistinctSet] = []
    aggregates = []
    for function, column, filter_column, is_distinct, _ in CALLS:
        where = -1 if filter_column is None else filter_column
        number = -1
        if is_distinct:
            number = next((i for i, each in enumerate(sets) if each.columns == [column]), len(sets))
            if number == len(sets):
                sets.append(DistinctSet([column], []))
            if where not in sets[number].filters:
                sets[number].filters.append(where)
        aggregates.append(KernelAggregate(function, column, where, number, retracts))
    results = {f"f{1 + i}": call[-1] for i, call in enumerate(CALLS)}
    return GroupTable(INPUT, [0], results, aggregates, sets, **settings)


def frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=INPUT, orient="row")


def batch_of(changes: list[tuple[Row, int]]) -> tuple[pl.DataFrame, pl.Series]:
    kinds = pl.Series([KINDS[weight] for _, weight in changes], dtype=pl.Int8)
    return frame([row for row, _ in changes]), kinds


def expected(group: Group) -> Row:
    results = []
    for function, column, filter_column, is_distinct, _ in CALLS:
        values = group.values(column, filter_column)
        if function in ("FIRST_VALUE", "LAST_VALUE", "LIST"):
            values = group.ordered.get(column, [])
        if is_distinct:
            values = list(dict.fromkeys(values))
        results.append(aggregate(function, values))
    return tuple(results)


class Model:
    """Groups in plain Python, and the changes of a batch. Deletions are of rows that are there."""

    def __init__(self) -> None:
        self.groups: dict[Any, Group] = {}

    def possible(self, changes: list[tuple[Row, int]], retracts: bool) -> list[tuple[Row, int]]:
        """The changes that can be: only rows go that are there."""
        held = [row for group in self.groups.values() for row in group.rows]
        made: list[tuple[Row, int]] = []
        for row, weight in changes:
            if weight > 0:
                held.append(row)
                made.append((row, 1))
            elif retracts and held:
                gone = held.pop(len(held) // 2)
                made.append((gone, -1))
        return made

    def apply(self, changes: list[tuple[Row, int]]) -> list[Row]:
        touched = list(dict.fromkeys(row[0] for row, _ in changes))
        before = {
            key: expected(self.groups[key]) if self.groups.get(key, Group()).rows else None
            for key in touched
        }
        for row, weight in changes:
            self.groups.setdefault(row[0], Group()).change(row, weight)
        found: list[Row] = []
        for key in touched:
            old = before[key]
            new = expected(self.groups[key]) if self.groups[key].rows else None
            if old is None and new is not None:
                found.append((0, key, *new))
            elif old is not None and new is None:
                found.append((3, key, *old))
            elif old is not None and new is not None and old != new:
                found += [(1, key, *old), (2, key, *new)]
        return found

    def table(self) -> set[str]:
        return {repr((key, *expected(each))) for key, each in self.groups.items() if each.rows}


def changes_of(table: GroupTable, changes: list[tuple[Row, int]], retracts: bool) -> list[Row]:
    rows, kinds = batch_of(changes)
    changed, changed_kinds = table.process(rows, kinds if retracts else None)
    numbers = [0] * changed.height if changed_kinds is None else changed_kinds.to_list()
    return [(kind, *row) for kind, row in zip(numbers, changed.rows(), strict=True)]


@pytest.mark.parametrize("retracts", [False, True])
@settings(max_examples=60, deadline=None)
@given(batches=BATCHES)
def test_changes_are_those_of_the_model(retracts: bool, batches: Any) -> None:
    table, model = make_table(retracts), Model()
    for batch in batches:
        changes = model.possible(batch, retracts)
        assert changes_of(table, changes, retracts) == model.apply(changes)
    found = {repr(row) for part in table.results(2) for row in part.rows()}
    assert found == model.table()


@pytest.mark.parametrize("retracts", [False, True])
@settings(max_examples=40, deadline=None)
@given(batches=BATCHES, data=st.data())
def test_a_restored_table_goes_on_as_if_nothing_had_been(
    retracts: bool, batches: Any, data: Any
) -> None:
    table, model = make_table(retracts), Model()
    payloads: list[bytes] = []
    for batch in batches:
        changes = model.possible(batch, retracts)
        assert changes_of(table, changes, retracts) == model.apply(changes)
        step = data.draw(st.sampled_from(["", "full", "incremental", "detached", "restore"]))
        if step == "full" or (step == "incremental" and not payloads):
            payloads = [table.snapshot(True, False) or b""]
        elif step == "incremental":
            payload = table.snapshot(False, False)
            payloads += [payload] if payload else []
        elif step == "detached":
            restored = make_table(retracts)
            restored.restore([table.snapshot(True, True) or b""], 0, 127)
            assert {
                repr(row) for part in restored.results() for row in part.rows()
            } == model.table()
        elif step == "restore" and payloads:
            payload = table.snapshot(False, False)
            payloads += [payload] if payload else []
            table = make_table(retracts)
            table.restore(payloads, 0, 127)


@settings(max_examples=20, deadline=None)
@given(batches=BATCHES, middle=st.integers(0, 126))
def test_a_snapshot_is_divided_by_key_group(batches: Any, middle: int) -> None:
    table, model = make_table(False), Model()
    for batch in batches:
        model.apply(model.possible(batch, False))
        table.accumulate(batch_of(batch)[0])
        for row, weight in batch:
            if weight < 0:
                model.groups.setdefault(row[0], Group()).change(row, 1)
    payload = table.snapshot(True, False) or b""
    found: list[Row] = []
    for first, last in ((0, middle), (middle + 1, 127)):
        part = make_table(False)
        part.restore([payload], first, last)
        rows = [row for each in part.results() for row in each.rows()]
        groups = column_key_groups(
            pl.DataFrame({"f0": [row[0] for row in rows]}, {"f0": pl.String}), [0], 128
        )
        assert all(first <= group <= last for group in groups)
        found += rows
    assert sorted(row[:2] + row[3:4] for row in found if row[0]) == sorted(
        (key, *expected(each)[:1], *expected(each)[2:3])
        for key, each in model.groups.items()
        if key and each.rows
    )
    assert len(found) == len(model.table())


PAIR: dict[str, Any] = {"f0": pl.Int64(), "f1": pl.String()}


def count_by_pair(group_columns: list[int]) -> GroupTable:
    calls = [KernelAggregate("COUNT")]
    return GroupTable(PAIR, [0, 1], {"f2": pl.Int64()}, calls, group_columns=group_columns)


@pytest.mark.parametrize("group_columns", [[0], [1], [1, 0]])
def test_the_key_group_may_be_that_of_some_keys(group_columns: list[int]) -> None:
    rows = pl.DataFrame([(n % 97, f"text {n % 5}") for n in range(1000)], PAIR, orient="row")
    table = count_by_pair(group_columns)
    table.accumulate(rows)
    payload = table.snapshot(True, False) or b""
    found = 0
    for first, last in ((0, 50), (51, 127)):
        part = count_by_pair(group_columns)
        part.restore([payload], first, last)
        (groups,) = part.results()
        owners = column_key_groups(groups, group_columns, 128)
        assert owners.is_between(first, last).all()
        found += groups["f2"].sum()
    assert found == rows.height


@settings(max_examples=30, deadline=None)
@given(batches=BATCHES)
def test_partial_aggregates_merge_to_the_whole(batches: Any) -> None:
    model = Model()
    whole = make_table(
        False, key_schema={"f0": pl.String(), "f1": pl.Binary()}, merges_partials=True
    )
    for batch in batches:
        changes = model.possible(batch, False)
        model.apply(changes)
        local = make_table(False)
        local.accumulate(batch_of(changes)[0])
        partials = local.take_partials()
        assert len(local) == 0
        whole.process(partials)
    assert {repr(row) for part in whole.results() for row in part.rows()} == model.table()


def total(dtype: Any, function: str, result: Any = None, retracts: bool = False) -> GroupTable:
    return GroupTable(
        {"f0": dtype},
        [],
        {"f0": result or dtype},
        [KernelAggregate(function, 0, retracts=retracts)],
    )


def test_sums_of_integers_wrap_around() -> None:
    table = total(pl.Int32(), "SUM")
    table.accumulate(pl.DataFrame({"f0": [2**31 - 1, 1]}, {"f0": pl.Int32}))
    assert next(table.results()).item() == -(2**31)


def test_a_decimal_sum_beyond_38_digits_is_null_and_comes_back() -> None:
    table = total(pl.Decimal(38, 0), "SUM", retracts=True)
    large = pl.DataFrame({"f0": [Decimal("9" * 38)] * 2}, {"f0": pl.Decimal(38, 0)})
    table.accumulate(large)
    assert next(table.results()).item() is None
    table.accumulate(large.head(1), pl.Series([3], dtype=pl.Int8))
    assert next(table.results()).item() == Decimal("9" * 38)


def test_decimal_averages_round_half_away_from_zero() -> None:
    table = total(pl.Decimal(38, 2), "AVG", pl.Decimal(38, 6))
    values = ["-1.00", "-1.00", "-1.01"]
    table.accumulate(pl.DataFrame({"f0": map(Decimal, values)}, {"f0": pl.Decimal(38, 2)}))
    assert next(table.results()).item() == Decimal("-1.003333")


@pytest.mark.parametrize(
    ("function", "expected_value"),
    [("VAR_POP", 2.0), ("VAR_SAMP", 2.5), ("STDDEV_POP", 2**0.5), ("STDDEV_SAMP", 2.5**0.5)],
)
def test_variances_are_those_of_the_formula(function: str, expected_value: float) -> None:
    table = total(pl.Float64(), function)
    table.accumulate(pl.DataFrame({"f0": [1.0, 2.0, 3.0, 4.0, 5.0]}))
    assert next(table.results()).item() == pytest.approx(expected_value)


def test_the_variance_of_integers_is_an_integer() -> None:
    table = total(pl.Int64(), "VAR_SAMP")
    table.accumulate(pl.DataFrame({"f0": [1, 2, 4]}))
    assert next(table.results()).item() == 2


def test_a_second_row_of_a_single_value_is_an_error() -> None:
    table = total(pl.Int64(), "SINGLE_VALUE", retracts=True)
    with pytest.raises(ValueError, match="more than one row"):
        table.process(pl.DataFrame({"f0": [1, 2]}))


def test_a_group_expires_after_its_time() -> None:
    table = GroupTable(
        {"f0": pl.Int64()}, [0], {"f1": pl.Int64()}, [KernelAggregate("COUNT")], ttl_ms=10_000
    )
    one = pl.DataFrame({"f0": [1]})
    assert table.process(one, None, 0)[0].rows() == [(1, 1)]
    assert table.process(one, None, 9_000)[1].to_list() == [1, 2]  # type: ignore[union-attr]
    assert table.process(one, None, 19_000)[0].rows() == [(1, 1)]


def test_expired_groups_give_their_memory_back() -> None:
    table = GroupTable(
        {"f0": pl.Int64()}, [0], {"f1": pl.Int64()}, [KernelAggregate("COUNT")], ttl_ms=1_000
    )
    for second in range(0, 100, 2):
        table.process(
            pl.DataFrame({"f0": range(second * 100, second * 100 + 100)}), None, second * 1000
        )
    assert len(table) <= 200


def test_a_row_that_goes_without_having_come_is_passed_over() -> None:
    table = total(pl.Int64(), "SUM", retracts=True)
    gone = table.process(pl.DataFrame({"f0": [1]}), pl.Series([3], dtype=pl.Int8))
    assert gone[0].height == 0
    kept = table.process(pl.DataFrame({"f0": [1, 5]}), pl.Series([3, 0], dtype=pl.Int8))
    assert kept[0].rows() == [(5,)]


def test_updates_can_come_without_what_was_before() -> None:
    table = GroupTable(
        {"f0": pl.Int64()},
        [0],
        {"f1": pl.Int64()},
        [KernelAggregate("COUNT")],
        emits_update_before=False,
    )
    table.process(pl.DataFrame({"f0": [1, 2]}))
    changed, kinds = table.process(pl.DataFrame({"f0": [2, 3]}))
    assert changed.rows() == [(2, 2), (3, 1)]
    assert kinds is not None
    assert kinds.to_list() == [2, 0]


def test_state_of_other_aggregates_is_refused() -> None:
    payload = total(pl.Int64(), "SUM").snapshot(True, False)
    with pytest.raises(RuntimeError, match="other keys or functions"):
        total(pl.Int64(), "MAX").restore([payload or b""], 0, 127)


def test_a_snapshot_cut_short_is_refused() -> None:
    table = total(pl.Int64(), "SUM")
    table.accumulate(pl.DataFrame({"f0": [1]}))
    payload = table.snapshot(True, False) or b""
    with pytest.raises(RuntimeError, match="cut short"):
        total(pl.Int64(), "SUM").restore([payload[:-3]], 0, 127)


def test_nothing_to_tell_makes_no_incremental_snapshot() -> None:
    table = total(pl.Int64(), "SUM")
    assert table.snapshot(True, False)
    assert table.snapshot(False, False) is None
