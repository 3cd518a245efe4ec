"""CSV into columns and columns into CSV by kernels, where all is as they expect.

Columns of types that the kernels do not know (arrays, rows) are texts for them, and read from these
or written as these here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import polars as pl

from flott.common import logical_types as t
from flott.formats.columns.csv.records import CsvNotation
from flott.formats.columns.csv.values import CsvValues, column_texts, read_column
from flott.formats.columns.json.specs import json_specs, string_spec
from flott.kernels import _native

_NESTED: Final = (t.ArrayType, t.RowType, t.NullType)


class CsvMessagesRead(NamedTuple):
    """What the kernel read of some messages.

    Attributes:
        frame: The columns of those it could read; of other types their texts.
        messages: The position of each of them.
        left: The positions of those it could not.
    """

    frame: pl.DataFrame
    messages: pl.Series
    left: pl.Series


class CsvKernelReader:
    """Reads records of all columns into the wanted ones.

    Args:
        fields: The columns of a record.
        wanted: The positions of those to read, in order.
        notation: How records are written; see ``is_known``.
        values: What fields mean.

    >>> fields = [t.RowField("id", t.IntType()), t.RowField("user", t.STRING)]
    >>> reader = CsvKernelReader(fields, [1, 0], CsvNotation(), CsvValues())
    >>> found = reader.read(pl.Series([b'7,"a,b"', b"x,bob"]))
    >>> found.frame.rows(), found.messages.to_list(), found.left.to_list()
    ([('a,b', 7)], [0], [1])
    """

    def __init__(
        self,
        fields: Sequence[t.RowField],
        wanted: Sequence[int],
        notation: CsvNotation,
        values: CsvValues,
    ) -> None:
        chosen = [fields[each] for each in wanted]
        self._others = [i for i, each in enumerate(chosen) if isinstance(each.data_type, _NESTED)]
        self._fields = chosen
        self._values = values
        self._kernel = _native.CsvReader(
            _specs(chosen),
            list(wanted),
            len(fields),
            notation.delimiter,
            notation.quote or "",
            notation.escape or "",
            notation.allows_comments,
            values.null_literal,
        )

    def read(self, messages: pl.Series) -> CsvMessagesRead:
        """The rows of ``Binary`` messages."""
        rows, frame, origins, left = self._kernel.read_messages(messages)
        return CsvMessagesRead(
            _sized(frame, rows), pl.DataFrame(origins).to_series(), pl.DataFrame(left).to_series()
        )

    def read_lines(self, text: bytes) -> pl.DataFrame | None:
        """The rows of whole lines; ``None`` if one is not plain, or broken."""
        found = self._kernel.read_lines(text)
        if found is None:
            return None
        try:
            return self.converted(_sized(found[1], found[0]))
        except ValueError:
            return None

    def converted(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns, those of other types made of their texts.

        Raises:
            ValueError: If a text means no value of its column.
        """
        if not self._others:
            return frame
        columns = frame.get_columns()
        for index in self._others:
            texts = columns[index].to_list()
            column = read_column(texts, self._fields[index], self._values)
            columns[index] = column.alias(f"f{index}")
        return pl.DataFrame(columns)


class CsvKernelWriter:
    """Writes rows as records.

    Args:
        fields: The columns.
        notation: How records are written; see ``is_known``. It has no escape.
        values: How values are written.

    >>> writer = CsvKernelWriter([t.RowField("name", t.STRING)], CsvNotation(), CsvValues())
    >>> writer.lines(pl.DataFrame({"f0": ["ada", "a,b"]}))
    b'ada\\n"a,b"\\n'
    """

    def __init__(
        self, fields: Sequence[t.RowField], notation: CsvNotation, values: CsvValues
    ) -> None:
        self._others = [i for i, each in enumerate(fields) if isinstance(each.data_type, _NESTED)]
        self._fields = fields
        self._values = values
        null, plain = values.null_literal or "", not values.scientific_decimals
        specs = _specs(fields)
        quote = notation.quote or ""
        self._messages = _native.CsvWriter(specs, notation.delimiter, quote, null, plain, "")
        self._lines = _native.CsvWriter(specs, notation.delimiter, quote, null, plain, "\n")

    def messages(self, frame: pl.DataFrame) -> pl.Series | None:
        """A message a row, ``Binary``; ``None`` if a value is for slower code."""
        found = self._messages.write_messages(self._with_texts(frame))
        return None if found is None else pl.DataFrame(found).to_series()

    def lines(self, frame: pl.DataFrame) -> bytes | None:
        """The same with a line feed behind each row."""
        return self._lines.write_lines(self._with_texts(frame))

    def _with_texts(self, frame: pl.DataFrame) -> pl.DataFrame:
        columns = frame.get_columns()
        for index in self._others:
            texts = column_texts(columns[index], self._fields[index].data_type, self._values)
            columns[index] = pl.Series(f"f{index}", texts, dtype=pl.String)
        return pl.DataFrame(columns) if self._others else frame


def is_known(notation: CsvNotation) -> bool:
    """Whether the kernels know the characters of a notation: those of one byte."""
    characters = notation.delimiter, notation.quote or "", notation.escape or ""
    return "".join(characters).isascii() and notation.delimiter not in "\r\n"


def _specs(fields: Sequence[t.RowField]) -> list[tuple[Any, ...]]:
    return [
        string_spec(each.name) if isinstance(each.data_type, _NESTED) else json_specs([each])[0]
        for each in fields
    ]


def _sized(frame: Any, rows: int) -> pl.DataFrame:
    made = pl.DataFrame(frame)
    return made if made.width else pl.DataFrame(height=rows)
