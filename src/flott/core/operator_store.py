"""State that belongs to a subtask rather than to keys: list, union list and broadcast state.

On restore at another parallelism the items of list state are dealt out evenly, every subtask
gets all items of union state, and broadcast state is the same everywhere.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from flott.core.snapshot import StatePart


class OperatorListState(ABC):
    """A list of items; each item moves as a whole when the parallelism changes."""

    @abstractmethod
    def get(self) -> list[Any]:
        """A copy of the items."""

    @abstractmethod
    def add(self, item: Any) -> None:
        """Append ``item``."""

    @abstractmethod
    def add_all(self, items: Iterable[Any]) -> None:
        """Append ``items``."""

    @abstractmethod
    def update(self, items: Iterable[Any]) -> None:
        """Replace all items."""

    @abstractmethod
    def clear(self) -> None:
        """Remove all items."""


class OperatorStore(ABC):
    """All operator state of one operator subtask."""

    @abstractmethod
    def list_state(self, name: str) -> OperatorListState:
        """List state, dealt out evenly on restore."""

    @abstractmethod
    def union_list_state(self, name: str) -> OperatorListState:
        """List state of which every subtask gets all items on restore."""

    @abstractmethod
    def broadcast_state(self, name: str) -> dict[Any, Any]:
        """The live dict of a broadcast state; change it in place."""

    @abstractmethod
    def snapshot(self) -> StatePart | None:
        """Everything, or ``None`` if no state was ever declared."""

    @abstractmethod
    def restore(self, parts: Iterable[StatePart], subtask: int, parallelism: int) -> None:
        """Take this subtask's share of what all former subtasks (in order) had."""
