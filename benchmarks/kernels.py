"""Times the native kernels on batches of 65,536 keys, and prints nanoseconds a key.

.venv/bin/python benchmarks/kernels.py
"""

import time
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from flott.kernels.partition import hash_partition, key_groups

ROWS = 65_536
REPEATS = 30

KEYS: dict[str, list[Any]] = {
    "int": list(range(ROWS)),
    "float": [float(n) for n in range(ROWS)],
    "str, 5 to 8 letters": [f"key-{n % 5000}" for n in range(ROWS)],
    "str, 41 to 45 letters": ["x" * 40 + str(n) for n in range(ROWS)],
    "tuple of int and str": [(n, "a") for n in range(ROWS)],
    "UUID": [uuid.UUID(int=n) for n in range(ROWS)],
    "datetime": [datetime(2013, 1, 1 + n % 28, n % 24) for n in range(ROWS)],
}


def best_ns_a_row(function: Callable[[], object]) -> float:
    """The shortest of some runs, for each row."""
    best = float("inf")
    for _ in range(REPEATS):
        started = time.perf_counter_ns()
        function()
        best = min(best, time.perf_counter_ns() - started)
    return best / ROWS


def main() -> None:
    print(f"{'keys':24}{'key_groups':>12}{'hash_partition':>16}{'with timestamps':>17}")
    times = list(range(ROWS))
    for name, keys in KEYS.items():
        groups = best_ns_a_row(partial(key_groups, keys, 128))
        split = best_ns_a_row(partial(hash_partition, keys, keys, None, 128, 2))
        timed = best_ns_a_row(partial(hash_partition, keys, keys, times, 128, 2))
        print(f"{name:24}{groups:12.1f}{split:16.1f}{timed:17.1f}")


if __name__ == "__main__":
    main()
