"""Aligning barriers: examples by rule, then random interleavings of whole channels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.core.element import Barrier
from flott.progress.barrier_alignment import ABORTED_IDS_MAX, BarrierAlignment


def barrier(checkpoint_id: int) -> Barrier:
    return Barrier(checkpoint_id, timestamp=checkpoint_id * 1000)


def test_a_single_channel_completes_at_once() -> None:
    alignment = BarrierAlignment(1, exactly_once=True)
    assert alignment.on_barrier(0, barrier(1)) == barrier(1)
    assert alignment.blocked == set()


def test_channels_ahead_are_blocked_until_the_last_barrier() -> None:
    alignment = BarrierAlignment(3, exactly_once=True)
    assert alignment.on_barrier(2, barrier(1)) is None
    assert alignment.on_barrier(0, barrier(1)) is None
    assert alignment.blocked == {0, 2}
    assert alignment.pending_id == 1
    assert alignment.missing == {1}
    assert alignment.on_barrier(1, barrier(1)) == barrier(1)
    assert alignment.blocked == set()
    assert alignment.pending_id is None
    assert alignment.missing == set()


def test_at_least_once_blocks_nothing() -> None:
    alignment = BarrierAlignment(2, exactly_once=False)
    alignment.on_barrier(0, barrier(1))
    assert alignment.blocked == set()
    assert alignment.on_barrier(1, barrier(1)) == barrier(1)


def test_the_set_of_blocked_channels_stays_the_same_object() -> None:
    alignment = BarrierAlignment(2, exactly_once=True)
    blocked = alignment.blocked
    alignment.on_barrier(0, barrier(1))
    assert blocked == {0}
    alignment.on_barrier(1, barrier(1))
    assert alignment.blocked is blocked
    assert blocked == set()


def test_reading_a_blocked_channel_is_a_mistake() -> None:
    alignment = BarrierAlignment(2, exactly_once=True)
    alignment.on_barrier(0, barrier(1))
    with pytest.raises(AssertionError, match="blocked channel"):
        alignment.on_barrier(0, barrier(2))


def test_a_newer_barrier_gives_up_the_pending_checkpoint() -> None:
    alignment = BarrierAlignment(3, exactly_once=True)
    alignment.on_barrier(0, barrier(1))
    assert alignment.on_barrier(1, barrier(2)) is None
    assert alignment.aborted == [1]
    assert alignment.blocked == {1}
    assert alignment.on_barrier(0, barrier(2)) is None
    assert alignment.on_barrier(2, barrier(1)) is None
    assert alignment.on_barrier(2, barrier(2)) == barrier(2)


def test_an_older_barrier_after_a_newer_one_is_ignored() -> None:
    alignment = BarrierAlignment(2, exactly_once=True)
    alignment.on_barrier(0, barrier(2))
    assert alignment.on_barrier(1, barrier(1)) is None
    assert alignment.blocked == {0}
    assert alignment.on_barrier(1, barrier(2)) == barrier(2)


def test_at_least_once_keeps_several_checkpoints_pending() -> None:
    alignment = BarrierAlignment(2, exactly_once=False)
    alignment.on_barrier(0, barrier(1))
    alignment.on_barrier(0, barrier(2))
    assert alignment.pending_id == 2
    assert alignment.on_barrier(1, barrier(1)) == barrier(1)
    assert alignment.on_barrier(1, barrier(2)) == barrier(2)
    assert alignment.aborted == []


def test_at_least_once_gives_up_what_a_newer_checkpoint_overtook() -> None:
    alignment = BarrierAlignment(2, exactly_once=False)
    alignment.on_barrier(0, barrier(1))
    alignment.on_barrier(1, barrier(2))
    assert alignment.on_barrier(0, barrier(2)) == barrier(2)
    assert alignment.aborted == [1]


def test_an_aborted_checkpoint_releases_its_channels() -> None:
    alignment = BarrierAlignment(2, exactly_once=True)
    alignment.on_barrier(0, barrier(1))
    alignment.on_abort(1)
    assert alignment.blocked == set()
    assert alignment.pending_id is None
    assert alignment.aborted == []


def test_late_barriers_of_an_aborted_checkpoint_are_ignored() -> None:
    alignment = BarrierAlignment(2, exactly_once=True)
    alignment.on_abort(1)
    assert alignment.on_barrier(0, barrier(1)) is None
    assert alignment.blocked == set()
    assert alignment.on_barrier(0, barrier(2)) is None
    assert alignment.on_barrier(1, barrier(2)) == barrier(2)


def test_aborting_a_newer_checkpoint_leaves_the_pending_one() -> None:
    alignment = BarrierAlignment(2, exactly_once=True)
    alignment.on_barrier(0, barrier(1))
    alignment.on_abort(2)
    assert alignment.on_barrier(1, barrier(1)) == barrier(1)
    assert alignment.on_barrier(0, barrier(2)) is None
    assert alignment.blocked == set()


def test_a_barrier_of_an_aborted_checkpoint_still_proves_the_older_one_lost() -> None:
    alignment = BarrierAlignment(2, exactly_once=True)
    alignment.on_barrier(0, barrier(1))
    alignment.on_abort(2)
    assert alignment.on_barrier(1, barrier(2)) is None
    assert alignment.aborted == [1]
    assert alignment.blocked == set()


def test_an_ended_channel_counts_as_aligned() -> None:
    alignment = BarrierAlignment(2, exactly_once=True)
    assert alignment.on_end(1) is None
    assert alignment.on_barrier(0, barrier(1)) == barrier(1)


def test_the_end_of_a_channel_may_complete_a_checkpoint() -> None:
    alignment = BarrierAlignment(3, exactly_once=True)
    alignment.on_barrier(0, barrier(1))
    alignment.on_barrier(1, barrier(1))
    assert alignment.on_end(2) == barrier(1)
    assert alignment.blocked == set()


def test_one_end_that_completes_two_checkpoints_gives_the_newer() -> None:
    alignment = BarrierAlignment(2, exactly_once=False)
    alignment.on_barrier(0, barrier(1))
    alignment.on_barrier(0, barrier(2))
    assert alignment.on_end(1) == barrier(2)
    assert alignment.aborted == [1]


def test_after_all_channels_have_ended_there_is_nothing_to_align() -> None:
    alignment = BarrierAlignment(1, exactly_once=True)
    assert alignment.on_end(0) is None
    alignment.on_abort(5)
    assert alignment.pending_id is None


def test_remembered_aborts_are_bounded() -> None:
    alignment = BarrierAlignment(2, exactly_once=False)
    for checkpoint_id in range(1, 2 * ABORTED_IDS_MAX):
        alignment.on_abort(checkpoint_id)
    assert len(alignment._aborted_early) <= ABORTED_IDS_MAX
    assert alignment.on_barrier(0, barrier(1)) is None
    assert alignment.pending_id is None


Item = int | str
"""A record ("r"), the end ("end") or the id of a barrier."""


@st.composite
def channel_contents(draw: st.DrawFn, lossy: bool) -> list[list[Item]]:
    """What each channel carries; without loss, each carries every barrier until its end."""
    channels: list[list[Item]] = []
    for _ in range(draw(st.integers(1, 4))):
        items: list[Item] = []
        for checkpoint_id in range(1, draw(st.integers(1, 6)) + 1):
            items += ["r"] * draw(st.integers(0, 2))
            if not lossy or draw(st.integers(0, 3)) < 3:
                items.append(checkpoint_id)
        channels.append([*items, "end"])
    return channels


class Run:
    """Plays channels into an alignment, checking each completed checkpoint."""

    def __init__(self, channels: list[list[Item]], exactly_once: bool) -> None:
        self.channels = channels
        self.read = [0] * len(channels)
        self.exactly_once = exactly_once
        self.alignment = BarrierAlignment(len(channels), exactly_once)
        self.completed: list[int] = []
        self.given_up: list[int] = []

    def readable(self) -> list[int]:
        """Channels that are neither blocked nor at their end."""
        return [
            channel
            for channel, items in enumerate(self.channels)
            if self.read[channel] < len(items) and channel not in self.alignment.blocked
        ]

    def step(self, channel: int) -> None:
        item = self.channels[channel][self.read[channel]]
        self.read[channel] += 1
        done = None
        if item == "end":
            done = self.alignment.on_end(channel)
        elif isinstance(item, int):
            done = self.alignment.on_barrier(channel, barrier(item))
        if done is not None:
            self.completed.append(done.checkpoint_id)
            for each in range(len(self.channels)):
                self.check_cut(each, done.checkpoint_id)
        self.given_up += self.alignment.aborted
        self.alignment.aborted.clear()

    def check_cut(self, channel: int, checkpoint_id: int) -> None:
        """A channel stands right behind the barrier (or later, at least once), or has ended."""
        seen = self.channels[channel][: self.read[channel]]
        if self.exactly_once and checkpoint_id in seen:
            assert seen[-1] == checkpoint_id or seen[-1] == "end"
        assert checkpoint_id in seen or "end" in seen


@given(st.data(), st.booleans())
def test_without_loss_checkpoints_complete_in_order(data: st.DataObject, exactly: bool) -> None:
    run = Run(data.draw(channel_contents(lossy=False)), exactly)
    while readable := run.readable():
        run.step(data.draw(st.sampled_from(readable)))
    assert run.read == [len(items) for items in run.channels]
    assert run.completed == sorted(run.completed)
    assert run.alignment.pending_id is None
    longest = max(item for items in run.channels for item in items if isinstance(item, int))
    if exactly:
        assert run.completed == list(range(1, longest + 1))
    else:
        assert sorted(run.completed + run.given_up) == list(range(1, longest + 1))


@given(st.data(), st.booleans())
def test_lost_barriers_and_aborts_never_stop_the_stream(data: st.DataObject, exactly: bool) -> None:
    run = Run(data.draw(channel_contents(lossy=True)), exactly)
    aborted = set[int]()
    while readable := run.readable():
        if data.draw(st.integers(0, 5)) == 5:
            aborted.add(checkpoint_id := data.draw(st.integers(1, 6)))
            completed_before = checkpoint_id in run.completed
            run.alignment.on_abort(checkpoint_id)
            if not completed_before:
                assert checkpoint_id != run.alignment.pending_id
        else:
            before = len(run.completed)
            run.step(data.draw(st.sampled_from(readable)))
            assert not aborted & set(run.completed[before:])
    assert run.read == [len(items) for items in run.channels]
    assert run.completed == sorted(set(run.completed))
    assert not set(run.completed) & set(run.given_up)
    assert run.alignment.blocked == set()
