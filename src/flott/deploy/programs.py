"""Programs as bytes: the user's functions, and the classes of the script they come from.

Functions and classes of a script (``__main__``) travel by value, for a worker cannot import them.
So that records of such classes can then be pickled by name, fast and in both directions, a worker
puts these classes into its own ``__main__``. What plain pickle cannot take, such as objects of
classes defined inside functions, falls back to cloudpickle.

Within a process the columns of a frame are shared, however many rows a program brings along: they
never change, and only what holds them is copied.
"""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import cloudpickle

from flott.common.errors import UnpicklableError
from flott.plan.job_plan import ChainedOperator, JobPlan

_MAIN = "__main__"
BufferCallback = Callable[[pickle.PickleBuffer], Any]


class _ProgramPickler(cloudpickle.Pickler):  # type: ignore[misc]  # untyped
    """Notes the classes of the script that it meets, and keeps frames in ``shared``, if given,
    instead of writing them."""

    def __init__(self, file: io.BytesIO, shared: list[Any] | None = None) -> None:
        super().__init__(file, 5)
        self.script_classes: dict[str, type] = {}
        self._shared = shared

    def persistent_id(self, obj: Any) -> int | None:
        if self._shared is None or not _is_frame(obj):
            return None
        self._shared.append(obj)
        return len(self._shared) - 1

    def reducer_override(self, obj: Any) -> Any:
        kind = obj if isinstance(obj, type) else type(obj)
        if kind.__module__ == _MAIN and "." not in kind.__qualname__:
            self.script_classes[kind.__qualname__] = kind
        return super().reducer_override(obj)


class _ProgramUnpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, shared: Sequence[Any]) -> None:
        super().__init__(file)
        self._shared = shared

    def persistent_load(self, pid: Any) -> Any:
        return self._shared[pid].clone()  # names and order of columns can be changed in place


def _is_frame(value: Any) -> bool:
    """Whether ``value`` is Polars data, and none of Python's objects are in it."""
    polars = sys.modules.get("polars")
    if polars is None:
        return False
    if isinstance(value, polars.Series):
        return bool(value.dtype != polars.Object)
    return isinstance(value, polars.DataFrame) and polars.Object not in value.dtypes


def dump_program(value: Any, shared: list[Any] | None = None) -> bytes:
    """Pickle something that may hold the user's functions and classes.

    Args:
        value: What to pickle.
        shared: Frames are put here and not into the bytes, for ``load_program`` in this process.

    Raises:
        UnpicklableError: Something in it cannot travel; the message says what.
    """
    file = io.BytesIO()
    pickler = _ProgramPickler(file, shared)
    try:
        pickler.dump(value)
        _ProgramPickler(file).dump(pickler.script_classes)
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
        dump_program([operator.spec for operator in operators], shared=[])
    except UnpicklableError:
        for operator in operators:
            _check_operator(operator)
        raise


def _check_operator(operator: ChainedOperator) -> None:
    try:
        dump_program(operator.spec, shared=[])
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


def load_program(data: bytes, shared: Sequence[Any] = ()) -> Any:
    """What ``dump_program`` pickled; its script's classes become importable by name."""
    file = io.BytesIO(data)
    value = _ProgramUnpickler(file, shared).load()
    main = sys.modules[_MAIN]
    for name, script_class in pickle.load(file).items():
        if not hasattr(main, name):
            setattr(main, name, script_class)
    return value


def isolate(value: Any) -> Any:
    """A copy of ``value`` that shares nothing mutable with it, made as for another process."""
    shared: list[Any] = []
    return load_program(dump_program(value, shared), shared)


def dump_values(value: Any, protocol: int, buffer_callback: BufferCallback) -> bytes:
    """Pickle records and messages: by plain pickle, else by cloudpickle."""
    try:
        return pickle.dumps(value, protocol, buffer_callback=buffer_callback)
    except (pickle.PicklingError, AttributeError, TypeError):
        data = cloudpickle.dumps(value, protocol, buffer_callback)
        assert isinstance(data, bytes)
        return data
