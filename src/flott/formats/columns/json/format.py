"""The format ``json``: a JSON object a line or message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl

from flott.common.errors import ConfigurationError
from flott.common.logical_types import RowField
from flott.common.table_options import TableOptions
from flott.core.column_batch import ColumnBatch
from flott.formats.columns.contract import (
    ColumnEncoder,
    ColumnFormat,
    FormatFactory,
    FormatRequest,
)
from flott.formats.columns.json.decoder import (
    JsonColumnsFormat,
    JsonMessageDecoder,
    check_types,
)
from flott.formats.columns.json.kernels import JsonRowsWriter
from flott.formats.columns.json.reader import JsonRules
from flott.formats.columns.json.writer import (
    JsonStyle,
    NullKeyMode,
    json_bytes,
    json_values,
    value_writer,
    without_nulls,
)
from flott.formats.columns.messages import MessageDecoder, MessageEncoder
from flott.formats.columns.temporal_text import TimestampStandard
from flott.formats.stream_format import StreamFormat

#: What all formats made of JSON can be told.
JSON_OPTIONS: Final = {
    "ignore-parse-errors": "Whether broken fields are NULL and broken lines and messages left out.",
    "timestamp-format.standard": "How timestamps are written: 'SQL' or 'ISO-8601'.",
    "map-null-key.mode": "What becomes of NULL keys written: 'FAIL', 'DROP' or 'LITERAL'.",
    "map-null-key.literal": "What is written for NULL keys under 'LITERAL'.",
    "encode.decimal-as-plain-number": "Whether decimals are written without exponent.",
    "encode.ignore-null-fields": "Whether fields that are NULL are not written.",
}


class JsonFormatFactory(FormatFactory):
    """Makes the format ``json``."""

    identifier = "json"
    options = {
        **JSON_OPTIONS,
        "fail-on-missing-field": "Whether a line or message must have all fields.",
        "decode.json-parser.enabled": "Whether objects are read token by token: then an object "
        "where a single value is expected hides fields behind it, as in Flink; 'true' if not "
        "given.",
    }

    def create(self, options: TableOptions) -> ColumnFormat:
        fails_on_missing = options.flag("fail-on-missing-field")
        rules = read_rules(options, fails_on_missing)
        if fails_on_missing and rules.ignores_errors:
            raise ConfigurationError(
                "Options 'json.fail-on-missing-field' and 'json.ignore-parse-errors' cannot both "
                "be true."
            )
        is_by_token = options.flag("decode.json-parser.enabled", True)
        return JsonFormat(replace(rules, is_by_token=is_by_token), read_style(options))


def read_rules(options: TableOptions, fails_on_missing: bool = False) -> JsonRules:
    """How JSON is read, by the options of a format.

    Raises:
        ConfigurationError: One of them is wrong.
    """
    ignores = options.flag("ignore-parse-errors")
    return JsonRules(fails_on_missing, ignores, _read_standard(options))


def read_style(options: TableOptions) -> JsonStyle:
    """How JSON is written, by the options of a format.

    Raises:
        ConfigurationError: One of them is wrong.
    """
    modes = tuple(mode.value for mode in NullKeyMode)
    return JsonStyle(
        _read_standard(options),
        NullKeyMode(options.choice("map-null-key.mode", "FAIL", modes)),
        options.text("map-null-key.literal", "null"),
        options.flag("encode.decimal-as-plain-number"),
        options.flag("encode.ignore-null-fields"),
    )


def _read_standard(options: TableOptions) -> TimestampStandard:
    names = tuple(standard.value for standard in TimestampStandard)
    return TimestampStandard(options.choice("timestamp-format.standard", "SQL", names))


@dataclass(frozen=True)
class JsonFormat(ColumnFormat):
    """JSON lines by some rules."""

    rules: JsonRules
    style: JsonStyle
    identifier = "json"

    def create_stream_format(self, request: FormatRequest) -> StreamFormat:
        return JsonColumnsFormat(request, self.rules)

    def create_encoder(self, fields: Sequence[RowField], metadata: Sequence[str]) -> ColumnEncoder:
        return JsonEncoder(fields, self.style)

    def create_message_decoder(self, request: FormatRequest) -> MessageDecoder:
        check_types(request.fields, self.rules)
        return JsonMessageDecoder(request.wanted_fields, self.rules)

    def create_message_encoder(
        self, fields: Sequence[RowField], metadata: Sequence[str]
    ) -> MessageEncoder:
        return JsonMessageEncoder(fields, self.style)


class JsonEncoder(ColumnEncoder):
    """Writes rows as JSON objects, a line each.

    >>> import polars as pl
    >>> from flott.common import logical_types as t
    >>> encoder = JsonEncoder([t.RowField("id", t.IntType())], JsonStyle())
    >>> encoder.encode(ColumnBatch(pl.DataFrame({"f0": [1]})))
    b'{"id":1}\\n'
    """

    def __init__(self, fields: Sequence[RowField], style: JsonStyle) -> None:
        self._objects = JsonObjects(fields, style)
        self._kernel = make_rows_writer(fields, style)

    def encode(self, batch: ColumnBatch) -> bytes:
        lines = None if self._kernel is None else self._kernel.lines(batch.frame, None)
        if lines is not None:
            return lines
        texts = list(map(json_bytes, self._objects.of(batch)))
        return b"\n".join(texts) + b"\n" if texts else b""


class JsonMessageEncoder(MessageEncoder):
    """Writes rows as JSON objects, a message each.

    >>> import polars as pl
    >>> from flott.common import logical_types as t
    >>> encoder = JsonMessageEncoder([t.RowField("id", t.IntType())], JsonStyle())
    >>> encoder.encode(ColumnBatch(pl.DataFrame({"f0": [1]}))).to_list()
    [b'{"id":1}']
    """

    def __init__(self, fields: Sequence[RowField], style: JsonStyle) -> None:
        self._objects = JsonObjects(fields, style)
        self._kernel = make_rows_writer(fields, style)

    def encode(self, batch: ColumnBatch) -> pl.Series:
        messages = None if self._kernel is None else self._kernel.messages(batch.frame, None)
        if messages is not None:
            return messages
        return pl.Series(list(map(json_bytes, self._objects.of(batch))), dtype=pl.Binary)


class JsonObjects:
    """Makes rows to objects that ``orjson`` takes.

    Args:
        fields: The columns, in order.
        style: How they are written.

    Raises:
        UnsupportedFeature: JSON holds no values of one of the types.
    """

    def __init__(self, fields: Sequence[RowField], style: JsonStyle) -> None:
        self._fields = tuple(fields)
        self._style = style
        for field in fields:
            value_writer(field.data_type, style)

    def of(self, batch: ColumnBatch) -> list[dict[str, Any]]:
        """The objects of the rows, in order.

        Raises:
            RecordError: A value cannot be written.
        """
        if not self._fields:
            return [{} for _ in range(batch.row_count)]
        names = [field.name for field in self._fields]
        columns = [
            json_values(column, field.data_type, self._style)
            for column, field in zip(batch.frame.iter_columns(), self._fields, strict=False)
        ]
        rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        return [without_nulls(row) for row in rows] if self._style.omits_nulls else rows


def make_rows_writer(
    fields: Sequence[RowField],
    style: JsonStyle,
    envelope: tuple[str, str, str, str] = ("", "", "", ""),
) -> JsonRowsWriter | None:
    """The kernel that writes some columns, if it writes every type."""
    is_iso = style.standard is TimestampStandard.ISO_8601
    try:
        return JsonRowsWriter(fields, is_iso, style.plain_decimals, style.omits_nulls, envelope)
    except TypeError:
        return None
