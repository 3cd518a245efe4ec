"""``UsedCaches``: what a job reads from caches and writes to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from flott.plan.stream_plan import StreamNode

__all__ = ["UsedCaches", "use_no_caches"]


class UsedCaches(NamedTuple):
    """A job that reads caches that are full and fills those that are not.

    Attributes:
        nodes: the operations to run.
        completions: called when the job has ended well, one for each cache it filled.
    """

    nodes: list[StreamNode]
    completions: Sequence[Callable[[], None]]

    def complete(self) -> None:
        """The job has ended well: later jobs may read what it wrote."""
        for completion in self.completions:
            completion()


def use_no_caches(nodes: Sequence[StreamNode]) -> UsedCaches:
    """Take a program without cached streams as it is."""
    return UsedCaches(list(nodes), [])
