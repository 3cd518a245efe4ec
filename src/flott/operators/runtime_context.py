"""``RuntimeContext``: what a user function learns about its surroundings in ``open``.

It reaches state of the current key, where the operator runs after ``key_by``, and state of the
subtask everywhere. Handles are made once, in ``open``; which key they mean is decided by the
engine before each call.
"""

from __future__ import annotations

from typing import Any, cast

from flott.common.errors import StateAccessError
from flott.common.state import (
    AggregatingState,
    AggregatingStateDescriptor,
    ListState,
    ListStateDescriptor,
    MapState,
    MapStateDescriptor,
    ReducingState,
    ReducingStateDescriptor,
    State,
    StateDescriptor,
    ValueState,
    ValueStateDescriptor,
)
from flott.core.context import OperatorContext
from flott.core.operator_store import OperatorListState
from flott.metrics import MetricGroup

__all__ = ["RuntimeContext"]


class RuntimeContext:
    """The surroundings of one parallel instance of a function; handed to its ``open``.

    >>> from flott.common.state import ValueStateDescriptor
    >>> class Count:
    ...     def open(self, runtime_context):
    ...         self.count = runtime_context.get_state(ValueStateDescriptor("count", int))
    ...     def map(self, value):
    ...         self.count.update((self.count.value() or 0) + 1)
    ...         return value, self.count.value()
    """

    __slots__ = ("_context", "_is_keyed")

    def __init__(self, context: OperatorContext, is_keyed: bool = False) -> None:
        self._context = context
        self._is_keyed = is_keyed

    def get_task_name(self) -> str:
        """Return the name of the operator that runs the function."""
        return self._context.operator_name

    def get_task_name_with_subtasks(self) -> str:
        """Return the name with the number of this instance, from 1, and of the attempt, from 0:
        ``Count (3/6)#0``."""
        context = self._context
        instance = f"{context.subtask_index + 1}/{context.parallelism}"
        return f"{context.operator_name} ({instance})#{context.attempt}"

    def get_number_of_parallel_subtasks(self) -> int:
        """Return the parallelism of the operator."""
        return self._context.parallelism

    def get_max_number_of_parallel_subtasks(self) -> int:
        """Return the highest parallelism the operator could have: its number of key groups."""
        return self._context.max_parallelism

    def get_index_of_this_subtask(self) -> int:
        """Return the number of this instance, from 0 to the parallelism less one."""
        return self._context.subtask_index

    def get_attempt_number(self) -> int:
        """Return how often the job was restarted before; 0 in the first attempt."""
        return self._context.attempt

    def get_job_parameter(self, key: str, default_value: str | None = None) -> str | None:
        """Return a global job parameter, or ``default_value`` if it was not set."""
        return self._context.job_parameters.get(key, default_value)

    def get_metrics_group(self) -> MetricGroup:
        """Return the group in which the function registers metrics of its own."""
        return self._context.metrics

    def get_state(self, state_descriptor: ValueStateDescriptor) -> ValueState[Any]:
        """Return the value kept for the current key.

        Raises:
            StateAccessError: if the function does not run after ``key_by``, or if another kind
                of state has the same name.
        """
        return cast(ValueState[Any], self._keyed_state(state_descriptor, ValueStateDescriptor))

    def get_list_state(self, state_descriptor: ListStateDescriptor) -> ListState[Any]:
        """Return the list kept for the current key; errors as for ``get_state``."""
        return cast(ListState[Any], self._keyed_state(state_descriptor, ListStateDescriptor))

    def get_map_state(self, state_descriptor: MapStateDescriptor) -> MapState[Any, Any]:
        """Return the map kept for the current key; errors as for ``get_state``."""
        return cast(MapState[Any, Any], self._keyed_state(state_descriptor, MapStateDescriptor))

    def get_reducing_state(self, state_descriptor: ReducingStateDescriptor) -> ReducingState[Any]:
        """Return what all values added under the current key were folded into; errors as above."""
        return cast(
            ReducingState[Any], self._keyed_state(state_descriptor, ReducingStateDescriptor)
        )

    def get_aggregating_state(
        self, state_descriptor: AggregatingStateDescriptor
    ) -> AggregatingState[Any, Any]:
        """Return the aggregate of all values added under the current key; errors as above."""
        return cast(
            AggregatingState[Any, Any],
            self._keyed_state(state_descriptor, AggregatingStateDescriptor),
        )

    def get_operator_list_state(
        self, state_descriptor: ListStateDescriptor | str
    ) -> OperatorListState:
        """Return a list that belongs to this subtask and needs no key; goes beyond PyFlink.

        When the job is restored at another parallelism its items are dealt out evenly.
        """
        return self._context.operator_store.list_state(_name_of(state_descriptor))

    def get_union_list_state(
        self, state_descriptor: ListStateDescriptor | str
    ) -> OperatorListState:
        """Return a list of which, after a restore, every subtask has all items; beyond PyFlink."""
        return self._context.operator_store.union_list_state(_name_of(state_descriptor))

    def _keyed_state(self, descriptor: StateDescriptor, kind: type[StateDescriptor]) -> State:
        if not isinstance(descriptor, kind):
            raise StateAccessError(
                f"Expected a {kind.__name__}, found {descriptor!r} "
                f"in operator '{self._context.operator_name}'."
            )
        if not self._is_keyed:
            raise StateAccessError(
                f"State '{descriptor.name}' belongs to a key, but operator "
                f"'{self._context.operator_name}' does not run on a keyed stream. Call key_by() "
                "before it, or use get_operator_list_state() for state of the whole subtask."
            )
        return self._context.keyed_store.state(descriptor)


def _name_of(descriptor: ListStateDescriptor | str) -> str:
    if isinstance(descriptor, str) and descriptor:
        return descriptor
    if isinstance(descriptor, ListStateDescriptor):
        return descriptor.name
    raise StateAccessError(
        f"Operator state is asked for by a ListStateDescriptor or a name, found {descriptor!r}."
    )
