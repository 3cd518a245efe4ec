"""What a connector implements to be a table: a description of reading and one of writing.

``CREATE TABLE ... WITH ('connector' = 'x', ...)`` finds the ``TableFactory`` registered under the
name and asks it for a ``TableSource`` or a ``TableSink``. Both describe; the ``Source`` and
``Sink`` they make (``flott.core.source``, ``flott.core.sink``) carry ``ColumnBatch`` values whose
columns stand in the order asked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from flott.common.errors import UnsupportedFeature
from flott.common.logical_types import DataType, RowField
from flott.core.sink import Sink
from flott.core.source import Source

if TYPE_CHECKING:
    import polars as pl

    from flott.core.context import OperatorContext


#: Of ROW columns, by name, the fields that are read: the names from the column's field inwards.
UsedFields = Mapping[str, frozenset[tuple[str, ...]]]


class ChangelogMode(Enum):
    """Which changes a table sends or takes."""

    INSERT_ONLY = "insert-only"
    UPSERT = "upsert"
    """+I, +U and -D by key; an update comes without the row before it, and a delete need hold
    only the key."""
    RETRACT = "retract"
    """+I, -U, +U and -D, every change with the whole row before and after it."""


@dataclass(frozen=True)
class MetadataColumn:
    """A column read from, or written to, what surrounds a record (topic, file name, ...).

    Attributes:
        key: The connector's name for it.
        data_type: The type the table declares.
        is_virtual: Whether it is only read, never written.
    """

    key: str
    data_type: DataType
    is_virtual: bool = False


@dataclass(frozen=True)
class TableDescription:
    """A table as its connector sees it.

    Attributes:
        path: (catalog, database, table).
        columns: The physical columns in order; computed columns are not the connector's.
        metadata: The metadata columns by the column's name, in order.
        primary_key: Names of the key columns; empty without a key.
        partition_keys: Names of the partition columns.
        options: What stands in WITH, hints applied.
        is_streaming: Whether the statement runs in streaming mode.
        time_zone: The session's zone (``table.local-time-zone``).
    """

    path: tuple[str, str, str]
    columns: tuple[RowField, ...]
    options: Mapping[str, str]
    metadata: Mapping[str, MetadataColumn] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    partition_keys: tuple[str, ...] = ()
    is_streaming: bool = True
    time_zone: str = "UTC"


class TableSource(ABC):
    """Describes how to read a table; immutable."""

    @property
    def changelog_mode(self) -> ChangelogMode:
        """The changes the source sends."""
        return ChangelogMode.INSERT_ONLY

    @property
    @abstractmethod
    def is_bounded(self) -> bool:
        """Whether reading ends by itself."""

    @property
    def metadata_types(self) -> Mapping[str, DataType]:
        """The metadata the connector can give, with their types."""
        return {}

    @abstractmethod
    def create_source(self, columns: Sequence[str], metadata: Sequence[str]) -> Source:
        """A source of batches with the physical ``columns``, then the ``metadata`` keys, in
        their order: what the query does not use is not asked for."""

    def with_filters(self, filters: Sequence[Any]) -> tuple[TableSource, Sequence[Any]]:
        """The source with as many of the conjuncts applied as it can, and those that remain.
        ``filters`` are bound expressions over the physical columns."""
        return self, filters

    def with_limit(self, rows: int) -> TableSource:
        """The source, told that nobody reads beyond ``rows`` rows of a subtask."""
        return self

    def with_used_fields(self, used: UsedFields) -> TableSource:
        """The source, told which fields of its ROW columns the query reads: the other fields may
        come as NULL. Columns that are not named are read as a whole."""
        return self

    @property
    def row_count(self) -> int | None:
        """How many rows there are, where that is known beforehand."""
        return None

    @property
    def has_ordered_splits(self) -> bool:
        """Whether rows come from several splits at once, each in an order of its own, such as the
        partitions of a topic. The table's watermark is then computed for each split, and is the
        lowest of them."""
        return False

    @property
    def is_better_read_apart(self) -> bool:
        """Whether two readers with filters of their own cost less than one that reads for both: a
        generator makes only what is asked for, a file must be read in any case."""
        return False


class LookupTable(ABC):
    """Looks rows up by key, for lookup joins; opened in the worker."""

    def open(self, context: OperatorContext) -> None:
        """Connect."""

    @abstractmethod
    def lookup(self, keys: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
        """The matches of each row of ``keys``: the position of the key row (``UInt32``) and the
        columns found, both one row a match. May block: it runs away from the worker's loop."""

    def close(self) -> None:
        """Release resources."""


class LookupTableSource(TableSource):
    """A table that can also be asked for rows by key."""

    @abstractmethod
    def create_lookup(self, key_columns: Sequence[str], columns: Sequence[str]) -> LookupTable:
        """A lookup by ``key_columns`` that finds ``columns``; picklable."""


class TableSink(ABC):
    """Describes how to write a table; immutable."""

    @abstractmethod
    def accepted_changes(self, requested: ChangelogMode) -> ChangelogMode:
        """The changes the sink takes, given what the query produces. A sink that takes inserts
        only says so, and the planner refuses the statement."""

    @property
    def metadata_types(self) -> Mapping[str, DataType]:
        """The metadata the connector can write, with their types."""
        return {}

    @property
    def needs_key_for_upserts(self) -> bool:
        """Whether a table that takes upserts must declare a primary key."""
        return True

    @abstractmethod
    def create_sink(self, metadata: Sequence[str]) -> Sink:
        """A sink of batches with all physical columns, then the ``metadata`` keys."""

    def with_overwrite(self) -> TableSink:
        """The sink for INSERT OVERWRITE.

        Raises:
            UnsupportedFeature: The connector cannot overwrite.
        """
        raise UnsupportedFeature("INSERT OVERWRITE into this connector")

    def with_static_partition(self, partition: Mapping[str, str]) -> TableSink:
        """The sink for one partition (INSERT ... PARTITION); its columns come in the batch too."""
        return self

    def with_columns(self, columns: Sequence[str]) -> TableSink:
        """The sink, told which columns the statement names: the others come as NULL."""
        return self


class TableFactory(ABC):
    """Makes the sources and sinks of one connector.

    Attributes:
        identifier: The value of the option ``connector``.
        options: Every option it knows, with a sentence each; others are refused with the nearest
            name. An entry that ends in ``.*`` stands for all keys that begin so.
    """

    identifier: str
    options: Mapping[str, str]

    def create_source(self, table: TableDescription) -> TableSource:
        """The source.

        Raises:
            UnsupportedFeature: The connector only writes.
            ConfigurationError: An option is missing or wrong.
        """
        raise UnsupportedFeature(f"reading from the connector '{self.identifier}'")

    def create_sink(self, table: TableDescription) -> TableSink:
        """The sink; raises as ``create_source`` does."""
        raise UnsupportedFeature(f"writing to the connector '{self.identifier}'")
