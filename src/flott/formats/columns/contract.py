"""What a format of tables implements: bytes into columns of a row type, and columns into bytes.

A text format gives a ``StreamFormat`` whose decoder answers with ``ColumnRows`` in place of a
list, so that files, splits and positions are read by the same machinery as for records. A format
of row groups gives a ``ColumnGroups`` reader. Both write through a ``ColumnEncoder``. Messages of a
broker are read and written by what ``flott.formats.columns.messages`` names.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from flott.common.errors import UnsupportedFeature
from flott.common.logical_types import DataType, RowField, RowType
from flott.common.table_options import TableOptions
from flott.core.table import ChangelogMode
from flott.formats.columns.messages import MessageDecoder, MessageEncoder

if TYPE_CHECKING:
    import polars as pl

    from flott.core.column_batch import ColumnBatch
    from flott.formats.stream_format import StreamFormat


class ColumnRows(Sequence[Any]):
    """Decoded rows, as the ``rows`` of a ``Decoded``: a frame and the kinds of its changes.

    Attributes:
        frame: Columns named ``f0``, ``f1``, ...
        kinds: The kind of change of each row; ``None`` if all are inserts.
    """

    __slots__ = ("frame", "kinds")

    def __init__(self, frame: pl.DataFrame, kinds: pl.Series | None = None) -> None:
        self.frame = frame
        self.kinds = kinds

    def __len__(self) -> int:
        return self.frame.height

    def __getitem__(self, index: Any) -> Any:
        return self.frame.row(index)


@dataclass(frozen=True)
class FormatRequest:
    """What is read of a file.

    Attributes:
        fields: The columns the file holds, in order.
        wanted: Names of the columns to give, in order.
        metadata: Keys of the format's own metadata to give behind them.
        time_zone: The session's zone.
        narrowed: Of ROW columns of which only some fields are wanted, the type with these; for
            formats that find fields by name.
    """

    fields: tuple[RowField, ...]
    wanted: tuple[str, ...]
    metadata: tuple[str, ...] = ()
    time_zone: str = "UTC"
    narrowed: Mapping[str, RowType] = field(default_factory=dict)

    @property
    def wanted_fields(self) -> tuple[RowField, ...]:
        """The columns to give, with their types."""
        by_name = {each.name: each for each in self.fields}
        by_name |= {name: RowField(name, narrow) for name, narrow in self.narrowed.items()}
        return tuple(by_name[name] for name in self.wanted)


class ColumnEncoder(ABC):
    """Writes column batches into one file."""

    @abstractmethod
    def encode(self, batch: ColumnBatch) -> bytes:
        """The bytes of the rows, in order.

        Raises:
            RecordError: A value cannot be written.
        """


class ColumnGroupWriter(ABC):
    """Writes column batches into one file of row groups."""

    @abstractmethod
    def write(self, batch: ColumnBatch) -> None:
        """Append the rows."""

    @abstractmethod
    def finish(self) -> None:
        """Write what was kept back, and the end of the file; the stream stays open."""


class ColumnGroupReader(ABC):
    """Reads one file of row groups."""

    @property
    @abstractmethod
    def groups(self) -> list[int]:
        """Numbers of the groups to read, rising."""

    @abstractmethod
    def read(self, group: int) -> pl.DataFrame:
        """The wanted columns of a group.

        Raises:
            ValueError: It cannot be read.
        """

    @abstractmethod
    def close(self) -> None:
        """Release the file."""


class ColumnFormat(ABC):
    """A format with its options; immutable and picklable.

    Attributes:
        identifier: The value of the option ``format``.
        is_grouped: Whether files hold row groups that are read by number.
    """

    identifier: str
    is_grouped: bool = False

    @property
    def changelog_mode(self) -> ChangelogMode:
        """The changes that files of the format hold."""
        return ChangelogMode.INSERT_ONLY

    @property
    def readable_metadata(self) -> Mapping[str, DataType]:
        """Metadata that can be read, with their types."""
        return {}

    @property
    def writable_metadata(self) -> Mapping[str, DataType]:
        """Metadata that can be written, with their types."""
        return {}

    def for_topic(self, topic: str, is_key: bool) -> ColumnFormat:
        """The format, told where the messages it writes go: to the keys or values of a topic."""
        return self

    def create_stream_format(self, request: FormatRequest) -> StreamFormat:
        """Reads a file from front to back.

        Raises:
            UnsupportedFeature: The format holds no values of one of the types, or cannot be read.
        """
        raise UnsupportedFeature(f"Reading format '{self.identifier}'")

    def create_message_decoder(self, request: FormatRequest) -> MessageDecoder:
        """Reads messages, such as the values of records.

        Raises:
            UnsupportedFeature: As ``create_stream_format``; or the format is only for files.
        """
        raise UnsupportedFeature(f"Format '{self.identifier}' for messages")

    def create_message_encoder(
        self, fields: Sequence[RowField], metadata: Sequence[str]
    ) -> MessageEncoder:
        """Writes rows of these columns, and behind them the metadata, a message each.

        Raises:
            UnsupportedFeature: As ``create_encoder``; or the format is only for files.
        """
        raise UnsupportedFeature(f"Writing messages in format '{self.identifier}'")

    def open_groups(
        self, request: FormatRequest, stream: BinaryIO, start: int, stop: int
    ) -> ColumnGroupReader:
        """Reads the row groups that begin from byte ``start`` up to ``stop``."""
        raise UnsupportedFeature(f"Reading format '{self.identifier}' by groups")

    def create_encoder(self, fields: Sequence[RowField], metadata: Sequence[str]) -> ColumnEncoder:
        """Writes rows of these columns, and behind them the metadata.

        Raises:
            UnsupportedFeature: The format holds no values of one of the types, or is only read.
        """
        raise UnsupportedFeature(f"Writing format '{self.identifier}'")

    def create_group_writer(
        self, fields: Sequence[RowField], stream: BinaryIO
    ) -> ColumnGroupWriter:
        """Writes a file of row groups."""
        raise UnsupportedFeature(f"Writing format '{self.identifier}' by groups")


class FormatFactory(ABC):
    """Makes formats from a table's options.

    Attributes:
        identifier: The value of the option ``format``.
        options: Every option the format knows, without prefix, with a sentence each.
    """

    identifier: str
    options: Mapping[str, str]

    @abstractmethod
    def create(self, options: TableOptions) -> ColumnFormat:
        """The format; ``options`` reads keys without prefix.

        Raises:
            ConfigurationError: An option is wrong, or does not go with another.
        """
