"""Operators around user functions, one file for each kind of function."""

from flott.operators.rows.async_wait import AsyncWaitSpec
from flott.operators.rows.broadcast import BroadcastProcessSpec, KeyedBroadcastProcessSpec
from flott.operators.rows.co_process import CoProcessSpec, KeyedCoProcessSpec
from flott.operators.rows.connect import CoFlatMapSpec, CoMapSpec
from flott.operators.rows.interval_join import IntervalJoinSpec
from flott.operators.rows.map import FilterSpec, FlatMapSpec, MapSpec
from flott.operators.rows.process import KeyedProcessSpec, ProcessSpec
from flott.operators.rows.reduce import KeyedReduceSpec
from flott.operators.rows.rolling_aggregate import RollingAggregateSpec
from flott.operators.rows.sorted_by_key import SortedByKeySpec, sorted_by_key
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
    "sorted_by_key",
]
