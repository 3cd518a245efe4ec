"""Decode and encode messages with a format of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import polars_schema
from flott.core.column_batch import ColumnBatch
from flott.formats.columns.contract import ColumnFormat, FormatRequest
from flott.formats.columns.messages import DecodedMessages
from tests.formats.columns.decoding import KINDS, fields_of

Columns = Mapping[str, DataType]


def read(
    made: ColumnFormat,
    columns: Columns,
    messages: Sequence[bytes | None],
    wanted: Sequence[str] | None = None,
) -> DecodedMessages:
    """What messages hold."""
    names = tuple(columns) if wanted is None else tuple(wanted)
    decoder = made.create_message_decoder(FormatRequest(fields_of(columns), names))
    return decoder.decode(pl.Series(messages, dtype=pl.Binary))


def read_rows(*arguments: Any, **keywords: Any) -> list[tuple[Any, ...]]:
    """The rows of messages; none may be broken."""
    decoded = read(*arguments, **keywords)
    assert not decoded.malformed
    return decoded.frame.rows()


def read_changes(*arguments: Any, **keywords: Any) -> list[tuple[str, tuple[Any, ...]]]:
    """The changes of messages; none may be broken."""
    decoded = read(*arguments, **keywords)
    assert not decoded.malformed
    assert decoded.kinds is not None
    kinds = decoded.kinds.to_list()
    return [(KINDS[kind], row) for kind, row in zip(kinds, decoded.frame.rows(), strict=True)]


def write(
    made: ColumnFormat,
    columns: Columns,
    rows: Sequence[Sequence[Any]],
    kinds: Sequence[str] | None = None,
) -> list[bytes]:
    """The messages of rows."""
    encoder = made.create_message_encoder(fields_of(columns), ())
    return encoder.encode(batch_of(columns, rows, kinds)).to_list()


def batch_of(
    columns: Columns, rows: Sequence[Sequence[Any]], kinds: Sequence[str] | None = None
) -> ColumnBatch:
    """Rows as a batch."""
    frame = pl.DataFrame(list(rows), schema=polars_schema(list(columns.values())), orient="row")
    numbers = None if kinds is None else pl.Series([KINDS.index(k) for k in kinds], dtype=pl.Int8)
    return ColumnBatch(frame, numbers)
