"""Checks of what a program passes to the methods of streams, before a job is made of it."""

from __future__ import annotations

import os.path
import sys
from collections.abc import Callable
from typing import Any, Final

from flott.common.errors import ProgramError, UnsupportedFeature
from flott.datastream.functions.function import Function

__all__ = ["caller_location", "check_function", "check_parallelism", "is_rich", "to_key_function"]

_PACKAGE: Final = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
#: Flink's limit, which follows from 15 bits for a key group.
_MAX_PARALLELISM: Final = 32768


def caller_location() -> str:
    """Return ``file:line`` of the statement outside this package that is being run."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def check_function(
    given: Any, call: str, *kinds: type[Function], or_callable: bool = False
) -> None:
    """Refuse what is not a function of the kinds a method takes.

    Args:
        given: the argument.
        call: the method, for the message.
        kinds: the function classes it takes.
        or_callable: whether a plain callable will do.

    Raises:
        TypeError: naming the method and what it takes.
    """
    if isinstance(given, type) and issubclass(given, Function):
        raise TypeError(
            f"{call}: expected an instance, found the class {given.__name__}. "
            f"Write {given.__name__}()."
        )
    if isinstance(given, kinds) or (or_callable and callable(given)):
        return
    wanted = " or ".join([f"a {kind.__name__}" for kind in kinds] + ["a callable"] * or_callable)
    raise TypeError(f"{call}: expected {wanted}, found {given!r}")


def is_rich(function: Any) -> bool:
    """Return whether a function wants to be opened, so that it may ask for state."""
    return isinstance(function, Function) and type(function).open is not Function.open


def to_key_function(given: Any, call: str, kind: type[Function], method: str) -> Callable[..., Any]:
    """Return the plain callable in a KeySelector or Partitioner; they run where nothing is opened.

    Raises:
        TypeError: if it is neither an instance of ``kind`` nor callable.
        UnsupportedFeature: if it overrides ``open``.
    """
    check_function(given, call, kind, or_callable=True)
    if not isinstance(given, kind):
        return given  # type: ignore[no-any-return]
    if is_rich(given):
        raise UnsupportedFeature(
            f"{kind.__name__}.open", successor="a map that adds what is needed to the record"
        )
    return getattr(given, method)  # type: ignore[no-any-return]


def check_parallelism(parallelism: Any, call: str) -> int:
    """Refuse a parallelism that cannot be.

    Raises:
        ProgramError: if it is not a whole number from 1 to 32768.
    """
    if (
        isinstance(parallelism, bool)
        or not isinstance(parallelism, int)
        or not 1 <= parallelism <= _MAX_PARALLELISM
    ):
        raise ProgramError(
            f"{call}: expected a whole number from 1 to {_MAX_PARALLELISM}, found {parallelism!r}"
        )
    return parallelism
