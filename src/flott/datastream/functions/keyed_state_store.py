"""``KeyedStateStore``: how a function asks for the state of the current key."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from flott.common.state import (
    AggregatingState,
    AggregatingStateDescriptor,
    ListState,
    ListStateDescriptor,
    MapState,
    MapStateDescriptor,
    ReducingState,
    ReducingStateDescriptor,
    ValueState,
    ValueStateDescriptor,
)
from flott.operators.runtime_context import RuntimeContext

__all__ = ["KeyedStateStore"]


class KeyedStateStore(ABC):
    """Gives handles to keyed state. A RuntimeContext is one, and so is the state of a window.

    Every method raises StateAccessError where the function does not run on a keyed stream.
    """

    @abstractmethod
    def get_state(self, state_descriptor: ValueStateDescriptor) -> ValueState[Any]:
        """Return the value kept for the current key."""

    @abstractmethod
    def get_list_state(self, state_descriptor: ListStateDescriptor) -> ListState[Any]:
        """Return the list kept for the current key."""

    @abstractmethod
    def get_map_state(self, state_descriptor: MapStateDescriptor) -> MapState[Any, Any]:
        """Return the map kept for the current key."""

    @abstractmethod
    def get_reducing_state(self, state_descriptor: ReducingStateDescriptor) -> ReducingState[Any]:
        """Return what the values added under the current key were reduced to."""

    @abstractmethod
    def get_aggregating_state(
        self, state_descriptor: AggregatingStateDescriptor
    ) -> AggregatingState[Any, Any]:
        """Return the aggregate of the values added under the current key."""


KeyedStateStore.register(RuntimeContext)
