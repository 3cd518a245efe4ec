"""CoProcessFunction and KeyedCoProcessFunction: two inputs that share state and timers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flott.core.operator import Operator, OperatorSpec
from flott.operators.rows.functions import bind_method, describe_function
from flott.operators.rows.process_context import KeyedProcessContext, ProcessContext
from flott.operators.rows.process_operator import ProcessInput, ProcessOperator

__all__ = ["CoProcessSpec", "KeyedCoProcessSpec"]

_METHODS = ("process_element1", "process_element2")


@dataclass(frozen=True)
class CoProcessSpec(OperatorSpec):
    """A function of two streams without keys.

    Attributes:
        function: an object with the methods ``process_element1`` and ``process_element2``, each
            taking a record and the context.
        output_type: the declared type of the results; None lets any object pass.
    """

    function: Any
    output_type: Any = None

    def build(self) -> Operator:
        return _CoProcess(self.function, self.output_type, (None, None))

    @property
    def kind(self) -> str:
        return "Co-Process"

    @property
    def meaning(self) -> str:
        return describe_function(self.function)


@dataclass(frozen=True)
class KeyedCoProcessSpec(OperatorSpec):
    """A function of two keyed streams; equal keys of both sides share state and timers.

    Attributes:
        function: as for ``CoProcessSpec``, with ``on_timer`` if it registers timers.
        key_selector1: the key selector of the first stream.
        key_selector2: the key selector of the second stream.
        output_type: the declared type of the results; None lets any object pass.
    """

    function: Any
    key_selector1: Any
    key_selector2: Any
    output_type: Any = None

    def build(self) -> Operator:
        selectors = (self.key_selector1, self.key_selector2)
        return _KeyedCoProcess(self.function, self.output_type, selectors)

    @property
    def kind(self) -> str:
        return "Keyed-Co-Process"

    @property
    def meaning(self) -> str:
        return describe_function(self.function)


class _CoProcess(ProcessOperator):
    def _make_inputs(self) -> tuple[ProcessInput, ...]:
        context = ProcessContext(self._plain_timers)
        methods = [bind_method(self._function, name, plain=False) for name in _METHODS]
        return tuple(ProcessInput(method, context, None) for method in methods)


class _KeyedCoProcess(ProcessOperator):
    def _make_inputs(self) -> tuple[ProcessInput, ...]:
        context = KeyedProcessContext(self._timers, self._store)
        methods = [bind_method(self._function, name, plain=False) for name in _METHODS]
        return tuple(
            ProcessInput(method, context, key_of)
            for method, key_of in zip(methods, self._key_of, strict=True)
        )
