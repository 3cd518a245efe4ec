"""Look-up joins: what is asked, when, and what is remembered."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from flott.common.errors import ConfigurationError
from flott.common.logical_types import STRING, BigIntType
from flott.common.physical_types import polars_schema
from flott.core.blocking import BlockingCalls
from flott.core.expression import Predicate, Projection
from flott.core.table import LookupTable
from flott.operators.columns.joins.lookup import LookupJoinSpec, LookupOptions
from flott.operators.columns.joins.lookup_cache import LookupCache
from tests.operators.columns.harness import ColumnHarness

LONG = BigIntType()
LEFT = (LONG, STRING)
RIGHT = (STRING, LONG)


class Table(LookupTable):
    """Rows by key; keeps what it was asked."""

    def __init__(self, rows: dict[int, list[tuple[str, int]]]) -> None:
        self.rows = rows
        self.asked: list[list[int]] = []
        self.is_closed = False

    def lookup(self, keys: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
        asked = keys.to_series().to_list()
        self.asked.append(asked)
        found = [(at, row) for at, key in enumerate(asked) for row in self.rows.get(key, [])]
        positions = pl.Series([at for at, _ in found], dtype=pl.UInt32)
        rows = [row for _, row in found]
        return positions, pl.DataFrame(rows, schema=polars_schema(RIGHT), orient="row")

    def close(self) -> None:
        self.is_closed = True


class FirstColumn(Projection):
    def open(self, context: Any) -> None: ...

    def evaluate(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select("f0")


class HeldCalls(BlockingCalls):
    """Keeps calls until they are let go."""

    def __init__(self) -> None:
        self.calls: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []

    def submit(self, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self.calls.append((call, done))

    def run(self, position: int = 0) -> None:
        call, done = self.calls.pop(position)
        try:
            done(call())
        except OSError as error:
            done(error)


def start(
    table: Table, kind: str = "LEFT", holds: bool = False, restore: Any = (), **more: Any
) -> tuple[ColumnHarness, HeldCalls]:
    condition = more.pop("condition", None)
    spec = LookupJoinSpec(kind, table, FirstColumn(), condition, LEFT, RIGHT, LookupOptions(**more))
    columns = ColumnHarness(spec, LEFT, RIGHT, restore=restore)
    calls = HeldCalls()
    if holds:
        columns.plain.context.blocking = calls
    return columns, calls


def push(columns: ColumnHarness, *changes: Any) -> list[Any]:
    columns.plain.clear()
    columns.push(*changes)
    columns.plain.run_mail()
    return columns.changes


CARS = {1: [("car", 10)], 2: [("bus", 20), ("van", 21)]}


def test_each_row_comes_with_the_rows_found_and_its_kind() -> None:
    columns, _ = start(Table(CARS), "INNER")
    found = push(columns, ("+I", 2, "a"), ("-D", 1, "b"), ("+I", 3, "c"), ("+I", None, "d"))
    assert found == [
        ("+I", 2, "a", "bus", 20),
        ("+I", 2, "a", "van", 21),
        ("-D", 1, "b", "car", 10),
    ]


def test_a_left_join_keeps_rows_for_which_nothing_is_found() -> None:
    columns, _ = start(Table(CARS))
    found = push(columns, ("+I", 3, "a"), ("+I", 1, "b"), ("+I", None, "c"))
    assert found == [
        ("+I", 3, "a", None, None),
        ("+I", 1, "b", "car", 10),
        ("+I", None, "c", None, None),
    ]


class Cheap(Predicate):
    def open(self, context: Any) -> None: ...

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        return frame["f3"] < 21


def test_only_rows_that_fulfil_the_condition_are_found() -> None:
    columns, _ = start(Table({2: [("van", 21)], 1: [("car", 10)]}), condition=Cheap())
    found = push(columns, ("+I", 2, "a"), ("+I", 1, "b"))
    assert found == [("+I", 2, "a", None, None), ("+I", 1, "b", "car", 10)]


def test_a_batch_is_one_call_and_keys_with_null_are_not_asked_for() -> None:
    table = Table(CARS)
    columns, _ = start(table)
    push(columns, ("+I", 1, "a"), ("+I", None, "b"), ("+I", 2, "c"))
    assert table.asked == [[1, 2]]
    columns.plain.close()
    assert table.is_closed


def test_nothing_overtakes_a_batch_that_waits() -> None:
    columns, calls = start(Table(CARS), holds=True)
    columns.push(("+I", 1, "a"))
    columns.watermark(5)
    columns.push(("+I", 2, "b"))
    columns.plain.run_mail()
    assert columns.plain.output.events == []
    assert columns.plain.operator.has_pending_work()
    assert len(calls.calls) == 1, "one call at a time unless the hint says otherwise"
    calls.run()
    columns.plain.run_mail()
    calls.run()
    columns.plain.run_mail()
    assert [event[0] for event in columns.plain.output.events] == ["batch", "watermark", "batch"]
    assert not columns.plain.operator.has_pending_work()


def test_asynchronous_calls_run_side_by_side_and_stay_in_order() -> None:
    columns, calls = start(Table(CARS), holds=True, is_async=True)
    columns.push(("+I", 1, "a"))
    columns.push(("+I", 2, "b"))
    calls.run(1)
    columns.plain.run_mail()
    assert columns.changes == []
    calls.run(0)
    columns.plain.run_mail()
    assert [change[2] for change in columns.changes] == ["a", "b", "b"]


def test_too_many_waiting_batches_block_the_input() -> None:
    columns, _ = start(Table(CARS), holds=True)
    for _ in range(8):
        assert not columns.plain.operator.is_blocked()
        columns.push(("+I", 1, "a"))
    assert columns.plain.operator.is_blocked()


def test_waiting_batches_are_asked_for_again_after_a_restore() -> None:
    columns, _ = start(Table(CARS), holds=True)
    columns.push(("+I", 1, "a"))
    columns.push(("+U", 2, "b"))
    restored, _ = start(Table(CARS), "INNER", restore=[columns.snapshot(1)])
    restored.plain.run_mail()
    assert [change[:3] for change in restored.changes] == [
        ("+I", 1, "a"),
        ("+U", 2, "b"),
        ("+U", 2, "b"),
    ]


class Broken(Table):
    def lookup(self, keys: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
        raise OSError("no connection")


def test_an_error_of_the_table_rises() -> None:
    columns, _ = start(Broken({}))
    with pytest.raises(OSError, match="no connection"):
        push(columns, ("+I", 1, "a"))


def test_a_call_that_takes_too_long_fails() -> None:
    columns, _ = start(Table(CARS), holds=True, is_async=True, timeout_ms=100)
    columns.push(("+I", 1, "a"))
    with pytest.raises(TimeoutError, match="longer than 100 ms"):
        columns.plain.advance_to(100)


def test_missing_keys_are_asked_for_again() -> None:
    table = Table({1: [("car", 10)]})
    columns, _ = start(table, attempts_max=3, retry_delay_ms=50)
    assert push(columns, ("+I", 2, "a"), ("+I", 1, "b")) == []
    table.rows = CARS
    columns.plain.advance_to(50)
    columns.plain.run_mail()
    assert table.asked == [[2, 1], [2]]
    assert [change[2:] for change in columns.changes] == [
        ("a", "bus", 20),
        ("a", "van", 21),
        ("b", "car", 10),
    ]


def test_after_the_last_attempt_a_missing_key_stays_missing() -> None:
    table = Table({})
    columns, _ = start(table, attempts_max=2, retry_delay_ms=50)
    push(columns, ("+I", 2, "a"))
    columns.plain.advance_to(50)
    columns.plain.run_mail()
    assert table.asked == [[2], [2]]
    assert columns.changes == [("+I", 2, "a", None, None)]


def test_a_cache_remembers_what_was_found_and_what_was_not() -> None:
    table = Table(CARS)
    columns, _ = start(table, cache="PARTIAL")
    first = push(columns, ("+I", 2, "a"), ("+I", 3, "b"))
    table.rows = {}
    assert push(columns, ("+I", 2, "a"), ("+I", 3, "b")) == first
    assert push(columns, ("+I", 4, "c"), ("+I", 2, "d"))[0] == ("+I", 4, "c", None, None)
    assert table.asked == [[2, 3], [4]]


def test_the_key_asked_for_least_recently_is_forgotten_first() -> None:
    cache = LookupCache(LookupOptions(cache="PARTIAL", max_rows=2))
    for key in (1, 2):
        cache.put((key,), [(key,)], 0)
    cache.get((1,), 0)
    cache.put((3,), [(3,)], 0)
    assert [cache.get((key,), 0) for key in (1, 2, 3)] == [[(1,)], None, [(3,)]]


def test_keys_are_forgotten_after_a_time() -> None:
    written = LookupCache(LookupOptions(cache="PARTIAL", expire_after_write_ms=10))
    written.put((1,), [], 0)
    assert (written.get((1,), 9), written.get((1,), 10)) == ([], None)
    asked = LookupCache(LookupOptions(cache="PARTIAL", expire_after_access_ms=10))
    asked.put((1,), [], 0)
    assert (asked.get((1,), 9), asked.get((1,), 18), asked.get((1,), 28)) == ([], [], None)


def test_missing_keys_are_remembered_only_if_asked() -> None:
    cache = LookupCache(LookupOptions(cache="PARTIAL", caches_missing=False))
    cache.put((1,), [], 0)
    assert cache.get((1,), 0) is None


def test_a_full_cache_is_forgotten_at_each_reload() -> None:
    cache = LookupCache(LookupOptions(cache="FULL", reload_ms=10, max_rows=1))
    cache.advance(0)
    for key in (1, 2):
        cache.put((key,), [], 0)
    cache.advance(9)
    assert len(cache) == 2
    cache.advance(10)
    assert len(cache) == 0


def test_options_come_from_the_table_and_the_hint() -> None:
    table = {
        "lookup.cache": "partial",
        "lookup.partial-cache.max-rows": "500",
        "lookup.partial-cache.expire-after-write": "1 min",
        "lookup.partial-cache.cache-missing-key": "false",
    }
    hint = {
        "async": "true",
        "timeout": "180s",
        "retry-predicate": "lookup_miss",
        "retry-strategy": "fixed_delay",
        "fixed-delay": "10s",
        "max-attempts": "3",
    }
    assert LookupOptions.parse(table, hint) == LookupOptions(
        cache="PARTIAL",
        max_rows=500,
        expire_after_write_ms=60_000,
        caches_missing=False,
        is_async=True,
        timeout_ms=180_000,
        attempts_max=4,
        retry_delay_ms=10_000,
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lookup.cache": "SOME"}, "'lookup.cache' is 'SOME'; it may be NONE, PARTIAL, FULL"),
        ({"lookup.partial-cache.max-rows": "many"}, "a whole number"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        LookupOptions.parse(options, {})
