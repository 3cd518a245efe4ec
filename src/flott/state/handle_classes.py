"""Which class of handle serves a descriptor."""

from __future__ import annotations

from typing import Any, Final

from flott.common.errors import UnsupportedFeature
from flott.common.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    StateDescriptor,
    ValueStateDescriptor,
)
from flott.state import memory_handles as plain
from flott.state import ttl_handles as ttl
from flott.state.table_kind import TableKind

_KINDS: Final[tuple[tuple[type[StateDescriptor], TableKind], ...]] = (
    (ValueStateDescriptor, TableKind.VALUE),
    (ListStateDescriptor, TableKind.LIST),
    (MapStateDescriptor, TableKind.MAP),
    (ReducingStateDescriptor, TableKind.REDUCING),
    (AggregatingStateDescriptor, TableKind.AGGREGATING),
)

#: kind -> handle of the main namespace, of a window's namespace, of expiring state in any
_CLASSES: Final[dict[TableKind, tuple[Any, Any, Any]]] = {
    TableKind.VALUE: (plain.MemoryValueState, plain.NamespacedValueState, ttl.TtlValueState),
    TableKind.LIST: (plain.MemoryListState, plain.NamespacedListState, ttl.TtlListState),
    TableKind.MAP: (plain.MemoryMapState, plain.NamespacedMapState, ttl.TtlMapState),
    TableKind.REDUCING: (
        plain.MemoryReducingState,
        plain.NamespacedReducingState,
        ttl.TtlReducingState,
    ),
    TableKind.AGGREGATING: (
        plain.MemoryAggregatingState,
        plain.NamespacedAggregatingState,
        ttl.TtlAggregatingState,
    ),
}


def kind_of(descriptor: StateDescriptor) -> TableKind:
    """The kind of state that ``descriptor`` asks for.

    Raises:
        UnsupportedFeature: A descriptor of the program's own making.
    """
    for descriptor_class, kind in _KINDS:
        if isinstance(descriptor, descriptor_class):
            return kind
    raise UnsupportedFeature(f"A state descriptor of class {type(descriptor).__qualname__}")


def handle_class(descriptor: StateDescriptor, *, main_namespace: bool) -> Any:
    """The class of the handle for ``descriptor``."""
    kind = kind_of(descriptor)
    of_main, of_window, expiring = _CLASSES[kind]
    if descriptor.ttl_config is not None:
        return expiring
    if kind is TableKind.VALUE and getattr(descriptor, "default_value", None) is not None:
        return plain.DefaultValueState if main_namespace else plain.NamespacedDefaultValueState
    return of_main if main_namespace else of_window
