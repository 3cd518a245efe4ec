"""Calling a window's function: each kind of function behind one signature.

``WindowCall`` is called with the key, the window and what the pane holds, and gives an iterable of
results or ``None``. Functions of windows without keys (``window_all``) are not given the key.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any

from flott.common.errors import ProgramError
from flott.operators.rows.functions import bind_method
from flott.operators.rows.windows.context import ProcessWindowContext

__all__ = [
    "WindowCall",
    "WindowFunctionKind",
    "bind_clear",
    "bind_window_function",
    "can_merge",
    "check_aggregate_function",
]

#: (key, window, contents) -> results or None
WindowCall = Callable[[Any, Any, Any], Iterable[Any] | None]


class WindowFunctionKind(Enum):
    """How the records of a window become results."""

    REDUCE = "reduce"
    """Folded into one record as they come."""
    AGGREGATE = "aggregate"
    """Added to an accumulator as they come."""
    APPLY = "apply"
    """Kept, and given to ``apply(key, window, inputs)``."""
    PROCESS = "process"
    """Kept, and given to ``process(key, context, elements)``."""

    @property
    def is_incremental(self) -> bool:
        """Whether records are folded as they come."""
        return self in (WindowFunctionKind.REDUCE, WindowFunctionKind.AGGREGATE)


def bind_window_function(
    function: Any, is_keyed: bool, context: ProcessWindowContext
) -> WindowCall:
    """Return the call of a window function, be it one of ``process``, of ``apply`` or a callable.

    A plain callable is called as ``apply`` would be.

    Raises:
        ProgramError: if it is not one of these.
    """
    process = getattr(function, "process", None)
    if not callable(process):
        apply = bind_method(function, "apply")
        if is_keyed:
            return apply
        return lambda key, window, inputs: apply(window, inputs)
    if isinstance(function, type):
        raise ProgramError(f"Expected an object, found the class: write {function.__name__}().")
    if is_keyed:

        def process_keyed(key: Any, window: Any, inputs: Any) -> Iterable[Any] | None:
            context.current_window = window
            return process(key, context, inputs)  # type: ignore[no-any-return]

        return process_keyed

    def process_all(key: Any, window: Any, inputs: Any) -> Iterable[Any] | None:
        context.current_window = window
        return process(context, inputs)  # type: ignore[no-any-return]

    return process_all


def bind_clear(function: Any, context: ProcessWindowContext) -> Callable[[Any], None] | None:
    """Return what to call with a window that is gone for good; ``None`` if the function has no
    ``clear``, or only the one of a base class that does nothing."""
    clear = getattr(function, "clear", None)
    if not callable(getattr(function, "process", None)) or not callable(clear):
        return None
    name = getattr(clear, "__qualname__", "")
    if name in ("ProcessWindowFunction.clear", "ProcessAllWindowFunction.clear"):
        return None

    def clear_window(window: Any) -> None:
        context.current_window = window
        clear(context)

    return clear_window


def check_aggregate_function(function: Any) -> None:
    """Refuse what is not an aggregate function.

    Raises:
        ProgramError: if it lacks one of the four methods, or is a class.
    """
    names = ("create_accumulator", "add", "get_result", "merge")
    missing = [name for name in names if not callable(getattr(function, name, None))]
    if missing:
        raise ProgramError(
            f"An aggregate function needs the methods {', '.join(missing)}, found {function!r}."
        )
    if isinstance(function, type):
        raise ProgramError(f"Expected an object, found the class: write {function.__name__}().")


def bind_reduce(function: Any) -> Callable[[Any, Any], Any]:
    """Return the function of two records that a reduce function is or has."""
    return bind_method(function, "reduce")


def can_merge(aggregate_function: Any) -> bool:
    """Whether ``merge`` of an aggregate function does something.

    It must have the method, but many programs never need it and leave it empty. A body that does
    not read both accumulators cannot merge them.

    >>> class Count:
    ...     def merge(self, a, b):
    ...         raise NotImplementedError
    >>> can_merge(Count())
    False
    """
    code = getattr(aggregate_function.merge, "__code__", None)
    if code is None:
        return True
    read: set[Any] = set()
    for instruction in dis.get_instructions(code):
        if instruction.opname.startswith("LOAD_"):
            names = instruction.argval
            read.update(names if isinstance(names, tuple) else (names,))
    arguments = code.co_varnames[: code.co_argcount]
    return read.issuperset(arguments[-2:])


def joined(join: Callable[[Any, Any], Any], first: list[Any], second: list[Any]) -> Iterator[Any]:
    """The result of ``join`` for each pair."""
    for left in first:
        for right in second:
            value = left, right
            yield join(*value)


def flat_joined(
    join: Callable[[Any, Any], Any], first: list[Any], second: list[Any]
) -> Iterator[Any]:
    """All results of ``join`` for each pair, of which there may be none or many."""
    for left in first:
        for right in second:
            value = left, right
            found = join(*value)
            if found is not None:
                yield from found
