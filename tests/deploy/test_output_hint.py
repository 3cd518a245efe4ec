"""From reports to the line that says why nothing comes out."""

from flott.core.element import MIN_WATERMARK
from flott.deploy.output_hint import OutputHint, find_holder, readings_of
from flott.progress.output_watch import WatermarkHolder
from flott.runtime.messages import TaskId, TaskReport
from tests.deploy.reports import (
    COUNT,
    SOURCES,
    count_report,
    report,
    sample_plan,
    source_report,
)

PLAN = sample_plan()
ORDERS = f"{PLAN.vertices[0].name}/0"


def reports_of(
    records: int, written: int = 0, split: str | None = None
) -> dict[TaskId, TaskReport]:
    held = {"held_by": SOURCES[0], "held_since_ms": 43_380_000}
    return {
        SOURCES[0]: source_report(SOURCES[0], "orders", records, split),
        SOURCES[1]: source_report(SOURCES[1], "clicks", records),
        COUNT: count_report(records, written, input_watermarks={ORDERS: 43_390_000}, **held),
    }


def test_the_line_names_window_watermark_and_source() -> None:
    hint = OutputHint(PLAN, 5_000)
    assert hint.look(43_411_000, reports_of(10)) is None
    assert hint.look(43_421_000, reports_of(20)) == (
        "count: window closes at 12:05, watermark is 12:03:10, "
        f"held back by {ORDERS}, silent for 41 s"
    )


def test_the_line_is_said_once() -> None:
    hint = OutputHint(PLAN, 5_000)
    hint.look(0, reports_of(10))
    assert hint.look(5_000, reports_of(20)) is not None
    assert hint.look(20_000, reports_of(30)) is None


def test_it_is_said_again_for_another_reason() -> None:
    hint = OutputHint(PLAN, 5_000)
    hint.look(0, reports_of(10))
    hint.look(5_000, reports_of(20))
    other = hint.look(10_000, reports_of(30, split="part-7"))
    assert other is not None
    assert f"{ORDERS}, split part-7" in other


def test_reasons_that_take_turns_do_not_flood_the_screen() -> None:
    hint = OutputHint(PLAN, 5_000)
    hint.look(0, reports_of(10))
    assert hint.look(5_000, reports_of(20)) is not None
    assert hint.look(6_000, reports_of(30, split="part-7")) is None


def test_nothing_is_said_while_records_come_out() -> None:
    hint = OutputHint(PLAN, 5_000)
    lines = [hint.look(n * 5_000, reports_of(n * 10, written=n)) for n in range(5)]
    assert lines == [None] * 5


def test_nothing_is_said_while_nothing_comes_in() -> None:
    hint = OutputHint(PLAN, 5_000)
    hint.look(0, reports_of(10))
    assert hint.look(60_000, reports_of(10)) is None


def test_what_a_source_waits_for_is_not_known() -> None:
    readings = readings_of(PLAN, reports_of(10))
    assert [each.event_time_due for each in readings] == [None, None, 43_500_000, None]


def test_the_way_goes_against_the_stream_up_to_the_source() -> None:
    between = report(
        TaskId(1, 0), held_by=SOURCES[0], held_since_ms=7, input_watermarks={ORDERS: 99}
    )
    behind = report(COUNT, held_by=TaskId(1, 0))
    plan = PLAN
    # Vertex 1 is a source of the plan, so the way ends there.
    found = find_holder(plan, {TaskId(1, 0): between}, behind)
    assert found == WatermarkHolder(f"{plan.vertices[1].name}/0", MIN_WATERMARK, None)
    assert find_holder(plan, {}, between) == WatermarkHolder(ORDERS, 99, 7)


def test_a_task_that_nothing_holds_has_no_holder() -> None:
    assert find_holder(PLAN, {}, report(COUNT)) is None
