"""Sources of one group wait for the slowest, from report to pause."""

from typing import Any

from flott.common import Duration, WatermarkStrategy
from flott.common.watermark_generators import WatermarkGenerator
from flott.core.element import MAX_WATERMARK
from flott.datastream import StreamExecutionEnvironment
from flott.datastream.connectors.datagen import DataGeneratorSource, RateLimiterStrategy
from flott.runtime.coordinator.alignment import AlignmentCoordinator
from flott.runtime.messages import AlignSources, SourceWatermark, TaskId

FAST, SLOW = TaskId(0, 0), TaskId(1, 0)


class Group:
    """A coordinator and the limits it has sent."""

    def __init__(self) -> None:
        self.limits: list[tuple[TaskId, int]] = []
        self.coordinator = AlignmentCoordinator(3, self._send)

    def report(self, task: TaskId, watermark: int | None, drift_ms: int = 1_000) -> None:
        self.coordinator.report(SourceWatermark(3, task, "group", watermark, drift_ms))

    def take(self) -> list[tuple[TaskId, int]]:
        taken, self.limits = self.limits, []
        return taken

    def _send(self, task: TaskId, message: Any) -> None:
        assert isinstance(message, AlignSources)
        assert (message.attempt, message.task, message.group) == (3, task, "group")
        self.limits.append((task, message.max_watermark))


def test_everybody_hears_how_far_the_slowest_lets_them_go() -> None:
    group = Group()
    group.report(FAST, 9_000)
    group.take()
    group.report(SLOW, 2_000)
    assert group.take() == [(FAST, 3_000), (SLOW, 3_000)]


def test_nothing_is_said_while_nothing_changes() -> None:
    group = Group()
    group.report(FAST, 9_000)
    group.report(SLOW, 2_000)
    group.take()
    group.report(FAST, 9_500)
    assert group.take() == []


def test_each_source_has_its_own_drift() -> None:
    group = Group()
    group.report(SLOW, 2_000, drift_ms=5)
    group.report(FAST, 9_000, drift_ms=700)
    assert group.take()[-1] == (FAST, 2_700)


def test_an_idle_source_holds_nobody() -> None:
    group = Group()
    group.report(FAST, 9_000)
    group.report(SLOW, 2_000)
    group.take()
    group.report(SLOW, None)
    assert (FAST, 10_000) in group.take()


def test_a_source_that_has_ended_holds_nobody() -> None:
    group = Group()
    group.report(SLOW, 2_000)
    group.report(FAST, 9_000)
    group.take()
    group.coordinator.task_drained(SLOW)
    assert group.take() == [(FAST, 10_000)]


def test_the_last_one_runs_free_when_it_is_idle() -> None:
    group = Group()
    group.report(FAST, 9_000)
    group.take()
    group.report(FAST, None)
    assert group.take() == [(FAST, MAX_WATERMARK)]


def test_other_tasks_may_end_without_ado() -> None:
    group = Group()
    group.coordinator.task_drained(TaskId(7, 1))
    assert group.take() == []


class EachRecord(WatermarkGenerator):
    """A watermark at every record, so that nothing depends on the clock."""

    def on_event(self, event: Any, event_timestamp: int, output: Any) -> None:
        output.emit_watermark(event_timestamp)

    def on_periodic_emit(self, output: Any) -> None:
        pass


def aligned() -> WatermarkStrategy:
    return (
        WatermarkStrategy.for_generator(EachRecord)
        .with_timestamp_assigner(lambda value, _: value[1])
        .with_watermark_alignment("group", Duration.of_millis(50), Duration.of_millis(1))
    )


def test_a_fast_source_ends_after_the_slow_one() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    slow = DataGeneratorSource(lambda n: ("slow", n), 500, RateLimiterStrategy.per_second(1_000))
    fast = DataGeneratorSource(lambda n: ("fast", n), 20_000)
    streams = [env.from_source(source, aligned(), "source") for source in (slow, fast)]
    names = [name for name, _ in streams[0].union(streams[1]).execute_and_collect()]
    assert len(names) == 20_500
    assert "slow" not in names[-10_000:]
