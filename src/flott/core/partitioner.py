"""How the records of an edge are divided among the subtasks that receive them, as plan values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Partitioner:
    """Base of the closed set below."""


@dataclass(frozen=True, slots=True)
class Forward(Partitioner):
    """Subtask i sends to subtask i; needs equal parallelism."""


@dataclass(frozen=True, slots=True)
class Rebalance(Partitioner):
    """Record by record round robin over all receivers."""


@dataclass(frozen=True, slots=True)
class Rescale(Partitioner):
    """Round robin over a local share of the receivers."""


@dataclass(frozen=True, slots=True)
class Shuffle(Partitioner):
    """Each record to a receiver drawn at random, all equally likely."""


@dataclass(frozen=True, slots=True)
class Broadcast(Partitioner):
    """Every record to every receiver."""


@dataclass(frozen=True, slots=True)
class Global(Partitioner):
    """Everything to receiver 0."""


@dataclass(frozen=True, slots=True)
class HashKey(Partitioner):
    """By key group of ``key_selector(record)``; ``name`` shows in plans."""

    key_selector: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class HashColumns(Partitioner):
    """Column batches by key group of the columns at ``positions``; equal to ``HashKey`` nowhere:
    rows and columns hash differently, so an edge carries one or the other."""

    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Custom(Partitioner):
    """``partition(key_selector(record), receivers)`` names the receiver, 0 to receivers - 1."""

    partition: Callable[[Any, int], int]
    key_selector: Callable[[Any], Any]
