"""Keyed state as operators see it, whatever keeps it.

A store belongs to one operator subtask. State is found by (name, namespace, key): the namespace
is a window for window state and ``None`` for everything else; the key is ``current_key``, set by
the operator before it calls user code. User code gets handles (``state``); operators of the
engine that work on whole batches use tables, which take many keys in one call.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any

from flott.common.state import State, StateDescriptor
from flott.core.columnar_state import ColumnarState
from flott.core.snapshot import StatePart


class KeyedTable(ABC):
    """namespace -> key -> value, for operators of the engine. A value is never mutated in place:
    ``put`` a new one, for what is not put is not in the next incremental snapshot."""

    @abstractmethod
    def get(self, namespace: Hashable, key: Hashable, default: Any = None) -> Any:
        """The value of ``key``, or ``default``."""

    @abstractmethod
    def get_many(
        self, namespace: Hashable, keys: Iterable[Hashable], default: Any = None
    ) -> list[Any]:
        """The values of ``keys`` in order."""

    @abstractmethod
    def put(self, namespace: Hashable, key: Hashable, value: Any) -> None:
        """Set the value of ``key``."""

    @abstractmethod
    def put_many(self, namespace: Hashable, entries: Mapping[Any, Any]) -> None:
        """Set the values of many keys."""

    @abstractmethod
    def remove(self, namespace: Hashable, key: Hashable) -> None:
        """Forget ``key``; without effect if it is not there."""

    @abstractmethod
    def drop(self, namespace: Hashable) -> None:
        """Forget every key of ``namespace``."""

    @abstractmethod
    def items(self, namespace: Hashable) -> Iterable[tuple[Any, Any]]:
        """Keys and values of ``namespace``, in order of first insertion as far as known."""

    @abstractmethod
    def namespaces(self) -> Iterable[Any]:
        """Namespaces that hold at least one key."""


class KeyedStore(ABC):
    """All keyed state of one operator subtask, its timers included."""

    #: The key that handles work on. Before the first key is set, and in ``open``, it is a value
    #: whose use raises ``StateAccessError``.
    current_key: Any

    @abstractmethod
    def state(self, descriptor: StateDescriptor, namespace: Hashable = None) -> State:
        """A handle to the state ``descriptor`` describes, under ``current_key`` and ``namespace``.

        Raises:
            StateAccessError: Another kind of state was declared under the same name.
        """

    @abstractmethod
    def table(self, name: str, key_of: Callable[[Any], Hashable] | None = None) -> KeyedTable:
        """The table ``name``. ``key_of`` finds the user's key (which decides the key group) in the
        table's key, where the two differ; it must be a module-level function."""

    @abstractmethod
    def attach(self, name: str, structure: ColumnarState) -> None:
        """Keep ``structure`` under ``name``: what was restored for it is in it when this returns,
        and every snapshot takes it along. Once for each name, in ``open``."""

    @abstractmethod
    def keys(self, name: str, namespace: Hashable = None) -> Iterator[Any]:
        """Every key that has a value in state ``name``. The store may change while iterating."""

    @abstractmethod
    def clear_key(self) -> None:
        """Unset ``current_key``: use of state raises until it is set again."""

    @abstractmethod
    def snapshot(self, full: bool, detached: bool = False) -> StatePart | None:
        """What changed since the last snapshot, or everything if ``full`` or if there was none.

        ``None`` if nothing changed. The bytes are taken at once: later changes don't show. A
        ``detached`` snapshot (a savepoint) is full and does not count as the last one.
        """

    @abstractmethod
    def restore(self, parts: Iterable[StatePart]) -> None:
        """Load parts in order, keeping only keys of this subtask's key groups."""

    @property
    @abstractmethod
    def state_bytes(self) -> int:
        """A rough size of the state in bytes."""
