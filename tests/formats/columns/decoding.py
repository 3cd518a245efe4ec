"""Decode and encode texts with a format of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from flott.common.logical_types import DataType, RowField
from flott.common.physical_types import polars_schema
from flott.common.table_options import TableOptions
from flott.core.column_batch import ColumnBatch
from flott.formats.columns import find_format
from flott.formats.columns.contract import ColumnFormat, FormatRequest
from flott.formats.columns.messages import DecodedMessages
from flott.formats.stream_format import Decoded

KINDS = ("+I", "-U", "+U", "-D")


def make_format(identifier: str, options: Mapping[str, str] | None = None) -> ColumnFormat:
    return find_format(identifier).create(TableOptions(options or {}, "t"))


def fields_of(columns: Mapping[str, DataType]) -> tuple[RowField, ...]:
    return tuple(RowField(name, data_type) for name, data_type in columns.items())


def decode(
    identifier: str,
    columns: Mapping[str, DataType],
    text: str | bytes,
    options: Mapping[str, str] | None = None,
    wanted: Sequence[str] | None = None,
    metadata: Sequence[str] = (),
) -> Decoded:
    """What a whole file of ``text`` holds."""
    fields = fields_of(columns)
    names = tuple(columns) if wanted is None else tuple(wanted)
    request = FormatRequest(fields, names, tuple(metadata))
    decoder = make_format(identifier, options).create_stream_format(request).create_decoder()
    data = text.encode() if isinstance(text, str) else text
    start = decoder.read_header(data, True) or 0
    return decoder.decode(data[start:], True)


def decode_messages(
    identifier: str,
    columns: Mapping[str, DataType],
    messages: Sequence[bytes | None],
    options: Mapping[str, str] | None = None,
    wanted: Sequence[str] | None = None,
    metadata: Sequence[str] = (),
) -> DecodedMessages:
    """What messages hold."""
    names = tuple(columns) if wanted is None else tuple(wanted)
    request = FormatRequest(fields_of(columns), names, tuple(metadata))
    decoder = make_format(identifier, options).create_message_decoder(request)
    return decoder.decode(pl.Series(messages, dtype=pl.Binary))


def origins(decoded: DecodedMessages) -> list[int]:
    """The message that each row is of."""
    if decoded.messages is None:
        return list(range(decoded.frame.height))
    return decoded.messages.to_list()


def rows(*arguments: Any, **keywords: Any) -> list[tuple[Any, ...]]:
    """The rows of a text; none of it may be broken."""
    decoded = decode(*arguments, **keywords)
    assert decoded.malformed == []
    return decoded.rows.frame.rows()


def changes(*arguments: Any, **keywords: Any) -> list[tuple[str, tuple[Any, ...]]]:
    """The changes of a text; none of it may be broken."""
    decoded = decode(*arguments, **keywords)
    assert decoded.malformed == []
    kinds = decoded.rows.kinds.to_list()
    return [(KINDS[kind], row) for kind, row in zip(kinds, decoded.rows.frame.rows(), strict=True)]


def reasons(*arguments: Any, **keywords: Any) -> list[str]:
    """Why parts of a text are broken."""
    return [bad.reason for bad in decode(*arguments, **keywords).malformed]


def encode(
    identifier: str,
    columns: Mapping[str, DataType],
    values: Sequence[Sequence[Any]],
    options: Mapping[str, str] | None = None,
    kinds: Sequence[str] | None = None,
) -> str:
    """The text that rows are written as."""
    encoder = make_format(identifier, options).create_encoder(fields_of(columns), ())
    return encoder.encode(batch_of(columns, values, kinds)).decode()


def encode_messages(
    identifier: str,
    columns: Mapping[str, DataType],
    values: Sequence[Sequence[Any]],
    options: Mapping[str, str] | None = None,
    kinds: Sequence[str] | None = None,
) -> list[bytes | None]:
    """The messages that rows are written as."""
    encoder = make_format(identifier, options).create_message_encoder(fields_of(columns), ())
    return encoder.encode(batch_of(columns, values, kinds)).to_list()


def batch_of(
    columns: Mapping[str, DataType],
    values: Sequence[Sequence[Any]],
    kinds: Sequence[str] | None = None,
) -> ColumnBatch:
    """Rows as a batch."""
    frame = pl.DataFrame(list(values), schema=polars_schema(list(columns.values())), orient="row")
    numbers = None if kinds is None else pl.Series([KINDS.index(k) for k in kinds], dtype=pl.Int8)
    return ColumnBatch(frame, numbers)
