"""Aggregation: what a query computes for each group, and what it then may refer to.

Expressions are bound over the columns of FROM with ``AggregateCall`` nodes in place. Here they are
taken out: a projection gives keys and operands, an ``Aggregate`` the results, and the expressions
become ones over its columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlglot import exp

from flott.common.logical_types import BigIntType
from flott.common.sql_errors import SqlValidationError
from flott.sql.binder.expressions import Environment, bind
from flott.sql.binder.grouping import Grouping, KeySet
from flott.sql.binder.plans import project, refs, source_of
from flott.sql.binder.rewriting import renullable, rewrite, rewrite_outer
from flott.sql.expressions import (
    AggregateCall,
    ExistsSubquery,
    Expression,
    InputRef,
    InSubquery,
    Literal,
    OuterRef,
    ScalarSubquery,
    SortKey,
    children,
)
from flott.sql.logical.nodes import (
    Aggregate,
    Field,
    LogicalNode,
    SetKind,
    SetOperation,
    WindowTableFunction,
)

_GROUP_ID = "GROUP_ID"
_BIGINT = BigIntType(nullable=False)
_SUBQUERIES = (ScalarSubquery, InSubquery, ExistsSubquery)


def has_aggregate(expression: Expression) -> bool:
    """Whether ``expression`` contains an aggregate that is not over a window."""
    return next(iter(aggregates_of(expression)), None) is not None


def aggregates_of(expression: Expression) -> Iterator[AggregateCall]:
    """The aggregates of ``expression``, outermost ones only."""
    if isinstance(expression, AggregateCall):
        yield expression
        return
    for child in children(expression):
        yield from aggregates_of(child)


class Aggregation:
    """The aggregation of one query.

    Args:
        node: what is aggregated.
        grouping: its keys and sets.
        expressions: everything the query asks of a group.
        state_ttl_ms: how long state is kept.
    """

    def __init__(
        self,
        node: LogicalNode,
        grouping: Grouping,
        expressions: Iterable[Expression],
        state_ttl_ms: int | None = None,
    ) -> None:
        self._grouping = grouping
        self._keys = {key: index for index, key in enumerate(grouping.keys)}
        found = dict.fromkeys(call for each in expressions for call in aggregates_of(each))
        self._has_group_id = any(call.function == _GROUP_ID for call in found)
        self._calls = [call for call in found if call.function != _GROUP_ID]
        self._positions = {
            call: len(grouping.keys) + index for index, call in enumerate(self._calls)
        }
        self._columns = [grouping.computed.get(key, key) for key in grouping.keys]
        self._ttl_ms = state_ttl_ms
        self._input = node
        self.node = self._aggregated(node)

    def _aggregated(self, node: LogicalNode) -> LogicalNode:
        calls = tuple(self._over_columns(call) for call in self._calls)
        below = project(node, self._names(node), self._columns)
        counts = Counter(self._grouping.sets)
        levels = max(counts.values(), default=1)
        if levels == 1:
            made = self._aggregate(below, calls, list(counts))
            return self._with_group_id(made, 0) if self._has_group_id else made
        # Equal sets give their rows as often as they are there; GROUP_ID tells them apart.
        parts = [
            self._aggregate(below, calls, [each for each in counts if counts[each] > level])
            for level in range(levels)
        ]
        if self._has_group_id:
            parts = [self._with_group_id(part, level) for level, part in enumerate(parts)]
        return SetOperation(parts[0].fields, tuple(parts), SetKind.UNION, is_all=True)

    def _aggregate(
        self, below: LogicalNode, calls: tuple[AggregateCall, ...], sets: Sequence[KeySet]
    ) -> LogicalNode:
        keys = tuple(range(len(self._grouping.keys)))
        fields = [
            Field(
                field.name,
                field.data_type.nullable_() if key in self._grouping.optional else field.data_type,
                field.time if self._keeps_time(key) else None,
            )
            for key, field in zip(keys, below.fields, strict=False)
        ]
        fields += [Field(f"EXPR${index}", call.data_type) for index, call in enumerate(calls)]
        is_plain = len(sets) == 1 and sets[0] == keys
        return Aggregate(
            tuple(fields),
            below,
            keys,
            calls,
            () if is_plain else tuple(sets),
            self._ttl_ms,
        )

    def _with_group_id(self, node: LogicalNode, value: int) -> LogicalNode:
        names = [*(each.name for each in node.fields), "GROUP$ID"]
        return project(node, names, (*refs(node.fields), Literal(_BIGINT, value)))

    def _names(self, node: LogicalNode) -> list[str]:
        return [
            node.fields[each.index].name if isinstance(each, InputRef) else f"EXPR${index}"
            for index, each in enumerate(self._columns)
        ]

    def _keeps_time(self, key: int) -> bool:
        """Whether a key is the time of windows by which rows are grouped: it goes on as time."""
        window = self._window_column(self._grouping.keys[key])
        if window is None or window[1] != 2 or key in self._grouping.optional:
            return False
        others = {self._window_column(each) for each in self._grouping.keys}
        return {(window[0], 0), (window[0], 1)} <= others

    def _window_column(self, key: Expression) -> tuple[int, int] | None:
        if not isinstance(key, InputRef):
            return None
        made_by, index = source_of(self._input, key.index)
        if not isinstance(made_by, WindowTableFunction):
            return None
        offset = index - len(made_by.input.fields)
        return (id(made_by), offset) if offset >= 0 else None

    def _over_columns(self, call: AggregateCall) -> AggregateCall:
        order = tuple(
            SortKey(self._column(each.expression), each.ascending, each.nulls)
            for each in call.order_by
        )
        condition = None if call.filter is None else self._column(call.filter)
        args = tuple(self._column(each) for each in call.args)
        if call.function == "GROUPING_ID":
            for each in call.args:
                if each not in self._keys:
                    raise SqlValidationError(
                        f"Argument to GROUPING operator must be a grouped expression: {call.origin}"
                    )
        return replace(call, args=args, filter=condition, order_by=order)

    def _column(self, expression: Expression) -> Expression:
        """``expression`` as a column of the projection below the aggregation."""
        if isinstance(expression, Literal):
            return expression
        if expression not in self._columns:
            self._columns.append(expression)
        return InputRef(expression.data_type, self._columns.index(expression))

    def over_groups(
        self, expression: Expression, tree: exp.Expression, env: Environment
    ) -> Expression:
        """``expression``, bound over FROM, as one over the columns of ``node``.

        Raises:
            SqlValidationError: It refers to a column that rows are not grouped by.
        """
        try:
            found = rewrite(expression, self._rule)
        except _NotGroupedError as error:
            raise self._not_grouped(error, tree, env) from error
        return renullable(found) if self._grouping.optional else found

    def _rule(self, part: Expression) -> Expression | None:
        key = self._keys.get(part)
        if key is not None and not isinstance(part, Literal):
            return self._key_ref(key)
        if isinstance(part, AggregateCall):
            if part.function == _GROUP_ID:
                return InputRef(_BIGINT, len(self.node.fields) - 1)
            index = self._positions[part]
            return InputRef(self.node.fields[index].data_type, index)
        if isinstance(part, InputRef):
            raise _NotGroupedError(part.index)
        if isinstance(part, _SUBQUERIES):
            return self._subquery(part)
        return None

    def _key_ref(self, key: int) -> InputRef:
        return InputRef(self.node.fields[key].data_type, key)

    def _subquery(self, part: ScalarSubquery | InSubquery | ExistsSubquery) -> Expression:
        def rule(ref: OuterRef, depth: int) -> Expression:
            if ref.depth != depth:
                return ref
            key = self._keys.get(InputRef(ref.data_type, ref.index))
            if key is None:
                raise _NotGroupedError(ref.index)
            return OuterRef(self.node.fields[key].data_type, key, depth)

        found = replace(part, plan=rewrite_outer(part.plan, rule))
        if isinstance(found, InSubquery):
            return replace(found, args=tuple(rewrite(each, self._rule) for each in found.args))
        return found

    def _not_grouped(
        self, error: _NotGroupedError, tree: exp.Expression, env: Environment
    ) -> SqlValidationError:
        blamed = self._blamed(tree, env)
        name = self._input.fields[error.index].name
        if blamed is not None:
            name = env.written(blamed)
        return env.invalid(
            blamed or tree,
            f"Expression '{name}' is not being grouped",
            "Add it to GROUP BY (by its expression: neither positions nor aliases), or aggregate "
            "it.",
        )

    def _blamed(self, tree: exp.Expression, env: Environment) -> exp.Expression | None:
        """The first column of ``tree`` that is neither grouped nor aggregated."""
        if isinstance(tree, (exp.Query, exp.Star)):
            return None
        try:
            bound = bind(tree, env)
        except SqlValidationError:
            bound = None
        if bound is not None and (bound in self._keys or isinstance(bound, AggregateCall)):
            return None
        if isinstance(tree, exp.Column):
            return tree
        for child in tree.iter_expressions():
            found = self._blamed(child, env)
            if found is not None:
                return found
        return None


class _NotGroupedError(Exception):
    """A column that rows are not grouped by."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


def distinct(node: LogicalNode) -> LogicalNode:
    """The distinct rows of ``node``."""
    fields = tuple(Field(each.name, each.data_type) for each in node.fields)
    return Aggregate(fields, node, tuple(range(len(fields))), ())
