"""SELECT: its clauses, in the order in which they have a meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sqlglot import exp

from flott.sql.binder.aggregation import Aggregation, distinct, has_aggregate
from flott.sql.binder.context import BindContext
from flott.sql.binder.errors import placed
from flott.sql.binder.expressions import Environment, bind, condition, key_of
from flott.sql.binder.expressions.aggregates import GROUPING_NAMES
from flott.sql.binder.from_clause import bind_from
from flott.sql.binder.group_windows import WINDOW_NAMES, WindowCalls, group_window, with_window
from flott.sql.binder.grouping import Grouping, bind_grouping_clause, windows_of
from flott.sql.binder.hints import QueryHints, query_hints
from flott.sql.binder.ordering import ordered_of, ordinal, sort
from flott.sql.binder.plans import project, refs
from flott.sql.binder.relations import Source
from flott.sql.binder.rewriting import rewrite
from flott.sql.binder.select_list import Item, aliases_of, bind_items, check_types
from flott.sql.binder.streaming_rules import check_over
from flott.sql.expressions import Expression, InputRef, Literal, OverCall, SortKey, walk
from flott.sql.logical.nodes import Filter, LogicalNode, WindowKind

#: Turns an expression over FROM, written as a tree, into one over the rows of the select list.
_Rewrite = Callable[[Expression, exp.Expression], Expression]


@dataclass
class _Parts:
    """The bound parts of a query, over the columns of FROM until it is aggregated."""

    items: list[Item]
    having: Expression | None = None
    qualify: Expression | None = None
    order: list[tuple[exp.Ordered, Expression]] = field(default_factory=list)

    def expressions(self) -> list[Expression]:
        """All of them."""
        found = [each.expression for each in self.items]
        found += [each for each in (self.having, self.qualify) if each is not None]
        return found + [each for _, each in self.order]


def bind_select(select: exp.Select, context: BindContext) -> LogicalNode:
    """The plan of a SELECT with its ORDER BY and LIMIT.

    Args:
        select: The query.
        context: Around it.

    Raises:
        SqlValidationError: Anything in it has no meaning.
    """
    hints = query_hints(select, context)
    source = _filtered(bind_from(select, context, hints), select, context)
    node, grouping, env = _grouped(source, select, context)
    parts = _bound_parts(select, env, context)
    check_types(parts.items, env)
    is_aggregated = select.args.get("group") is not None or any(
        has_aggregate(each) for each in parts.expressions()
    )
    if is_aggregated or parts.having is not None:
        node = _aggregated(node, grouping, parts, env, select, hints, source)
    hints.check_used(context)
    check_over(parts.expressions(), select, context)
    return _projected(node, parts, select, context)


def _filtered(source: Source, select: exp.Select, context: BindContext) -> Source:
    where = select.args.get("where")
    if where is None:
        return source
    env = Environment(context, source.scope, clause="WHERE", select_names=_select_names(select))
    predicate = condition(where.this, env, "WHERE")
    return replace(source, node=Filter(source.node.fields, source.node, predicate))


def _select_names(select: exp.Select) -> frozenset[str]:
    return frozenset(each.alias for each in select.expressions if isinstance(each, exp.Alias))


def _named_windows(select: exp.Select, context: BindContext) -> dict[str, exp.Expression]:
    named: dict[str, exp.Expression] = {}
    for each in select.args.get("windows") or ():
        name = each.args["this"].name
        if name in named:
            raise context.invalid(each, f"Window '{name}' is defined twice")
        named[name] = each
    return named


def _grouped(
    source: Source, select: exp.Select, context: BindContext
) -> tuple[LogicalNode, Grouping, Environment]:
    """The input with its group window, the grouping, and what the select list sees."""
    group = select.args.get("group")
    named = _named_windows(select, context)
    env = Environment(
        context,
        source.scope,
        has_aggregates=True,
        has_over=True,
        windows=named,
        select_names=_select_names(select),
    )
    trees = windows_of(group, WINDOW_NAMES)
    if len(trees) > 1:
        raise context.invalid(trees[1], "GROUP BY takes one window")
    if trees:
        return _windowed(source.node, group, trees[0], env)
    env = replace(env, group_windows=WindowCalls(None, source.node.fields))
    grouping = bind_grouping_clause(group, env)
    return source.node, grouping, replace(env, has_empty_groups=grouping.has_empty_groups)


def _windowed(
    node: LogicalNode, group: exp.Group | None, tree: exp.Anonymous, env: Environment
) -> tuple[LogicalNode, Grouping, Environment]:
    """``node`` with the group window ``tree``; a session is one of the other keys."""
    window = group_window(tree, env, node.fields)
    first = replace(env, group_windows=WindowCalls(window, node.fields))
    keys = bind_grouping_clause(group, first).keys
    others = [each for each in keys if each not in WindowCalls(window, node.fields).columns]
    computed: dict[Expression, Expression] = {}
    partition: tuple[int, ...] = ()
    if window.kind is WindowKind.SESSION:
        node, computed = _with_keys(node, others)
        columns = [computed.get(each, each) for each in others]
        partition = tuple(each.index for each in columns if isinstance(each, InputRef))
    calls = WindowCalls(window, node.fields)
    env = replace(env, group_windows=calls)
    grouping = bind_grouping_clause(group, env)
    grouping.computed = computed
    _group_by_window(grouping, calls, tree, env.context)
    return with_window(node, window, partition), grouping, env


def _with_keys(
    node: LogicalNode, keys: list[Expression]
) -> tuple[LogicalNode, dict[Expression, Expression]]:
    """``node`` with a column for each key that is none, and these columns by key."""
    extra = [each for each in keys if not isinstance(each, (InputRef, Literal))]
    if not extra:
        return node, {}
    width = len(node.fields)
    names = [*(each.name for each in node.fields), *(f"KEY${i}" for i in range(len(extra)))]
    made = project(node, names, (*refs(node.fields), *extra))
    return made, {each: InputRef(each.data_type, width + index) for index, each in enumerate(extra)}


def _group_by_window(
    grouping: Grouping, calls: WindowCalls, tree: exp.Expression, context: BindContext
) -> None:
    if not grouping.is_plain:
        raise context.invalid(tree, "Windows in GROUP BY do not go with grouping sets")
    keys = [grouping.position(each, tree) for each in calls.columns]
    grouping.sets = [tuple(sorted({*grouping.sets[0], *keys}))]


def _bound_parts(select: exp.Select, env: Environment, context: BindContext) -> _Parts:
    parts = _Parts(bind_items(select.expressions, env))
    aliases = aliases_of(parts.items)
    having, qualify = select.args.get("having"), select.args.get("qualify")
    if having is not None:
        inner = replace(env, clause="HAVING", has_over=False)
        parts.having = condition(having.this, inner, "HAVING")
    if qualify is not None:
        inner = replace(env, clause="QUALIFY", aliases=aliases)
        parts.qualify = condition(qualify.this, inner, "QUALIFY")
        if not any(isinstance(each, OverCall) for each in walk(parts.qualify)):
            raise context.invalid(
                qualify, "QUALIFY needs a function with OVER (...)", "WHERE and HAVING need none."
            )
    values = [each.expression for each in parts.items]
    inner = replace(env, clause="ORDER BY", aliases=aliases)
    for tree in ordered_of(select):
        value = ordinal(tree, values, context)
        parts.order.append((tree, bind(tree.this, inner) if value is None else value))
    return parts


def _aggregated(
    node: LogicalNode,
    grouping: Grouping,
    parts: _Parts,
    env: Environment,
    select: exp.Select,
    hints: QueryHints,
    source: Source,
) -> LogicalNode:
    """The aggregation with HAVING; ``parts`` are over its columns afterwards."""
    _use_window_time(grouping, parts, env, select)
    with placed(_grouping_call(select), env.context.text):
        made = Aggregation(node, grouping, parts.expressions(), hints.of_aggregate(source.scope))

    def over(expression: Expression, tree: exp.Expression) -> Expression:
        return made.over_groups(expression, tree, env)

    parts.items = [
        replace(each, expression=over(each.expression, each.tree)) for each in parts.items
    ]
    if parts.qualify is not None:
        parts.qualify = over(parts.qualify, select.args["qualify"].this)
    parts.order = [(tree, over(each, tree.this)) for tree, each in parts.order]
    if parts.having is None:
        return made.node
    having = over(parts.having, select.args["having"].this)
    return Filter(made.node.fields, made.node, having)


def _grouping_call(select: exp.Select) -> exp.Expression:
    """What to blame for a wrong GROUPING, which is all that can be wrong in an aggregation."""
    calls = select.find_all(exp.Anonymous)
    return next((each for each in calls if str(each.this).upper() in GROUPING_NAMES), select)


def _use_window_time(
    grouping: Grouping, parts: _Parts, env: Environment, select: exp.Select
) -> None:
    """Group by window_time as well if something asks for the row time of the group window."""
    calls = env.group_windows
    time = calls.time if isinstance(calls, WindowCalls) else None
    if time is None or not any(part == time for each in parts.expressions() for part in walk(each)):
        return
    key = grouping.position(time, select)
    grouping.sets = [(*grouping.sets[0], key)]


def _projected(
    node: LogicalNode, parts: _Parts, select: exp.Select, context: BindContext
) -> LogicalNode:
    """The select list, with columns for QUALIFY and ORDER BY that go again."""
    columns = [each.expression for each in parts.items]
    names = [each.name for each in parts.items]
    width = len(columns)
    qualify = None if parts.qualify is None else _over_columns(parts.qualify, columns)
    is_distinct = select.args.get("distinct") is not None
    keys: list[SortKey] = []
    if _sorts(select, context):
        keys = _sort_keys(parts, columns, select, context, is_distinct)
    names += [f"EXPR${index}" for index in range(width, len(columns))]
    node = project(node, names, columns)
    if qualify is not None:
        node = Filter(node.fields, node, qualify)
    if is_distinct:
        node = distinct(_narrowed(node, width))
    node = sort(node, keys, select, context)
    return _narrowed(node, width)


def _sorts(select: exp.Select, context: BindContext) -> bool:
    return not context.is_inner or select.args.get("limit") is not None


def _sort_keys(
    parts: _Parts,
    columns: list[Expression],
    select: exp.Select,
    context: BindContext,
    is_distinct: bool,
) -> list[SortKey]:
    keys: list[SortKey] = []
    width = len(parts.items)
    for tree, expression in parts.order:
        position = _position(expression, columns)
        if is_distinct and position >= width:
            raise context.invalid(
                tree,
                "Expression is not in the select clause: with DISTINCT, ORDER BY takes columns of "
                "the select list",
            )
        keys.append(key_of(tree, InputRef(expression.data_type, position)))
    return keys


def _position(expression: Expression, columns: list[Expression]) -> int:
    """Where ``expression`` stands among ``columns``; behind them if it is new."""
    if expression not in columns:
        columns.append(expression)
    return columns.index(expression)


def _over_columns(expression: Expression, columns: list[Expression]) -> Expression:
    """``expression`` over the projected ``columns``; what it needs besides them is added."""

    def rule(part: Expression) -> Expression | None:
        if isinstance(part, (OverCall, InputRef)) or part in columns:
            return InputRef(part.data_type, _position(part, columns))
        return None

    return rewrite(expression, rule)


def _narrowed(node: LogicalNode, width: int) -> LogicalNode:
    if len(node.fields) == width:
        return node
    return project(node, [each.name for each in node.fields[:width]], refs(node.fields[:width]))
