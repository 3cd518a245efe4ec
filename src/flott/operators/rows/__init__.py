"""Operators around user functions, one file for each kind of function."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flott.operators.rows.async_wait import AsyncWaitSpec
    from flott.operators.rows.broadcast import BroadcastProcessSpec, KeyedBroadcastProcessSpec
    from flott.operators.rows.co_process import CoProcessSpec, KeyedCoProcessSpec
    from flott.operators.rows.connect import CoFlatMapSpec, CoMapSpec
    from flott.operators.rows.interval_join import IntervalJoinSpec
    from flott.operators.rows.map import FilterSpec, FlatMapSpec, MapSpec
    from flott.operators.rows.process import KeyedProcessSpec, ProcessSpec
    from flott.operators.rows.reduce import KeyedReduceSpec
    from flott.operators.rows.rolling_aggregate import RollingAggregateSpec
    from flott.operators.rows.sorted_by_key import SortedByKeySpec
    from flott.operators.rows.timestamps import TimestampsSpec

__all__ = [
    "AsyncWaitSpec",
    "BroadcastProcessSpec",
    "CoFlatMapSpec",
    "CoMapSpec",
    "CoProcessSpec",
    "FilterSpec",
    "FlatMapSpec",
    "IntervalJoinSpec",
    "KeyedBroadcastProcessSpec",
    "KeyedCoProcessSpec",
    "KeyedProcessSpec",
    "KeyedReduceSpec",
    "MapSpec",
    "ProcessSpec",
    "RollingAggregateSpec",
    "SortedByKeySpec",
    "TimestampsSpec",
]

# Modules are imported when a name of theirs is first asked for: a program pays for what it uses.
_HOME = {
    "AsyncWaitSpec": "async_wait",
    "BroadcastProcessSpec": "broadcast",
    "CoFlatMapSpec": "connect",
    "CoMapSpec": "connect",
    "CoProcessSpec": "co_process",
    "FilterSpec": "map",
    "FlatMapSpec": "map",
    "IntervalJoinSpec": "interval_join",
    "KeyedBroadcastProcessSpec": "broadcast",
    "KeyedCoProcessSpec": "co_process",
    "KeyedProcessSpec": "process",
    "KeyedReduceSpec": "reduce",
    "MapSpec": "map",
    "ProcessSpec": "process",
    "RollingAggregateSpec": "rolling_aggregate",
    "SortedByKeySpec": "sorted_by_key",
    "TimestampsSpec": "timestamps",
}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
