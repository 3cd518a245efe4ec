"""ProcessFunction and KeyedProcessFunction: a record with its time, key, state and timers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flott.core.operator import Operator, OperatorSpec
from flott.operators.rows.functions import bind_method, describe_function
from flott.operators.rows.process_context import KeyedProcessContext, ProcessContext
from flott.operators.rows.process_operator import ProcessInput, ProcessOperator

__all__ = ["KeyedProcessSpec", "ProcessSpec"]


@dataclass(frozen=True)
class ProcessSpec(OperatorSpec):
    """A function on a stream without keys.

    Attributes:
        function: an object with the method ``process_element(value, ctx)``, or such a function.
        output_type: the declared type of the results; None lets any object pass.
    """

    function: Any
    output_type: Any = None

    def build(self) -> Operator:
        bind_method(self.function, "process_element")
        return _Process(self.function, self.output_type)

    @property
    def meaning(self) -> str:
        return describe_function(self.function)


@dataclass(frozen=True)
class KeyedProcessSpec(OperatorSpec):
    """A function on a keyed stream, with state and timers for each key.

    Attributes:
        function: an object with the methods ``process_element(value, ctx)`` and, if it registers
            timers, ``on_timer(timestamp, ctx)``.
        key_selector: the key selector of the stream.
        output_type: the declared type of the results; None lets any object pass.
    """

    function: Any
    key_selector: Any
    output_type: Any = None

    def build(self) -> Operator:
        bind_method(self.function, "process_element")
        return _KeyedProcess(self.function, self.output_type, (self.key_selector,))

    @property
    def meaning(self) -> str:
        return describe_function(self.function)


class _Process(ProcessOperator):
    def _make_inputs(self) -> tuple[ProcessInput, ...]:
        process = bind_method(self._function, "process_element")
        return (ProcessInput(process, ProcessContext(self._plain_timers), None),)


class _KeyedProcess(ProcessOperator):
    def _make_inputs(self) -> tuple[ProcessInput, ...]:
        process = bind_method(self._function, "process_element")
        context = KeyedProcessContext(self._timers, self._store)
        return (ProcessInput(process, context, self._key_of[0]),)
