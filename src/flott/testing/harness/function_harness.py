"""Harnesses for one function or a few operations: the smallest job around them.

The job is one or two manual sources, the operations under test and a recording sink; so timers,
state, snapshots and restores are what they are in a real job.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Self

from flott.common.output_tag import OutputTag
from flott.common.watermark_strategy import WatermarkStrategy
from flott.datastream import (
    DataStream,
    FilterFunction,
    FlatMapFunction,
    MapFunction,
    StreamExecutionEnvironment,
)
from flott.testing.harness.inspection import PendingTimer
from flott.testing.harness.job_harness import JobHarness, Snapshot
from flott.testing.harness.manual_source import ManualSource
from flott.testing.harness.recording_sink import RecordingSink

_MAIN: Final = "main"
_LEFT: Final = "left"
_RIGHT: Final = "right"

#: What is tested: a function, or operations on a stream.
Subject = Any


class FunctionHarness:
    """What the harnesses share: time, output, state, failures. Use one of its subclasses.

    Args:
        side_outputs: tags of the side outputs to look at.
        env: an environment with options of one's own; a new one if not given.
        now_ms: processing time at the start.
        restore_at: see ``JobHarness``.
    """

    def __init__(
        self,
        *,
        side_outputs: Sequence[OutputTag] = (),
        env: StreamExecutionEnvironment | None = None,
        now_ms: int = 0,
        restore_at: Sequence[int] | None = None,
    ) -> None:
        if env is None:
            env = StreamExecutionEnvironment.get_execution_environment()
            env.set_parallelism(1)
        self.env = env
        result = self._build(env)
        result.sink_to(RecordingSink(_MAIN)).set_parallelism(1)
        for tag in side_outputs:
            side = result.get_side_output(tag)
            side.sink_to(RecordingSink(f"side {tag.tag_id}")).set_parallelism(1)
        self.job = JobHarness(env, now_ms=now_ms, restore_at=restore_at)

    def _build(self, env: StreamExecutionEnvironment) -> DataStream:
        """Add sources and the operations under test."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the function."""
        self.job.close()

    # --- time ----------------------------------------------------------------------------------

    @property
    def processing_time(self) -> int:
        """What the clock shows, in epoch ms."""
        return self.job.processing_time

    def set_processing_time(self, now_ms: int) -> None:
        """Move the clock to ``now_ms``; timers on the way fire, each at its time."""
        self.job.set_processing_time(now_ms)

    def advance_time(self, duration_ms: int) -> None:
        """Move the clock on by ``duration_ms``."""
        self.job.advance_time(duration_ms)

    def end(self) -> None:
        """End all inputs: the last watermark, and then the end of the job."""
        self.job.end()

    # --- what can be seen ----------------------------------------------------------------------

    @property
    def values(self) -> list[Any]:
        """What came out, in order."""
        return self.job.output(_MAIN).values

    @property
    def records(self) -> list[tuple[Any, int | None]]:
        """What came out, with timestamps."""
        return self.job.output(_MAIN).records

    def side(self, tag: OutputTag | str) -> list[Any]:
        """What came out of a side output that was named at the start."""
        tag_id = tag if isinstance(tag, str) else tag.tag_id
        return self.job.output(f"side {tag_id}").values

    def clear_output(self) -> None:
        """Forget what came out so far."""
        self.job.output(_MAIN).clear()

    def state(self, name: str) -> dict[Any, Any]:
        """Keyed state by key; by key and window for state of windows."""
        return self.job.state(name)

    def timers(self) -> list[PendingTimer]:
        """Timers that have not fired, by time."""
        return self.job.timers()

    # --- failures ------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Take a savepoint; the job goes on."""
        return self.job.snapshot()

    def kill_and_restore(
        self, parallelism: int | None = None, snapshot: Snapshot | None = None
    ) -> None:
        """End the job and begin it again from ``snapshot``, or from one taken now."""
        self.job.kill_and_restore(parallelism, snapshot)


