"""Queries of all shapes: WITH, SELECT, VALUES, set operations, parentheses; and views."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from flott.common.logical_types import DataType, NullType
from flott.common.sql_errors import SqlError
from flott.sql import functions
from flott.sql.binder.context import BindContext, CommonTable
from flott.sql.binder.expressions import Environment, bind
from flott.sql.binder.ordering import sort_output
from flott.sql.binder.plans import one_row, project, refs, renamed
from flott.sql.binder.select import bind_select
from flott.sql.binder.set_operations import combine, operands_of
from flott.sql.catalog.objects import ObjectPath, ViewObject
from flott.sql.dialect import parse_query
from flott.sql.expressions import Expression, ScalarSubquery, walk
from flott.sql.logical.nodes import Field, LogicalNode, Project, SetKind, SetOperation, Values
from flott.sql.session import Session


class Queries:
    """Binds queries (see ``flott.sql.binder.context.QueryBinder``)."""

    def query(self, tree: exp.Expression, context: BindContext) -> LogicalNode:
        """The plan of a query."""
        if tree.args.get("with_") is not None:
            context = replace(context, common=_common_tables(tree, context))
        if isinstance(tree, exp.Select):
            return bind_select(tree, context)
        return sort_output(self._unsorted(tree, context), tree, context)

    def _unsorted(self, tree: exp.Expression, context: BindContext) -> LogicalNode:
        if isinstance(tree, exp.Subquery):
            has_tail = any(tree.args.get(name) for name in ("order", "limit", "offset"))
            inner = context.inner() if has_tail else context
            return self.query(tree.this, inner)
        if isinstance(tree, exp.SetOperation):
            inner = context.inner()
            inputs = [self.query(each, inner) for each in operands_of(tree)]
            return combine(tree, inputs, context)
        if isinstance(tree, exp.Values):
            return _values(tree, context)
        raise context.unsupported(tree, "This query")

    def view(self, view: ViewObject, path: ObjectPath, context: BindContext) -> LogicalNode:
        """The plan of a view, in the search path of its creation.

        Raises:
            SqlValidationError: It refers to itself, or to something that is no more.
        """
        if view.plan is not None:
            plan: LogicalNode = view.plan
            return renamed(plan, view.column_names) if view.column_names else plan
        name = ".".join(path)
        if path in context.views:
            raise context.invalid(None, f"The view '{name}' refers to itself")
        session = in_search_path(context.session, view.catalog, view.database, view.query_text)
        inner = BindContext(
            session, view.query_text, self, views=(*context.views, path), is_inner=True
        )
        try:
            plan = self.query(parse_query(view.query_text), inner)
        except SqlError as error:
            raise type(error)(
                f"In the view '{name}': {error.message}",
                error.statement,
                error.line,
                error.column,
                error.length,
                hint=error.hint,
            ) from error
        plan = _as_created(plan, view, name, context)
        if not view.column_names:
            return plan
        if len(view.column_names) != len(plan.fields):
            raise context.invalid(
                None,
                f"VIEW definition and input fields not match: the view '{name}' names "
                f"{len(view.column_names)} columns, its query has {len(plan.fields)}",
            )
        return renamed(plan, view.column_names)


def _as_created(
    plan: LogicalNode, view: ViewObject, name: str, context: BindContext
) -> LogicalNode:
    """``plan`` with the columns that the view's query had when it was created.

    Raises:
        SqlValidationError: One of them is no more.
    """
    names = [each.name for each in plan.fields]
    if not view.query_columns or names == list(view.query_columns):
        return plan
    missing = [each for each in view.query_columns if each not in names]
    if missing:
        raise context.invalid(
            None,
            f"The query of the view '{name}' has no column '{missing[0]}' any more",
            "Create the view again.",
        )
    columns = refs(plan.fields)
    return project(plan, view.query_columns, [columns[names.index(n)] for n in view.query_columns])


def in_search_path(session: Session, catalog: str, database: str, text: str) -> Session:
    """``session`` as it is where names without a database mean those of ``database``."""
    manager = copy.copy(session.catalog)
    manager.current_catalog, manager.current_database = catalog, database
    return replace(session, catalog=manager, text=text)


def _common_tables(tree: exp.Expression, context: BindContext) -> Mapping[str, CommonTable]:
    """The queries of WITH, each of which sees those before it."""
    found = dict(context.common)
    depth = len(context.outer)
    for each in tree.args["with_"].expressions:
        inner = replace(context.inner(), common=found)
        plan = context.queries.query(each.this, inner)
        alias = each.args["alias"]
        columns = [column.name for column in alias.args.get("columns") or ()]
        if columns and len(columns) != len(plan.fields):
            raise context.invalid(
                alias,
                f"The query '{alias.name}' of WITH has {len(plan.fields)} columns, and "
                f"{len(columns)} names",
            )
        twice = next((each for each in columns if columns.count(each) > 1), None)
        if twice is not None:
            raise context.invalid(alias, f"Duplicate name '{twice}' in column list")
        if columns:
            plan = renamed(plan, columns)
        found = {**found, alias.name: CommonTable(plan, depth)}
    return found


def _values(tree: exp.Values, context: BindContext) -> LogicalNode:
    """Constant rows, their columns cast to common types."""
    env = Environment(context, clause="VALUES")
    rows = [[bind(item, env) for item in row.expressions] for row in tree.expressions]
    width = len(rows[0])
    for row, written in zip(rows, tree.expressions, strict=True):
        if len(row) != width:
            raise context.invalid(
                written,
                "Values passed to VALUES operator must have compatible types",
                f"This row has {len(row)} columns, the first has {width}.",
            )
        for value, item in zip(row, written.expressions, strict=True):
            if isinstance(value.data_type, NullType):
                raise context.invalid(
                    item, "Illegal use of 'NULL'", "Give it a type: CAST(NULL AS INT)."
                )
    types = [_common([row[index] for row in rows], tree, context) for index in range(width)]
    fields = tuple(Field(f"EXPR${index}", each) for index, each in enumerate(types))
    cast = [_as(row, types) for row in rows]
    if not any(isinstance(part, ScalarSubquery) for row in cast for e in row for part in walk(e)):
        return Values(fields, tuple(cast))
    # A query is read once: its row is that of a SELECT without FROM.
    inputs = tuple(Project(fields, one_row(), row) for row in cast)
    return inputs[0] if len(inputs) == 1 else SetOperation(fields, inputs, SetKind.UNION, True)


def _common(values: Sequence[Expression], tree: exp.Values, context: BindContext) -> DataType:
    found = functions.common_type([each.data_type for each in values])
    if found is None:
        types = ", ".join(dict.fromkeys(str(each.data_type.nullable_()) for each in values))
        raise context.invalid(
            tree,
            "Values passed to VALUES operator must have compatible types",
            f"A column has values of the types {types}.",
        )
    return found


def _as(row: Sequence[Expression], types: Sequence[DataType]) -> tuple[Expression, ...]:
    return tuple(
        value if value.data_type.same_type(wanted) else functions.resolve_cast(value, wanted)
        for value, wanted in zip(row, types, strict=True)
    )
