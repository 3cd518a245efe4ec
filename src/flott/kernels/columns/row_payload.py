"""Rows of a store on their way into a snapshot and back: bytes of Arrow streams.

A payload has the rows that are new or have changed, each with its id in the store, and the ids of
rows that went. One that is complete in itself says so, whoever asked for what.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from typing import Final, NamedTuple

import polars as pl

#: Columns after those of the rows: the id in the store, how many equal rows it stands for, how many
#: partners it has, when it was last written (0 without a time to live).
ID: Final = "id"
COPIES: Final = "copies"
MATCHES: Final = "matches"
TOUCHED: Final = "touched"
EXTRA: Final = (ID, COPIES, MATCHES, TOUCHED)

_HEADER: Final = struct.Struct("<BQ")


class RowPayload(NamedTuple):
    """What one snapshot says of a store.

    Attributes:
        is_full: Whether it is complete in itself.
        rows: Rows that are there, with the columns of ``EXTRA``.
        gone: Ids of rows that are not there any more.
    """

    is_full: bool
    rows: pl.DataFrame
    gone: pl.Series


def to_bytes(payload: RowPayload) -> bytes:
    """The payload as bytes."""
    rows = _stream(payload.rows)
    return b"".join(
        (
            _HEADER.pack(payload.is_full, len(rows)),
            rows,
            _stream(payload.gone.to_frame(ID)),
        )
    )


def from_bytes(data: bytes) -> RowPayload:
    """The payload that ``to_bytes`` wrote."""
    is_full, length = _HEADER.unpack_from(data)
    start = _HEADER.size
    rows = pl.read_ipc_stream(io.BytesIO(data[start : start + length]))
    gone = pl.read_ipc_stream(io.BytesIO(data[start + length :]))
    return RowPayload(bool(is_full), rows, gone.to_series())


def replay(payloads: Iterable[bytes]) -> pl.DataFrame | None:
    """The rows that are there after all ``payloads``, oldest first."""
    rows: pl.DataFrame | None = None
    for payload in map(from_bytes, payloads):
        if payload.is_full or rows is None:
            rows = payload.rows
            continue
        replaced = pl.concat([payload.gone, payload.rows[ID]])
        rows = pl.concat([rows.filter(~pl.col(ID).is_in(replaced.implode())), payload.rows])
    return rows


def _stream(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer)
    return buffer.getvalue()