class OneInputHarness(FunctionHarness):
    """One input without keys.

    Args:
        subject: a MapFunction, FlatMapFunction, FilterFunction or ProcessFunction; or a callable
            that is given the input as a DataStream and gives the DataStream to look at.
        options: see ``FunctionHarness``.

    >>> with OneInputHarness(lambda words: words.map(str.upper)) as harness:
    ...     harness.push("a", "b", at=7)
    ...     harness.records
    [('A', 7), ('B', 7)]
    """

    def __init__(self, subject: Subject, **options: Any) -> None:
        self._subject = subject
        super().__init__(**options)

    def _build(self, env: StreamExecutionEnvironment) -> DataStream:
        return _apply(self._subject, _input(env, _MAIN), _METHODS)

    def push(self, *values: Any, at: int | Sequence[int] | None = None) -> None:
        """Send records, with timestamps ``at`` in epoch ms: one for all, or one each."""
        self.job.push(_MAIN, *values, at=at)

    def push_timed(self, *pairs: tuple[Any, int]) -> None:
        """Send records as pairs of record and timestamp in epoch ms."""
        self.job.push_timed(_MAIN, *pairs)

    def watermark(self, timestamp: int) -> None:
        """Let event time reach ``timestamp``, epoch ms."""
        self.job.watermark(_MAIN, timestamp)


class KeyedHarness(OneInputHarness):
    """One input with keys.

    Args:
        subject: a KeyedProcessFunction; or a callable that is given the input as a KeyedStream,
            such as ``lambda keyed: keyed.window(...).reduce(...)``.
        key_by: finds the key in a record.
        options: see ``FunctionHarness``.

    >>> from flott.common import Time
    >>> from flott.datastream.window import TumblingEventTimeWindows
    >>> def maxima(readings):
    ...     return readings.window(TumblingEventTimeWindows.of(Time.seconds(1))).reduce(max)
    >>> with KeyedHarness(maxima, key_by=lambda reading: reading[0]) as harness:
    ...     harness.push_timed((("a", 3), 100), (("a", 5), 200), (("b", 1), 300))
    ...     harness.kill_and_restore(parallelism=2)
    ...     harness.watermark(999)
    ...     sorted(harness.records)
    [(('a', 5), 999), (('b', 1), 999)]
    """

    def __init__(self, subject: Subject, key_by: Callable[[Any], Any], **options: Any) -> None:
        self._key_by = key_by
        super().__init__(subject, **options)

    def _build(self, env: StreamExecutionEnvironment) -> DataStream:
        return _apply(self._subject, _input(env, _MAIN).key_by(self._key_by), ())


class TwoInputHarness(FunctionHarness):
    """Two connected inputs, with or without keys.

    Args:
        subject: a CoMapFunction, CoFlatMapFunction, CoProcessFunction or KeyedCoProcessFunction;
            or a callable that is given the ConnectedStreams.
        key_by: finds the key in a record of the left and of the right input; None for no keys.
        options: see ``FunctionHarness``.

    >>> from flott.datastream import CoMapFunction
    >>> class Sides(CoMapFunction):
    ...     def map1(self, value):
    ...         return "left", value
    ...     def map2(self, value):
    ...         return "right", value
    >>> with TwoInputHarness(Sides()) as harness:
    ...     harness.push_left(1)
    ...     harness.push_right(2)
    ...     harness.values
    [('left', 1), ('right', 2)]
    """

    def __init__(
        self,
        subject: Subject,
        key_by: tuple[Callable[[Any], Any], Callable[[Any], Any]] | None = None,
        **options: Any,
    ) -> None:
        self._subject = subject
        self._key_by = key_by
        super().__init__(**options)

    def _build(self, env: StreamExecutionEnvironment) -> DataStream:
        connected = _input(env, _LEFT).connect(_input(env, _RIGHT))
        if self._key_by is not None:
            connected = connected.key_by(*self._key_by)
        return _apply(self._subject, connected, _CO_METHODS)

    def push_left(self, *values: Any, at: int | Sequence[int] | None = None) -> None:
        """Send records to the first input."""
        self.job.push(_LEFT, *values, at=at)

    def push_right(self, *values: Any, at: int | Sequence[int] | None = None) -> None:
        """Send records to the second input."""
        self.job.push(_RIGHT, *values, at=at)

    def watermark_left(self, timestamp: int) -> None:
        """Let the event time of the first input reach ``timestamp``."""
        self.job.watermark(_LEFT, timestamp)

    def watermark_right(self, timestamp: int) -> None:
        """Let the event time of the second input reach ``timestamp``."""
        self.job.watermark(_RIGHT, timestamp)

    def watermark(self, timestamp: int) -> None:
        """Let event time reach ``timestamp`` on both inputs."""
        self.watermark_left(timestamp)
        self.watermark_right(timestamp)


