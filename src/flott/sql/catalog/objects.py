"""What a catalog holds: tables, views, functions and databases, as frozen values.

Expressions (computed columns, watermarks, queries of views) stay text here: the binder gives them
a meaning each time a statement uses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from flott.common.logical_types import DataType
from flott.core.table import TableSource

#: (catalog, database, name).
ObjectPath = tuple[str, str, str]


class ColumnKind(Enum):
    """Where the values of a column come from."""

    PHYSICAL = "PHYSICAL"
    """From the record itself."""
    METADATA = "METADATA"
    """From what surrounds the record (topic, file name, time of arrival, ...)."""
    COMPUTED = "COMPUTED"
    """From an expression over the other columns."""


@dataclass(frozen=True)
class ColumnDefinition:
    """A column of a table or view.

    Attributes:
        name: Its name.
        data_type: Its type; ``None`` for a computed column, whose expression tells it.
        kind: Where its values come from.
        metadata_key: The connector's name for a metadata column; ``None`` if that is ``name``.
        is_virtual: Whether a metadata column is only read, never written.
        expression_text: SQL of a computed column.
        comment: What the user says about it.
    """

    name: str
    data_type: DataType | None
    kind: ColumnKind = ColumnKind.PHYSICAL
    metadata_key: str | None = None
    is_virtual: bool = False
    expression_text: str | None = None
    comment: str | None = None

    @property
    def key(self) -> str:
        """The connector's name of a metadata column."""
        return self.metadata_key or self.name


@dataclass(frozen=True)
class WatermarkDefinition:
    """``WATERMARK FOR column AS expression``."""

    column: str
    expression_text: str


@dataclass(frozen=True)
class Distribution:
    """``DISTRIBUTED BY [HASH|RANGE](columns) INTO n BUCKETS``.

    Attributes:
        kind: ``HASH``, ``RANGE`` or ``None`` where the connector chooses.
        columns: The bucket keys.
        buckets: How many, if told.
    """

    kind: str | None
    columns: tuple[str, ...] = ()
    buckets: int | None = None


@dataclass(frozen=True)
class TableObject:
    """A table.

    Attributes:
        columns: All columns in the order of the declaration.
        watermark: Which column is event time, and how late it may be.
        primary_key: Names of the key columns; empty without a key.
        partition_keys: Names of the partition columns.
        options: What stands in WITH.
        comment: What the user says about it.
        distribution: How the connector spreads the rows.
        source: Set for a table made of a frame or of Python rows: no connector is looked up.
        primary_key_name: The name of the constraint.
        is_temporary: Whether it belongs to the session only.
        partitions: Partitions that were added by name: values by column, in the keys' order.
    """

    columns: tuple[ColumnDefinition, ...]
    watermark: WatermarkDefinition | None = None
    primary_key: tuple[str, ...] = ()
    partition_keys: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    comment: str | None = None
    distribution: Distribution | None = None
    source: TableSource | None = field(default=None, compare=False)
    primary_key_name: str | None = None
    is_temporary: bool = False
    partitions: tuple[tuple[tuple[str, str], ...], ...] = ()

    def column(self, name: str) -> ColumnDefinition | None:
        """The column called ``name``."""
        return next((each for each in self.columns if each.name == name), None)


@dataclass(frozen=True)
class ViewObject:
    """A view: a query with a name.

    Attributes:
        query_text: The query as written.
        full_text: The query with all names in full; empty where that is not known.
        column_names: Names given to its columns; empty to keep those of the query.
        query_columns: Names of the query's columns at creation: a ``*`` does not grow later.
        comment: What the user says about it.
        catalog: The current catalog when it was created: bare names of the query mean this one.
        database: The current database when it was created.
        plan: Set for a view of a Python ``Table`` object: its bound plan, used as it is.
        is_temporary: Whether it belongs to the session only.
    """

    query_text: str
    column_names: tuple[str, ...] = ()
    query_columns: tuple[str, ...] = ()
    comment: str | None = None
    catalog: str = "default_catalog"
    database: str = "default_database"
    plan: Any = field(default=None, compare=False)
    is_temporary: bool = False
    full_text: str = ""


@dataclass(frozen=True)
class FunctionObject:
    """A function that a user registered.

    Attributes:
        name: As written.
        class_name: ``module.attribute`` of CREATE FUNCTION.
        language: ``PYTHON``, ``JAVA`` or ``SCALA``.
        python_object: The function itself, if it was registered from Python.
        is_temporary: Whether it belongs to the session only.
        is_system: Whether it belongs to no database.
    """

    name: str
    class_name: str | None = None
    language: str = "PYTHON"
    python_object: Any = field(default=None, compare=False)
    is_temporary: bool = False
    is_system: bool = False


@dataclass(frozen=True)
class DatabaseObject:
    """A database.

    Attributes:
        comment: What the user says about it.
        properties: What stands in WITH.
    """

    comment: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


CatalogObject = TableObject | ViewObject
