"""A format for tests: ``1,2|3,4`` is two rows of two columns, all of them STRING.

``?`` is broken, ``~`` is ignored, ``-1,2`` takes a row away where the format tells changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from flott.common.logical_types import STRING, DataType, RowField
from flott.core.column_batch import DELETE, INSERT, ColumnBatch
from flott.core.table import ChangelogMode
from flott.formats.columns.contract import ColumnFormat, FormatRequest
from flott.formats.columns.messages import (
    DecodedMessages,
    MalformedMessage,
    MessageDecoder,
    MessageEncoder,
)


@dataclass(frozen=True)
class TextFormat(ColumnFormat):
    """Rows with commas between."""

    identifier: str = "text"
    has_changes: bool = False
    topic: str = ""

    @property
    def changelog_mode(self) -> ChangelogMode:
        return ChangelogMode.RETRACT if self.has_changes else ChangelogMode.INSERT_ONLY

    @property
    def readable_metadata(self) -> Mapping[str, DataType]:
        return {"size": STRING}

    @property
    def writable_metadata(self) -> Mapping[str, DataType]:
        return {"mark": STRING}

    def for_topic(self, topic: str, is_key: bool) -> ColumnFormat:
        return replace(self, topic=f"{topic}-{'key' if is_key else 'value'}")

    def create_message_decoder(self, request: FormatRequest) -> MessageDecoder:
        return _TextDecoder(request, self.has_changes)

    def create_message_encoder(
        self, fields: Sequence[RowField], metadata: Sequence[str]
    ) -> MessageEncoder:
        return _TextEncoder(self.has_changes)


class _TextDecoder(MessageDecoder):
    def __init__(self, request: FormatRequest, has_changes: bool) -> None:
        names = [field.name for field in request.fields]
        self._wanted = [names.index(name) for name in request.wanted]
        self._has_size = bool(request.metadata)
        self._has_changes = has_changes

    def decode(self, messages: pl.Series) -> DecodedMessages:
        rows: list[list[str]] = []
        places: list[int] = []
        malformed: list[MalformedMessage] = []
        for place, message in enumerate(messages):
            if message == b"?":
                malformed.append(MalformedMessage(place, "it is a question"))
            elif message is not None and message != b"~":
                every = [row.split(",") for row in message.decode().split("|")]
                rows += [[*row, str(len(message))] for row in every]
                places += [place] * len(every)
        is_plain = places == list(range(messages.len()))
        kinds = pl.Series([DELETE if row[0][:1] == "-" else INSERT for row in rows], dtype=pl.Int8)
        columns = self._wanted + [-1] * self._has_size
        frame = pl.DataFrame(
            [
                pl.Series(f"f{place}", [row[at].lstrip("-") for row in rows], dtype=pl.String)
                for place, at in enumerate(columns)
            ]
        )
        return DecodedMessages(
            frame if columns else pl.DataFrame(height=len(rows)),
            None if is_plain else pl.Series(places, dtype=pl.UInt32),
            kinds if self._has_changes else None,
            malformed,
        )


class _TextEncoder(MessageEncoder):
    def __init__(self, has_changes: bool) -> None:
        self._has_changes = has_changes

    def encode(self, batch: ColumnBatch) -> pl.Series:
        rows = [",".join(map(str, row)) for row in batch.frame.iter_rows()]
        if self._has_changes and batch.kinds is not None:
            rows = [
                ("-" if kind in (1, 3) else "") + row
                for kind, row in zip(batch.kinds, rows, strict=True)
            ]
        return pl.Series([row.encode() for row in rows], dtype=pl.Binary)
