"""Say in one line why input flows and nothing comes out.

``OutputWatch`` is shown what the operators count from time to time. Once records have gone in for
a while and none has reached a sink, it looks for the first operator that took records and gave
none, and says what that one waits for:

    Window: window closes at 12:05, watermark is 12:03:10, held back by orders/3, silent for 41 s

Times are shown in UTC; a date is added where it is not that of the clock.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from flott.core.element import MIN_WATERMARK

#: How long nothing must have come out before the line appears.
SILENCE_MS: Final = 5_000

#: A holder that sent something this recently is slow rather than silent.
_SILENT_LEAST_MS: Final = 1_000
#: Event times before 1980 are read as a mistake of unit.
_PLAUSIBLE_MS: Final = 315_532_800_000
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class WatermarkHolder:
    """The input or split that keeps a watermark from rising.

    Attributes:
        name: What users call it, for example ``orders/3``.
        watermark: Its last watermark; ``MIN_WATERMARK`` if it has sent none.
        silent_since_ms: When the last record came from it, by the clock; ``None`` if none has.
    """

    name: str
    watermark: int
    silent_since_ms: int | None


@dataclass(frozen=True, slots=True)
class OperatorReading:
    """What one operator subtask counts at a moment.

    Attributes:
        operator_id: Its id.
        name: What users see.
        subtask: Index of the subtask.
        records_in: Records received since the job started; for a source, records read.
        records_out: Records emitted since the job started.
        is_source: Whether it reads from outside.
        is_sink: Whether it writes to the outside.
        watermark: The watermark it has seen; ``MIN_WATERMARK`` for none.
        event_time_due: The earliest event time at which it would emit, if any.
        clock_time_due: The earliest time by the clock at which it would emit, if any.
        due_is_window: Whether what is due is the end of a window, rather than a timer.
        late_dropped: Records it dropped because they came too late.
        holder: What holds the watermark back, if known.
    """

    operator_id: str
    name: str
    subtask: int = 0
    records_in: int = 0
    records_out: int = 0
    is_source: bool = False
    is_sink: bool = False
    watermark: int = MIN_WATERMARK
    event_time_due: int | None = None
    clock_time_due: int | None = None
    due_is_window: bool = False
    late_dropped: int = 0
    holder: WatermarkHolder | None = None


class OutputWatch:
    """Remembers when something last came out.

    Args:
        silence_ms: How long nothing must have come out.

    >>> watch = OutputWatch(silence_ms=5_000)
    >>> sink = OperatorReading("s", "Sink", is_sink=True)
    >>> watch.observe(0, [OperatorReading("f", "Filter", records_in=1), sink])
    >>> watch.observe(5_000, [OperatorReading("f", "Filter", records_in=8), sink])
    'Filter received 7 records and let none through'
    """

    def __init__(self, silence_ms: int = SILENCE_MS) -> None:
        assert silence_ms > 0
        self._silence_ms = silence_ms
        self._output_count = -1
        self._output_ms = 0
        self._then: dict[tuple[str, int], OperatorReading] = {}

    def observe(self, now_ms: int, readings: Sequence[OperatorReading]) -> str | None:
        """The line to show now, or ``None`` if all is well.

        Args:
            now_ms: Time by the clock, epoch milliseconds.
            readings: All operators of the job, upstream first.
        """
        sinks = [each for each in readings if each.is_sink]
        output_count = sum(each.records_in for each in sinks)
        if output_count != self._output_count or now_ms < self._output_ms:
            self._output_count, self._output_ms = output_count, now_ms
            self._then = {(each.operator_id, each.subtask): each for each in readings}
            return None
        if not sinks or now_ms - self._output_ms < self._silence_ms:
            return None
        since = [self._since_then(each) for each in readings]
        swallowing = [
            each
            for each in since
            if each.records_in > 0 and each.records_out == 0 and not each.is_sink
        ]
        return explain_silence(swallowing, now_ms) if swallowing else None

    def _since_then(self, now: OperatorReading) -> OperatorReading:
        """A reading with counts from when something last came out."""
        then = self._then.get((now.operator_id, now.subtask))
        if then is None or then.records_in > now.records_in:  # begun or restarted since
            return now
        return replace(
            now,
            records_in=now.records_in - then.records_in,
            records_out=now.records_out - then.records_out,
            late_dropped=now.late_dropped - then.late_dropped,
        )


def explain_silence(swallowing: Sequence[OperatorReading], now_ms: int) -> str:
    """Say why operators that take records give none.

    Args:
        swallowing: These operators, upstream first; at least one. Their counts say what happened
            since something last came out.
        now_ms: Time by the clock, epoch milliseconds.
    """
    assert swallowing
    late = [each for each in swallowing if 2 * each.late_dropped >= each.records_in]
    if late:
        return _explain_late(late[0], now_ms)
    waiting = [each for each in swallowing if _is_waiting(each)]
    if waiting:
        first = waiting[0].operator_id
        subtasks = [each for each in waiting if each.operator_id == first]
        return _explain_waiting(min(subtasks, key=lambda each: each.watermark), now_ms)
    first_one = swallowing[0]
    return f"{first_one.name} received {_count(first_one.records_in)} and let none through"


def format_event_time(time_ms: int, beside_ms: int) -> str:
    """A time of day, with its date if that differs from the date of ``beside_ms``.

    >>> format_event_time(43_390_000, 0), format_event_time(43_500_000, 0)
    ('12:03:10', '12:05')
    >>> format_event_time(1_357_041_900_000, 0)
    '2013-01-01 12:05'
    """
    moment, beside = _moment(time_ms), _moment(beside_ms)
    if moment is None:
        return str(time_ms)
    text = f"{moment:%H:%M}"
    if moment.second or moment.microsecond:
        text += f"{moment::%S}"
    if moment.microsecond:
        text += f".{moment.microsecond // 1000:03}"
    if beside is None or moment.date() != beside.date():
        return f"{moment:%Y-%m-%d} {text}"
    return text


def format_span(span_ms: int) -> str:
    """A length of time in the two largest units.

    >>> format_span(41_000), format_span(7_500_000)
    ('41 s', '2 h 5 min')
    """
    if span_ms < 1000:
        return f"{max(span_ms, 0)} ms"
    seconds = span_ms // 1000
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    parts: list[str] = []
    for unit, size in units:
        number, seconds = divmod(seconds, size)
        if number or parts:
            parts.append(f"{number} {unit}" if number else "")
    return " ".join(part for part in parts[:2] if part)


def _is_waiting(each: OperatorReading) -> bool:
    due = each.event_time_due
    return (due is not None and due > each.watermark) or each.clock_time_due is not None


def _explain_waiting(each: OperatorReading, now_ms: int) -> str:
    what = "window closes" if each.due_is_window else "timer fires"
    due, clock_due = each.event_time_due, each.clock_time_due
    if due is None or due <= each.watermark:
        assert clock_due is not None
        when = format_event_time(clock_due, now_ms)
        return f"{each.name}: {what} at {when} by the clock, in {format_span(clock_due - now_ms)}"
    line = f"{each.name}: {what} at {format_event_time(due, now_ms)}, "
    if each.watermark == MIN_WATERMARK:
        return line + "but there is no watermark yet" + _explain_no_watermark(each.holder, now_ms)
    line += f"watermark is {format_event_time(each.watermark, due)}"
    if each.holder is not None:
        line += f", held back by {each.holder.name}{_explain_holder(each.holder, now_ms)}"
    return line + _doubt_unit(each.watermark, now_ms)


def _explain_no_watermark(holder: WatermarkHolder | None, now_ms: int) -> str:
    if holder is None:
        return "; does the stream have a watermark strategy?"
    if holder.silent_since_ms is None:
        return f", held back by {holder.name}, which has sent nothing; is it idle for good?"
    return (
        f", held back by {holder.name}{_explain_holder(holder, now_ms)}; "
        "does it have a watermark strategy?"
    )


def _explain_holder(holder: WatermarkHolder, now_ms: int) -> str:
    if holder.silent_since_ms is None:
        return ", which has sent nothing"
    silent_ms = now_ms - holder.silent_since_ms
    return f", silent for {format_span(silent_ms)}" if silent_ms >= _SILENT_LEAST_MS else ""


def _explain_late(each: OperatorReading, now_ms: int) -> str:
    watermark = each.watermark
    line = f"{each.name} dropped {_count(each.late_dropped)} as late"
    if watermark == MIN_WATERMARK:
        return line
    line += f", watermark is {format_event_time(watermark, now_ms)}"
    if watermark > now_ms:
        line += f", {format_span(watermark - now_ms)} ahead of the clock: a time in the future?"
    return line + _doubt_unit(watermark, now_ms)


def _doubt_unit(watermark: int, now_ms: int) -> str:
    if 0 <= watermark < _PLAUSIBLE_MS < now_ms:
        return "; are these times seconds where milliseconds are expected?"
    return ""


def _count(number: int) -> str:
    return "1 record" if number == 1 else f"{number} records"


def _moment(time_ms: int) -> datetime.datetime | None:
    try:
        return _EPOCH + datetime.timedelta(milliseconds=time_ms)
    except OverflowError:
        return None
