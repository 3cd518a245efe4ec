"""Broadcast process functions: an ordinary input and one that every subtask sees in full.

The broadcast side writes broadcast state; the other side, keyed or not, reads it. The broadcast
side has no current key: state of keys is reached by ``apply_to_keyed_state`` only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flott.common.state import (
    BroadcastState,
    MapStateDescriptor,
    ReadOnlyBroadcastState,
    State,
    StateDescriptor,
)
from flott.core.context import OperatorContext
from flott.core.keyed_store import KeyedStore
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.operators.rows.broadcast_state import BroadcastStates
from flott.operators.rows.functions import bind_method, describe_function
from flott.operators.rows.process_context import (
    KeyedProcessContext,
    OnTimerContext,
    ProcessContext,
)
from flott.operators.rows.process_operator import ProcessInput, ProcessOperator
from flott.operators.rows.timer_service import TimerService

__all__ = ["BroadcastProcessSpec", "KeyedBroadcastProcessSpec"]


@dataclass(frozen=True)
class BroadcastProcessSpec(OperatorSpec):
    """A stream without keys, and a broadcast stream.

    Attributes:
        function: an object with the methods ``process_element`` and
            ``process_broadcast_element``, each taking a record and the context.
        descriptors: the broadcast states the function may use.
        output_type: the declared type of the results; None lets any object pass.
    """

    function: Any
    descriptors: tuple[MapStateDescriptor, ...]
    output_type: Any = None

    def build(self) -> Operator:
        return _BroadcastProcess(self.function, self.output_type, (None, None), self.descriptors)

    @property
    def kind(self) -> str:
        return "Co-Process-Broadcast"

    @property
    def meaning(self) -> str:
        return describe_function(self.function)


@dataclass(frozen=True)
class KeyedBroadcastProcessSpec(OperatorSpec):
    """A keyed stream, and a broadcast stream.

    Attributes:
        function: as for ``BroadcastProcessSpec``, with ``on_timer`` if it registers timers.
        key_selector: the key selector of the keyed stream.
        descriptors: the broadcast states the function may use.
        output_type: the declared type of the results; None lets any object pass.
    """

    function: Any
    key_selector: Any
    descriptors: tuple[MapStateDescriptor, ...]
    output_type: Any = None

    def build(self) -> Operator:
        selectors = (self.key_selector, None)
        return _BroadcastProcess(self.function, self.output_type, selectors, self.descriptors)

    @property
    def kind(self) -> str:
        return "Co-Process-Broadcast-Keyed"

    @property
    def meaning(self) -> str:
        return describe_function(self.function)


class _TimeInContext:
    """Times, which contexts of broadcast functions tell themselves."""

    __slots__ = ()

    _timers: TimerService

    def current_processing_time(self) -> int:
        """Return the time of the machine's clock, in epoch milliseconds."""
        return self._timers.current_processing_time()

    def current_watermark(self) -> int:
        """Return how far event time has come."""
        return self._timers.current_watermark()


class BroadcastContext(_TimeInContext, ProcessContext):
    """The context of the broadcast side."""

    __slots__ = ("_states", "_store")

    def __init__(
        self, timers: TimerService, states: BroadcastStates, store: KeyedStore | None
    ) -> None:
        super().__init__(timers)
        self._states = states
        self._store = store

    def get_broadcast_state(self, state_descriptor: MapStateDescriptor) -> BroadcastState[Any, Any]:
        """Return a broadcast state, to read and to change.

        Raises:
            StateAccessError: if it was not named in ``broadcast(...)``.
        """
        return self._states.live(state_descriptor)


class KeyedBroadcastContext(BroadcastContext):
    """The context of the broadcast side beside a keyed stream."""

    __slots__ = ()

    def apply_to_keyed_state(
        self, state_descriptor: StateDescriptor, function: Callable[[Any, State], None]
    ) -> None:
        """Call ``function(key, state)`` for every key of this subtask that has this state.

        Goes beyond PyFlink. ``function`` may also be an object with the method ``process``. It may
        change the state; which key comes first is not defined.

        >>> def forget(key, state):
        ...     state.clear()
        """
        store = self._store
        assert store is not None
        call = bind_method(function, "process")
        state = store.state(state_descriptor)
        try:
            for key in list(store.keys(state_descriptor.name)):
                store.current_key = key
                call(key, state)
        finally:
            store.clear_key()


class ReadOnlyBroadcastContext(_TimeInContext, ProcessContext):
    """The context of the other side, where it has no keys."""

    __slots__ = ("_states",)

    def __init__(self, timers: TimerService, states: BroadcastStates) -> None:
        super().__init__(timers)
        self._states = states

    def get_broadcast_state(
        self, state_descriptor: MapStateDescriptor
    ) -> ReadOnlyBroadcastState[Any, Any]:
        """Return a broadcast state for reading; errors as on the broadcast side."""
        return self._states.view(state_descriptor)


class KeyedReadOnlyBroadcastContext(_TimeInContext, KeyedProcessContext):
    """The context of the keyed side."""

    __slots__ = ("_states",)

    def __init__(self, timers: TimerService, store: KeyedStore, states: BroadcastStates) -> None:
        super().__init__(timers, store)
        self._states = states

    def get_broadcast_state(
        self, state_descriptor: MapStateDescriptor
    ) -> ReadOnlyBroadcastState[Any, Any]:
        """Return a broadcast state for reading; errors as on the broadcast side."""
        return self._states.view(state_descriptor)


class BroadcastOnTimerContext(_TimeInContext, OnTimerContext):
    """The context of a firing timer of the keyed side."""

    __slots__ = ("_states",)

    def __init__(self, timers: TimerService, store: KeyedStore, states: BroadcastStates) -> None:
        super().__init__(timers, store)
        self._states = states

    def get_broadcast_state(
        self, state_descriptor: MapStateDescriptor
    ) -> ReadOnlyBroadcastState[Any, Any]:
        """Return a broadcast state for reading; errors as on the broadcast side."""
        return self._states.view(state_descriptor)


class _BroadcastProcess(ProcessOperator):
    def __init__(
        self,
        function: Any,
        output_type: Any,
        key_selectors: tuple[Any, ...],
        descriptors: tuple[MapStateDescriptor, ...],
    ) -> None:
        super().__init__(function, output_type, key_selectors)
        self._descriptors = descriptors

    def open(self, context: OperatorContext, output: Output) -> None:
        self._states = BroadcastStates(self._descriptors, context)
        super().open(context, output)

    def _make_timer_context(self, timers: TimerService) -> OnTimerContext:
        return BroadcastOnTimerContext(timers, self._store, self._states)

    def _make_inputs(self) -> tuple[ProcessInput, ...]:
        process = bind_method(self._function, "process_element", plain=False)
        process_broadcast = bind_method(self._function, "process_broadcast_element", plain=False)
        key_of, states, plain = self._key_of[0], self._states, self._plain_timers
        reading: ProcessContext
        writing: BroadcastContext
        if key_of is None:
            reading = ReadOnlyBroadcastContext(plain, states)
            writing = BroadcastContext(plain, states, None)
        else:
            reading = KeyedReadOnlyBroadcastContext(self._timers, self._store, states)
            writing = KeyedBroadcastContext(plain, states, self._store)
        return (
            ProcessInput(process, reading, key_of),
            ProcessInput(process_broadcast, writing, None),
        )
