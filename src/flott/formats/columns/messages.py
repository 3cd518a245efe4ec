"""Messages: keys and values of records, each a text or a few bytes of its own.

What a file holds as lines a broker delivers one by one. A format that can do both reads many
messages at once into columns, so that no message passes through Python where a kernel can help, and
a broken one is found and left out without holding up the others.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import polars as pl

    from flott.core.column_batch import ColumnBatch


class MalformedMessage(NamedTuple):
    """A message that could not be decoded.

    Attributes:
        position: Where it stands among the messages.
        reason: What is wrong, without the message itself.
    """

    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class DecodedMessages:
    """What messages held.

    Attributes:
        frame: The wanted columns and metadata, named ``f0``, ``f1``, ...
        messages: For each row the position of its message as ``UInt32``, rising; ``None`` if every
            message became exactly one row.
        kinds: The kind of change of each row; ``None`` if all are inserts.
        malformed: The messages that could not be read and are to be treated as the job's options
            say; those the format's own options ignore are not listed.
    """

    frame: pl.DataFrame
    messages: pl.Series | None = None
    kinds: pl.Series | None = None
    malformed: Sequence[MalformedMessage] = ()


class MessageDecoder(ABC):
    """Reads messages into columns."""

    @abstractmethod
    def decode(self, messages: pl.Series) -> DecodedMessages:
        """The rows of messages.

        Args:
            messages: ``Binary``. A null is not a message: it gives no row and no error.
        """


class MessageEncoder(ABC):
    """Writes each row as a message."""

    @abstractmethod
    def encode(self, batch: ColumnBatch) -> pl.Series:
        """The messages of the rows, ``Binary``, one a row in order.

        Raises:
            RecordError: A value cannot be written.
        """
