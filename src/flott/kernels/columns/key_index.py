"""Key columns to dense numbers: every distinct key has a slot for as long as it is in the index."""

from __future__ import annotations

import polars as pl

from flott.kernels import _native
from flott.kernels.columns.frames import to_frame, to_series


class KeyIndex:
    """Finds the slot of each row's key. Keys are rows of any columns; NULL is a value like another.

    Slots are UInt32 from 0 upwards; a slot that ``erase`` has freed goes to the next new key.

    >>> index = KeyIndex({"f0": pl.String()})
    >>> index.upsert(pl.DataFrame({"f0": ["a", "b", "a"]})).to_list()
    [0, 1, 0]
    >>> index.lookup(pl.DataFrame({"f0": ["b", "c"]})).to_list()
    [1, None]
    """

    def __init__(self, schema: dict[str, pl.DataType]) -> None:
        self._native = _native.KeyIndex(pl.DataFrame(schema=schema))
        self._schema = schema

    def __len__(self) -> int:
        return len(self._native)

    @property
    def slot_end(self) -> int:
        """Every slot in use is below."""
        return self._native.slot_end

    @property
    def memory_bytes(self) -> int:
        """Memory held, in bytes."""
        return self._native.memory_bytes

    def upsert(self, keys: pl.DataFrame) -> pl.Series:
        """The slot of each row; a key that is not there gets one."""
        return to_series(self._native.upsert(keys))

    def lookup(self, keys: pl.DataFrame, never_null: tuple[int, ...] = ()) -> pl.Series:
        """The slot of each row, NULL for keys that are not there. A NULL in one of the columns
        ``never_null`` equals nothing."""
        slots = to_series(self._native.lookup(keys, sum(1 << column for column in never_null)))
        return slots.replace(NO_SLOT, None)

    def erase(self, slots: pl.Series) -> None:
        """Forget the keys of ``slots``.

        Raises:
            IndexError: A slot is not in use.
        """
        self._native.erase(slots)

    def clear(self) -> None:
        """Forget every key."""
        self._native.clear()

    def keys(self, slots: pl.Series) -> pl.DataFrame:
        """The keys of ``slots``, one row each.

        Raises:
            IndexError: A slot is not in use.
        """
        return to_frame(self._native.keys(slots)).cast(self._schema)  # type: ignore[arg-type]


#: What kernels write where there is no slot.
NO_SLOT = 0xFFFFFFFF
