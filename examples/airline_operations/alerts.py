"""Watches each airport: have its departures stopped, do its delays build up?

Silence is noticed by an event-time timer. Departures come by the dozen in an hour, so the timer is
not moved at each: when it fires, it looks how long ago the last one was and goes on waiting. Nights
are silent; they are waited for as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from records import HOUR_MS, MINUTE_MS, Alert, Departure

from flott.common.constants import MAX_LONG_VALUE
from flott.common.state import ValueStateDescriptor
from flott.datastream import KeyedProcessFunction, RuntimeContext

#: Event time without a departure after which they have stopped.
SILENCE_MS = 60 * MINUTE_MS
#: From when to when silence is news.
MORNING_MS, EVENING_MS, DAY_MS = 7 * HOUR_MS, 22 * HOUR_MS, 24 * HOUR_MS
#: The delay, averaged over some forty departures, that begins an alert, and that which ends it.
BUILT_UP_MIN, EASED_MIN = 60.0, 20.0
SMOOTHING = 1 / 40


class AirportWatch(KeyedProcessFunction):
    """Raises alerts for the airport that is the key."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self._last_ms = runtime_context.get_state(ValueStateDescriptor("last departure", int))
        self._timer_ms = runtime_context.get_state(ValueStateDescriptor("timer", int))
        self._stopped_ms = runtime_context.get_state(ValueStateDescriptor("stopped since", int))
        self._cancelled = runtime_context.get_state(ValueStateDescriptor("cancelled since", int))
        self._delay_min = runtime_context.get_state(ValueStateDescriptor("delay", float))
        self._is_delayed = runtime_context.get_state(ValueStateDescriptor("is delayed", bool))

    def process_element(
        self, value: Departure, ctx: KeyedProcessFunction.Context
    ) -> Iterator[Alert]:
        if value.delay_min is None:
            self._cancelled.update((self._cancelled.value() or 0) + 1)
            return
        yield from self._note_departure(value, ctx)
        yield from self._note_delay(value)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Alert]:
        last_ms = self._last_ms.value()
        time_of_day_ms = timestamp % DAY_MS
        if last_ms + SILENCE_MS > timestamp:
            self._wait_until(last_ms + SILENCE_MS, ctx)
        elif time_of_day_ms < MORNING_MS:
            self._wait_until(timestamp - time_of_day_ms + MORNING_MS, ctx)
        elif time_of_day_ms >= EVENING_MS:
            self._wait_until(timestamp - time_of_day_ms + DAY_MS + MORNING_MS, ctx)
        else:
            self._timer_ms.clear()
            yield from self._alert_silence(timestamp, ctx)

    def _alert_silence(
        self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext
    ) -> Iterator[Alert]:
        if ctx.timer_service().current_watermark() == MAX_LONG_VALUE:
            return  # the feed has ended, not the departures
        last_ms, cancelled = self._last_ms.value(), self._cancelled.value() or 0
        self._stopped_ms.update(last_ms)
        text = f"none since {clock_time(last_ms)}; {cancelled} cancelled"
        yield Alert(timestamp, ctx.get_current_key(), "departures stopped", text)

    def _note_departure(
        self, departure: Departure, ctx: KeyedProcessFunction.Context
    ) -> Iterator[Alert]:
        now_ms = max(departure.scheduled_ms, ctx.timer_service().current_watermark())
        stopped_ms = self._stopped_ms.value()
        if stopped_ms is not None:
            text = f"after {(now_ms - stopped_ms) // MINUTE_MS} minutes"
            yield Alert(now_ms, departure.airport, "departures resumed", text)
            self._stopped_ms.clear()
        self._cancelled.clear()
        self._last_ms.update(max(now_ms, self._last_ms.value() or 0))
        if self._timer_ms.value() is None:
            self._wait_until(now_ms + SILENCE_MS, ctx)

    def _note_delay(self, departure: Departure) -> Iterator[Alert]:
        before = self._delay_min.value() or 0.0
        delay_min = before + (max(departure.delay_min, 0) - before) * SMOOTHING
        self._delay_min.update(delay_min)
        if not self._is_delayed.value() and delay_min > BUILT_UP_MIN:
            self._is_delayed.update(True)
            text = f"{delay_min:.0f} minutes on average"
            yield Alert(departure.left_ms, departure.airport, "delays build up", text)
        elif self._is_delayed.value() and delay_min < EASED_MIN:
            self._is_delayed.update(False)
            yield Alert(departure.left_ms, departure.airport, "delays eased", "")

    def _wait_until(self, time_ms: int, ctx: KeyedProcessFunction.Context) -> None:
        self._timer_ms.update(time_ms)
        ctx.timer_service().register_event_time_timer(time_ms)


def clock_time(time_ms: int) -> str:
    """The time of the day, as in ``17:45``."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%H:%M")
