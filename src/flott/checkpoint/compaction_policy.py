"""When a chain of changes has become long enough to be made one.

Every restore reads the whole chain, and every manifest names it. Rewriting costs as much as the
state is large; done when the changes outweigh their base it at most doubles what is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from flott.core.snapshot import StateHandle


class CompactionChoice(Enum):
    """What to do about a chain."""

    KEEP = "keep"
    REWRITE = "rewrite"
    """The state is small: take the next snapshot in full."""
    MERGE = "merge"
    """Merge the stored parts in the background."""


@dataclass(frozen=True, slots=True)
class CompactionPolicy:
    """The limits of a chain.

    Attributes:
        changes_max: How many parts of changes are kept.
        changes_ratio_max: How large they may become together, as a multiple of their base.
        rewrite_bytes_max: Up to this size of base and changes a full snapshot is the cheaper way.
    """

    changes_max: int = 20
    changes_ratio_max: float = 1.0
    rewrite_bytes_max: int = 1024 * 1024


def decide_compaction(chain: Sequence[StateHandle], policy: CompactionPolicy) -> CompactionChoice:
    """Say what is to be done about a stored chain, the full part first."""
    if len(chain) < 2:
        return CompactionChoice.KEEP
    assert chain[0].full
    assert not any(handle.full for handle in chain[1:])
    base_bytes = chain[0].length
    change_bytes = sum(handle.length for handle in chain[1:])
    is_long = len(chain) - 1 >= policy.changes_max
    is_large = change_bytes > policy.changes_ratio_max * base_bytes
    if not (is_long or is_large):
        return CompactionChoice.KEEP
    if base_bytes + change_bytes <= policy.rewrite_bytes_max:
        return CompactionChoice.REWRITE
    return CompactionChoice.MERGE
