"""Parts of a plan in words: partitioners, types and functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from flott.core.partitioner import (
    Broadcast,
    Custom,
    Forward,
    Global,
    HashColumns,
    HashKey,
    Partitioner,
    Rebalance,
    Rescale,
    Shuffle,
)
from flott.plan.job_plan import ChainedOperator

#: Flink's word for each partitioner, and ours for the curious.
_WORDS: dict[type[Partitioner], tuple[str, str]] = {
    Forward: ("FORWARD", "forward, subtask to subtask"),
    Rebalance: ("REBALANCE", "rebalance, round robin"),
    Rescale: ("RESCALE", "rescale, round robin within a share"),
    Shuffle: ("SHUFFLE", "shuffle, at random"),
    Broadcast: ("BROADCAST", "broadcast to all"),
    Global: ("GLOBAL", "global, all to subtask 0"),
    HashKey: ("HASH", "hash"),
    HashColumns: ("HASH", "hash of columns"),
    Custom: ("CUSTOM", "custom"),
}


def ship_strategy(partitioner: Partitioner) -> str:
    """Flink's one word for a partitioner, as in its JSON plan.

    >>> ship_strategy(HashKey(len))
    'HASH'
    """
    return _WORDS.get(type(partitioner), (type(partitioner).__name__.upper(), ""))[0]


def describe_partitioner(partitioner: Partitioner) -> str:
    """A partitioner in words.

    >>> describe_partitioner(Rebalance()), describe_partitioner(HashKey(len))
    ('rebalance, round robin', 'hash by len')
    """
    if isinstance(partitioner, HashKey):
        return f"hash by {describe_function(partitioner.key_selector)}"
    if isinstance(partitioner, HashColumns):
        return f"hash by columns {', '.join(map(str, partitioner.positions))}"
    if isinstance(partitioner, Custom):
        key = describe_function(partitioner.key_selector)
        return f"custom by {describe_function(partitioner.partition)} of {key}"
    return _WORDS.get(type(partitioner), ("", type(partitioner).__name__))[1]


def describe_function(function: Callable[..., Any] | object) -> str:
    """A function by its name; a lambda by its place, since it has no name.

    >>> describe_function(len), describe_function(PurePath("a").joinpath)
    ('len', 'PurePath.joinpath')
    """
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__qualname__", None)
    if not isinstance(name, str):
        return type(function).__qualname__
    name = name.rpartition("<locals>.")[2]
    code = getattr(function, "__code__", None)
    if name == "<lambda>" and code is not None:
        return f"lambda at {PurePath(code.co_filename).name}:{code.co_firstlineno}"
    return name


def describe_type(operator: ChainedOperator) -> str:
    """The type of an operator's records and how it is known; empty if it is not.

    Classes go by their name, everything else by its ``str``.
    """
    kind = operator.output_type
    if kind is None:
        return ""
    text = kind.__qualname__ if isinstance(kind, type) else str(kind)
    return f"{text} ({operator.type_origin})" if operator.type_origin else text
