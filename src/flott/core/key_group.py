"""Key groups: the unit in which keyed state moves between subtasks.

A key belongs to group ``hash(key) % max_parallelism`` for ever; a subtask owns a contiguous
range of groups. Both formulas are Flink's.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyGroupRange:
    """Key groups ``first`` to ``last``, both included; empty when ``last < first``."""

    first: int
    last: int

    def __contains__(self, group: int) -> bool:
        return self.first <= group <= self.last

    def __len__(self) -> int:
        return max(0, self.last - self.first + 1)

    def intersects(self, other: KeyGroupRange) -> bool:
        """Whether a group belongs to both ranges."""
        return max(self.first, other.first) <= min(self.last, other.last)

    def covers(self, other: KeyGroupRange) -> bool:
        """Whether every group of ``other`` belongs to this range."""
        return self.first <= other.first and other.last <= self.last


def key_group_range(max_parallelism: int, parallelism: int, subtask: int) -> KeyGroupRange:
    """The groups that ``subtask`` of ``parallelism`` owns.

    >>> key_group_range(128, 2, 0), key_group_range(128, 2, 1)
    (KeyGroupRange(first=0, last=63), KeyGroupRange(first=64, last=127))
    """
    assert 0 <= subtask < parallelism <= max_parallelism
    first = (subtask * max_parallelism + parallelism - 1) // parallelism
    last = ((subtask + 1) * max_parallelism - 1) // parallelism
    return KeyGroupRange(first, last)


def subtask_of_key_group(max_parallelism: int, parallelism: int, group: int) -> int:
    """The subtask that owns ``group``."""
    return group * parallelism // max_parallelism


def default_max_parallelism(parallelism: int) -> int:
    """Flink's default: the next power of two of 1.5 times the parallelism, in 128 to 32768."""
    return min(max(1 << (parallelism + parallelism // 2 - 1).bit_length(), 128), 32768)
