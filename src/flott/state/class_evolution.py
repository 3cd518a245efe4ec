"""Dataclasses that changed between the program that wrote state and the one that reads it.

The writer notes the field names of every dataclass it meets. If the reader's class has other
fields, its objects are read through a carrier: a subclass that takes the old state by name, fills
new fields with their defaults, leaves removed ones out, and then turns into the class itself.
Classes with pickling of their own are theirs to evolve.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from flott.common.errors import RestoreError


def evolvable_fields(cls: type) -> list[str] | None:
    """Field names of a dataclass that is pickled the usual way; ``None`` for other classes.

    >>> from dataclasses import make_dataclass
    >>> evolvable_fields(make_dataclass("Point", ["x", "y"])), evolvable_fields(int)
    (['x', 'y'], None)
    """
    if not dataclasses.is_dataclass(cls):
        return None
    if cls.__reduce_ex__ is not object.__reduce_ex__ or cls.__reduce__ is not object.__reduce__:
        return None
    if hasattr(cls, "__getnewargs__") or hasattr(cls, "__getnewargs_ex__"):
        return None
    for name in ("__getstate__", "__setstate__"):
        method = getattr(cls, name, None)
        is_default = method is None or method is getattr(object, name, None)
        if not is_default and getattr(method, "__module__", None) != "dataclasses":
            return None
    return [field.name for field in dataclasses.fields(cls)]


def carrier(cls: type, written_fields: Sequence[str]) -> type:
    """A stand-in for ``cls`` under which objects with ``written_fields`` can be unpickled.

    Raises:
        RestoreError: A field that is new has no default.
    """
    assert dataclasses.is_dataclass(cls), "only dataclasses are carried"
    new_fields = [f for f in dataclasses.fields(cls) if f.name not in written_fields]
    removed = set(written_fields) - {f.name for f in dataclasses.fields(cls)}
    for field in new_fields:
        if not _has_default(field) and field.init:
            raise RestoreError(
                f"The stored objects of class {cls.__module__}.{cls.__qualname__} have no field "
                f"'{field.name}'. Give the field a default, which they then get."
            )

    def fill(target: Any, state: dict[str, Any]) -> None:
        for field in new_fields:
            if _has_default(field):
                object.__setattr__(target, field.name, _default(field))
        for name, value in state.items():
            if name not in removed:
                object.__setattr__(target, name, value)
        object.__setattr__(target, "__class__", cls)

    def set_state(self: Any, state: Any) -> None:
        fill(self, _state_by_name(state, written_fields))

    def new(carrier_class: type, *args: Any) -> Any:
        made: Any = cls.__new__(carrier_class, *args)
        if not written_fields:  # then there is no state either, and set_state is never called
            fill(made, {})
        return made

    members = {"__slots__": (), "__setstate__": set_state, "__new__": new}
    metaclass: Any = type(cls)
    made_class: type = metaclass(cls.__name__, (cls,), members)
    return made_class


def _state_by_name(state: Any, written_fields: Sequence[str]) -> dict[str, Any]:
    """The three shapes that pickle knows: a dict, (dict, slots), and the list of frozen slots."""
    if isinstance(state, list):
        assert len(state) == len(written_fields)
        return dict(zip(written_fields, state))
    if isinstance(state, tuple):
        plain, slots = state
        return {**(plain or {}), **(slots or {})}
    return dict(state)


def _has_default(field: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return field.default is not missing or field.default_factory is not missing


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default
