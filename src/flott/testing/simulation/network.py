"""Connections: first in, first out, each with delays of its own, until one of its ends dies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from flott.core.batch import Batch
from flott.core.element import Element, Watermark
from flott.core.transport import ChannelKey, DataTransport
from flott.runtime.task.gate import DEFAULT_BOUNDS
from flott.testing.simulation.scheduler import Scheduler

if TYPE_CHECKING:
    from flott.testing.simulation.cluster import WorkerProcess

#: Batches that the turn in which credit runs out may still send: results of one input batch and of
#: the watermark that follows it, one each for every window and timer operator of a chain.
OVERDRAFT_MAX: Final = 3


class Pipe:
    """One direction of a connection.

    Attributes:
        is_cut: Whether what is under way, and what follows, is lost.
    """

    def __init__(self, scheduler: Scheduler, delay_ms: Callable[[], float]) -> None:
        self.is_cut = False
        self._scheduler = scheduler
        self._delay_ms = delay_ms
        self._last_us = 0

    def hold(self, duration_ms: float) -> None:
        """What is sent from now on arrives after ``duration_ms`` at the earliest."""
        self._last_us = max(self._last_us, self._scheduler.now_us + int(duration_ms * 1000))

    def send(self, deliver: Callable[[], None]) -> None:
        """Have ``deliver`` called at the other end, after what was sent before."""
        if self.is_cut:
            return
        due = self._scheduler.now_us + int(self._delay_ms() * 1000)
        self._last_us = max(self._last_us, due)
        self._scheduler.at(self._last_us, lambda: None if self.is_cut else deliver())


class SimulatedTransport(DataTransport):
    """The data connections of one worker process, with an eye on what goes through them."""

    def __init__(self, sender: WorkerProcess) -> None:
        self.peers: Mapping[int, WorkerProcess] = {}
        self._sender = sender
        self._pipes: dict[WorkerProcess, Pipe] = {}
        self._watermarks: dict[ChannelKey, int] = {}
        self._outstanding: Counter[ChannelKey] = Counter()

    def send(self, worker: int, channel: ChannelKey, element: Element) -> None:
        self._check(channel, element)
        peer = self.peers[worker]
        self._pipe(peer).send(lambda: peer.post(lambda: peer.worker.receive(channel, element)))

    def send_credits(self, worker: int, channel: ChannelKey, credits: int) -> None:
        peer = self.peers[worker]

        def deliver() -> None:
            peer.transport._outstanding[channel] -= credits
            peer.post(lambda: peer.worker.receive_credits(channel, credits))

        self._pipe(peer).send(deliver)

    def _pipe(self, peer: WorkerProcess) -> Pipe:
        pipe = self._pipes.get(peer)
        if pipe is None:
            world = self._sender.world
            pipe = self._pipes[peer] = Pipe(world.scheduler, world.data_delay_ms)
        return pipe

    def _check(self, channel: ChannelKey, element: Element) -> None:
        violate = self._sender.world.violate
        if isinstance(element, Watermark):
            before = self._watermarks.get(channel)
            if before is not None and element.timestamp <= before:
                violate(f"the watermark of {channel} goes from {before} to {element.timestamp}")
            self._watermarks[channel] = element.timestamp
        elif isinstance(element, Batch):
            self._outstanding[channel] += 1
            if self._outstanding[channel] > DEFAULT_BOUNDS.batches + OVERDRAFT_MAX:
                violate(f"{self._outstanding[channel]} batches are in {channel}")
