"""Event-time sessions with the default trigger: the operator that keeps a key's sessions together.

Sessions themselves are tested with the general operator and against the model; here is what is
particular to this way of keeping them.
"""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import ProgramError
from flott.common.output_tag import OutputTag
from flott.core.element import MAX_WATERMARK
from flott.operators.rows.windows.session import SessionWindowOperator
from flott.operators.window import EventTimeSessionWindows, EventTimeTrigger
from tests.operators.harness import Harness
from tests.operators.rows.windows.window_cases import Sum, push, shown, spec, values, windowed

SESSIONS = EventTimeSessionWindows.with_gap(5)


def test_it_is_chosen_for_sessions_with_the_default_trigger() -> None:
    assert type(spec(SESSIONS).build()) is SessionWindowOperator
    assert type(spec(SESSIONS, trigger=EventTimeTrigger.create()).build()) is SessionWindowOperator


def test_the_program_of_the_conformance_suite_gives_what_flink_gave() -> None:
    def count(key: Any, window: Any, inputs: list[Any]) -> Any:
        yield key, window.start, window.end, len(inputs)

    assigner = EventTimeSessionWindows.with_dynamic_gap(lambda record: record[2])
    harness = windowed(assigner, count, "apply")
    rows = [("a", 0, 1000), ("a", 900, 5000), ("a", 5000, 100), ("a", 6000, 100)]
    rows += [("b", 0, 10), ("b", 20, 10), ("b", 10, 10)]
    harness.push(*rows, at=[row[1] for row in rows])
    harness.end()
    assert sorted(harness.values) == [("a", 0, 5900, 3), ("a", 6000, 6100, 1), ("b", 0, 30, 3)]


def test_sessions_of_all_keys_fire_in_order_of_their_end() -> None:
    harness = windowed(SESSIONS)
    push(harness, "a", 10, 30)
    push(harness, "b", 1, 20)
    push(harness, "a", 13)
    harness.end()
    assert [(result[0], result[2]) for result in shown(harness)] == [
        ("b", 6),
        ("a", 18),
        ("b", 25),
        ("a", 35),
    ]


def test_a_session_that_was_prolonged_fires_at_its_new_end() -> None:
    harness = windowed(SESSIONS, Sum(), "aggregate")
    push(harness, "a", 1)
    push(harness, "a", 4)
    harness.watermark(7)
    assert harness.records == []
    harness.watermark(8)
    assert harness.records == [(5, 8)]


def test_records_out_of_order_bridge_sessions_within_a_batch() -> None:
    harness = windowed(SESSIONS)
    push(harness, "a", 20, 1, 10, 15, 6)
    harness.end()
    assert [(start, end, sorted(v)) for _, start, end, v in shown(harness)] == [
        (1, 25, [1, 6, 10, 15, 20])
    ]


def test_records_of_long_sessions_are_kept_in_chunks() -> None:
    given = spec(EventTimeSessionWindows.with_gap(5000))
    harness = Harness(given)
    for first in range(0, 2000, 200):
        push(harness, "a", *range(first, first + 200))
    first_snapshot = harness.snapshot(1, full=False)
    push(harness, "a", 2000)
    second_snapshot = harness.snapshot(2, full=False)
    assert len(second_snapshot[0].payload) * 3 < len(first_snapshot[0].payload)
    harness = Harness(given, restore=[first_snapshot + second_snapshot])
    harness.end()
    assert values(harness) == [list(range(2001))]
    assert harness.context.keyed_store.entry_count == 0


def test_long_sessions_merge_without_losing_records() -> None:
    harness = windowed(EventTimeSessionWindows.with_gap(700))
    push(harness, "a", *range(600))
    push(harness, "a", *range(1400, 2000))
    push(harness, "a", 1000)
    harness.end()
    assert sorted(values(harness)[0]) == [*range(600), 1000, *range(1400, 2000)]
    assert harness.context.keyed_store.entry_count == 0


def test_clear_is_called_when_a_session_is_gone() -> None:
    class Note:
        cleared: list[Any]

        def process(self, key: Any, context: Any, elements: Any) -> Any:
            return [key]

        def clear(self, context: Any) -> None:
            self.cleared.append((context.window().end, context.current_watermark()))

    function = Note()
    function.cleared = []
    harness = windowed(SESSIONS, function, allowed_lateness_ms=3)
    push(harness, "a", 1)
    harness.watermark(7)
    assert function.cleared == []
    harness.watermark(8)
    assert function.cleared == [(6, 8)]


def test_a_batch_with_late_records_keeps_their_order() -> None:
    harness = windowed(SESSIONS, late_tag=OutputTag("late"), allowed_lateness_ms=4)
    harness.watermark(20)
    harness.push(("b", 13), ("a", 3), ("a", 13), ("b", 2), at=[13, 3, 13, 2])
    assert shown(harness)[0] == ("b", 13, 18, [13])
    harness = windowed(SESSIONS, late_tag=OutputTag("late"))
    harness.watermark(20)
    harness.push(("b", 13), ("a", 3), ("b", 2), at=[13, 3, 2])
    assert harness.side("late") == [("b", 13), ("a", 3), ("b", 2)]
    assert harness.values == []


def test_a_session_at_the_end_of_time_fires_with_it() -> None:
    harness = windowed(SESSIONS)
    push(harness, "a", MAX_WATERMARK - 2)
    harness.end()
    assert [time for _, time in harness.records] == [MAX_WATERMARK]


def test_an_accumulator_may_be_changed_in_place() -> None:
    class Collect:
        def create_accumulator(self) -> list[Any]:
            return []

        def add(self, value: Any, accumulator: list[Any]) -> list[Any]:
            accumulator.append(value[1])
            return accumulator

        def get_result(self, accumulator: list[Any]) -> list[Any]:
            return accumulator

        def merge(self, a: list[Any], b: list[Any]) -> list[Any]:
            a.extend(b)
            return a

    given = spec(EventTimeSessionWindows.with_gap(50), Collect(), "aggregate")
    harness = Harness(given)
    push(harness, "a", 10, 5)
    first = harness.snapshot(1, full=False)
    push(harness, "a", 9)
    push(harness, "a", 8)
    harness = Harness(given, restore=[first + harness.snapshot(2, full=False)])
    harness.end()
    assert harness.values == [[10, 5, 9, 8]]


@pytest.mark.parametrize("time", [None, -(2**63)])
def test_a_record_without_timestamp_is_refused(time: int | None) -> None:
    with pytest.raises(ProgramError, match="no timestamp"):
        windowed(SESSIONS).push(("a", 1), at=time)


def test_a_gap_that_is_not_positive_is_refused_with_the_record_in_hand() -> None:
    assigner = EventTimeSessionWindows.with_dynamic_gap(lambda record: record[1])
    with pytest.raises(ProgramError, match="gave 0") as caught:
        windowed(assigner).push(("a", 1), ("b", 0), at=1)
    assert any(e.frame.f_locals.get("value") == ("b", 0) for e in caught.traceback)


@pytest.mark.parametrize("parallelism", [1, 3])
def test_sessions_go_on_where_their_keys_go(parallelism: int) -> None:
    given = spec(SESSIONS, Sum(), "aggregate")
    harness = Harness(given)
    for key in range(20):
        push(harness, key, key, key + 3)
    snapshot = harness.snapshot(1)
    results: list[Any] = []
    for subtask in range(parallelism):
        part = Harness(given, parallelism=parallelism, subtask=subtask, restore=[snapshot])
        part.end()
        results += part.records
    assert sorted(results) == [(2 * key + 3, key + 7) for key in range(20)]
