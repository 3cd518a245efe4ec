"""What user functions see of state: one interface for each kind.

Keyed state always means the state of the current key, which the engine sets before it calls the
function. Backends implement these interfaces; the descriptors that ask for them are re-exported
here, so that this module is all that a function needs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

from flott.common.state_descriptors import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    StateDescriptor,
    ValueStateDescriptor,
)
from flott.common.state_ttl import StateTtlConfig

__all__ = [
    "AggregatingState",
    "AggregatingStateDescriptor",
    "AppendingState",
    "BroadcastState",
    "ListState",
    "ListStateDescriptor",
    "MapState",
    "MapStateDescriptor",
    "MergingState",
    "OperatorStateStore",
    "ReadOnlyBroadcastState",
    "ReducingState",
    "ReducingStateDescriptor",
    "State",
    "StateDescriptor",
    "StateTtlConfig",
    "ValueState",
    "ValueStateDescriptor",
]

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
IN = TypeVar("IN")
OUT = TypeVar("OUT")


class State(ABC):
    """What all kinds of state share."""

    __slots__ = ()

    @abstractmethod
    def clear(self) -> None:
        """Remove everything stored under the current key."""


class ValueState(State, Generic[T]):
    """One value for each key."""

    __slots__ = ()

    @abstractmethod
    def value(self) -> T | None:
        """Return the stored value, or the descriptor's default (None) if there is none."""

    @abstractmethod
    def update(self, value: T | None) -> None:
        """Store a value in place of the one before; None removes it."""


class AppendingState(State, Generic[IN, OUT]):
    """State to which values are added one by one."""

    __slots__ = ()

    @abstractmethod
    def get(self) -> OUT:
        """Return what the added values amount to."""

    @abstractmethod
    def add(self, value: IN) -> None:
        """Add one value."""


class MergingState(AppendingState[IN, OUT]):
    """Appending state of which two can be merged, as session windows need it."""

    __slots__ = ()


class ReducingState(MergingState[T, T]):
    """All values of a key folded into one by a reduce function."""

    __slots__ = ()


class AggregatingState(MergingState[IN, OUT]):
    """All values of a key added to an accumulator by an aggregate function."""

    __slots__ = ()


class ListState(MergingState[T, Iterable[T]]):
    """A list for each key, or, as operator state, the list of one subtask."""

    __slots__ = ()

    @abstractmethod
    def update(self, values: Iterable[T]) -> None:
        """Store these values in place of the ones before."""

    @abstractmethod
    def add_all(self, values: Iterable[T]) -> None:
        """Add values at the end."""

    def __iter__(self) -> Iterator[T]:
        return iter(self.get())


class ReadOnlyBroadcastState(State, Generic[K, V]):
    """Broadcast state as the other input sees it: for reading only."""

    __slots__ = ()

    @abstractmethod
    def get(self, key: K) -> V | None:
        """Return the value stored under a key; None if there is none."""

    @abstractmethod
    def contains(self, key: K) -> bool:
        """Return whether something is stored under a key."""

    @abstractmethod
    def items(self) -> Iterable[tuple[K, V]]:
        """Return all keys with their values."""

    @abstractmethod
    def keys(self) -> Iterable[K]:
        """Return all keys."""

    @abstractmethod
    def values(self) -> Iterable[V]:
        """Return all values."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Return whether nothing is stored."""

    def __getitem__(self, key: K) -> V | None:
        return self.get(key)

    def __contains__(self, key: K) -> bool:
        return self.contains(key)

    def __iter__(self) -> Iterator[K]:
        return iter(self.keys())


class BroadcastState(ReadOnlyBroadcastState[K, V]):
    """A map that every subtask holds in full; each must make the same changes to it."""

    __slots__ = ()

    @abstractmethod
    def put(self, key: K, value: V) -> None:
        """Store a value under a key."""

    @abstractmethod
    def put_all(self, dict_value: dict[K, V]) -> None:
        """Store all entries of a dict."""

    @abstractmethod
    def remove(self, key: K) -> None:
        """Remove what is stored under a key."""

    def __setitem__(self, key: K, value: V) -> None:
        self.put(key, value)

    def __delitem__(self, key: K) -> None:
        self.remove(key)


class MapState(State, Generic[K, V]):
    """A map for each key."""

    __slots__ = ()

    @abstractmethod
    def get(self, key: K) -> V | None:
        """Return the value stored under a key of the map; None if there is none."""

    @abstractmethod
    def put(self, key: K, value: V) -> None:
        """Store a value under a key of the map."""

    @abstractmethod
    def put_all(self, dict_value: dict[K, V]) -> None:
        """Store all entries of a dict."""

    @abstractmethod
    def remove(self, key: K) -> None:
        """Remove one key of the map."""

    @abstractmethod
    def contains(self, key: K) -> bool:
        """Return whether the map has this key."""

    @abstractmethod
    def items(self) -> Iterable[tuple[K, V]]:
        """Return all keys of the map with their values."""

    @abstractmethod
    def keys(self) -> Iterable[K]:
        """Return all keys of the map."""

    @abstractmethod
    def values(self) -> Iterable[V]:
        """Return all values of the map."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Return whether the map is empty."""

    def __getitem__(self, key: K) -> V | None:
        return self.get(key)

    def __setitem__(self, key: K, value: V) -> None:
        self.put(key, value)

    def __delitem__(self, key: K) -> None:
        self.remove(key)

    def __contains__(self, key: K) -> bool:
        return self.contains(key)

    def __iter__(self) -> Iterator[K]:
        return iter(self.keys())


class OperatorStateStore(ABC):
    """Gives state that belongs to an operator's subtask and not to a key."""

    __slots__ = ()

    @abstractmethod
    def get_broadcast_state(self, state_descriptor: MapStateDescriptor) -> BroadcastState[Any, Any]:
        """Return the map that every subtask holds in full."""

    @abstractmethod
    def get_list_state(self, state_descriptor: ListStateDescriptor) -> ListState[Any]:
        """Return a list whose elements are dealt out evenly when the parallelism changes."""

    @abstractmethod
    def get_union_list_state(self, state_descriptor: ListStateDescriptor) -> ListState[Any]:
        """Return a list of which every subtask receives all elements after a restore."""
