"""What stands between Kafka's records and the batches of a job; one implementation for objects,
one for columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import polars as pl

    from flott.connectors.kafka.client.ports import Fetched
    from flott.core.batch import Batch
    from flott.core.context import OperatorContext


class MalformedRecord(NamedTuple):
    """A record that could not be decoded.

    Attributes:
        row: Its row in the frame that was fetched.
        reason: What is wrong with it, and which part: key or value.
    """

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class DecodedRecords:
    """A batch made of records.

    Attributes:
        batch: What they mean, in the order of the records.
        rows: For each record of ``batch`` the row it was made of, rising; ``None`` if each row
            became one record.
        malformed: Rows that could not be read.
    """

    batch: Batch
    rows: pl.Series | None = None
    malformed: Sequence[MalformedRecord] = ()


class RecordDecoder(ABC):
    """Reads records; one for each reader.

    Attributes:
        columns: The columns of ``Fetched.frame`` it needs.
    """

    columns: frozenset[str]

    @abstractmethod
    def decode(self, fetched: Fetched) -> DecodedRecords:
        """The batch of all records fetched; broken ones are listed, not raised."""


class RecordDecoderFactory(ABC):
    """Makes decoders; picklable."""

    @abstractmethod
    def create_decoder(self, context: OperatorContext) -> RecordDecoder:
        """A decoder for the reader of one subtask."""


class RecordEncoder(ABC):
    """Writes records; one for each writer."""

    @abstractmethod
    def encode(self, batch: Batch) -> pl.DataFrame:
        """The records of a batch, with the columns of ``flott.connectors.kafka.client.ports``.

        Raises:
            RecordError: A value cannot be written; says which.
        """


class RecordEncoderFactory(ABC):
    """Makes encoders; picklable."""

    @abstractmethod
    def create_encoder(self, context: OperatorContext) -> RecordEncoder:
        """An encoder for the writer of one subtask."""
