from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from flott.common import Duration, Time, Types, WatermarkStrategy
from flott.common.errors import JobExecutionError
from flott.datastream import KeyedProcessFunction, StreamExecutionEnvironment
from flott.datastream.state import ValueStateDescriptor
from flott.datastream.window import TumblingEventTimeWindows
from flott.testing import RecordingSink, run

NUMBERS = 3000
LIVES = [None, 3, 10]
#: Outlives the restart, as the outside world does.
FAILED: list[int] = []


def environment() -> StreamExecutionEnvironment:
    return StreamExecutionEnvironment.get_execution_environment()


def windows_per_key(env: StreamExecutionEnvironment) -> RecordingSink:
    strategy = WatermarkStrategy.for_bounded_out_of_orderness(
        Duration.of_millis(0)
    ).with_timestamp_assigner(lambda n: n)
    out = RecordingSink("out")
    (
        env.from_sequence(1, NUMBERS)
        .assign_timestamps_and_watermarks(strategy)
        .map(lambda n: (n % 5, 1))
        .key_by(lambda pair: pair[0])
        .window(TumblingEventTimeWindows.of(Time.milliseconds(1000)))
        .reduce(lambda a, b: (a[0], a[1] + b[1]))
        .sink_to(out)
    )
    return out


@pytest.mark.parametrize("restore_every", LIVES)
def test_windows_give_the_same_whatever_happens(restore_every: int | None) -> None:
    env = environment()
    out = windows_per_key(env)
    summary = run(env, restore_every=restore_every, parallelism=(1, 3, 2))
    assert (summary.restores > 0) is (restore_every is not None)
    # The watermarks of one subtask at parallelism one are in order: nothing is late.
    assert sum(count for _, count in out.values) == NUMBERS


@pytest.mark.parametrize("restore_every", LIVES)
def test_keyed_state_gives_the_same_whatever_happens(restore_every: int | None) -> None:
    class Count(KeyedProcessFunction):
        def open(self, ctx: Any) -> None:
            self.count = ctx.get_state(ValueStateDescriptor("count", Types.LONG()))

        def process_element(self, value: int, ctx: Any) -> Iterator[Any]:
            count = (self.count.value() or 0) + 1
            self.count.update(count)
            yield ctx.get_current_key(), count

    env = environment()
    out = RecordingSink("out")
    env.from_sequence(1, NUMBERS).key_by(lambda n: n % 7).process(Count()).sink_to(out)
    run(env, restore_every=restore_every, parallelism=(2, 1, 3))
    expected = Counter((n % 7, 1 + (n - (n % 7 or 7)) // 7) for n in range(1, NUMBERS + 1))
    assert Counter(out.values) == expected


def test_the_same_run_twice_is_the_same() -> None:
    def once() -> list[Any]:
        env = environment()
        out = windows_per_key(env)
        run(env, restore_every=4, parallelism=(2, 3))
        return out.by_subtask

    assert once() == once()


def test_failure_of_the_job_is_raised() -> None:
    env = environment()
    env.from_sequence(0, 3).map(lambda n: 1 // n).sink_to(RecordingSink("out"))
    with pytest.raises(JobExecutionError, match="ZeroDivisionError"):
        run(env)


def test_restart_strategy_works_in_virtual_time() -> None:
    class FailsOnce:
        def __call__(self, n: int) -> int:
            if n == 500 and not FAILED:
                FAILED.append(n)
                raise RuntimeError("once")
            return n

    env = environment().enable_checkpointing(10)
    out = RecordingSink("out")
    env.from_sequence(1, 1000).map(FailsOnce()).sink_to(out)
    summary = run(env)
    assert summary.restarts == 1
    assert sorted(out.values) == list(range(1, 1001))
