"""Copies records that several consumers get, so that none sees what another does to them.

As in Flink without object reuse. Most records are immutable (numbers, text, tuples and NamedTuples
of such) and are shared; what may be mutable is copied by pickle, the fastest deep copy there is.
Chained functions on one path share records, as in PyFlink.
"""

from __future__ import annotations

import copy
import datetime
import decimal
import pickle
import uuid
from itertools import chain
from typing import Any, Final

from flott.core.batch import Batch, RowBatch

_ATOMIC: Final = frozenset(
    {
        bool,
        bytes,
        complex,
        datetime.date,
        datetime.datetime,
        datetime.time,
        datetime.timedelta,
        decimal.Decimal,
        float,
        int,
        str,
        type(None),
        uuid.UUID,
    }
)


def separate(batch: Batch) -> Batch:
    """A batch whose records may change without changing ``batch``; itself if they cannot."""
    if not isinstance(batch, RowBatch) or _is_immutable(batch.values):
        return batch
    return RowBatch(_copied(batch.values), batch.timestamps)


def share(batch: Batch) -> Batch:
    """``batch`` itself, for programs that promise not to change records they share."""
    return batch


def _is_immutable(values: list[Any]) -> bool:
    kinds = set(map(type, values)) - _ATOMIC
    if not kinds:
        return True
    if not all(map(_is_plain_tuple, kinds)):
        return False
    tuples = [value for value in values if isinstance(value, tuple)]
    return set(map(type, chain.from_iterable(tuples))) <= _ATOMIC


def _is_plain_tuple(kind: type) -> bool:
    """Whether instances hold nothing but their items: tuples and NamedTuples."""
    return issubclass(kind, tuple) and kind.__dictoffset__ == 0


def _copied(values: list[Any]) -> list[Any]:
    try:
        copied = pickle.loads(pickle.dumps(values, 5))
    except Exception:  # whatever cannot be pickled may still know how to copy itself
        copied = copy.deepcopy(values)
    assert isinstance(copied, list)
    return copied
