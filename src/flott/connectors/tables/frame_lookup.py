"""Look rows up in a frame: an inner join of the keys with the frame, NULL equal to nothing."""

from __future__ import annotations

import polars as pl

from flott.core.table import LookupTable

_POSITION = "position"
_ROW = "row"


def find_matches(
    keys: pl.DataFrame, key_columns: pl.DataFrame, columns: pl.DataFrame
) -> tuple[pl.Series, pl.DataFrame]:
    """The rows whose key columns equal a row of ``keys``, as ``LookupTable.lookup`` gives them.

    >>> asked = pl.DataFrame({"f0": [2, None, 1]})
    >>> known = pl.DataFrame({"f0": [1, 2, 2]})
    >>> positions, rows = find_matches(asked, known, pl.DataFrame({"f0": ["a", "b", "c"]}))
    >>> positions.to_list(), rows["f0"].to_list()
    ([0, 0, 2], ['b', 'c', 'a'])
    """
    names = [f"k{index}" for index in range(keys.width)]
    types = [column.dtype for column in key_columns.iter_columns()]
    asked = pl.DataFrame(
        [
            column.alias(name) if column.dtype == wanted else column.cast(wanted).alias(name)
            for column, name, wanted in zip(keys.iter_columns(), names, types, strict=True)
        ]
    ).with_row_index(_POSITION)
    known = pl.DataFrame(
        [column.alias(name) for column, name in zip(key_columns.iter_columns(), names, strict=True)]
    ).with_row_index(_ROW)
    found = asked.join(known, on=names, how="inner").sort(_POSITION, _ROW)
    return found.get_column(_POSITION).cast(pl.UInt32), columns[found.get_column(_ROW)]


class FrameLookup(LookupTable):
    """Finds rows of a frame by some of its columns.

    Args:
        key_columns: The columns that are compared.
        columns: What is given back, as many rows.
    """

    def __init__(self, key_columns: pl.DataFrame, columns: pl.DataFrame) -> None:
        self._key_columns = key_columns
        self._columns = columns

    def lookup(self, keys: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
        return find_matches(keys, self._key_columns, self._columns)
