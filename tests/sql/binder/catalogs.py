"""Catalogs for tests: declarations as SQL, tables that are read from nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from flott.common.configuration import Configuration
from flott.common.logical_types import (
    STRING,
    BigIntType,
    DataType,
    LocalZonedTimestampType,
)
from flott.common.sql_errors import SqlValidationError
from flott.core.source import Source
from flott.core.table import ChangelogMode, TableSource
from flott.sql.binder import bind_insert, bind_query
from flott.sql.catalog.manager import CatalogManager
from flott.sql.catalog.objects import DatabaseObject, TableObject, ViewObject
from flott.sql.dialect import parse_statement
from flott.sql.dialect.statements import (
    CreateCatalog,
    CreateDatabase,
    CreateTable,
    CreateView,
    Insert,
    Query,
    Use,
)
from flott.sql.logical.nodes import LogicalNode, walk
from flott.sql.session import Session

NodeT = TypeVar("NodeT", bound=LogicalNode)

_CHANGES = ("debezium-json", "canal-json", "maxwell-json", "ogg-json")


@dataclass(frozen=True)
class NowhereSource(TableSource):
    """A table that can be planned but not read."""

    mode: ChangelogMode = ChangelogMode.INSERT_ONLY
    bounded: bool = True

    @property
    def changelog_mode(self) -> ChangelogMode:
        return self.mode

    @property
    def is_bounded(self) -> bool:
        return self.bounded

    @property
    def metadata_types(self) -> Mapping[str, DataType]:
        return {
            "file.path": STRING.not_null(),
            "file.name": STRING.not_null(),
            "file.size": BigIntType(nullable=False),
            "file.modification-time": LocalZonedTimestampType(3, nullable=False),
        }

    def create_source(self, columns: Sequence[str], metadata: Sequence[str]) -> Source:
        raise AssertionError("tests of the binder read nothing")


def session_with(
    declarations: Iterable[str] = (),
    *,
    is_streaming: bool = True,
    options: Mapping[str, str] | None = None,
) -> Session:
    """A session whose catalog holds what the statements ``declarations`` create."""
    session = Session(CatalogManager(), Configuration.from_dict(options or {}), is_streaming)
    for text in declarations:
        declare(text, session.catalog)
    return session


def declare(text: str, catalog: CatalogManager) -> None:
    """Run one statement of DDL."""
    statement = parse_statement(text)
    match statement:
        case CreateTable():
            table = _table(statement)
            catalog.create_object(statement.name, table, ignore_if_exists=True)
        case CreateView():
            view = ViewObject(
                statement.query_text,
                statement.columns,
                catalog=catalog.current_catalog,
                database=catalog.current_database,
                is_temporary=statement.is_temporary,
            )
            catalog.create_object(statement.name, view)
        case CreateDatabase():
            catalog.create_database(statement.name, DatabaseObject())
        case CreateCatalog():
            catalog.create_catalog(statement.name, statement.options)
        case Use(is_catalog=True):
            catalog.use_catalog(statement.name[0])
        case Use():
            catalog.use_database(statement.name)


def _table(statement: CreateTable) -> TableObject:
    elements, options = statement.elements, statement.options
    table = TableObject(
        tuple(each.definition for each in elements.columns),
        None if elements.watermark is None else elements.watermark.definition,
        () if elements.primary_key is None else elements.primary_key.columns,
        statement.partition_keys,
        options,
    )
    if options.get("connector") in ("blackhole", "print"):
        return table
    mode = ChangelogMode.INSERT_ONLY
    if options.get("format") in _CHANGES:
        mode = ChangelogMode.RETRACT
    bounded = options.get("connector") != "datagen"
    return replace(table, source=NowhereSource(mode, bounded))


def bind(text: str, session: Session) -> LogicalNode:
    """The plan of a query or an INSERT."""
    statement = parse_statement(text)
    if isinstance(statement, Insert):
        return bind_insert(statement, session, text)
    assert isinstance(statement, Query), f"{text} is not a query"
    return bind_query(statement.tree, session, text)


def columns_of(text: str, session: Session) -> list[tuple[str, str]]:
    """Names and types of the columns of a query."""
    return [(each.name, str(each.data_type)) for each in bind(text, session).fields]


def find(node: LogicalNode, kind: type[NodeT]) -> NodeT:
    """The first node of a class in a plan, the consumer first."""
    return next(each for each in walk(node) if isinstance(each, kind))


def message_of(text: str, session: Session) -> str:
    """The error of a statement that must have one, as the user sees it."""
    try:
        bind(text, session)
    except SqlValidationError as error:
        return str(error)
    raise AssertionError(f"{text} has a meaning")


#: Tables that most tests use.
TABLES = (
    "CREATE TABLE emp (id INT, name STRING, dept_id INT, salary DECIMAL(9, 2), hired DATE) "
    "WITH ('connector' = 'x')",
    "CREATE TABLE dept (id INT, name STRING, city STRING) WITH ('connector' = 'x')",
    "CREATE TABLE never (a INT NOT NULL, b STRING NOT NULL) WITH ('connector' = 'x')",
    "CREATE TABLE orders (oid INT, cur STRING, amount DECIMAL(10, 2), ts TIMESTAMP(3), "
    "p AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'x')",
    "CREATE TABLE rates (cur STRING, rate DOUBLE, rt TIMESTAMP(3), WATERMARK FOR rt AS rt, "
    "PRIMARY KEY (cur) NOT ENFORCED) WITH ('connector' = 'x', 'format' = 'debezium-json')",
    "CREATE TABLE nested (id INT, tags ARRAY<STRING>, attrs MAP<STRING, INT>, "
    "addr ROW<city STRING, geo ROW<lat DOUBLE>>, items ARRAY<ROW<sku STRING, qty INT>>) "
    "WITH ('connector' = 'x')",
    "CREATE TABLE plain (id INT, ts TIMESTAMP(3)) WITH ('connector' = 'x')",
)
