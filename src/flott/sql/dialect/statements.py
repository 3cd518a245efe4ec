"""Statements as values: what ``parse_statements`` returns.

Names of objects are paths of one to three parts as written. Queries and expressions are trees of
sqlglot's; where a catalog keeps an expression, its text is there too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from sqlglot import exp

from flott.sql.catalog.objects import ColumnDefinition, Distribution, WatermarkDefinition

Path = tuple[str, ...]
Options = Mapping[str, str]


@dataclass(frozen=True)
class Place:
    """Where something stands in the text: line and column from 1, length in characters."""

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Base of all statements.

    Attributes:
        text: The statement as written.
        place: Where its object's name stands, else where it begins.
    """

    text: str = ""
    place: Place | None = None


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


#: Values of partition columns, by name in the order written.
PartitionSpec = tuple[tuple[str, str], ...]


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
    if_exists: bool = False


@dataclass(frozen=True)
class AlterViewAs(Statement):
    """``ALTER VIEW name AS query``."""

    name: Path
    query: exp.Expression
    query_text: str
    if_exists: bool = False


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
    """``ANALYZE TABLE name COMPUTE STATISTICS``."""

    name: Path


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
