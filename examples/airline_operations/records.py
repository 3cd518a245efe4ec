"""What flows through the job: departures and clock marks in, summaries and alerts out.

Times are epoch milliseconds of the airports' wall clocks, as the flight schedule gives them.
"""

from __future__ import annotations

from typing import NamedTuple

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class Departure(NamedTuple):
    """One scheduled departure; ``delay_min`` is None if it was cancelled."""

    scheduled_ms: int
    left_ms: int
    airport: str
    carrier: str
    flight: int
    destination: str
    tail: str | None
    delay_min: int | None


class Clock(NamedTuple):
    """The feed has come to this time: everything that left before it has been sent."""

    time_ms: int


class Summary(NamedTuple):
    """The departures of one hour of the schedule, of one carrier or from one airport."""

    hour_ms: int
    code: str
    name: str
    departures: int
    cancelled: int
    mean_delay_min: float | None
    worst_delay_min: int | None


class Alert(NamedTuple):
    """Something to look at, and when it was noticed."""

    time_ms: int
    airport: str
    kind: str
    text: str
