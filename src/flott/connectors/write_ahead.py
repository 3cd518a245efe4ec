"""Exactly once where an outside transaction cannot be taken up again: the checkpoint is the log.

What is written between two checkpoints is an *epoch*. It is kept in the checkpoint that ends it, so
that whoever starts from there can write it again. The outside system keeps a *marker*, written in
the same transaction as the epoch, so that whoever comes later can tell whether that happened.

Numbers of checkpoints are not enough for that: a job that goes back to an older checkpoint uses
them a second time, and so do two jobs that start from one savepoint. So each attempt to run a
writer is an *incarnation* with a random token, and the marker says for each of the last ones how
far it came.

A *writer* is named by its sink, its subtask, and the checkpoint that the attempt started from;
epochs, markers and transactions are its own. A restored epoch is always of a writer that has ended,
whichever subtask is given it, so that it can be settled beside writers that have begun already.

Nothing here talks to anybody: connectors read and write markers, and ask ``judge`` what to do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final

#: Incarnations of a writer that its marker remembers.
INCARNATIONS_MAX: Final = 32


@dataclass(frozen=True, slots=True)
class WriterId:
    """Names a writer through all its incarnations.

    Attributes:
        owner: The name of the sink, unique among all that write to the outside system.
        subtask: The subtask that wrote, whatever the parallelism is by now.
        base: The checkpoint that the writer started from; 0 for a fresh start.

    >>> WriterId("orders", 2, 17).name
    'orders-2-17'
    """

    owner: str
    subtask: int
    base: int

    @property
    def name(self) -> str:
        """What the outside system knows it by."""
        return f"{self.owner}-{self.subtask}-{self.base}"


@dataclass(frozen=True, slots=True)
class Incarnation:
    """One attempt to run a writer.

    Attributes:
        token: Random, never used twice.
        generation: How many came before it in the same marker.
        origin: The token of the first one of that marker. A marker that was lost and made anew has
            another.
    """

    token: str
    generation: int
    origin: str


@dataclass(frozen=True, slots=True)
class Epoch:
    """What a writer wrote between two checkpoints; the committable of such a sink.

    Attributes:
        writer_id: Who wrote it.
        checkpoint_id: The checkpoint that ends it.
        incarnation: Which attempt wrote it; ``None`` if nothing was written yet, so that there is
            no marker.
        count: How many records it has.
        content: The records, in the connector's own form; ``None`` if they are not kept, as in a
            job without checkpoints. What it pickles as buffers goes to storage without a copy.
        marker_location: Where in the outside system the marker is.
    """

    writer_id: WriterId
    checkpoint_id: int
    incarnation: Incarnation | None
    count: int
    content: Any = field(repr=False)
    marker_location: str = ""


class Verdict(Enum):
    """What became of an epoch."""

    COMMITTED = "committed"
    """Its records are there, or it has none."""
    MISSING = "missing"
    """They are not there: write them."""
    LOST = "lost"
    """The marker is gone: nobody can tell."""
    FORGOTTEN = "forgotten"
    """Too many incarnations came after it: nobody can tell."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an incarnation came: all its epochs up to ``committed`` are there."""

    token: str
    generation: int
    committed: int


@dataclass(frozen=True, slots=True)
class Marker:
    """What the outside system remembers of a writer.

    Attributes:
        origin: The token of the first incarnation.
        registered: How many incarnations there have been.
        forgotten: Progress of incarnations with a smaller generation may have been left out.
        progress: The last incarnations that committed, the latest commit last.
    """

    origin: str
    registered: int
    forgotten: int
    progress: tuple[Progress, ...]

    def commit(self, incarnation: Incarnation, checkpoint_id: int) -> Marker:
        """The marker once an epoch is there. Epochs of an incarnation come in order.

        >>> marker, writer = register(None, "a1")
        >>> marker.commit(writer, 7).progress
        (Progress(token='a1', generation=0, committed=7),)
        """
        before = self.find(incarnation)
        assert before is None or before.committed < checkpoint_id, "epochs come in order"
        after = Progress(incarnation.token, incarnation.generation, checkpoint_id)
        others = [each for each in self.progress if each.token != incarnation.token]
        return replace(self, progress=(*others, after))._shortened()

    def find(self, incarnation: Incarnation) -> Progress | None:
        """How far an incarnation came, if that is remembered."""
        return next((each for each in self.progress if each.token == incarnation.token), None)

    def is_superseded(self, incarnation: Incarnation) -> bool:
        """Whether another writer has begun since, or the marker is not the one it knew."""
        return self.origin != incarnation.origin or self.registered > incarnation.generation + 1

    def to_text(self, **notes: Any) -> str:
        """As short text, with notes for people who look at it."""
        progress = [[each.token, each.generation, each.committed] for each in self.progress]
        content = {
            "v": 1,
            **notes,
            "origin": self.origin,
            "registered": self.registered,
            "forgotten": self.forgotten,
            "progress": progress,
        }
        return json.dumps(content, separators=(",", ":"))

    @staticmethod
    def from_text(text: str) -> Marker:
        """Read what ``to_text`` wrote.

        Raises:
            ValueError: If it is not a marker.

        >>> marker, _ = register(None, "a1")
        >>> Marker.from_text(marker.to_text(job="orders")) == marker
        True
        """
        try:
            content = json.loads(text)
            if content["v"] != 1:
                raise ValueError(f"written by another version: {content['v']}")
            progress = tuple(Progress(str(t), int(g), int(c)) for t, g, c in content["progress"])
            counts = int(content["registered"]), int(content["forgotten"])
            return Marker(str(content["origin"]), *counts, progress)
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a marker: {text[:80]!r}") from error

    def _shortened(self) -> Marker:
        """Without what is more than can be remembered; the oldest goes first."""
        excess = len(self.progress) - INCARNATIONS_MAX
        if excess <= 0:
            return self
        left_out = max(each.generation for each in self.progress[:excess])
        forgotten = max(self.forgotten, left_out + 1)
        return replace(self, forgotten=forgotten, progress=self.progress[excess:])


def register(marker: Marker | None, token: str) -> tuple[Marker, Incarnation]:
    """Announce a writer, before its first epoch.

    An incarnation is listed once it has committed something: the marker then tells "nothing
    committed" by leaving it out, and attempts that fail at once do not crowd out others.

    Args:
        marker: What is there; ``None`` if nothing is.
        token: Random, never used before.

    Returns:
        The marker to write, and the writer's name in it.
    """
    if marker is None:
        marker = Marker(token, 0, 0, ())
    incarnation = Incarnation(token, marker.registered, marker.origin)
    return replace(marker, registered=marker.registered + 1), incarnation


def judge(marker: Marker | None, epoch: Epoch) -> Verdict:
    """Return what became of an epoch. Whoever may still be writing it must have been fenced before
    the marker was read, or the answer is not final.

    Args:
        marker: What the outside system holds for the epoch's writer; ``None`` if nothing.
        epoch: As it was kept in a checkpoint.
    """
    if epoch.count == 0:
        return Verdict.COMMITTED
    incarnation = epoch.incarnation
    assert incarnation is not None, "a writer is registered before it writes"
    if marker is None or marker.origin != incarnation.origin:
        return Verdict.LOST
    found = marker.find(incarnation)
    if found is not None:
        is_there = found.committed >= epoch.checkpoint_id
        return Verdict.COMMITTED if is_there else Verdict.MISSING
    if incarnation.generation < marker.forgotten:
        return Verdict.FORGOTTEN
    return Verdict.MISSING
