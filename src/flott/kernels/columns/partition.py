"""Hash partitioning of frames: which subtask owns each row, the rows of each subtask, and the bytes
they travel as.

A row belongs to key group ``hash(key columns) % max_parallelism`` for ever, and the group to
subtask ``group * parallelism // max_parallelism``. The hash is defined in
``native/include/flott/column_hash.h``; it is not that of Python keys.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from flott.kernels import _native
from flott.kernels.columns.frames import to_frame, to_series


def column_key_groups(
    frame: pl.DataFrame, positions: Sequence[int], max_parallelism: int
) -> pl.Series:
    """The key group of each row as UInt32.

    Raises:
        ValueError: ``max_parallelism`` is not in 1 to 32768.

    >>> column_key_groups(pl.DataFrame({"f0": [1, 2, 1]}), [0], 128).to_list()
    [124, 32, 124]
    """
    return to_series(_native.column_targets(frame, list(positions), max_parallelism, 1, True))


def column_targets(
    frame: pl.DataFrame, positions: Sequence[int], max_parallelism: int, parallelism: int
) -> pl.Series:
    """The subtask that owns each row, by the columns at ``positions``, as UInt32.

    Raises:
        ValueError: Not ``1 <= parallelism <= max_parallelism <= 32768``.

    >>> column_targets(pl.DataFrame({"f0": [1, 2, 1]}), [0], 128, 2).to_list()
    [1, 0, 1]
    """
    native = _native.column_targets(frame, list(positions), max_parallelism, parallelism, False)
    return to_series(native)


def scatter_rows(
    frame: pl.DataFrame, positions: Sequence[int], max_parallelism: int, parallelism: int
) -> list[pl.Series]:
    """The row numbers (UInt32, ascending) that each subtask owns; gather with ``frame[rows]``.

    Raises:
        ValueError: Not ``1 <= parallelism <= max_parallelism <= 32768``.

    >>> [rows.to_list() for rows in scatter_rows(pl.DataFrame({"f0": [1, 2, 1]}), [0], 128, 2)]
    [[1], [0, 2]]
    """
    native, counts = _native.scatter_rows(frame, list(positions), max_parallelism, parallelism)
    rows = to_series(native)
    parts: list[pl.Series] = []
    start = 0
    for count in counts:
        parts.append(rows.slice(start, count))
        start += count
    return parts


def take_rows(frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """The rows at the positions ``rows`` (UInt32), in their order.

    Numbers are taken by a kernel, in this thread: Polars hands such work to a thread of its own,
    for which a processor has to be free.

    >>> take_rows(pl.DataFrame({"f0": [1, None, 3]}), pl.Series([2, 1], dtype=pl.UInt32)).rows()
    [(3,), (None,)]
    """
    native = _native.take_rows(frame, rows) if frame.width else None
    return frame[rows] if native is None else to_frame(native)


def pack_rows(frame: pl.DataFrame, rows: pl.Series | None = None) -> bytes | None:
    """The rows at the positions ``rows`` (UInt32), in their order, or all of them, as bytes for
    another process; ``None`` if a column is nested.

    Raises:
        IndexError: There is no such row.

    >>> frame = pl.DataFrame({"f0": ["a", "b"], "f1": [1, None]})
    >>> packed = pack_rows(frame, pl.Series([1], dtype=pl.UInt32))
    >>> unpack_rows(packed).rows()
    [('b', None)]
    """
    return _native.pack_rows(frame, rows)


def unpack_rows(packed: bytes | bytearray | memoryview) -> pl.DataFrame:
    """The rows that ``pack_rows`` has packed.

    Raises:
        ValueError: The bytes are not a packed batch.
    """
    return to_frame(_native.unpack_rows(packed))
