"""Binding user functions: a plain callable, or an object with ``open``, a method and ``close``.

Operators call bound methods directly. What the object is called, and what to say when the wrong
thing was given, is decided here, once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from flott.common.errors import ProgramError
from flott.operators.runtime_context import RuntimeContext

__all__ = [
    "bind_key_selector",
    "bind_method",
    "close_function",
    "describe_function",
    "has_lifecycle",
    "open_function",
    "raise_not_iterable",
]


def bind_method(function: Any, method: str, *, plain: bool = True) -> Callable[..., Any]:
    """Return the method of a function object, or the plain callable itself.

    Args:
        function: what the user gave.
        method: the name of the method to look for first.
        plain: whether a plain callable may take the object's place.

    Raises:
        ProgramError: if it is neither.

    >>> bind_method(len, "map")("four")
    4
    """
    bound = getattr(function, method, None)
    if callable(bound):
        if isinstance(function, type):
            raise ProgramError(
                f"Expected an object with the method {method}(), found the class "
                f"{function.__name__}. Write {function.__name__}()."
            )
        return bound  # type: ignore[no-any-return]
    if plain and callable(function):
        return function  # type: ignore[no-any-return]
    wanted = f"an object with the method {method}()"
    raise ProgramError(
        f"Expected {'a function, or ' if plain else ''}{wanted}, found {function!r}."
    )


def bind_key_selector(key_selector: Any) -> Callable[[Any], Any]:
    """Return the function that finds a record's key."""
    return bind_method(key_selector, "get_key")


def has_lifecycle(function: Any) -> bool:
    """Return whether a function is opened, so that it may ask for state."""
    return _lifecycle_method(function, "open") is not None


def open_function(function: Any, runtime_context: RuntimeContext) -> None:
    """Call ``open`` of a function object; plain callables have none."""
    open_ = _lifecycle_method(function, "open")
    if open_ is not None:
        open_(runtime_context)


def close_function(function: Any) -> None:
    """Call ``close`` of a function object."""
    close = _lifecycle_method(function, "close")
    if close is not None:
        close()


def describe_function(function: Any) -> str:
    """Name a function so that it reads the same in every run of the program.

    >>> describe_function(describe_function)
    'flott.operators.rows.functions.describe_function'
    """
    if function is None:
        return ""
    named = function if hasattr(function, "__qualname__") else type(function)
    # Methods of built-in classes, such as str.split, name no module.
    module = getattr(named, "__module__", None) or "builtins"
    return f"{module}.{named.__qualname__}"


def raise_not_iterable(operator_name: str, method: str, results: Any, error: TypeError) -> NoReturn:
    """Explain a result that cannot be iterated over; any other ``error`` rises as it is."""
    if results is None or hasattr(results, "__iter__"):
        raise error
    raise ProgramError(
        f"{method}() of operator '{operator_name}' gave {results!r}. It must yield its results, "
        "return them in a list, or return None if there are none."
    ) from None


def _lifecycle_method(function: Any, name: str) -> Callable[..., Any] | None:
    # Classes used as plain callables (str, int, a dataclass) are not function objects.
    if isinstance(function, type):
        return None
    method = getattr(function, name, None)
    return method if callable(method) else None
