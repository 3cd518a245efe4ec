"""Messages of CSV to rows by a kernel, and those that it leaves one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flott.common.types import Row, RowKind
from flott.formats.csv_schema import CsvSchema
from flott.formats.json_rows import PLAIN_COLUMNS
from flott.formats.kinds import Kind, shape_of
from flott.kernels.rows import RowClass

#: A text that may be None.
_TEXT: Final = (4, "vu")


def kernel_reader_of(
    schema: CsvSchema, read_one: Callable[[bytes], Any]
) -> CsvKernelRowReader | None:
    """What reads many messages of a schema at once; ``None`` if not all its columns are plain.

    Args:
        schema: Columns and notation.
        read_one: Reads, or refuses, a message that the kernel leaves.
    """
    shapes = [shape_of(column.type_info) for column in schema.columns]
    characters = schema.column_separator, schema.quote_char or "", schema.escape_char or ""
    if (
        not shapes
        or not PLAIN_COLUMNS.keys() >= {shape.kind for shape in shapes}
        or not "".join(characters).isascii()
        or schema.column_separator in "\r\n"
    ):
        return None
    return CsvKernelRowReader(schema, [shape.kind for shape in shapes], read_one)


class CsvKernelRowReader:
    """Reads rows of plain columns; made by ``kernel_reader_of``."""

    def __init__(
        self, schema: CsvSchema, kinds: list[Kind], read_one: Callable[[bytes], Any]
    ) -> None:
        self._schema = schema
        self._kinds = kinds
        self._read_one = read_one
        self._rows = RowClass(Row, RowKind.INSERT)
        self._kernel: Any = None

    def read(self, messages: list[bytes]) -> list[Any]:
        """Return the rows of messages."""
        import polars as pl  # large, and not needed by jobs without messages

        return self.read_column(pl.Series(messages, dtype=pl.Binary))

    def read_column(self, messages: Any) -> list[Any]:
        """Return the rows of a column of messages without NULL.

        Raises:
            ValueError: If one of them cannot be read.
        """
        if self._kernel is None:
            self._kernel = self._make_kernel()
        count, frame, origins, left = self._kernel.read_messages(messages)
        rows = self._rows.make(self._schema.names, frame)
        return rows if count == len(messages) else self._complete(rows, origins, left, messages)

    def _make_kernel(self) -> Any:
        from flott.kernels._native import CsvReader

        schema, null = self._schema, self._schema.null_value
        # Without a text for None, nothing is None, except in columns of other types than text.
        columns = dict(PLAIN_COLUMNS) if null is None else {**PLAIN_COLUMNS, Kind.STRING: _TEXT}
        return CsvReader(
            [
                (name, *columns[kind], 0, 0, False, [])
                for name, kind in zip(schema.names, self._kinds, strict=True)
            ],
            list(range(len(self._kinds))),
            len(self._kinds),
            schema.column_separator,
            schema.quote_char or "",
            schema.escape_char or "",
            schema.allow_comments,
            null or "",
        )

    def _complete(self, rows: list[Any], origins: Any, left: Any, messages: Any) -> list[Any]:
        """Put what the kernel left between the rows that it read."""
        import polars as pl

        made: list[Any] = [None] * len(messages)
        for position, row in zip(pl.DataFrame(origins).to_series(), rows, strict=True):
            made[position] = row
        column = pl.Series(messages)
        for position in pl.DataFrame(left).to_series():
            made[position] = self._read_one(column[position])
        return made
