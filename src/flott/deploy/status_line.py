"""The status line's text: rates, watermark, age of the last checkpoint, progress.

count · 1.2 M/s in · 350 k/s out · watermark 12:03:10 · checkpoint 7, 2 s ago · 43% · 1 min 5 s
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from flott.common.job_status import JobStatus
from flott.deploy.progress import JobProgress
from flott.progress.output_watch import format_event_time, format_span

#: Rates are taken over this much time: calm enough to read, quick enough to show a change.
_RATE_SPAN_MS: Final = 3_000


class RateMeter:
    """Records in and out per second, over the last seconds.

    >>> meter = RateMeter()
    >>> meter.see(0, 0, 0), meter.see(1_000, 500, 20)
    ((0.0, 0.0), (500.0, 20.0))
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int, int]] = deque()

    def see(self, now_ms: float, records_in: int, records_out: int) -> tuple[float, float]:
        """Take note of the counts; both rates."""
        seen = self._seen
        if seen and records_in < seen[-1][1]:
            seen.clear()  # the job was begun again
        seen.append((now_ms, records_in, records_out))
        while len(seen) > 2 and now_ms - seen[1][0] >= _RATE_SPAN_MS:
            seen.popleft()
        then_ms, then_in, then_out = seen[0]
        seconds = (now_ms - then_ms) / 1000.0
        if seconds <= 0:
            return 0.0, 0.0
        return (records_in - then_in) / seconds, max(0, records_out - then_out) / seconds


@dataclass(frozen=True, slots=True)
class Status:
    """What the line shows.

    Attributes:
        name: The job's name.
        progress: Where the job stands.
        rate_in: Records read per second.
        rate_out: Records written per second.
        now_ms: Time by the clock, epoch milliseconds.
        elapsed_ms: Since the job was started.
    """

    name: str
    progress: JobProgress
    rate_in: float
    rate_out: float
    now_ms: int
    elapsed_ms: int


def render_line(status: Status, width: int) -> str:
    """The line in at most ``width`` characters."""
    progress = status.progress
    parts = [status.name]
    if progress.status is not JobStatus.RUNNING:
        parts.append(progress.status.name.lower())
    parts.append(f"{format_count(status.rate_in)}/s in")
    parts.append(f"{format_count(status.rate_out)}/s out")
    if progress.watermark_ms is not None:
        parts.append(f"watermark {format_event_time(progress.watermark_ms, status.now_ms)}")
    parts.append(_checkpoint_text(progress, status.now_ms))
    if progress.restarts:
        parts.append(
            f"restarted {progress.restarts} times" if progress.restarts > 1 else "restarted once"
        )
    if progress.done is not None:
        parts.append(f"{progress.done:.0%}")
    parts.append(format_span(status.elapsed_ms))
    line = " · ".join(part for part in parts if part)
    return line if len(line) <= width else line[: max(0, width - 1)] + "…"


def render_summary(status: Status) -> str:
    """One line for a job that has come to its end."""
    progress = status.progress
    seconds = max(status.elapsed_ms, 1) / 1000.0
    rate = format_count(progress.records_read / seconds)
    text = (
        f"{status.name} {progress.status.name.lower()}: {progress.records_read:,} records in, "
        f"{progress.records_written:,} out in {format_span(status.elapsed_ms)} ({rate}/s)"
    )
    return f"{text}, restarts: {progress.restarts}" if progress.restarts else text


def format_count(number: float) -> str:
    """A number in three digits.

    >>> format_count(7), format_count(12_345), format_count(1_200_000)
    ('7', '12.3 k', '1.20 M')
    """
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= size:
            value = number / size
            digits = 2 if value < 10 else 1 if value < 100 else 0
            return f"{value:.{digits}f}{unit}"
    return f"{number:.0f}"


def _checkpoint_text(progress: JobProgress, now_ms: int) -> str:
    failed = f" ({progress.checkpoints_failed} failed)" if progress.checkpoints_failed else ""
    if progress.checkpoint_id is None or progress.checkpoint_ms is None:
        return f"no checkpoint yet{failed}" if progress.takes_checkpoints else ""
    age = format_span(max(0, now_ms - progress.checkpoint_ms))
    return f"checkpoint {progress.checkpoint_id}, {age} ago{failed}"
