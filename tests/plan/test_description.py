"""Words for parts of a plan."""

import functools
from typing import Any

import pytest

from flott.core.partitioner import (
    Broadcast,
    Custom,
    Forward,
    Global,
    HashKey,
    Partitioner,
    Rebalance,
    Rescale,
    Shuffle,
)
from flott.plan.description import describe_function, describe_partitioner, ship_strategy


class Selector:
    def __call__(self, value: Any) -> Any:
        return value

    def pick(self, value: Any) -> Any:
        return value


def spread(key: int, receivers: int) -> int:
    return key % receivers


@pytest.mark.parametrize(
    ("partitioner", "word", "text"),
    [
        (Forward(), "FORWARD", "forward, subtask to subtask"),
        (Rebalance(), "REBALANCE", "rebalance, round robin"),
        (Rescale(), "RESCALE", "rescale, round robin within a share"),
        (Shuffle(), "SHUFFLE", "shuffle, at random"),
        (Broadcast(), "BROADCAST", "broadcast to all"),
        (Global(), "GLOBAL", "global, all to subtask 0"),
        (HashKey(len), "HASH", "hash by len"),
        (Custom(spread, len), "CUSTOM", "custom by spread of len"),
    ],
)
def test_every_partitioner_has_words(partitioner: Partitioner, word: str, text: str) -> None:
    assert (ship_strategy(partitioner), describe_partitioner(partitioner)) == (word, text)


def test_a_lambda_is_named_by_its_place() -> None:
    assert describe_function(lambda value: value).startswith("lambda at test_description.py:")


def test_functions_and_methods_go_by_their_name() -> None:
    def inner() -> None: ...

    assert describe_function(inner) == "inner"
    assert describe_function(Selector().pick) == "Selector.pick"
    assert describe_function(Selector()) == "Selector"
    assert describe_function(functools.partial(spread, receivers=2)) == "spread"
