"""Keep the sources of an alignment group within reach of each other.

Every source subtask of a group reports its watermark now and then. None may run further ahead
than ``max_drift_ms`` beyond the slowest; a subtask that is idle or has ended does not count. The
job's coordinator holds one ``SourceAlignment``, feeds it reports and tells each subtask its limit
whenever that changes; splits beyond the limit pause until it rises.

As in Flink, only subtasks that have reported take part, and one that reports ``MIN_WATERMARK``
(records, but no watermark yet) holds the others. A limit may sink when a slower subtask joins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from flott.core.element import MAX_WATERMARK


class AlignmentMember(NamedTuple):
    """A source subtask."""

    operator_id: str
    subtask: int


class AlignmentLimit(NamedTuple):
    """Splits of ``group`` read by ``member`` must pause beyond ``max_watermark``."""

    group: str
    member: AlignmentMember
    max_watermark: int


@dataclass(slots=True)
class _Report:
    watermark: int | None
    max_drift_ms: int
    announced: int = MAX_WATERMARK


class SourceAlignment:
    """The alignment groups of a job.

    >>> alignment = SourceAlignment()
    >>> fast, slow = AlignmentMember("clicks", 0), AlignmentMember("orders", 0)
    >>> alignment.report("group", fast, 9_000, max_drift_ms=1_000)
    >>> alignment.report("group", slow, 2_000, max_drift_ms=1_000)
    >>> [(limit.member.operator_id, limit.max_watermark) for limit in alignment.take_changes()]
    [('clicks', 3000), ('orders', 3000)]
    """

    def __init__(self) -> None:
        self._groups: dict[str, dict[AlignmentMember, _Report]] = {}

    def report(
        self, group: str, member: AlignmentMember, watermark: int | None, max_drift_ms: int
    ) -> None:
        """A subtask says how far it is.

        Args:
            group: Name of the alignment group.
            member: The subtask.
            watermark: Its watermark; ``None`` while it is idle.
            max_drift_ms: How far it may be ahead of the slowest; each source sets its own.
        """
        assert max_drift_ms >= 0
        members = self._groups.setdefault(group, {})
        known = members.get(member)
        if known is None:
            members[member] = _Report(watermark, max_drift_ms)
        else:
            known.watermark, known.max_drift_ms = watermark, max_drift_ms

    def remove(self, member: AlignmentMember) -> None:
        """A subtask has ended: it is in no group any more."""
        for members in self._groups.values():
            members.pop(member, None)

    def max_watermark(self, group: str, member: AlignmentMember) -> int:
        """How far ``member`` may go; ``MAX_WATERMARK`` where nobody holds it."""
        members = self._groups.get(group, {})
        if member not in members:
            return MAX_WATERMARK
        return _limit(_slowest(members), members[member].max_drift_ms)

    def slowest(self, group: str) -> AlignmentMember | None:
        """The subtask that holds the group; ``None`` if all are idle or have ended."""
        members = self._groups.get(group, {})
        slowest = _slowest(members)
        return next((key for key, known in members.items() if known.watermark == slowest), None)

    def take_changes(self) -> list[AlignmentLimit]:
        """Limits that differ from what was taken before, for the coordinator to announce."""
        changes: list[AlignmentLimit] = []
        for group, members in self._groups.items():
            slowest = _slowest(members)
            for member, known in members.items():
                limit = _limit(slowest, known.max_drift_ms)
                if limit != known.announced:
                    known.announced = limit
                    changes.append(AlignmentLimit(group, member, limit))
        return changes


def _slowest(members: dict[AlignmentMember, _Report]) -> int:
    reported = (known.watermark for known in members.values())
    return min((each for each in reported if each is not None), default=MAX_WATERMARK)


def _limit(slowest: int, max_drift_ms: int) -> int:
    return min(slowest + max_drift_ms, MAX_WATERMARK)
