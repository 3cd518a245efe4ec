"""Programs as bytes: the user's functions, and the classes of the script they come from.

Functions and classes of a script (``__main__``) travel by value, for a worker cannot import them.
So that records of such classes can then be pickled by name, fast and in both directions, a worker
puts these classes into its own ``__main__``. What plain pickle cannot take, such as objects of
classes defined inside functions, falls back to cloudpickle.
"""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import cloudpickle

from flott.common.errors import UnpicklableError
from flott.plan.job_plan import ChainedOperator, JobPlan

_MAIN = "__main__"
BufferCallback = Callable[[pickle.PickleBuffer], Any]


class _ProgramPickler(cloudpickle.Pickler):  # type: ignore[misc]  # untyped
    """Notes the classes of the script that it meets."""

    def __init__(self, file: io.BytesIO, protocol: int) -> None:
        super().__init__(file, protocol)
        self.script_classes: dict[str, type] = {}

    def reducer_override(self, obj: Any) -> Any:
        kind = obj if isinstance(obj, type) else type(obj)
        if kind.__module__ == _MAIN and "." not in kind.__qualname__:
            self.script_classes[kind.__qualname__] = kind
        return super().reducer_override(obj)


def dump_program(value: Any) -> bytes:
    """Pickle something that may hold the user's functions and classes.

    Raises:
        UnpicklableError: Something in it cannot travel; the message says what.
    """
    file = io.BytesIO()
    pickler = _ProgramPickler(file, 5)
    try:
        pickler.dump(value)
        _ProgramPickler(file, 5).dump(pickler.script_classes)
    except Exception as error:
        raise UnpicklableError(
            f"A function or object of the program cannot be sent to a worker: {error}. Create "
            "connections, locks and open files in the function's open() method rather than "
            "outside of it"
        ) from error
    return file.getvalue()


def check_program(plan: JobPlan) -> None:
    """Make sure, before anything starts, that every operator can be sent to a worker.

    Raises:
        UnpicklableError: One cannot; the message names it and what stands in the way.
    """
    operators = [operator for vertex in plan.vertices for operator in vertex.chain]
    try:
        dump_program([operator.spec for operator in operators])
    except UnpicklableError:
        for operator in operators:
            _check_operator(operator)
        raise


def _check_operator(operator: ChainedOperator) -> None:
    try:
        dump_program(operator.spec)
    except UnpicklableError as error:
        place = f", made at {operator.location}" if operator.location else ""
        raise UnpicklableError(f"Operator {operator.name!r}{place}: {error}") from None


def engine_modules(plan: JobPlan) -> tuple[str, ...]:
    """Modules of the engine that hold the operators of ``plan`` and what they are made of. The
    user's own are not among them: what these do when they are loaded belongs to the job."""
    found: set[str] = set()
    for vertex in plan.vertices:
        for operator in vertex.chain:
            _add_module(operator.spec, found)
            for field in fields(operator.spec):
                _add_module(getattr(operator.spec, field.name), found)
    return tuple(sorted(found))


def _add_module(value: Any, found: set[str]) -> None:
    module = type(value).__module__
    if module.startswith("flott."):
        found.add(module)


def load_program(data: bytes) -> Any:
    """What ``dump_program`` pickled; its script's classes become importable by name."""
    file = io.BytesIO(data)
    value = pickle.load(file)
    main = sys.modules[_MAIN]
    for name, script_class in pickle.load(file).items():
        if not hasattr(main, name):
            setattr(main, name, script_class)
    return value


def isolate(value: Any) -> Any:
    """A copy of ``value`` that shares nothing mutable with it, made as for another process."""
    return load_program(dump_program(value))


def dump_values(value: Any, protocol: int, buffer_callback: BufferCallback) -> bytes:
    """Pickle records and messages: by plain pickle, else by cloudpickle."""
    try:
        return pickle.dumps(value, protocol, buffer_callback=buffer_callback)
    except (pickle.PicklingError, AttributeError, TypeError):
        data = cloudpickle.dumps(value, protocol, buffer_callback)
        assert isinstance(data, bytes)
        return data
