"""Wait until a checkpoint's barrier has come on every channel of a task.

Exactly once: a channel that has delivered the barrier is blocked until the others have too, so
that the snapshot holds the effects of precisely the records before the barrier. At least once:
nothing is ever blocked, several checkpoints may be pending, and records that overtake a barrier
are replayed after a failure.

Checkpoint ids rise on each channel. So when a newer barrier comes on a channel that still owes an
older one, the older will never come, and its checkpoint is given up. A channel that has ended
owes nothing. A checkpoint that was completed, given up or aborted is closed: late barriers of it
mean nothing.
"""

from __future__ import annotations

from typing import Final

from flott.core.element import Barrier

#: Ids of aborted checkpoints remembered one by one; older ones are closed together with all
#: before them. Far more than checkpoints can be under way at once.
ABORTED_IDS_MAX: Final = 256


class _Pending:
    """A checkpoint whose barrier has come on some channels."""

    __slots__ = ("arrived", "barrier")

    def __init__(self, barrier: Barrier) -> None:
        self.barrier = barrier
        self.arrived: set[int] = set()


class BarrierAlignment:
    """Alignment of one task's channels.

    Args:
        channels: How many channels there are.
        exactly_once: Whether to block channels that are ahead.

    Attributes:
        blocked: Channels that must not be read now. Always the same set object, so that a gate
            may keep it; only this class changes it.
        aborted: Ids of checkpoints given up because a newer one overtook them. Whoever reports
            them empties the list.

    >>> alignment = BarrierAlignment(2, exactly_once=True)
    >>> alignment.on_barrier(0, Barrier(7, timestamp=0)), alignment.blocked
    (None, {0})
    >>> alignment.on_barrier(1, Barrier(7, timestamp=0)).checkpoint_id, alignment.blocked
    (7, set())
    """

    def __init__(self, channels: int, exactly_once: bool) -> None:
        assert channels >= 0
        self.blocked: set[int] = set()
        self.aborted: list[int] = []
        self._channels = channels
        self._exactly_once = exactly_once
        self._ended: set[int] = set()
        self._pending: dict[int, _Pending] = {}
        # Everything up to this id is closed; ids above it that were aborted stand in the set.
        self._closed_id = -1
        self._aborted_early: set[int] = set()

    @property
    def pending_id(self) -> int | None:
        """The newest checkpoint whose barrier has come on some channels but not all."""
        return max(self._pending, default=None)

    @property
    def missing(self) -> frozenset[int]:
        """Channels that still owe the barrier of the newest pending checkpoint."""
        if not self._pending:
            return frozenset()
        arrived = self._pending[max(self._pending)].arrived
        return frozenset(range(self._channels)) - arrived - self._ended

    def on_barrier(self, channel: int, barrier: Barrier) -> Barrier | None:
        """A barrier arrived on ``channel``. Gives it back once it has come on all channels."""
        assert 0 <= channel < self._channels
        assert channel not in self._ended
        assert channel not in self.blocked, "a blocked channel was read"
        checkpoint_id = barrier.checkpoint_id
        if checkpoint_id <= self._closed_id:
            return None
        if self._exactly_once:
            # This channel owes nothing older any more, so nothing older can complete.
            self._give_up_below(checkpoint_id)
            self._close_up_to(checkpoint_id - 1)
        if checkpoint_id in self._aborted_early:
            return None
        pending = self._pending.get(checkpoint_id)
        if pending is None:
            pending = self._pending[checkpoint_id] = _Pending(barrier)
        pending.arrived.add(channel)
        if self._exactly_once:
            self.blocked.add(channel)
        return self._complete(checkpoint_id) if self._is_complete(pending) else None

    def on_end(self, channel: int) -> Barrier | None:
        """``channel`` has ended. Gives the barrier that waited for this channel only, if any."""
        assert 0 <= channel < self._channels
        assert channel not in self._ended
        assert channel not in self.blocked, "a blocked channel was read"
        self._ended.add(channel)
        complete = [key for key, pending in self._pending.items() if self._is_complete(pending)]
        return self._complete(max(complete)) if complete else None

    def on_abort(self, checkpoint_id: int) -> None:
        """The coordinator has given up a checkpoint: stop waiting for it."""
        if checkpoint_id <= self._closed_id:
            return
        self._aborted_early.add(checkpoint_id)
        if self._pending.pop(checkpoint_id, None) is not None and self._exactly_once:
            self.blocked.clear()
            self._close_up_to(checkpoint_id)
        if len(self._aborted_early) > ABORTED_IDS_MAX:
            self._give_up_below(oldest := min(self._aborted_early))
            self._close_up_to(oldest)
        assert checkpoint_id not in self._pending

    def _is_complete(self, pending: _Pending) -> bool:
        return len(pending.arrived | self._ended) == self._channels

    def _complete(self, checkpoint_id: int) -> Barrier:
        barrier = self._pending.pop(checkpoint_id).barrier
        self._give_up_below(checkpoint_id)
        self._close_up_to(checkpoint_id)
        self.blocked.clear()
        assert all(pending > checkpoint_id for pending in self._pending)
        return barrier

    def _give_up_below(self, checkpoint_id: int) -> None:
        """Give up pending checkpoints older than ``checkpoint_id``."""
        for older in sorted(key for key in self._pending if key < checkpoint_id):
            del self._pending[older]
            self.aborted.append(older)
            self._close_up_to(older)
            self.blocked.clear()

    def _close_up_to(self, checkpoint_id: int) -> None:
        assert checkpoint_id >= self._closed_id
        self._closed_id = checkpoint_id
        self._aborted_early = {early for early in self._aborted_early if early > checkpoint_id}
