"""Regular joins against a plain model: kinds with single rows, tables with any batches."""

import operator
from collections import Counter
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.logical_types import STRING, ArrayType, BigIntType
from flott.core.expression import Predicate
from flott.operators.columns.joins.regular import JoinSpec
from tests.operators.columns.harness import ColumnHarness
from tests.operators.columns.joins.model import (
    KINDS,
    Change,
    JoinModel,
    Row,
    applied,
    changelogs,
    in_batches,
)

LONG = BigIntType()
TYPES = (LONG, STRING)
TEXTS = st.sampled_from(["a", "b", "a text of more than twelve bytes"]) | st.none()
ROWS = st.tuples(st.integers(1, 3) | st.none(), TEXTS)
LOGS = changelogs(ROWS)
INSERTS = changelogs(ROWS, retracts=False)
SOME_KIND = st.sampled_from(KINDS)


class DifferentTexts(Predicate):
    """Pairs whose texts differ."""

    def open(self, context: Any) -> None: ...

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        return (frame["f1"] != frame["f3"]).fill_null(False)


def texts_differ(left: Row, right: Row) -> bool:
    return left[1] is not None and right[1] is not None and left[1] != right[1]


def join(kind: str, **more: Any) -> JoinSpec:
    arguments: dict[str, Any] = {
        "left_keys": (0,),
        "right_keys": (0,),
        "null_safe": (False,),
        "condition": None,
        "left_retracts": True,
        "right_retracts": True,
    } | more
    return JoinSpec(kind, left_types=TYPES, right_types=TYPES, **arguments)


def run(spec: JoinSpec, log: list[tuple[int, Change]], rows: int, **settings: Any) -> ColumnHarness:
    columns = ColumnHarness(spec, TYPES, TYPES, **settings)
    for side, changes in in_batches(log, rows):
        columns.push(*changes, side=side)
    return columns


def state_sizes(columns: ColumnHarness) -> tuple[int, int, int]:
    """Left rows, right rows, keys."""
    sides = columns.plain.operator._sides
    return len(sides.rows[0]), len(sides.rows[1]), len(sides.index)


@settings(max_examples=150)
@given(LOGS, SOME_KIND, st.booleans(), st.booleans())
def test_single_rows_give_the_changes_of_the_model(
    log: list[tuple[int, Change]], kind: str, has_condition: bool, null_safe: bool
) -> None:
    model = JoinModel(kind, texts_differ if has_condition else lambda *_: True, null_safe)
    condition = DifferentTexts() if has_condition else None
    columns = ColumnHarness(join(kind, condition=condition, null_safe=(null_safe,)), TYPES, TYPES)
    for side, change in log:
        columns.plain.clear()
        columns.push(change, side=side)
        # Flink's order of partners is that of its hash map; what surrounds them is fixed.
        expected = model.apply(change, side)
        assert Counter(columns.changes) == Counter(expected)
        kinds = [each[0] for each in expected]
        assert [each[0] for each in columns.changes] == kinds


@settings(max_examples=150)
@given(LOGS, SOME_KIND, st.sampled_from([1, 3, 1000]), st.booleans())
def test_batches_of_any_size_give_the_table_of_the_model(
    log: list[tuple[int, Change]], kind: str, rows: int, has_condition: bool
) -> None:
    model = JoinModel(kind, texts_differ if has_condition else lambda *_: True)
    for side, change in log:
        model.apply(change, side)
    columns = run(join(kind, condition=DifferentTexts() if has_condition else None), log, rows)
    assert applied(columns.changes) == model.table


@settings(max_examples=60)
@given(INSERTS, SOME_KIND, st.sampled_from([1, 3, 1000]))
def test_inserts_alone_need_no_identity_and_give_the_same(
    log: list[tuple[int, Change]], kind: str, rows: int
) -> None:
    model = JoinModel(kind, lambda *_: True)
    for side, change in log:
        model.apply(change, side)
    spec = join(kind, left_retracts=False, right_retracts=False)
    assert applied(run(spec, log, rows).changes) == model.table


