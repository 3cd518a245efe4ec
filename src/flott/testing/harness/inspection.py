"""What is in the stores of a job: state by operator and name, pending timers.

Keyed state is read from a snapshot made for the purpose, so that looking changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from flott.core.context import OperatorContext
from flott.core.keyed_store import KeyedStore
from flott.state.operator_store import MemoryOperatorStore
from flott.state.part_contents import PartContents, TableContents
from flott.state.table_kind import TableKind
from flott.testing.harness.local_job import Stores

_EVENT_TIME: Final = "/event-time"
_PROCESSING_TIME: Final = "/processing-time"


class PendingTimer(NamedTuple):
    """A timer that has not fired.

    Attributes:
        timestamp: When it is due, epoch ms.
        key: The key it belongs to.
        is_event_time: Whether it waits for a watermark, rather than for the clock.
        namespace: The window it belongs to; None for timers of functions.
    """

    timestamp: int
    key: Any
    is_event_time: bool
    namespace: Any = None


class Inspection:
    """Looks into the stores of the operators with a name.

    Args:
        stores: The stores of the job.
        operator: Name of the operator; None for all.
    """

    def __init__(self, stores: Stores, operator: str | None) -> None:
        self._stores = stores
        self._operator = operator

    def keyed_state(self, name: str) -> dict[Any, Any]:
        """Key to value; for state of windows, (key, window) to value."""
        found: dict[Any, Any] = {}
        for contents in self._tables():
            if contents.spec.name != name or contents.spec.kind is TableKind.TABLE:
                continue
            for namespace, space in contents.spaces.items():
                for key, value in space.items():
                    place = key if namespace is None else (key, namespace)
                    found[place] = _without_times(contents, value)
        return found

    def timers(self) -> list[PendingTimer]:
        """Pending timers by time."""
        found = []
        for contents in self._tables():
            name = contents.spec.name
            is_event_time = name.endswith(_EVENT_TIME)
            if is_event_time or name.endswith(_PROCESSING_TIME):
                for timestamp, space in contents.spaces.items():
                    for key, namespace in space:
                        found.append(PendingTimer(timestamp, key, is_event_time, namespace))
        return sorted(found, key=lambda timer: (timer.timestamp, repr(timer.key)))

    def list_state(self, name: str) -> list[Any]:
        """Items of operator list state, subtask by subtask."""
        return [item for copy in self._copies() for item in copy.list_state(name).get()]

    def broadcast_state(self, name: str) -> dict[Any, Any]:
        """A broadcast state; the same in every subtask."""
        found: dict[Any, Any] = {}
        for copy in self._copies():
            found.update(copy.broadcast_state(name))
        return found

    def _copies(self) -> Iterator[MemoryOperatorStore]:
        """Copies of the operator stores, for asking for a state declares it."""
        for context, store in self._stores.operator:
            part = store.snapshot()
            if part is not None and self._is_meant(context):
                copy = MemoryOperatorStore(context.operator_id)
                copy.restore([part], context.subtask_index, context.parallelism)
                yield copy

    def _tables(self) -> Iterator[TableContents]:
        for context, store in self._stores.keyed:
            if self._is_meant(context):
                yield from _read(context, store)

    def _is_meant(self, context: OperatorContext) -> bool:
        return self._operator is None or context.operator_name == self._operator


def _read(context: OperatorContext, store: KeyedStore) -> Iterator[TableContents]:
    part = store.snapshot(full=True, detached=True)
    if part is not None:
        contents = PartContents(context.operator_name)
        contents.apply(part.payload)
        yield from contents.tables.values()


def _without_times(contents: TableContents, value: Any) -> Any:
    """State with a time to live keeps the time of last use beside each value."""
    if contents.spec.ttl is None:
        return value
    if contents.spec.kind is TableKind.LIST:
        return [item for item, _ in value]
    if contents.spec.kind is TableKind.MAP:
        return {key: item for key, (item, _) in value.items()}
    return value[0]
