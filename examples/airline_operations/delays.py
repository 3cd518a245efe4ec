"""Delays by the hour: departures, cancellations, mean and worst delay of each key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from data import load_names
from records import Departure, Summary

from flott.datastream import AggregateFunction, ProcessWindowFunction, RuntimeContext, TimeWindow


class Tally(NamedTuple):
    """What is kept for a window that is still open."""

    departures: int = 0
    cancelled: int = 0
    delay_min: int = 0
    worst_min: int | None = None


class CountDelays(AggregateFunction[Departure, Tally, Tally]):
    """Adds departures to a tally, one by one."""

    def create_accumulator(self) -> Tally:
        return Tally()

    def add(self, value: Departure, accumulator: Tally) -> Tally:
        departures, cancelled, total, worst = accumulator
        delay = value.delay_min
        if delay is None:
            return Tally(departures, cancelled + 1, total, worst)
        worst = delay if worst is None or delay > worst else worst
        return Tally(departures + 1, cancelled, total + delay, worst)

    def get_result(self, accumulator: Tally) -> Tally:
        return accumulator

    def merge(self, acc_a: Tally, acc_b: Tally) -> Tally:
        worst = [each.worst_min for each in (acc_a, acc_b) if each.worst_min is not None]
        departures, cancelled, delay_min = (a + b for a, b in zip(acc_a[:3], acc_b[:3]))
        return Tally(departures, cancelled, delay_min, max(worst, default=None))


class NameAndTime(ProcessWindowFunction[Tally, Summary, str, TimeWindow]):
    """Makes a summary of a tally; joins the names, which each subtask loads once."""

    def __init__(self, table: str, code: str) -> None:
        self._table = table
        self._code = code

    def open(self, runtime_context: RuntimeContext) -> None:
        self._names = load_names(self._table, self._code)

    def process(
        self, key: str, context: ProcessWindowFunction.Context[Any], elements: Iterable[Tally]
    ) -> Iterator[Summary]:
        [tally] = elements
        mean = tally.delay_min / tally.departures if tally.departures else None
        yield Summary(
            context.window().start,
            key,
            self._names.get(key, "?"),
            tally.departures,
            tally.cancelled,
            mean,
            tally.worst_min,
        )