@settings(max_examples=60)
@given(LOGS, SOME_KIND)
def test_rows_and_keys_that_went_leave_nothing_behind(
    log: list[tuple[int, Change]], kind: str
) -> None:
    columns = run(join(kind), log, 1)
    left = Counter[Row]()
    for side, (change_kind, *row) in log:
        left[(side, *row)] += 1 if change_kind in ("+I", "+U") else -1
    for (side, *row), copies in left.items():
        for _ in range(copies):
            columns.push(("-D", *row), side=side)
    assert state_sizes(columns) == (0, 0, 0)
    assert applied(columns.changes) == Counter()


@settings(max_examples=60)
@given(LOGS, SOME_KIND, st.integers(0, 30), st.booleans(), st.sampled_from([1, 2, 3]))
def test_a_restored_join_goes_on_with_any_parallelism(
    log: list[tuple[int, Change]], kind: str, cut: int, is_incremental: bool, parallelism: int
) -> None:
    columns = run(join(kind), log[: cut // 2], 1)
    parts = [columns.snapshot(1)]
    for side, change in log[cut // 2 : cut]:
        columns.push(change, side=side)
    if is_incremental:
        parts[0] += columns.snapshot(2, full=False)
    else:
        parts = [columns.snapshot(2)]
    emitted = columns.changes
    restored = [
        ColumnHarness(join(kind), TYPES, TYPES, parallelism=parallelism, subtask=i, restore=parts)
        for i in range(parallelism)
    ]
    model = JoinModel(kind, lambda *_: True)
    for side, change in log:
        model.apply(change, side)
    for side, change in log[cut:]:
        subtask = subtask_of(change[1], parallelism)
        restored[subtask].push(change, side=side)
    for each in restored:
        emitted = emitted + each.changes
    assert applied(emitted) == model.table


def subtask_of(key: int | None, parallelism: int) -> int:
    from flott.kernels.columns.partition import column_targets

    frame = pl.DataFrame({"f0": [key]}, schema={"f0": pl.Int64})
    return int(column_targets(frame, [0], 128, parallelism)[0])


@settings(max_examples=60)
@given(
    changelogs(ROWS, retracts=False), SOME_KIND, st.sampled_from([1, 3, 1000]), st.integers(0, 1)
)
def test_bounded_inputs_give_their_result_once(
    log: list[tuple[int, Change]], kind: str, rows: int, first_end: int
) -> None:
    model = JoinModel(kind, lambda *_: True)
    for side, change in log:
        model.apply(change, side)
    spec = join(kind, left_retracts=False, right_retracts=False, final_only=True)
    columns = ColumnHarness(spec, TYPES, TYPES, is_batch=True)
    # One side ends before half of the other has come.
    first = [each for each in log if each[0] == first_end]
    second = [each for each in log if each[0] != first_end]
    half = len(second) // 2
    for side, changes in in_batches(first + second[:half], rows):
        columns.push(*changes, side=side)
    columns.plain.operator.end_input(first_end)
    for side, changes in in_batches(second[half:], rows):
        columns.push(*changes, side=side)
    columns.plain.operator.end_input(1 - first_end)
    assert {change[0] for change in columns.changes} <= {"+I"}
    assert applied(columns.changes) == model.table
    assert state_sizes(columns)[:2] == (0, 0)


@settings(max_examples=60)
@given(LOGS, SOME_KIND)
def test_joins_without_a_key_compare_every_row_with_every_row(
    log: list[tuple[int, Change]], kind: str
) -> None:
    model = JoinModel(kind, texts_differ)
    without_key = [(side, (change[0], 0, *change[2:])) for side, change in log]
    for side, change in without_key:
        model.apply(change, side)
    spec = join(kind, left_keys=(), right_keys=(), null_safe=(), condition=DifferentTexts())
    assert applied(run(spec, without_key, 3).changes) == model.table


def test_a_batch_that_comes_to_nothing_says_nothing() -> None:
    columns = run(join("LEFT"), [(1, ("+I", 1, "x"))], 1)
    columns.push(("+I", 1, "a"), ("-U", 1, "a"), ("+U", 1, "b"), ("-D", 1, "b"))
    assert columns.changes == []
    assert state_sizes(columns) == (0, 1, 1)


def test_an_unmatched_left_row_is_taken_back_when_a_match_comes() -> None:
    columns = ColumnHarness(join("LEFT"), TYPES, TYPES)
    columns.push(("+I", 1, "a"))
    columns.push(("+I", 1, "x"), side=1)
    columns.push(("-D", 1, "x"), side=1)
    assert columns.changes == [
        ("+I", 1, "a", None, None),
        ("-D", 1, "a", None, None),
        ("+I", 1, "a", 1, "x"),
        ("-D", 1, "a", 1, "x"),
        ("+I", 1, "a", None, None),
    ]


def test_an_update_of_an_inner_join_stays_an_update() -> None:
    columns = run(join("INNER"), [(1, ("+I", 1, "x"))], 1)
    columns.push(("+I", 1, "a"))
    columns.push(("-U", 1, "a"), ("+U", 1, "b"))
    assert columns.changes[1:] == [("-U", 1, "a", 1, "x"), ("+U", 1, "b", 1, "x")]


def test_an_upsert_replaces_the_row_of_its_key() -> None:
    columns = ColumnHarness(join("INNER", left_unique=(0,)), TYPES, TYPES)
    columns.push(("+I", 1, "x"), side=1)
    columns.push(("+I", 1, "a"))
    columns.push(("+U", 1, "b"))
    columns.push(("-D", 1, None))
    expected = [("+I", 1, "a"), ("-U", 1, "a"), ("+U", 1, "b"), ("-D", 1, "b")]
    assert columns.changes == [(*change, 1, "x") for change in expected]


def test_a_late_update_before_does_not_take_away_what_replaced_it() -> None:
    columns = ColumnHarness(join("INNER", left_unique=(0,)), TYPES, TYPES)
    columns.push(("+I", 1, "x"), side=1)
    columns.push(("+I", 1, "a"))
    columns.push(("+U", 1, "b"))
    columns.push(("-U", 1, "a"))
    assert applied(columns.changes) == Counter({(1, "b", 1, "x"): 1})


def test_rows_expire_by_the_time_of_their_last_change() -> None:
    spec = join("INNER", left_ttl_ms=100, right_ttl_ms=0)
    columns = ColumnHarness(spec, TYPES, TYPES, now_ms=1_000)
    columns.push(("+I", 1, "a"), ("+I", 2, "b"))
    columns.plain.clock.set(1_060)
    columns.push(("+U", 2, "b"))
    columns.plain.clock.set(1_100)
    columns.push(("+I", 1, "x"), ("+I", 2, "y"), side=1)
    assert columns.changes == [("+I", 2, "b", 2, "y"), ("+I", 2, "b", 2, "y")]
    columns.plain.clock.set(1_160)
    columns.push(("+I", 2, "z"), side=1)
    assert len(columns.changes) == 2
    assert state_sizes(columns) == (0, 3, 2)


def test_time_to_live_goes_on_after_a_restore() -> None:
    spec = join("INNER", left_ttl_ms=100)
    columns = ColumnHarness(spec, TYPES, TYPES, now_ms=1_000)
    columns.push(("+I", 1, "a"))
    columns.plain.clock.set(1_050)
    columns.push(("+I", 2, "b"))
    restored = ColumnHarness(spec, TYPES, TYPES, now_ms=1_120, restore=[columns.snapshot(1)])
    restored.push(("+I", 1, "x"), ("+I", 2, "y"), side=1)
    assert restored.changes == [("+I", 2, "b", 2, "y")]


def test_rows_are_not_kept_once_the_other_side_has_ended() -> None:
    columns = ColumnHarness(join("FULL"), TYPES, TYPES)
    columns.push(("+I", 1, "a"))
    columns.push(("+I", 1, "x"), side=1)
    columns.plain.operator.end_input(1)
    columns.push(("+I", 1, "b"), ("-D", 1, "a"))
    columns.push(("-D", 1, "b"))
    assert state_sizes(columns)[0] == 0
    assert applied(columns.changes) == Counter({(None, None, 1, "x"): 1})


def test_nested_values_join_and_come_back() -> None:
    types = (ArrayType(LONG), STRING)
    spec = JoinSpec(
        "INNER", (0,), (0,), (False,), None, types, types, left_retracts=True, right_retracts=True
    )
    columns = ColumnHarness(spec, types, types)
    columns.push(("+I", [1, None], "a"), ("+I", [], "b"), ("+I", None, "c"))
    columns.push(("+I", [1, None], "x"), ("+I", [], "y"), ("-D", [], "y"), side=1)
    columns.push(("-D", [1, None], "a"))
    pair = ([1, None], "a", [1, None], "x")
    assert columns.changes == [("+I", *pair), ("-D", *pair)]


@pytest.mark.parametrize("kind", ["INNER", "CROSS"])
def test_a_cross_join_pairs_everything(kind: str) -> None:
    spec = join(kind, left_keys=(), right_keys=(), null_safe=())
    columns = ColumnHarness(spec, TYPES, TYPES)
    columns.push(("+I", 1, "a"), ("+I", None, "b"))
    columns.push(("+I", 7, "x"), side=1)
    assert columns.changes == [("+I", 1, "a", 7, "x"), ("+I", None, "b", 7, "x")]


NUMBERS = st.tuples(st.integers(1, 2), st.integers(0, 3) | st.none())
OPERATORS = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, ">=": operator.ge}


@settings(max_examples=100)
@given(
    changelogs(NUMBERS),
    SOME_KIND,
    st.sampled_from(sorted(OPERATORS)),
    st.sampled_from([1, 3, 1000]),
)
def test_columns_of_a_pair_are_compared_by_the_join(
    log: list[tuple[int, Change]], kind: str, comparison: str, rows: int
) -> None:
    def fulfils(left: Row, right: Row) -> bool:
        known = left[1] is not None and right[1] is not None
        return known and OPERATORS[comparison](left[1], right[1])

    model = JoinModel(kind, fulfils)
    for side, change in log:
        model.apply(change, side)
    spec = replace(
        join(kind, comparisons=((1, comparison, 3),)),
        left_types=(LONG, LONG),
        right_types=(LONG, LONG),
    )
    columns = ColumnHarness(spec, spec.left_types, spec.right_types)
    for side, changes in in_batches(log, rows):
        columns.push(*changes, side=side)
    assert applied(columns.changes) == model.table


@settings(max_examples=60)
@given(LOGS, st.sampled_from(["INNER", "LEFT", "FULL"]), st.booleans(), st.sampled_from([1, 1000]))
def test_columns_that_nobody_reads_are_left_out(
    log: list[tuple[int, Change]], kind: str, has_condition: bool, rows: int
) -> None:
    condition = DifferentTexts() if has_condition else None
    whole = run(join(kind, condition=condition), log, rows)
    some = run(join(kind, condition=condition, outputs=(3, 0)), log, rows)
    assert some.changes == [(each[0], each[4], each[1]) for each in whole.changes]


def test_texts_are_not_compared_by_the_join() -> None:
    with pytest.raises(ValueError, match="numbers"):
        run(join("INNER", comparisons=((1, "<", 3),)), [(0, ("+I", 1, "a"))], 1)


@pytest.mark.parametrize("kind", ["INNER", "LEFT", "FULL"])
def test_a_row_with_many_partners_gives_batches_of_a_usual_size(kind: str) -> None:
    columns = ColumnHarness(join(kind), TYPES, TYPES)
    many = [("+I", 1, str(number)) for number in range(400)]
    columns.push(*many, side=1)
    columns.push(*many, side=0)
    columns.push(("-D", 1, "7"), side=1)
    sizes = [event[1].row_count for event in columns.plain.output.events if event[0] == "batch"]
    assert max(sizes) <= 65_536 < sum(sizes)
    texts = [text for _, _, text in many]
    pairs = Counter((1, left, 1, right) for left in texts for right in texts if right != "7")
    assert columns.table == pairs
