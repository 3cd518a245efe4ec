"""A stable 32-bit hash of keys: the same in every process, on every run, for ever.

The native kernel hashes numbers, strings, bytes, None, tuples and frozensets by itself.
`canonical` is its other half: it turns a key of any other type into a value of those types, such
that equal keys become equal values. `docs/decisions/0001-key-hash.md` has the whole definition.

The hash of a key decides where its state is kept, so changing a rule here loses state in existing
checkpoints. Golden values under test guard against it.
"""

import dataclasses
import functools
import os
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag
from numbers import Number
from typing import Any, Final
from uuid import UUID

from flott.kernels import _native

_Rule = Callable[[Any], object]


def key_hash(key: object) -> int:
    """Return the stable hash of a key, between 0 and 2**32 - 1; equal keys hash alike.

    Raises:
        TypeError: The key is not hashable, or its hash is its address in memory.

    >>> key_hash("JFK"), key_hash(1) == key_hash(1.0) == key_hash(True)
    (270610852, True)
    """
    return _native.key_hash(key)


def canonical(key: object) -> object:
    """Return a value that the native kernel can hash by itself, equal for equal keys.

    Called by the kernel for keys of all but the simplest types.

    >>> canonical(date(1970, 1, 2))
    ('date', 719164)
    """
    cls: Any = type(key)
    return _rule_for(cls)(key)


@functools.lru_cache(maxsize=1024)
def _rule_for(cls: Any) -> _Rule:
    if cls.__hash__ is None:
        raise TypeError(_text_for_unhashable(cls))
    for base, rule in _RULES:
        if issubclass(cls, base):
            return rule
    if hasattr(cls, "dtype") and hasattr(cls, "item"):  # a numpy scalar, numpy not imported
        return _numpy_scalar
    names = _names_of_compared_fields(cls)
    if names is not None:
        return lambda key: tuple(getattr(key, name) for name in names)
    if cls.__hash__ is object.__hash__ or cls.__eq__ is object.__eq__:
        raise TypeError(
            f"{cls.__module__}.{cls.__qualname__} cannot be a key: its objects are told apart by "
            "their address in memory, which differs between processes. Key by one of its fields, "
            "or make it a frozen dataclass or a NamedTuple."
        )
    return _object


def _text_for_unhashable(cls: type) -> str:
    hint = next(
        (text for base, text in _HASHABLE_TWINS if issubclass(cls, base)),
        "a value that is hashable",
    )
    return (
        f"a {cls.__qualname__} cannot be a key: keyed state is looked up by key, so keys must be "
        f"hashable. Use {hint}."
    )


def _names_of_compared_fields(cls: Any) -> tuple[str, ...] | None:
    """The fields that a dataclass, attrs class or pydantic model compares, else None."""
    if cls.__eq__ is object.__eq__:
        return None
    if dataclasses.is_dataclass(cls):
        return tuple(f.name for f in dataclasses.fields(cls) if f.compare and f.hash is not False)
    if hasattr(cls, "__attrs_attrs__"):
        return tuple(f.name for f in cls.__attrs_attrs__ if f.eq and f.hash is not False)
    if hasattr(cls, "__pydantic_fields__"):
        return tuple(cls.__pydantic_fields__)
    return None


def _number(key: Any) -> object:
    # Python does not salt the hash of numbers, and gives equal ones of all types the same. A NaN is
    # unequal to itself; a Decimal one may refuse to be compared.
    is_nan = key.is_nan() if isinstance(key, Decimal) else key != key
    return float("nan") if is_nan else hash(key)


def _numpy_scalar(key: Any) -> object:
    return key.item()


def _flag(key: Flag) -> object:
    return ("enum", type(key).__qualname__, key.value)


def _enum(key: Enum) -> object:
    return ("enum", type(key).__qualname__, key.name)


def _datetime(key: datetime) -> object:
    # As datetime itself does: an aware one is its instant, whatever the zone; fold is ignored.
    offset = key.replace(fold=0).utcoffset() if key.tzinfo else None
    seconds = key.toordinal() * 86_400 + key.hour * 3_600 + key.minute * 60 + key.second
    return ("datetime", *_in_utc(seconds, key.microsecond, offset))


def _date(key: date) -> object:
    return ("date", key.toordinal())


def _time(key: time) -> object:
    offset = key.replace(fold=0).utcoffset() if key.tzinfo else None
    seconds = key.hour * 3_600 + key.minute * 60 + key.second
    return ("time", *_in_utc(seconds, key.microsecond, offset))


def _in_utc(seconds: int, microseconds: int, offset: timedelta | None) -> tuple[int, int, bool]:
    if offset is None:
        return seconds, microseconds, False
    whole = timedelta(seconds=seconds, microseconds=microseconds) - offset
    return whole.days * 86_400 + whole.seconds, whole.microseconds, True


def _timedelta(key: timedelta) -> object:
    return ("timedelta", key.days, key.seconds, key.microseconds)


def _object(key: Any) -> object:
    """What `copy.copy` would rebuild the object from: its class apart, which need not be equal.

    Not its pickle: the bytes of that depend on which equal parts happen to be the same object.
    """
    if isinstance(getattr(key, "_values", None), list | tuple):
        return _row(key)
    try:
        reduced = key.__reduce_ex__(4)
    except TypeError as error:
        raise TypeError(f"{type(key).__qualname__} cannot be a key: {error}") from error
    if isinstance(reduced, str):
        return reduced
    _, args, *rest = reduced
    state, items, pairs = (*rest, None, None, None)[:3]
    return (
        "object",
        _structure(args),
        _structure(state),
        _structure(list(items or ())),
        _structure(dict(pairs or ())),
    )


def _row(key: Any) -> object:
    """The values of a Row; equal rows may name their fields in different orders."""
    values = key._values
    names = getattr(key, "_names", None)
    if names:
        values = [values[names.index(name)] for name in sorted(names)]
    return _structure(values)


def _structure(part: Any) -> object:
    """A hashable stand-in for a part of an object's state, in which lists and dicts may occur."""
    if isinstance(part, list | tuple):
        return tuple(map(_structure, part))
    if isinstance(part, dict):
        return _unordered((key, _structure(value)) for key, value in part.items())
    if isinstance(part, set):
        return _unordered(map(_structure, part))
    if isinstance(part, bytearray):
        return bytes(part)
    if isinstance(part, type):
        return None
    return _object(part) if type(part).__hash__ is None else part


def _unordered(parts: Iterable[object]) -> object:
    return tuple(sorted(map(_native.key_hash, parts)))


#: The first line whose class is a base of the key's class holds. Numbers, strings and bytes come
#: here only as subclasses with a hash of their own.
_RULES: Final[tuple[tuple[type, _Rule], ...]] = (
    (Number, _number),
    (str, str.__str__),
    (bytes, lambda key: bytes.__getitem__(key, slice(None))),
    (memoryview, bytes),
    (datetime, _datetime),
    (date, _date),
    (time, _time),
    (timedelta, _timedelta),
    (os.PathLike, os.fspath),
    (UUID, lambda key: hash(key.int)),
    (Flag, _flag),
    (Enum, _enum),
)

_HASHABLE_TWINS: Final = (
    (list, "tuple(key)"),
    (set, "frozenset(key)"),
    (dict, "tuple(sorted(key.items()))"),
    (bytearray, "bytes(key)"),
)