class BroadcastHarness(FunctionHarness):
    """An input that is connected with a broadcast one.

    Args:
        function: a BroadcastProcessFunction or KeyedBroadcastProcessFunction.
        descriptors: those of the broadcast states.
        key_by: finds the key in a record of the main input; None for no keys.
        options: see ``FunctionHarness``.

    >>> from flott.datastream import BroadcastProcessFunction
    >>> from flott.common import Types
    >>> from flott.datastream.state import MapStateDescriptor
    >>> words = MapStateDescriptor("words", Types.STRING(), Types.STRING())
    >>> class Translate(BroadcastProcessFunction):
    ...     def process_element(self, value, ctx):
    ...         yield ctx.get_broadcast_state(words).get(value)
    ...     def process_broadcast_element(self, value, ctx):
    ...         ctx.get_broadcast_state(words).put(*value)
    >>> with BroadcastHarness(Translate(), words) as harness:
    ...     harness.push_broadcast(("flott", "brisk"))
    ...     harness.push("flott")
    ...     harness.values, harness.broadcast_state(words)
    (['brisk'], {'flott': 'brisk'})
    """

    def __init__(
        self,
        function: Any,
        *descriptors: Any,
        key_by: Callable[[Any], Any] | None = None,
        **options: Any,
    ) -> None:
        self._function = function
        self._descriptors = descriptors
        self._key_by = key_by
        super().__init__(**options)

    def _build(self, env: StreamExecutionEnvironment) -> DataStream:
        main = _input(env, _LEFT)
        stream = main if self._key_by is None else main.key_by(self._key_by)
        rules = _input(env, _RIGHT).broadcast(*self._descriptors)
        result: DataStream = stream.connect(rules).process(self._function)
        return result

    def push(self, *values: Any, at: int | Sequence[int] | None = None) -> None:
        """Send records to the main input."""
        self.job.push(_LEFT, *values, at=at)

    def push_broadcast(self, *values: Any, at: int | Sequence[int] | None = None) -> None:
        """Send records to the broadcast input."""
        self.job.push(_RIGHT, *values, at=at)

    def watermark(self, timestamp: int) -> None:
        """Let event time reach ``timestamp`` on both inputs."""
        self.job.watermark(_LEFT, timestamp)
        self.job.watermark(_RIGHT, timestamp)

    def broadcast_state(self, descriptor: Any) -> dict[Any, Any]:
        """The broadcast state of a descriptor."""
        return self.job.broadcast_state(descriptor.name)


_METHODS: Final = (
    (MapFunction, "map"),
    (FlatMapFunction, "flat_map"),
    (FilterFunction, "filter"),
)
_CO_METHODS: Final = (("map1", "map"), ("flat_map1", "flat_map"))


def _input(env: StreamExecutionEnvironment, name: str) -> DataStream:
    stream = env.from_source(ManualSource(name), WatermarkStrategy.no_watermarks(), name)
    return stream.set_parallelism(1)


def _apply(subject: Any, stream: Any, methods: Sequence[tuple[Any, str]]) -> DataStream:
    """The stream behind ``subject``; what is neither listed nor a callable is processed."""
    result: DataStream
    for mark, method in methods:
        if hasattr(subject, mark) if isinstance(mark, str) else isinstance(subject, mark):
            result = getattr(stream, method)(subject)
            return result
    if hasattr(subject, "process_element") or hasattr(subject, "process_element1"):
        result = stream.process(subject)
        return result
    if not callable(subject):
        raise TypeError(f"Expected a function object or operations on a stream, found {subject!r}")
    result = subject(stream)
    return result
