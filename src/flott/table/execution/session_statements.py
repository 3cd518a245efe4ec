"""USE, SET, RESET, modules, and statements that name what is not supported."""

from __future__ import annotations

from typing import NoReturn

from flott.common.configuration import Configuration
from flott.common.errors import ConfigurationError, UnsupportedFeature
from flott.common.sql_errors import SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql.catalog.objects import TableObject
from flott.sql.dialect import statements as s
from flott.sql.session import Session
from flott.table.execution.context import CORE_MODULE, ExecutionContext
from flott.table.execution.simple_results import ok, pairs, texts
from flott.table.table_result import TableResult


def use(statement: s.Use, context: ExecutionContext, session: Session) -> TableResult:
    """USE."""
    if statement.is_catalog:
        context.catalog.use_catalog(".".join(statement.name))
    else:
        context.catalog.use_database(statement.name)
    return ok()


def set_option(statement: s.SetOption, context: ExecutionContext, session: Session) -> TableResult:
    """SET."""
    if statement.key is None:
        return pairs(("key", "value"), sorted(context.configuration.to_dict().items()))
    value = statement.value or ""
    try:
        Configuration.from_dict({statement.key: value}).validate()
    except ConfigurationError as error:
        message, meant, near = str(error).partition(" Did you mean ")
        raise SqlValidationError(message, hint=f"{meant}{near}".strip() or None) from error
    context.configuration.set_string(statement.key, value)
    return ok()


def reset_option(
    statement: s.ResetOption, context: ExecutionContext, session: Session
) -> TableResult:
    """RESET."""
    configuration, initial = context.configuration, context.initial
    keys = [statement.key] if statement.key else list(configuration.key_set())
    for key in keys:
        configuration.remove_config(key)
        if initial.contains_key(key):
            configuration.set_string(key, initial.get_string(key, ""))
    return ok()


def use_modules(
    statement: s.UseModules, context: ExecutionContext, session: Session
) -> TableResult:
    """USE MODULES."""
    if len(set(statement.names)) != len(statement.names):
        raise SqlValidationError("A module is named twice")
    for name in statement.names:
        _check_module(name, context)
    context.used_modules = list(statement.names)
    return ok()


def load_module(
    statement: s.LoadModule, context: ExecutionContext, session: Session
) -> TableResult:
    """LOAD MODULE: there is ``core`` only."""
    name = statement.name
    if name in context.loaded_modules:
        raise SqlValidationError(f"Module '{name}' is loaded already")
    if name != CORE_MODULE:
        raise SqlValidationError(f"There is no module '{name}'", hint="Modules: core.")
    context.loaded_modules.append(name)
    context.used_modules.append(name)
    return ok()


def unload_module(
    statement: s.UnloadModule, context: ExecutionContext, session: Session
) -> TableResult:
    """UNLOAD MODULE."""
    _check_module(statement.name, context)
    context.loaded_modules.remove(statement.name)
    if statement.name in context.used_modules:
        context.used_modules.remove(statement.name)
    return ok()


def _check_module(name: str, context: ExecutionContext) -> None:
    if name not in context.loaded_modules:
        hint = did_you_mean(name, context.loaded_modules, "Modules")
        raise SqlValidationError(f"Module '{name}' is not loaded", hint=hint)


def analyze(statement: s.AnalyzeTable, context: ExecutionContext, session: Session) -> TableResult:
    """ANALYZE TABLE: statistics are taken from the data when a query is planned."""
    path, found = context.catalog.resolve(statement.name)
    if session.is_streaming:
        raise SqlValidationError("ANALYZE TABLE is for batch mode only")
    if not isinstance(found, TableObject):
        raise SqlValidationError(f"'{'.'.join(path)}' is a view, and views are not analyzed")
    known = [each.name for each in found.columns]
    for name in statement.columns:
        if name not in known:
            hint = did_you_mean(name, known, "Columns")
            raise SqlValidationError(f"Column '{name}' does not exist in '{path[-1]}'", hint=hint)
    for name in statement.partition:
        if name not in found.partition_keys:
            raise SqlValidationError(f"'{name}' is not a partition column of '{path[-1]}'")
    return ok()


def refuse_rows_in_place(
    statement: s.Delete | s.Update | s.TruncateTable, context: ExecutionContext, session: Session
) -> NoReturn:
    """DELETE, UPDATE and TRUNCATE: no connector changes rows in place."""
    name = {s.Delete: "DELETE", s.Update: "UPDATE", s.TruncateTable: "TRUNCATE TABLE"}
    word = name[type(statement)]
    path, found = context.catalog.resolve(statement.name)
    if isinstance(statement, s.Update) and isinstance(found, TableObject):
        for column, _ in statement.assignments:
            if found.column(str(column.this)) is None:
                names = [each.name for each in found.columns]
                hint = did_you_mean(str(column.this), names, "Columns")
                message = f"Column '{column.this}' does not exist in '{'.'.join(path)}'"
                raise SqlValidationError(message, hint=hint)
    if session.is_streaming:
        raise SqlValidationError(f"{word} is for batch mode only")
    connector = "" if not isinstance(found, TableObject) else found.options.get("connector", "")
    raise UnsupportedFeature(
        f"{word} on '{'.'.join(path)}': the connector '{connector}' changes no rows in place"
    )


def call_procedure(statement: s.Call, context: ExecutionContext, session: Session) -> NoReturn:
    """CALL: no catalog has procedures."""
    raise SqlValidationError(
        f"There is no procedure '{'.'.join(statement.name)}'",
        hint="Catalogs in memory have no procedures.",
    )


def stop_job(statement: s.StopJob, context: ExecutionContext, session: Session) -> TableResult:
    """STOP JOB: cancels, or stops with a savepoint."""
    client = context.job(statement.job_id).client
    if not statement.with_savepoint and not statement.with_drain:
        client.cancel().result()
        return ok()
    path = client.stop_with_savepoint(statement.with_drain).result()
    return texts("savepoint path", [path])


def refuse(statement: s.Unsupported, context: ExecutionContext, session: Session) -> NoReturn:
    """What the dialect knows and nobody executes."""
    raise UnsupportedFeature(statement.feature, reason=statement.hint or "")


def refuse_alone(statement: s.Statement, context: ExecutionContext, session: Session) -> NoReturn:
    """BEGIN STATEMENT SET and END: only scripts know what stands between them."""
    raise SqlValidationError(
        "BEGIN STATEMENT SET and END are for scripts and the SQL shell",
        hint="Use EXECUTE STATEMENT SET BEGIN ... END, or create_statement_set().",
    )
