"""Sessions by event time that fire once at their end, without asking assigner and trigger.

All sessions of a key that are in flight stand in one entry of state, in order of time: mostly one.
A batch is sorted by key; of each key, records that prolong the same session are added together.

There is no timer for a session. Each key has at most one entry on the agenda that counts, for the
time at which its earliest session is due; when a session has been prolonged meanwhile, the entry
is renewed instead of moved with each record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from itertools import repeat
from typing import Any, NamedTuple

from flott.common.constants import MIN_LONG_VALUE
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK
from flott.core.operator import PendingOutput
from flott.core.output import Output
from flott.operators.rows.windows.fold import ABSENT
from flott.operators.rows.windows.operator import WindowOperator
from flott.operators.window.assigner import check_timestamp
from flott.operators.window.session_assigners import EventTimeSessionWindows, SessionWindowAssigner
from flott.operators.window.windows import TimeWindow

__all__ = ["SessionWindowOperator"]


class Session(NamedTuple):
    """A session in flight.

    Attributes:
        start: Time of its first record.
        end: When it is over, unless a record comes.
        kept: Its contents.
        has_fired: Whether it was computed since its last record.
    """

    start: int
    end: int
    kept: Any
    has_fired: bool


class SessionWindowOperator(WindowOperator):
    """Windows that last as long as records of a key keep coming."""

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        assigner = self._assigner
        assert isinstance(assigner, SessionWindowAssigner)
        self._fixed_gap = assigner.gap_ms if isinstance(assigner, EventTimeSessionWindows) else None
        self._gap_of = assigner.gap_of
        self._keep = self._spec.make_keep(self._store)
        #: key -> its sessions in order of time
        self._sessions = self._store.table("window-sessions")
        #: (time, number, key); only the entry named in ``_due`` counts.
        self._agenda: list[tuple[int, int, Any]] = []
        self._due: dict[Any, int] = {}
        self._pushes = 0
        for key, sessions in self._sessions.items(None):
            self._schedule(key, sessions)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        values, times = batch.values, batch.timestamps
        if times is None or min(times) <= MIN_LONG_VALUE:
            value = values[0]  # noqa: F841 - what the report of the error shows
            check_timestamp(None)
        assert times is not None
        keys = self._keys(values, input_index)
        gaps: Iterable[int] = repeat(self._fixed_gap or 0)
        if self._fixed_gap is None:
            gaps = self._gaps(values)
        rows = zip(values, times, gaps)
        if min(times) <= self.watermark:
            # A late record may have to be answered at once: one after the other.
            for key, row in zip(keys, rows):
                self._add_rows(key, [row])
        else:
            groups: dict[Any, list[tuple[Any, int, int]]] = defaultdict(list)
            for key, row in zip(keys, rows):
                groups[key].append(row)
            for key, rows_of_key in groups.items():
                self._add_rows(key, rows_of_key)
        if self._results or not self._sides.is_empty:
            self._flush()

    def _gaps(self, values: list[Any]) -> list[int]:
        gap_of = self._gap_of
        gaps = []
        for value in values:
            gaps.append(gap_of(value))
        return gaps

    def _add_rows(self, key: Any, rows: list[tuple[Any, int, int]]) -> None:
        """Add records of one key, in order of arrival."""
        sessions = list(self._sessions.get(None, key, ()))
        is_changed = False
        fresh: list[Any] = []  # records of sessions[index] that its contents lack still
        start, end, limit = 0, -1, MAX_WATERMARK  # its bounds, and where the next session starts
        index = len(sessions) - 1
        if sessions:
            start, end, _, _ = sessions[index]
        for value, time, gap in rows:
            if not (start <= time <= end and time + gap < limit):
                if fresh:
                    self._extend(key, sessions, index, end, fresh)
                    fresh = []
                index = self._find(key, sessions, time, time + gap)
                if index < 0:
                    end = -1
                    self._take_late(value, time)
                    continue
                start, end = sessions[index][:2]
                limit = sessions[index + 1].start if index + 1 < len(sessions) else MAX_WATERMARK
            elif time + gap > end:
                end = time + gap
            fresh.append(value)
            is_changed = True
        if fresh:
            self._extend(key, sessions, index, end, fresh)
        if is_changed:
            self._sessions.put(None, key, tuple(sessions))
            self._schedule(key, sessions)

    def _find(self, key: Any, sessions: list[Session], start: int, end: int) -> int:
        """Open a session from ``start`` to ``end``, merged with all it touches; its index.

        -1 if it touches none and is too late itself.
        """
        touched = [s for s in sessions if s.start <= end and s.end >= start]
        if not touched and self._gone_at(end) <= self.watermark:
            return -1
        kept: Any = ABSENT
        for session in touched:
            start, end = min(start, session.start), max(end, session.end)
            kept = session.kept if kept is ABSENT else self._keep.merge(key, kept, session.kept)
            sessions.remove(session)
        index = sum(session.start < start for session in sessions)
        sessions.insert(index, Session(start, end, kept, False))
        return index

    def _extend(
        self, key: Any, sessions: list[Session], index: int, end: int, fresh: list[Any]
    ) -> None:
        """Add records to a session; compute it if the watermark is past its end."""
        start, _, kept, _ = sessions[index]
        kept = self._keep.add(key, kept, fresh)
        is_over = end - 1 <= self.watermark
        sessions[index] = Session(start, end, kept, is_over)
        if is_over:
            self._compute(key, sessions[index])

    def process_watermark(self, timestamp: int) -> None:
        self.watermark = timestamp
        agenda = self._agenda
        if agenda and agenda[0][0] <= timestamp:
            while agenda and agenda[0][0] <= timestamp:
                time, _, key = heappop(agenda)
                if self._due.get(key) == time:
                    del self._due[key]
                    self._settle(key, time)
            self._flush()
        self.output.emit_watermark(timestamp)

    def _settle(self, key: Any, time: int) -> None:
        """Compute the sessions of a key that end at ``time``, forget those gone by then."""
        left: list[Session] = []
        is_changed = False
        for session in self._sessions.get(None, key, ()):
            if not session.has_fired and self._due_at(session) <= time:
                self._compute(key, session)
                session = session._replace(has_fired=True)
                is_changed = True
            if session.has_fired and self._due_at(session) <= time:
                self._forget(key, session)
                is_changed = True
            else:
                left.append(session)
        if not left:
            self._sessions.remove(None, key)
            self._keep.release(key)
        elif is_changed:
            self._sessions.put(None, key, tuple(left))
        self._schedule(key, left)

    def _compute(self, key: Any, session: Session) -> None:
        self._store.current_key = key
        window = TimeWindow(session.start, session.end)
        contents = self._keep.contents(key, session.kept)
        self._evaluate(key, window, contents, window.max_timestamp())

    def _forget(self, key: Any, session: Session) -> None:
        self._keep.discard(key, session.kept)
        if self._clear_window is not None:
            self._store.current_key = key
            self._clear_window(TimeWindow(session.start, session.end))

    def _schedule(self, key: Any, sessions: Sequence[Session]) -> None:
        """Note when the first of the sessions is due, unless something earlier is noted."""
        noted = self._due.get(key)
        for session in sessions:
            time = self._due_at(session)
            if noted is None or time < noted:
                noted = self._due[key] = time
                self._pushes += 1
                heappush(self._agenda, (time, self._pushes, key))

    def pending_output(self) -> PendingOutput:
        agenda = self._agenda
        return PendingOutput(agenda[0][0] if agenda else None, is_window=True)

    def _due_at(self, session: Session) -> int:
        """The watermark at which something is to be done about a session."""
        if session.has_fired:
            return self._gone_at(session.end)
        return min(session.end - 1, MAX_WATERMARK)

    def _gone_at(self, end: int) -> int:
        """The watermark at which a session that ends at ``end`` is gone for good."""
        return min(end - 1 + self._lateness_ms, MAX_WATERMARK)
