"""JSON into columns: at once by a kernel what is plain, the rest by all of Flink's rules.

Lines of a file are read as a block; where the kernel gives one up, they are read as messages are:
those that are plain by the kernel, the others one by one, which tells the broken from the good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import polars as pl

from flott.common import logical_types as t
from flott.common.logical_types import RowField
from flott.formats.columns.contract import ColumnRows, FormatRequest
from flott.formats.columns.json.kernels import JsonLinesReader, JsonMessagesReader
from flott.formats.columns.json.places import fields_seen
from flott.formats.columns.json.reader import (
    JsonRules,
    field_readers,
    parse_json,
    read_fields,
)
from flott.formats.columns.message_lines import MessageLinesDecoder
from flott.formats.columns.message_rows import (
    Change,
    OneByOneDecoder,
    inserts,
    merge,
)
from flott.formats.columns.messages import DecodedMessages, MessageDecoder
from flott.formats.columns.temporal_text import TimestampStandard
from flott.formats.stream_format import Decoded, StreamDecoder, StreamFormat, complete_length

K = TypeVar("K")


class JsonColumnsFormat(StreamFormat):
    """Reads files of JSON lines into columns.

    >>> from flott.common import logical_types as t
    >>> fields = (t.RowField("id", t.IntType()), t.RowField("user", t.STRING))
    >>> lines = JsonColumnsFormat(FormatRequest(fields, ("user",)), JsonRules())
    >>> lines.create_decoder().decode(b'{"id": 1, "user": "ada"}', True).rows[0]
    ('ada',)
    """

    is_splittable = True

    def __init__(self, request: FormatRequest, rules: JsonRules) -> None:
        self._request = request
        self._rules = rules
        check_types(request.fields, rules)

    def create_decoder(self) -> StreamDecoder:
        return _JsonLinesDecoder(self._request.wanted_fields, self._rules)


class _JsonLinesDecoder(MessageLinesDecoder):
    def __init__(self, fields: Sequence[RowField], rules: JsonRules) -> None:
        super().__init__(JsonMessageDecoder(fields, rules))
        self._kernel = make_kernel(JsonLinesReader, fields, rules)

    def decode(self, buffer: bytes, is_last: bool) -> Decoded:
        if self._kernel is not None:
            end = len(buffer) if is_last else complete_length(buffer)
            block = buffer if end == len(buffer) else buffer[:end]
            frame = self._kernel.read(block) if _is_utf8(block) else None
            if frame is not None:
                return Decoded(ColumnRows(frame), end)  # type: ignore[arg-type]
        return super().decode(buffer, is_last)


#: Columns that take objects or arrays; texts take them as they are.
_STRUCTURED: Final = (
    t.RowType, t.ArrayType, t.MapType, t.MultisetType, t.CharType, t.VarCharType,
)  # fmt: skip


class JsonMessageDecoder(MessageDecoder):
    """Reads messages of one object each, or of an array of objects, each a row.

    A message that is empty or ``null`` has no row.

    >>> from flott.common import logical_types as t
    >>> decoder = JsonMessageDecoder([t.RowField("id", t.IntType())], JsonRules())
    >>> decoded = decoder.decode(pl.Series([b'{"id":1}', b"{", b'[{"id":"2"}, {"id":3}]']))
    >>> decoded.frame.rows(), decoded.messages.to_list()
    ([(1,), (2,), (3,)], [0, 2, 2])
    >>> [bad.position for bad in decoded.malformed]
    [1]
    """

    def __init__(self, fields: Sequence[RowField], rules: JsonRules) -> None:
        self._rules = rules
        self._readers = field_readers({each.name: each.data_type for each in fields}, rules)
        self._kernel = make_kernel(JsonMessagesReader, fields, rules)
        self._names = frozenset(each.name for each in fields)
        self._single = frozenset(
            each.name for each in fields if not isinstance(each.data_type, _STRUCTURED)
        )
        types = [field.data_type for field in fields]
        self._exact = OneByOneDecoder(self._read, types, ignores_errors=rules.ignores_errors)

    def decode(self, messages: pl.Series) -> DecodedMessages:
        if self._kernel is None:
            return self._exact.decode(messages)
        frame, origins, left = self._kernel.read(messages)
        if len(origins) == len(messages):
            return DecodedMessages(frame)
        plain = DecodedMessages(frame, origins)
        if not len(left):
            return plain
        return merge([plain, self._exact.decode_some(messages, left)], len(messages))

    def _read(self, message: bytes) -> list[Change]:
        value = read_message(message)
        if value is None:
            return []
        objects = value if isinstance(value, list) else [value]
        readers, rules = self._readers, self._rules
        return inserts(
            [read_fields(self._seen(each), readers, rules) for each in objects if each is not None]
        )

    def _seen(self, value: Any) -> Any:
        """What is found of an object."""
        single = self._single
        if not self._rules.is_by_token or not isinstance(value, dict):
            return value
        if not any(isinstance(value.get(name), dict | list) for name in single):
            return value
        return fields_seen(value, self._names, single)


def read_message(message: bytes) -> Any:
    """The JSON value of a message; ``None`` if it has none.

    Raises:
        ValueError: If it is not JSON.
    """
    text = message.decode("utf-8").removeprefix("\ufeff")
    return parse_json(text) if text.strip(" \t\r\n") else None


def check_types(fields: Sequence[RowField], rules: JsonRules) -> None:
    """Refuse columns that JSON holds no values of.

    Raises:
        UnsupportedFeature: Then.
    """
    field_readers({each.name: each.data_type for each in fields}, rules)


def make_kernel(
    kernel: Callable[[Sequence[RowField], bool, bool], K],
    fields: Sequence[RowField],
    rules: JsonRules,
) -> K | None:
    """The kernel for some columns, if it has one of every type."""
    try:
        return kernel(fields, rules.standard is TimestampStandard.ISO_8601, rules.fails_on_missing)
    except TypeError:
        return None


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
