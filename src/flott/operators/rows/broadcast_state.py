"""Broadcast state as functions see it: a dict of the operator store behind PyFlink's methods.

The broadcast side may write, and must do the same in every subtask. The other side reads through a
view that refuses every change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from flott.common.errors import StateAccessError
from flott.common.state import BroadcastState, MapStateDescriptor, ReadOnlyBroadcastState
from flott.core.context import OperatorContext

__all__ = ["BroadcastStates"]


class _ReadOnlyView(ReadOnlyBroadcastState[Any, Any]):
    __slots__ = ("_entries", "_name")

    def __init__(self, name: str, entries: dict[Any, Any]) -> None:
        self._name = name
        self._entries = entries

    def get(self, key: Any) -> Any:
        return self._entries.get(key)

    def contains(self, key: Any) -> bool:
        return key in self._entries

    def items(self) -> Iterable[tuple[Any, Any]]:
        return self._entries.items()

    def keys(self) -> Iterable[Any]:
        return self._entries.keys()

    def values(self) -> Iterable[Any]:
        return self._entries.values()

    def is_empty(self) -> bool:
        return not self._entries

    def clear(self) -> None:
        self._refuse()

    def put(self, key: Any, value: Any) -> None:
        """Refused; see the module."""
        self._refuse()

    def put_all(self, dict_value: dict[Any, Any]) -> None:
        """Refused; see the module."""
        self._refuse()

    def remove(self, key: Any) -> None:
        """Refused; see the module."""
        self._refuse()

    def __setitem__(self, key: Any, value: Any) -> None:
        self._refuse()

    def __delitem__(self, key: Any) -> None:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise StateAccessError(
            f"Broadcast state '{self._name}' can only be read here. Change it in "
            "process_broadcast_element(), which runs alike in every subtask."
        )


class _LiveState(BroadcastState[Any, Any]):
    __slots__ = ("_entries",)

    def __init__(self, entries: dict[Any, Any]) -> None:
        self._entries = entries

    def get(self, key: Any) -> Any:
        return self._entries.get(key)

    def contains(self, key: Any) -> bool:
        return key in self._entries

    def items(self) -> Iterable[tuple[Any, Any]]:
        # Copies: a loop over the state may remove entries.
        return list(self._entries.items())

    def keys(self) -> Iterable[Any]:
        return list(self._entries)

    def values(self) -> Iterable[Any]:
        return list(self._entries.values())

    def is_empty(self) -> bool:
        return not self._entries

    def put(self, key: Any, value: Any) -> None:
        self._entries[key] = value

    def put_all(self, dict_value: dict[Any, Any]) -> None:
        self._entries.update(dict_value)

    def remove(self, key: Any) -> None:
        self._entries.pop(key, None)

    def clear(self) -> None:
        self._entries.clear()


class BroadcastStates:
    """The broadcast states of one operator, by name."""

    def __init__(self, descriptors: Iterable[MapStateDescriptor], context: OperatorContext) -> None:
        self._operator_name = context.operator_name
        self._live: dict[str, _LiveState] = {}
        self._views: dict[str, _ReadOnlyView] = {}
        for descriptor in descriptors:
            entries = context.operator_store.broadcast_state(descriptor.name)
            self._live[descriptor.name] = _LiveState(entries)
            self._views[descriptor.name] = _ReadOnlyView(descriptor.name, entries)

    def live(self, descriptor: MapStateDescriptor) -> BroadcastState[Any, Any]:
        """The state, open to changes."""
        return self._find(self._live, descriptor)  # type: ignore[no-any-return]

    def view(self, descriptor: MapStateDescriptor) -> ReadOnlyBroadcastState[Any, Any]:
        """The state, for reading."""
        return self._find(self._views, descriptor)  # type: ignore[no-any-return]

    def _find(self, states: dict[str, Any], descriptor: MapStateDescriptor) -> Any:
        name = str(getattr(descriptor, "name", descriptor))
        if name not in states:
            known = ", ".join(f"'{each}'" for each in states)
            raise StateAccessError(
                f"Operator '{self._operator_name}' has no broadcast state '{name}', only {known}. "
                "Name it in broadcast(...)."
            )
        return states[name]
