"""What kernels give for messages, as frames, positions and errors."""

from __future__ import annotations

import polars as pl

from flott.common.sql_errors import RecordError
from flott.formats.columns.messages import DecodedMessages, MalformedMessage
from flott.kernels import _native

#: Rows, the messages they are of, and what is wrong with the others.
NativeRows = tuple[_native.ArrowFrame, _native.ArrowFrame, list[tuple[int, str]]]


def read_frames(found: NativeRows, count: int, width: int) -> DecodedMessages:
    """What a kernel found in ``count`` messages, as ``width`` columns."""
    native, positions, faults = found
    rows = pl.DataFrame(positions).to_series().rename("message")
    frame = pl.DataFrame(native) if width else pl.DataFrame(height=len(rows))
    malformed = [MalformedMessage(position, reason) for position, reason in faults]
    return DecodedMessages(frame, None if len(rows) == count else rows, None, malformed)


def written_messages(
    written: _native.ArrowFrame | tuple[int, str], frame: pl.DataFrame, kind: str
) -> pl.Series:
    """The messages a kernel made of the rows of ``frame``.

    Raises:
        RecordError: A row cannot be written; says which and why.
    """
    if isinstance(written, tuple):
        row, reason = written
        values = ", ".join(str(value) for value in frame.row(row))
        raise RecordError(f"A row cannot be written as {kind}: {reason}", row=f"({values})")
    return pl.DataFrame(written).to_series()
