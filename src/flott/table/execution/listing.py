"""SHOW and DESCRIBE."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flott.common.errors import UnsupportedFeature
from flott.common.logical_types import STRING, BooleanType, LocalZonedTimestampType
from flott.common.sql_errors import SqlValidationError
from flott.sql import functions
from flott.sql.catalog.objects import TableObject, ViewObject
from flott.sql.ddl.partitions import list_partitions
from flott.sql.ddl.show_create import (
    show_create_catalog,
    show_create_table,
    show_create_view,
)
from flott.sql.dialect import statements as s
from flott.sql.functions.core_module import CORE_FUNCTIONS
from flott.sql.logical.nodes import TimeAttribute
from flott.sql.session import Session
from flott.table.execution.context import ExecutionContext, StartedJob
from flott.table.execution.schemas import ResolvedColumn, resolve_columns
from flott.table.execution.simple_results import pairs, raw_text, texts
from flott.table.row_values import time_zone
from flott.table.table_result import TableResult, fixed_result

_COLUMNS = ("name", "type", "null", "key", "extras", "watermark")
_INFO = ("info name", "info value")


def like_pattern(pattern: s.Pattern) -> Callable[[str], bool]:
    """Whether a name is shown.

    >>> list(filter(like_pattern(s.Pattern("o%_s")), ["orders", "users"]))
    ['orders']
    """
    parts = []
    escaped = False
    for char in pattern.text:
        if escaped or char not in "%_\\":
            parts.append(re.escape(char))
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            parts.append(".*" if char == "%" else ".")
    flags = re.DOTALL | (re.IGNORECASE if pattern.ignores_case else 0)
    compiled = re.compile("".join(parts), flags)
    return lambda name: (compiled.fullmatch(name) is None) is pattern.is_negated


def _chosen(names: Iterable[str], pattern: s.Pattern | None) -> list[str]:
    return sorted(names if pattern is None else filter(like_pattern(pattern), names))


def show(statement: s.Show, context: ExecutionContext, session: Session) -> TableResult:
    """SHOW."""
    rule = _SHOWN.get(statement.what)
    if rule is None:
        raise UnsupportedFeature(f"SHOW {statement.what}")
    return rule(statement, context, session)


def _catalogs(statement: s.Show, context: ExecutionContext, _: Session) -> TableResult:
    return texts("catalog name", _chosen(context.catalog.catalogs, statement.pattern))


def _partitions(statement: s.Show, context: ExecutionContext, _: Session) -> TableResult:
    path, found = context.catalog.resolve(statement.name)
    if not isinstance(found, TableObject):
        raise SqlValidationError(f"'{'.'.join(path)}' is a view, and views have no partitions")
    return texts("partition name", list_partitions(found, statement.partition))


def _databases(statement: s.Show, context: ExecutionContext, _: Session) -> TableResult:
    if len(statement.name) > 1:
        raise SqlValidationError("A catalog has a name of one part")
    name = statement.name[0] if statement.name else context.catalog.current_catalog
    databases = context.catalog.catalog(name).databases
    return texts("database name", _chosen(databases, statement.pattern))


def _current_catalog(_: s.Show, context: ExecutionContext, __: Session) -> TableResult:
    return texts("current catalog name", [context.catalog.current_catalog])


def _current_database(_: s.Show, context: ExecutionContext, __: Session) -> TableResult:
    return texts("current database name", [context.catalog.current_database])


def _scope(statement: s.Show, context: ExecutionContext) -> tuple[str, str]:
    catalog = context.catalog
    if not statement.name:
        return catalog.current_catalog, catalog.current_database
    scope = catalog.qualify_database(statement.name)
    catalog.database(*scope)
    return scope


def _tables(statement: s.Show, context: ExecutionContext, _: Session) -> TableResult:
    names = context.catalog.objects_in(*_scope(statement, context))
    return texts("table name", _chosen(names, statement.pattern))


def _views(statement: s.Show, context: ExecutionContext, _: Session) -> TableResult:
    objects = context.catalog.objects_in(*_scope(statement, context))
    names = [name for name, each in objects.items() if isinstance(each, ViewObject)]
    return texts("view name", _chosen(names, statement.pattern))


def _functions(statement: s.Show, context: ExecutionContext, _: Session) -> TableResult:
    users = context.catalog.functions.names(*_scope(statement, context))
    names = {*users, *CORE_FUNCTIONS}
    return texts("function name", _chosen(names, statement.pattern))


def _user_functions(statement: s.Show, context: ExecutionContext, _: Session) -> TableResult:
    names = context.catalog.functions.names(*_scope(statement, context))
    return texts("function name", _chosen(names, statement.pattern))


def _modules(_: s.Show, context: ExecutionContext, __: Session) -> TableResult:
    return texts("module name", context.used_modules)


def _full_modules(_: s.Show, context: ExecutionContext, __: Session) -> TableResult:
    used = context.used_modules
    others = [each for each in context.loaded_modules if each not in used]
    rows = [[name, True] for name in used] + [[name, False] for name in others]
    return fixed_result(["module name", "used"], [STRING, BooleanType()], rows)


def _jobs(_: s.Show, context: ExecutionContext, session: Session) -> TableResult:
    return _job_table(context.jobs.items(), session)


def _job_table(jobs: Iterable[tuple[str, StartedJob]], session: Session) -> TableResult:
    zone = time_zone(session.time_zone)
    rows = [[job_id, job.name, job.status, job.start_time.astimezone(zone)] for job_id, job in jobs]
    names = ["job id", "job name", "status", "start time"]
    return fixed_result(names, [*[STRING] * 3, LocalZonedTimestampType(3)], rows)


def _nothing(column: str) -> Callable[[s.Show, ExecutionContext, Session], TableResult]:
    return lambda statement, context, session: texts(column, [])


def _models(statement: s.Show, context: ExecutionContext, _: Session) -> TableResult:
    _scope(statement, context)
    return texts("model name", [])


def _procedures(statement: s.Show, context: ExecutionContext, _: Session) -> TableResult:
    scope = _scope(statement, context)
    raise SqlValidationError(f"The catalog '{scope[0]}' is in memory and has no procedures")


def _columns(statement: s.Show, context: ExecutionContext, session: Session) -> TableResult:
    return _column_table(statement.name, context, session, statement.pattern)


def _create_table(statement: s.Show, context: ExecutionContext, session: Session) -> TableResult:
    path, found = context.catalog.resolve(statement.name)
    if isinstance(found, ViewObject):
        raise SqlValidationError(f"'{'.'.join(path)}' is a view", hint="SHOW CREATE VIEW shows it.")
    return raw_text(show_create_table(path, found))


def _create_view(statement: s.Show, context: ExecutionContext, session: Session) -> TableResult:
    path, found = context.catalog.resolve(statement.name)
    if isinstance(found, TableObject):
        raise SqlValidationError(
            f"'{'.'.join(path)}' is a table", hint="SHOW CREATE TABLE shows it."
        )
    names = [each.name for each in resolve_columns(path, found, session)]
    return raw_text(show_create_view(path, found, names))


def _create_catalog(statement: s.Show, context: ExecutionContext, _: Session) -> TableResult:
    catalog = context.catalog.catalog(".".join(statement.name))
    return raw_text(show_create_catalog(catalog))


_SHOWN: dict[str, Callable[[s.Show, ExecutionContext, Session], TableResult]] = {
    "CATALOGS": _catalogs,
    "COLUMNS": _columns,
    "CREATE CATALOG": _create_catalog,
    "CREATE TABLE": _create_table,
    "CREATE VIEW": _create_view,
    "CURRENT CATALOG": _current_catalog,
    "CURRENT DATABASE": _current_database,
    "DATABASES": _databases,
    "FULL MODULES": _full_modules,
    "FUNCTIONS": _functions,
    "JARS": _nothing("jars"),
    "JOBS": _jobs,
    "MATERIALIZED TABLES": _nothing("materialized table"),
    "MODELS": _models,
    "MODULES": _modules,
    "PARTITIONS": _partitions,
    "PROCEDURES": _procedures,
    "TABLES": _tables,
    "USER FUNCTIONS": _user_functions,
    "VIEWS": _views,
}


def describe(statement: s.Describe, context: ExecutionContext, session: Session) -> TableResult:
    """DESCRIBE."""
    name = statement.name
    match statement.kind:
        case "TABLE":
            return _column_table(name, context, session, None)
        case "CATALOG":
            return _describe_catalog(".".join(name), context, statement.is_extended)
        case "DATABASE":
            return _describe_database(name, context, statement.is_extended)
        case "FUNCTION":
            return _describe_function(name, context, statement.is_extended)
        case "JOB":
            return _job_table([(name[0], context.job(name[0]))], session)
        case kind:
            raise UnsupportedFeature(f"DESCRIBE {kind}")


def _column_table(
    name: s.Path, context: ExecutionContext, session: Session, pattern: s.Pattern | None
) -> TableResult:
    path, found = context.catalog.resolve(name)
    columns = resolve_columns(path, found, session)
    if pattern is not None:
        matches = like_pattern(pattern)
        columns = [each for each in columns if matches(each.name)]
    key: Sequence[str] = found.primary_key if isinstance(found, TableObject) else ()
    rows = [_column_row(each, key, session.is_streaming) for each in columns]
    names, types = list(_COLUMNS), [STRING, STRING, BooleanType(), *[STRING] * 3]
    if any(each.comment is not None for each in columns):
        names.append("comment")
        types.append(STRING)
        for row, each in zip(rows, columns, strict=True):
            row.append(each.comment)
    return fixed_result(names, types, rows)


def _column_row(column: ResolvedColumn, key: Sequence[str], is_streaming: bool) -> list[Any]:
    text = column.data_type.summary
    if column.time is TimeAttribute.PROCTIME or (column.time is not None and is_streaming):
        text += f" *{column.time.value}*"
    shown_key = f"PRI({', '.join(key)})" if column.name in key else None
    nullable = column.data_type.nullable
    return [column.name, text, nullable, shown_key, column.extras, column.watermark]


def _describe_catalog(name: str, context: ExecutionContext, is_extended: bool) -> TableResult:
    catalog = context.catalog.catalog(name)
    rows = [
        ("name", name),
        ("type", catalog.options.get("type", "generic_in_memory")),
        ("comment", catalog.comment),
    ]
    if is_extended:
        others = {key: value for key, value in catalog.options.items() if key != "type"}
        rows += [(f"option:{key}", value) for key, value in sorted(others.items())]
    return pairs(_INFO, rows)


def _describe_database(parts: s.Path, context: ExecutionContext, is_extended: bool) -> TableResult:
    catalog, name = context.catalog.qualify_database(parts)
    definition = context.catalog.database(catalog, name).definition
    rows = [
        ("catalog", catalog),
        ("database", name),
        ("comment", definition.comment or ""),
    ]
    if is_extended:
        rows += sorted(definition.properties.items())
    return pairs(_INFO, rows)


def _describe_function(parts: s.Path, context: ExecutionContext, is_extended: bool) -> TableResult:
    name = ".".join(parts)
    found = context.catalog.functions.find(parts)
    if found is None and not (len(parts) == 1 and functions.is_known(parts[0])):
        raise SqlValidationError(f"Function '{name}' does not exist")
    rows = [
        ("is system function", str(found is None or found.is_system).lower()),
        ("is temporary", str(found is not None and found.is_temporary).lower()),
    ]
    if found is not None:
        rows += [
            ("class name", found.class_name or repr(found.python_object)),
            ("function language", found.language),
        ]
    elif is_extended:
        rows += functions.traits(name)
    return pairs(_INFO, rows)
