"""Combine the watermarks of a task's channels into one.

Two levels, as in Flink. A *valve* for each input takes the minimum over its channels; the task's
watermark is the minimum over its inputs. The rules of a valve:

- a channel that has sent nothing counts as ``MIN_WATERMARK`` and holds everything back;
- an idle channel drops out of the minimum; when it returns it is ignored ("not aligned") until
  its watermark has reached what the valve last said;
- once all channels are idle the valve says the highest watermark it has seen, then idleness;
- what the valve says never goes back.

An input that returns is not ignored: it holds the combined watermark where it is until it has
caught up. One rule is stricter than Flink's. A channel that has ended, or has sent
``MAX_WATERMARK``, leaves the minimum for good, and ``MAX_WATERMARK`` comes out only when every
channel has sent it. Otherwise a finished input beside an idle one would close event time for
ever, and whatever the idle one sends when it wakes up would be late.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from flott.core.element import MAX_WATERMARK, MIN_WATERMARK


class Progress(NamedTuple):
    """What a task has to pass on; ``None`` means nothing new.

    Attributes:
        watermark: The watermark all inputs have reached.
        idle: Whether the task has become idle (True) or active (False).

    With both set, becoming active is passed on before the watermark and becoming idle after it.
    """

    watermark: int | None
    idle: bool | None


NOTHING: Final = Progress(None, None)


class _Valve:
    """The channels of one input. Channels are known by their number within the task."""

    __slots__ = ("channels", "idle", "output")

    def __init__(self, channels: list[int]) -> None:
        self.channels = channels
        self.output = MIN_WATERMARK
        self.idle = False


class WatermarkMerge:
    """Merges watermarks and idleness of a task's channels.

    Args:
        channel_inputs: For each channel, in order, the index of the input it belongs to.

    >>> merge = WatermarkMerge([0, 0])
    >>> merge.advance(0, 50)
    Progress(watermark=None, idle=None)
    >>> merge.holding_channel()
    1
    >>> merge.advance(1, 70)
    Progress(watermark=50, idle=None)
    >>> merge.set_idle(0, True)
    Progress(watermark=70, idle=None)
    """

    def __init__(self, channel_inputs: Sequence[int]) -> None:
        assert all(index >= 0 for index in channel_inputs)
        count = len(channel_inputs)
        self._watermarks = [MIN_WATERMARK] * count
        self._idle = [False] * count
        self._aligned = [True] * count
        self._finished = [False] * count
        by_input: dict[int, list[int]] = {}
        for channel, index in enumerate(channel_inputs):
            by_input.setdefault(index, []).append(channel)
        self._valves = [_Valve(by_input[index]) for index in sorted(by_input)]
        valve_of = {channel: valve for valve in self._valves for channel in valve.channels}
        self._valve_of = [valve_of[channel] for channel in range(count)]
        self._output = MIN_WATERMARK
        self._is_idle = False

    @property
    def current_watermark(self) -> int:
        """The last watermark passed on, or ``MIN_WATERMARK``."""
        return self._output

    @property
    def is_idle(self) -> bool:
        """Whether idleness was the last status passed on."""
        return self._is_idle

    @property
    def channel_watermarks(self) -> tuple[int, ...]:
        """The last watermark of each channel; ``MIN_WATERMARK`` for one that has sent none."""
        return tuple(self._watermarks)

    @property
    def idle_channels(self) -> tuple[bool, ...]:
        """Whether each channel is idle."""
        return tuple(self._idle)

    def advance(self, channel: int, timestamp: int) -> Progress:
        """A watermark arrived on ``channel``."""
        before = self._watermarks[channel]
        if timestamp <= before or self._finished[channel]:
            return NOTHING
        if timestamp == MAX_WATERMARK:
            self._watermarks[channel] = timestamp
            return self._finish(channel)
        if self._idle[channel]:
            return NOTHING  # the sender says that it is active before it goes on
        self._watermarks[channel] = timestamp
        valve = self._valve_of[channel]
        if self._aligned[channel]:
            if before > valve.output:
                return NOTHING  # another channel holds the minimum
        elif timestamp >= valve.output:
            self._aligned[channel] = True
        else:
            return NOTHING
        return self._settle(valve)

    def set_idle(self, channel: int, idle: bool) -> Progress:
        """``channel`` has become idle, or active again."""
        if self._idle[channel] == idle or self._finished[channel]:
            return NOTHING
        self._idle[channel] = idle
        valve = self._valve_of[channel]
        self._aligned[channel] = not idle and self._watermarks[channel] >= valve.output
        return self._settle(valve)

    def end(self, channel: int) -> Progress:
        """Nothing more comes on ``channel``; from now on it holds nothing back."""
        return NOTHING if self._finished[channel] else self._finish(channel)

    def holding_channel(self) -> int | None:
        """The channel that keeps the combined watermark from rising; the first of several.

        ``None`` if nothing does: all channels are idle or have ended.
        """
        waiting = [valve for valve in self._valves if not valve.idle and not self._is_over(valve)]
        if not waiting:
            return None
        slowest = min(waiting, key=lambda valve: valve.output)
        holding = [channel for channel in slowest.channels if self._counts(channel)]
        # A valve all of whose active channels are catching up says nothing until one has.
        holding = holding or [channel for channel in slowest.channels if self._is_live(channel)]
        return min(holding, key=self._watermarks.__getitem__)

    def _finish(self, channel: int) -> Progress:
        self._finished[channel] = True
        self._aligned[channel] = False
        self._idle[channel] = False
        return self._settle(self._valve_of[channel])

    def _is_live(self, channel: int) -> bool:
        return not self._idle[channel] and not self._finished[channel]

    def _counts(self, channel: int) -> bool:
        return self._aligned[channel] and self._is_live(channel)

    def _is_over(self, valve: _Valve) -> bool:
        return all(map(self._finished.__getitem__, valve.channels))

    def _settle(self, valve: _Valve) -> Progress:
        """Bring a valve, then the combination, up to date; say what is new."""
        before, was_idle = self._output, self._is_idle
        becomes_idle = self._settle_valve(valve)
        # What the valve says as it falls idle still counts; only then does it drop out.
        self._combine()
        if becomes_idle:
            valve.idle = True
            self._combine()
        assert self._output >= before
        return Progress(
            self._output if self._output > before else None,
            self._is_idle if self._is_idle != was_idle else None,
        )

    def _combine(self) -> None:
        """The minimum over the inputs that are neither idle nor at their end."""
        open_valves = [each for each in self._valves if not self._is_over(each)]
        # With every input at its end, the lowest end counts: MAX only if all have sent it.
        active = [each for each in open_valves or self._valves if not each.idle]
        self._is_idle = not active
        if active:
            self._output = max(self._output, min(each.output for each in active))

    def _settle_valve(self, valve: _Valve) -> bool:
        """Bring a valve up to date, except that it stays active; whether it becomes idle."""
        watermarks, finished = self._watermarks, self._finished
        unfinished = [channel for channel in valve.channels if not finished[channel]]
        live = [channel for channel in unfinished if not self._idle[channel]]
        is_idle = bool(unfinished) and not live
        becomes_idle = is_idle and not valve.idle
        valve.idle = is_idle and not becomes_idle
        if live:
            reached = [watermarks[channel] for channel in live if self._aligned[channel]]
            candidate = min(reached, default=valve.output)
        elif unfinished:
            candidate = max(watermarks[channel] for channel in unfinished)
        else:
            candidate = min(watermarks[channel] for channel in valve.channels)
        valve.output = max(valve.output, candidate)
        return becomes_idle
