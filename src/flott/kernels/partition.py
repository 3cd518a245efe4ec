"""Hash partitioning of lists: which subtask owns a key, and batches split accordingly.

A key belongs to key group ``key_hash(key) % max_parallelism`` for ever, and the group to subtask
``group * parallelism // max_parallelism`` for as long as the parallelism lasts. Each function here
does a whole batch in one native call and keeps the order of its input.
"""

from typing import Any, TypeVar

from flott.kernels import _native

_V = TypeVar("_V")


def key_groups(keys: list[Any], max_parallelism: int) -> list[int]:
    """Return the key group of each key.

    Raises:
        TypeError: A key has no stable hash; see `flott.kernels.key_hash.key_hash`.
        ValueError: ``max_parallelism`` is not in 1 to 32768.

    >>> key_groups(["JFK", "LGA", "JFK"], 128)
    [36, 109, 36]
    """
    return _native.key_groups(keys, max_parallelism)


def partition(keys: list[Any], max_parallelism: int, parallelism: int) -> list[int]:
    """Return the subtask that owns each key.

    Raises:
        TypeError: A key has no stable hash.
        ValueError: Not ``1 <= parallelism <= max_parallelism <= 32768``.

    >>> partition(["JFK", "LGA", "JFK"], 128, 4)
    [1, 3, 1]
    """
    return _native.partition(keys, max_parallelism, parallelism)


def scatter(values: list[_V], targets: list[int], count: int) -> list[list[_V]]:
    """Split ``values`` into ``count`` lists; ``targets[i]`` names the list of ``values[i]``.

    Raises:
        ValueError: The lists differ in length, or a target is not in 0 to ``count - 1``.

    >>> scatter(["a", "b", "c"], [1, 0, 1], 3)
    [['b'], ['a', 'c'], []]
    """
    return _native.scatter(values, targets, count)


def hash_partition(
    keys: list[Any],
    values: list[_V],
    timestamps: list[int] | None,
    max_parallelism: int,
    parallelism: int,
) -> list[tuple[list[_V], list[int] | None]]:
    """Split a batch among the subtasks that own its keys.

    Args:
        keys: The key of each value.
        values: The records.
        timestamps: Their event times in milliseconds, or None.
        max_parallelism: How many key groups there are.
        parallelism: How many subtasks share them.

    Returns:
        The values and timestamps of each subtask; empty lists for one that gets nothing.

    Raises:
        TypeError: A key has no stable hash.
        ValueError: The lists differ in length, or a parallelism is out of range.

    >>> hash_partition(["JFK", "SEA", "JFK"], [1, 2, 3], None, 128, 2)
    [([1, 3], None), ([2], None)]
    """
    return _native.hash_partition(keys, values, timestamps, max_parallelism, parallelism)
