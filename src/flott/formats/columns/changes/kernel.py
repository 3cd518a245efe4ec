"""Messages of changes at once: a kernel reads their parts into columns, which become changes.

What is plain is read here: a known operation and the rows it needs. Anything else, well-formed or
not, is left to the reader of single messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from flott.common.constant_series import constant
from flott.common.logical_types import ArrayType, DataType, RowField, RowType, VarCharType
from flott.common.physical_types import column_names, polars_type
from flott.core.column_batch import DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE
from flott.formats.columns.contract import FormatRequest
from flott.formats.columns.json.kernels import JsonMessagesReader
from flott.formats.columns.json.specs import ROW_SPEC, json_specs, with_presence
from flott.formats.columns.message_rows import OneByOneDecoder, merge
from flott.formats.columns.messages import DecodedMessages, MessageDecoder

#: A column of microseconds holds no more.
MILLIS_MAX: Final = (1 << 63) // 1000 - 1
#: So few messages are read faster one by one.
_FEW: Final = 64
_MESSAGE: Final = "message"


@dataclass(frozen=True)
class MessageField:
    """Metadata that a message carries.

    Attributes:
        data_type: Its type as a column.
        path: Where it is in the message.
        read_type: The type by which it is read, where that is another; milliseconds become times.
    """

    data_type: DataType
    path: tuple[str, ...]
    read_type: DataType | None = None


@dataclass(frozen=True)
class ChangeLayout:
    """Where messages of a format have what.

    Attributes:
        operation: The field that tells the operation.
        new: The field of the row after a change.
        old: The field of the row before an update.
        deleted: The field of the row that is deleted.
        operations: The kind of change by the text of the operation; ``INSERT``, ``UPDATE_AFTER``
            or ``DELETE``, and ``None`` for messages without a change.
        is_partial: Whether ``old`` has only the fields that were different.
        has_lists: Whether the rows are lists of rows.
        payload: The field of the message that has all of them; the message itself if ``None``.
    """

    operation: str
    new: str
    old: str
    deleted: str
    operations: Mapping[str, int | None]
    is_partial: bool = False
    has_lists: bool = False
    payload: str | None = None


class ChangeMessageDecoder(MessageDecoder):
    """Reads messages of changes.

    Args:
        layout: Where messages have what.
        request: Which columns.
        metadata: Which metadata stands behind them.
        is_iso: Whether timestamps have a T between date and time.
        exact: Reads what is left.

    Raises:
        TypeError: The kernel cannot read one of the columns.
    """

    def __init__(
        self,
        layout: ChangeLayout,
        request: FormatRequest,
        metadata: Sequence[MessageField],
        is_iso: bool,
        exact: OneByOneDecoder,
    ) -> None:
        self._layout = layout
        self._count = len(request.wanted)
        self._metadata = metadata
        self._exact = exact
        if not request.wanted:
            raise TypeError("there are no rows without columns")
        parts = _parts(layout, request.wanted_fields, metadata)
        self._names = {f"f{index}": part.name for index, part in enumerate(parts)}
        specs = _specs(layout, parts, len(request.wanted))
        self._kernel = JsonMessagesReader.of_specs(specs, is_iso)

    def decode(self, messages: pl.Series) -> DecodedMessages:
        return self._exact.decode(messages) if len(messages) <= _FEW else self.decode_all(messages)

    def decode_all(self, messages: pl.Series) -> DecodedMessages:
        """The rows of any number of messages, by the kernel where it can."""
        plain, origins, left = self._kernel.read(messages)
        frame = plain.with_columns(origins.alias(_MESSAGE))
        if self._layout.payload is None:
            frame = frame.rename(self._names)
        else:
            frame = frame.unnest("f0")
        frame, doubtful = self._sort_out(frame)
        parts = [part for part in self._changes(frame) if part.frame.height]
        rest = pl.concat([left, doubtful]).sort() if len(doubtful) else left
        if len(rest) or not parts:
            parts.append(self._exact.decode_some(messages, rest))
        return merge(parts, len(messages))

    def _sort_out(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
        """The messages whose changes are clear, and the positions of the others."""
        layout = self._layout
        kind = pl.col(layout.operation).replace_strict(
            {text: -1 if kind is None else kind for text, kind in layout.operations.items()},
            default=None,
            return_dtype=pl.Int8,
        )
        new, old, deleted = (
            _is_there(name, layout) for name in (layout.new, layout.old, layout.deleted)
        )
        is_update = new & old
        if layout.has_lists:
            is_update &= pl.col(layout.new).list.len() == pl.col(layout.old).list.len()
        is_clear = (
            pl.when(kind == INSERT).then(new)
            .when(kind == UPDATE_AFTER).then(is_update)
            .when(kind == DELETE).then(deleted)
            .otherwise(kind == -1)
        )  # fmt: skip
        for index, field in enumerate(self._metadata):
            if field.read_type is not None:
                is_clear &= pl.col(_metadata_name(index)).abs().fill_null(0) <= MILLIS_MAX
        marked = self._with_metadata(frame).with_columns(
            kind.alias("kind"), is_clear.fill_null(False).alias("is clear")
        )
        doubtful = marked.filter(~pl.col("is clear"))[_MESSAGE]
        return (marked.filter(pl.col("is clear")) if len(doubtful) else marked), doubtful

    def _with_metadata(self, frame: pl.DataFrame) -> pl.DataFrame:
        columns = []
        for index, field in enumerate(self._metadata):
            column = pl.col(field.path[0])
            for name in field.path[1:]:
                column = column.struct.field(name)
            columns.append(column.alias(_metadata_name(index)))
        return frame.with_columns(columns)

    def _changes(self, frame: pl.DataFrame) -> list[DecodedMessages]:
        layout = self._layout
        inserted = frame.filter(pl.col("kind") == INSERT)
        deleted = frame.filter(pl.col("kind") == DELETE)
        updated = frame.filter(pl.col("kind") == UPDATE_AFTER)
        parts = []
        for rows, name, kind in ((inserted, layout.new, INSERT), (deleted, layout.deleted, DELETE)):
            if layout.has_lists:
                rows = rows.filter(pl.col(name).list.len() > 0).explode(name)
            parts.append(self._finish(rows, self._values(rows, name), kind))
        if updated.height:
            parts.append(self._updates(updated))
        return parts

    def _updates(self, frame: pl.DataFrame) -> DecodedMessages:
        layout = self._layout
        if layout.has_lists:
            frame = frame.filter(pl.col(layout.new).list.len() > 0).explode(layout.new, layout.old)
        after, before = self._values(frame, layout.new), self._values(frame, layout.old)
        if layout.is_partial:
            there = frame[layout.old].struct.unnest().get_columns()[self._count :]
            before = [
                new.zip_with(~given, old)
                for new, old, given in zip(after, before, there, strict=True)
            ]
        first = self._finish(frame, before, UPDATE_BEFORE)
        second = self._finish(frame, after, UPDATE_AFTER)
        # Each -U in front of its +U.
        count = frame.height
        steps = pl.arange(0, 2 * count, dtype=pl.UInt32, eager=True)
        order = steps // 2 + steps % 2 * count
        return _in_order([first, second], order)

    def _values(self, frame: pl.DataFrame, name: str) -> list[pl.Series]:
        return frame[name].struct.unnest().get_columns()[: self._count]

    def _finish(self, frame: pl.DataFrame, values: list[pl.Series], kind: int) -> DecodedMessages:
        columns = values + [
            _as_time(frame[_metadata_name(index)], field)
            for index, field in enumerate(self._metadata)
        ]
        names = column_names(len(columns))
        made = pl.DataFrame([each.alias(name) for each, name in zip(columns, names, strict=True)])
        kinds = constant(kind, frame.height, pl.Int8)
        return DecodedMessages(made, frame[_MESSAGE], kinds)


def _in_order(parts: Sequence[DecodedMessages], order: pl.Series) -> DecodedMessages:
    """The rows of several parts, one behind the other, in another order."""
    messages = pl.concat([part.messages for part in parts if part.messages is not None])
    kinds = pl.concat([part.kinds for part in parts if part.kinds is not None])
    frame = pl.concat([part.frame for part in parts])
    return DecodedMessages(frame[order], messages.gather(order), kinds.gather(order))


def _is_there(name: str, layout: ChangeLayout) -> pl.Expr:
    column = pl.col(name)
    if not layout.has_lists:
        return column.is_not_null()
    return column.is_not_null() & (column.list.eval(pl.element().is_null()).list.any() != True)  # noqa: E712


def _as_time(column: pl.Series, field: MessageField) -> pl.Series:
    return column if field.read_type is None else (column * 1000).cast(polars_type(field.data_type))


def _metadata_name(index: int) -> str:
    return f"metadata {index}"


def _parts(
    layout: ChangeLayout, fields: Sequence[RowField], metadata: Sequence[MessageField]
) -> list[RowField]:
    """The fields of a message that are looked at.

    Raises:
        TypeError: Something is wanted as a whole and in parts.
    """
    row = RowType.of(*((field.name, field.data_type) for field in fields))
    names = dict.fromkeys((layout.new, layout.old, layout.deleted))
    parts: dict[str, DataType] = {layout.operation: VarCharType()}
    parts |= {name: ArrayType(row) if layout.has_lists else row for name in names}
    inner: dict[str, dict[str, DataType]] = {}
    for field in metadata:
        name, *rest = field.path
        data_type = field.read_type or field.data_type
        if name in parts or (name in inner and not rest):
            raise TypeError(f"{name!r} is wanted as a whole and in parts")
        if rest:
            inner.setdefault(name, {})[rest[0]] = data_type
        else:
            parts[name] = data_type
    parts |= {name: RowType.of(*each.items()) for name, each in inner.items()}
    return [RowField(name, data_type) for name, data_type in parts.items()]


def _specs(layout: ChangeLayout, parts: Sequence[RowField], count: int) -> list[tuple[Any, ...]]:
    """What the kernel reads of a message."""
    specs = json_specs(parts)
    if layout.is_partial:
        position = [part.name for part in parts].index(layout.old)
        specs[position] = with_presence(specs[position], count)
    if layout.payload is not None:
        return [(layout.payload, *ROW_SPEC, specs)]
    return specs
