"""Statements that define: CREATE, DROP and ALTER, and what stands in their parentheses.

Where a catalog keeps an expression, its text is there beside its tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from sqlglot import exp

from flott.sql.catalog.objects import ColumnDefinition, Distribution, WatermarkDefinition
from flott.sql.dialect.statement import Options, PartitionSpec, Path, Place, Statement


@dataclass(frozen=True)
class PrimaryKey:
    """``[CONSTRAINT name] PRIMARY KEY (columns) [NOT ENFORCED]``."""

    columns: tuple[str, ...]
    name: str | None = None
    is_enforced: bool = True
    place: Place | None = None


@dataclass(frozen=True)
class ColumnChange:
    """A column of a declaration, with ``FIRST`` or ``AFTER name`` in ALTER TABLE.

    Attributes:
        definition: The column.
        tree: The expression of a computed column.
        place: Where it stands.
        is_first: Whether it becomes the first.
        after: The column it follows.
    """

    definition: ColumnDefinition
    tree: exp.Expression | None = None
    place: Place | None = None
    is_first: bool = False
    after: str | None = None


@dataclass(frozen=True)
class WatermarkChange:
    """``WATERMARK FOR column AS expression``."""

    definition: WatermarkDefinition
    tree: exp.Expression
    place: Place | None = None


@dataclass(frozen=True)
class TableElements:
    """What stands between the parentheses of CREATE TABLE or ALTER TABLE ADD."""

    columns: tuple[ColumnChange, ...] = ()
    watermark: WatermarkChange | None = None
    primary_key: PrimaryKey | None = None
    column_names: tuple[str, ...] = ()
    """Names without types: CREATE TABLE t (a, b) AS SELECT puts the columns in this order."""
    distribution: Distribution | None = None


@dataclass(frozen=True)
class CreateTable(Statement):
    """``CREATE TABLE name (...) WITH (...)``."""

    name: Path
    elements: TableElements
    options: Options = field(default_factory=dict)
    partition_keys: tuple[str, ...] = ()
    distribution: Distribution | None = None
    comment: str | None = None
    is_temporary: bool = False
    ignore_if_exists: bool = False
    replace: bool = False


@dataclass(frozen=True)
class CreateTableAs(CreateTable):
    """``CREATE TABLE ... AS query``.

    Attributes:
        query: What fills the table.
        query_text: As written.
        needs_former: Whether there must be a table to replace (REPLACE TABLE).
    """

    query: exp.Expression = field(default_factory=exp.Select)
    query_text: str = ""
    needs_former: bool = False


class MergeStrategy(Enum):
    """What LIKE does with a part of the source table."""

    INCLUDING = "INCLUDING"
    EXCLUDING = "EXCLUDING"
    OVERWRITING = "OVERWRITING"


@dataclass(frozen=True)
class CreateTableLike(CreateTable):
    """``CREATE TABLE ... LIKE source (...)``.

    Attributes:
        source: The table copied.
        merging: Strategy by feature (ALL, OPTIONS, GENERATED, METADATA, WATERMARKS, CONSTRAINTS,
            PARTITIONS, DISTRIBUTION), as written.
    """

    source: Path = ()
    merging: Mapping[str, MergeStrategy] = field(default_factory=dict)


@dataclass(frozen=True)
class CreateView(Statement):
    """``CREATE VIEW name (columns) AS query``."""

    name: Path
    query: exp.Expression
    query_text: str
    columns: tuple[str, ...] = ()
    comment: str | None = None
    is_temporary: bool = False
    ignore_if_exists: bool = False


@dataclass(frozen=True)
class CreateFunction(Statement):
    """``CREATE FUNCTION name AS 'class' LANGUAGE x``."""

    name: Path
    class_name: str
    language: str = "JAVA"
    is_temporary: bool = False
    is_system: bool = False
    ignore_if_exists: bool = False
    resources: tuple[str, ...] = ()


@dataclass(frozen=True)
class CreateCatalog(Statement):
    """``CREATE CATALOG name WITH (...)``."""

    name: str
    options: Options = field(default_factory=dict)
    comment: str | None = None
    ignore_if_exists: bool = False


@dataclass(frozen=True)
class CreateDatabase(Statement):
    """``CREATE DATABASE name WITH (...)``."""

    name: Path
    options: Options = field(default_factory=dict)
    comment: str | None = None
    ignore_if_exists: bool = False


@dataclass(frozen=True)
class Drop(Statement):
    """``DROP TABLE|VIEW|FUNCTION|CATALOG|DATABASE name``."""

    kind: str
    name: Path
    if_exists: bool = False
    is_temporary: bool = False
    is_system: bool = False
    cascade: bool = False


@dataclass(frozen=True)
class AlterTable(Statement):
    """Base of ALTER TABLE statements."""

    name: Path
    if_exists: bool = False


@dataclass(frozen=True)
class AlterTableRename(AlterTable):
    """``RENAME TO new``."""

    new_name: Path = ()


@dataclass(frozen=True)
class AlterTableRenameColumn(AlterTable):
    """``RENAME old TO new``."""

    column: str = ""
    new_column: str = ""


@dataclass(frozen=True)
class AlterTableAdd(AlterTable):
    """``ADD (...)``."""

    elements: TableElements = field(default_factory=TableElements)


@dataclass(frozen=True)
class AlterTableModify(AlterTable):
    """``MODIFY (...)``."""

    elements: TableElements = field(default_factory=TableElements)


@dataclass(frozen=True)
class AlterTableDropColumns(AlterTable):
    """``DROP (a, b)``."""

    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class AlterTableDropFeature(AlterTable):
    """``DROP PRIMARY KEY|CONSTRAINT name|WATERMARK|DISTRIBUTION``."""

    feature: str = ""
    constraint: str | None = None


@dataclass(frozen=True)
class AlterTableOptions(AlterTable):
    """``SET (...)`` and ``RESET (...)``."""

    changed: Options = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    is_reset: bool = False


@dataclass(frozen=True)
class AlterTablePartitions(AlterTable):
    """``ADD|DROP PARTITION (a = 1) ...``.

    Attributes:
        specs: The partitions.
        is_drop: Whether they are dropped.
        ignores: ``IF NOT EXISTS`` when they are added, ``IF EXISTS`` when they are dropped.
    """

    specs: tuple[PartitionSpec, ...] = ()
    is_drop: bool = False
    ignores: bool = False


@dataclass(frozen=True)
class AlterViewRename(Statement):
    """``ALTER VIEW name RENAME TO new``."""

    name: Path
    new_name: Path


@dataclass(frozen=True)
class AlterViewAs(Statement):
    """``ALTER VIEW name AS query``."""

    name: Path
    query: exp.Expression
    query_text: str


@dataclass(frozen=True)
class AlterDatabase(Statement):
    """``ALTER DATABASE name SET (...)``."""

    name: Path
    options: Options


@dataclass(frozen=True)
class AlterCatalog(Statement):
    """``ALTER CATALOG name SET (...)|RESET (...)|COMMENT '...'``."""

    name: str
    changed: Options = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    comment: str | None = None


@dataclass(frozen=True)
class AlterFunction(Statement):
    """``ALTER FUNCTION name AS 'class' LANGUAGE x``."""

    name: Path
    class_name: str
    language: str = "JAVA"
    if_exists: bool = False
    is_temporary: bool = False
    is_system: bool = False
