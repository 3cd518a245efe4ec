"""Statements as values: what ``parse_statements`` returns.

Names of objects are paths of one to three parts as written. Queries and expressions are trees of
sqlglot's. Those that write and those of the session are here; ``definitions`` has CREATE, ALTER
and DROP.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from flott.sql.dialect.definitions import (
    AlterCatalog,
    AlterDatabase,
    AlterFunction,
    AlterTable,
    AlterTableAdd,
    AlterTableDropColumns,
    AlterTableDropFeature,
    AlterTableModify,
    AlterTableOptions,
    AlterTablePartitions,
    AlterTableRename,
    AlterTableRenameColumn,
    AlterViewAs,
    AlterViewRename,
    ColumnChange,
    CreateCatalog,
    CreateDatabase,
    CreateFunction,
    CreateTable,
    CreateTableAs,
    CreateTableLike,
    CreateView,
    Drop,
    MergeStrategy,
    PrimaryKey,
    TableElements,
    WatermarkChange,
)
from flott.sql.dialect.statement import Options, PartitionSpec, Path, Place, Statement


@dataclass(frozen=True)
class Query(Statement):
    """A query whose rows go to the program."""

    tree: exp.Expression


@dataclass(frozen=True)
class Insert(Statement):
    """``INSERT INTO|OVERWRITE target ...``.

    Attributes:
        target: The table.
        query: What is written.
        columns: The columns named; empty for all.
        static_partition: Values of PARTITION, as literals; in the order written.
        is_overwrite: Whether the former contents go.
        conflict: ``ERROR``, ``NOTHING`` or ``DEDUPLICATE`` of ON CONFLICT DO.
        hints: Hints on the target.
    """

    target: exp.Table
    query: exp.Expression
    columns: tuple[exp.Identifier, ...] = ()
    static_partition: tuple[tuple[exp.Identifier, exp.Expression], ...] = ()
    is_overwrite: bool = False
    conflict: str | None = None
    hints: tuple[exp.Expression, ...] = ()


@dataclass(frozen=True)
class StatementSet(Statement):
    """``EXECUTE STATEMENT SET BEGIN ... END``: several inserts, one job."""

    inserts: tuple[Insert, ...]


@dataclass(frozen=True)
class BeginStatementSet(Statement):
    """``BEGIN STATEMENT SET``: the inserts that follow are one job."""


@dataclass(frozen=True)
class EndStatementSet(Statement):
    """``END``: runs the inserts since BEGIN STATEMENT SET."""


@dataclass(frozen=True)
class Use(Statement):
    """``USE [catalog.]database`` and ``USE CATALOG name``."""

    name: Path
    is_catalog: bool = False


@dataclass(frozen=True)
class UseModules(Statement):
    """``USE MODULES a, b``."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class LoadModule(Statement):
    """``LOAD MODULE name WITH (...)``."""

    name: str
    options: Options = field(default_factory=dict)


@dataclass(frozen=True)
class UnloadModule(Statement):
    """``UNLOAD MODULE name``."""

    name: str


@dataclass(frozen=True)
class Pattern:
    """``[NOT] LIKE|ILIKE 'pattern'``."""

    text: str
    is_negated: bool = False
    ignores_case: bool = False


@dataclass(frozen=True)
class Show(Statement):
    """``SHOW what [FROM scope] [LIKE pattern]``.

    Attributes:
        what: TABLES, VIEWS, COLUMNS, FUNCTIONS, USER FUNCTIONS, CATALOGS, DATABASES, MODULES,
            FULL MODULES, CURRENT CATALOG, CURRENT DATABASE, PROCEDURES, PARTITIONS, JARS, JOBS,
            MODELS, CREATE TABLE, CREATE VIEW, CREATE CATALOG.
        name: The object or scope named.
        pattern: Which names are shown.
        partition: Of the partitions, those with these values.
    """

    what: str
    name: Path = ()
    pattern: Pattern | None = None
    partition: PartitionSpec = ()


@dataclass(frozen=True)
class Describe(Statement):
    """``DESCRIBE [CATALOG|DATABASE|FUNCTION|JOB] [EXTENDED] name``."""

    kind: str
    name: Path
    is_extended: bool = False


@dataclass(frozen=True)
class Explain(Statement):
    """``EXPLAIN [details] statement``."""

    details: tuple[str, ...]
    statement: Statement


@dataclass(frozen=True)
class SetOption(Statement):
    """``SET 'key' = 'value'``; without a key it lists what is set."""

    key: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class ResetOption(Statement):
    """``RESET 'key'``; without a key it resets everything."""

    key: str | None = None


@dataclass(frozen=True)
class AnalyzeTable(Statement):
    """``ANALYZE TABLE name PARTITION (...) COMPUTE STATISTICS FOR COLUMNS ...``.

    Attributes:
        name: The table.
        partition: The partition columns named.
        columns: The columns named.
    """

    name: Path
    partition: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class TruncateTable(Statement):
    """``TRUNCATE TABLE name``."""

    name: Path


@dataclass(frozen=True)
class Delete(Statement):
    """``DELETE FROM name WHERE ...``."""

    name: Path
    where: exp.Expression | None = None


@dataclass(frozen=True)
class Update(Statement):
    """``UPDATE name SET a = 1 WHERE ...``."""

    name: Path
    assignments: tuple[tuple[exp.Identifier, exp.Expression], ...]
    where: exp.Expression | None = None


@dataclass(frozen=True)
class Call(Statement):
    """``CALL procedure(...)``."""

    name: Path
    arguments: tuple[exp.Expression, ...]


@dataclass(frozen=True)
class Unsupported(Statement):
    """A statement of Flink that Flott does not execute.

    Attributes:
        feature: What it is, for the error.
        hint: What to do in its place.
    """

    feature: str
    hint: str | None = None


@dataclass(frozen=True)
class StopJob(Statement):
    """``STOP JOB 'id' [WITH SAVEPOINT] [WITH DRAIN]``."""

    job_id: str
    with_savepoint: bool = False
    with_drain: bool = False


__all__ = [
    "AlterCatalog",
    "AlterDatabase",
    "AlterFunction",
    "AlterTable",
    "AlterTableAdd",
    "AlterTableDropColumns",
    "AlterTableDropFeature",
    "AlterTableModify",
    "AlterTableOptions",
    "AlterTablePartitions",
    "AlterTableRename",
    "AlterTableRenameColumn",
    "AlterViewAs",
    "AlterViewRename",
    "AnalyzeTable",
    "BeginStatementSet",
    "Call",
    "ColumnChange",
    "CreateCatalog",
    "CreateDatabase",
    "CreateFunction",
    "CreateTable",
    "CreateTableAs",
    "CreateTableLike",
    "CreateView",
    "Delete",
    "Describe",
    "Drop",
    "EndStatementSet",
    "Explain",
    "Insert",
    "LoadModule",
    "MergeStrategy",
    "Options",
    "PartitionSpec",
    "Path",
    "Pattern",
    "Place",
    "PrimaryKey",
    "Query",
    "ResetOption",
    "SetOption",
    "Show",
    "Statement",
    "StatementSet",
    "StopJob",
    "TableElements",
    "TruncateTable",
    "UnloadModule",
    "Unsupported",
    "Update",
    "Use",
    "UseModules",
    "WatermarkChange",
]
