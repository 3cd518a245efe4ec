"""JSON objects into columns and columns into JSON by kernels, where all is as they expect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import polars as pl

from flott.common import logical_types as t
from flott.formats.columns.json.specs import json_specs
from flott.kernels import _native


class JsonLinesReader:
    """Reads whole lines of UTF-8.

    Args:
        fields: The columns to read, found by their names.
        is_iso: Whether timestamps have a T between date and time.
        needs_all: Whether every line must have all fields.

    Raises:
        TypeError: If the kernel has no columns of one of the types.

    >>> reader = JsonLinesReader([t.RowField("a", t.IntType())], False, False)
    >>> reader.read(b'{"a": 1}\\n{"b": 2}\\n').to_series().to_list()
    [1, None]
    >>> reader.read(b'{"a": "x"}') is None
    True
    """

    def __init__(self, fields: Sequence[t.RowField], is_iso: bool, needs_all: bool) -> None:
        self._lines = _native.JsonLines(json_specs(fields), is_iso, needs_all)

    def read(self, text: bytes) -> pl.DataFrame | None:
        """The columns ``f0``, ``f1``, ...; ``None`` if some line is not plain, or broken."""
        found = self._lines.read(text)
        if found is None:
            return None
        rows, frame = found
        made = pl.DataFrame(frame)
        return made if made.width else pl.DataFrame(height=rows)


class PlainMessages(NamedTuple):
    """What the kernel read of some messages.

    Attributes:
        frame: The columns of those it could read.
        messages: The position of each of them.
        left: The positions of those it could not. What is in neither holds no object: nothing,
            blanks or ``null``.
    """

    frame: pl.DataFrame
    messages: pl.Series
    left: pl.Series


class JsonMessagesReader:
    """Reads messages of one object each; the arguments are those of ``JsonLinesReader``.

    >>> reader = JsonMessagesReader([t.RowField("a", t.IntType())], False, False)
    >>> found = reader.read(pl.Series([b'{"a":1}', b'{"a":"x"}', b"", b'{ "a": 2 }']))
    >>> found.frame.rows(), found.messages.to_list(), found.left.to_list()
    ([(1,), (2,)], [0, 3], [1])
    """

    def __init__(self, fields: Sequence[t.RowField], is_iso: bool, needs_all: bool) -> None:
        self._messages = _native.JsonMessages(json_specs(fields), is_iso, needs_all)

    @classmethod
    def of_specs(cls, specs: list[tuple[Any, ...]], is_iso: bool) -> JsonMessagesReader:
        """A reader of fields described as ``json_specs`` does."""
        made = cls.__new__(cls)
        made._messages = _native.JsonMessages(specs, is_iso, False)
        return made

    def read(self, messages: pl.Series) -> PlainMessages:
        """The rows of ``Binary`` messages."""
        rows, frame, origins, left = self._messages.read(messages)
        made = pl.DataFrame(frame)
        return PlainMessages(
            made if made.width else pl.DataFrame(height=rows),
            pl.DataFrame(origins).to_series(),
            pl.DataFrame(left).to_series(),
        )


class JsonRowsWriter:
    """Writes rows as JSON objects, as ``json_writer`` says, but many at once.

    Args:
        fields: The columns, in order.
        is_iso: Whether timestamps have a T between date and time.
        plain_decimals: Whether decimals are written without exponent.
        omits_nulls: Whether fields that are NULL are left out.
        envelope: What stands before and behind the object of a row that is added, and of one that
            is taken away.

    Raises:
        TypeError: If the kernel has no columns of one of the types.

    >>> writer = JsonRowsWriter([t.RowField("a", t.IntType())], False, False, False)
    >>> writer.lines(pl.DataFrame({"f0": [1, None]}, {"f0": pl.Int32}), None)
    b'{"a":1}\\n{"a":null}\\n'
    """

    def __init__(
        self,
        fields: Sequence[t.RowField],
        is_iso: bool,
        plain_decimals: bool,
        omits_nulls: bool,
        envelope: tuple[str, str, str, str] = ("", "", "", ""),
    ) -> None:
        self._writer = _native.JsonWriter(
            json_specs(fields), is_iso, plain_decimals, omits_nulls, envelope
        )

    def messages(self, frame: pl.DataFrame, kinds: pl.Series | None) -> pl.Series | None:
        """A message a row, ``Binary``; ``None`` if a value is for slower code."""
        found = self._writer.write_messages(frame, kinds)
        return None if found is None else pl.DataFrame(found).to_series()

    def lines(self, frame: pl.DataFrame, kinds: pl.Series | None) -> bytes | None:
        """The same with a line feed behind each row."""
        return self._writer.write_lines(frame, kinds)
