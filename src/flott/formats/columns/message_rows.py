"""Messages read one by one, by all the rules of a format, and put together with others.

What a kernel takes at once it takes; the messages it left are read here, each by itself, and come
back to their places. A message may have any number of rows, and is listed if it is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import polars as pl

from flott.common.logical_types import DataType
from flott.core.column_batch import INSERT
from flott.formats.columns.messages import DecodedMessages, MalformedMessage, MessageDecoder
from flott.formats.columns.storage import make_column

#: The kind of a change and the row's values.
Change = tuple[int, list[Any]]
#: Gives the changes of a message; raises ``ValueError`` if it is broken.
MessageReader = Callable[[bytes], Sequence[Change]]

_MESSAGE: Final = "message"
_KIND: Final = "kind"


class OneByOneDecoder(MessageDecoder):
    """Reads messages with a function for one.

    Args:
        read: What a message means.
        types: The types of the columns.
        has_kinds: Whether rows have kinds; else all are inserts.
        ignores_errors: Whether broken messages are left out instead of listed.

    >>> from flott.common import logical_types as t
    >>> decoder = OneByOneDecoder(lambda text: [(0, [int(text)])], [t.IntType()])
    >>> decoded = decoder.decode(pl.Series([b"1", b"x", None, b"3"]))
    >>> decoded.frame.rows(), decoded.messages.to_list()
    ([(1,), (3,)], [0, 3])
    >>> decoded.malformed
    [MalformedMessage(position=1, reason="invalid literal for int() with base 10: b'x'")]
    """

    def __init__(
        self,
        read: MessageReader,
        types: Sequence[DataType],
        has_kinds: bool = False,
        ignores_errors: bool = False,
    ) -> None:
        self._read = read
        self._types = types
        self._has_kinds = has_kinds
        self._ignores_errors = ignores_errors

    def decode(self, messages: pl.Series) -> DecodedMessages:
        return self._decode(messages, range(len(messages)))

    def decode_some(self, messages: pl.Series, positions: pl.Series) -> DecodedMessages:
        """The rows of the messages at some positions, as if there were no others."""
        decoded = self._decode(messages.gather(positions), positions.to_list())
        if decoded.messages is None:
            return DecodedMessages(decoded.frame, positions, decoded.kinds)
        return decoded

    def _decode(self, messages: pl.Series, positions: Sequence[int]) -> DecodedMessages:
        read = self._read
        changes: list[Change] = []
        origins: list[int] = []
        malformed: list[MalformedMessage] = []
        for position, message in zip(positions, messages.to_list(), strict=True):
            if message is None:
                continue
            try:
                found = read(message)
            except ValueError as error:
                malformed.append(MalformedMessage(position, reason_of(error)))
                continue
            changes += found
            origins += [position] * len(found)
        frame = make_frame([row for _, row in changes], self._types)
        kinds = pl.Series([kind for kind, _ in changes], dtype=pl.Int8) if self._has_kinds else None
        whole = origins == list(positions)
        return DecodedMessages(
            frame,
            None if whole else pl.Series(origins, dtype=pl.UInt32),
            kinds,
            () if self._ignores_errors else malformed,
        )


def merge(parts: Sequence[DecodedMessages], count: int) -> DecodedMessages:
    """What several decoders read of the same messages, in the order of the messages.

    Args:
        parts: All with ``messages``; of one message the rows stay in the order of the parts.
        count: How many messages there were.
    """
    malformed = sorted([bad for part in parts for bad in part.malformed])
    parts = [part for part in parts if part.frame.height] or [parts[0]]
    names = parts[0].frame.columns
    whole = pl.concat([_marked(part) for part in parts], rechunk=True)
    if len(parts) > 1:
        whole = whole.sort(_MESSAGE, maintain_order=True)
    messages = whole[_MESSAGE]
    frame = whole.select(names) if names else pl.DataFrame(height=whole.height)
    kinds = whole[_KIND] if _KIND in whole.columns else None
    is_whole = len(messages) == count and messages.n_unique() == count
    return DecodedMessages(frame, None if is_whole else messages, kinds, malformed)


def _marked(part: DecodedMessages) -> pl.DataFrame:
    assert part.messages is not None, "only rows that know their messages can be put in order"
    marks = [part.messages.alias(_MESSAGE)]
    if part.kinds is not None:
        marks.append(part.kinds.alias(_KIND))
    return pl.DataFrame(marks) if not part.frame.width else part.frame.hstack(marks)


def make_frame(rows: Sequence[Sequence[Any]], types: Sequence[DataType]) -> pl.DataFrame:
    """Columns ``f0``, ``f1``, ... of rows."""
    if not types:
        return pl.DataFrame(height=len(rows))
    columns = zip(*rows, strict=True) if rows else [()] * len(types)
    return pl.DataFrame(
        [
            make_column(values, data_type, f"f{index}")
            for index, (values, data_type) in enumerate(zip(columns, types, strict=True))
        ]
    )


def inserts(rows: Sequence[list[Any]]) -> list[Change]:
    """Rows as changes that add them."""
    return [(INSERT, row) for row in rows]


def reason_of(error: ValueError) -> str:
    """Why a message is broken, in words.

    >>> try: b"a\\xff".decode()
    ... except ValueError as error: reason_of(error)
    'byte 0xff at position 1 is not utf-8 text'
    """
    if isinstance(error, UnicodeDecodeError):
        byte = error.object[error.start]
        return f"byte 0x{byte:02x} at position {error.start} is not {error.encoding} text"
    return str(error) or type(error).__name__
