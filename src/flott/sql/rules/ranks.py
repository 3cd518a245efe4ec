"""Filters on a row number become Top-N, and the first or last row by time a deduplication."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal

from flott.common.logical_types import BigIntType
from flott.sql.expressions import Call, Cast, Expression, InputRef, Literal, OverCall
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, LogicalNode, RankKind
from flott.sql.rules.conditions import all_of, conjuncts, references

#: What ``rank <comparison> n`` turns into when its sides are swapped.
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


@dataclass
class _Range:
    """The ranks that pass."""

    first: int = 1
    last: int | None = None

    def narrow(self, comparison: str, bound: int) -> None:
        """Take ``rank <comparison> bound`` into account."""
        if comparison in ("<", "<=", "="):
            last = bound - 1 if comparison == "<" else bound
            self.last = last if self.last is None else min(self.last, last)
        if comparison in (">", ">=", "="):
            self.first = max(self.first, bound + 1 if comparison == ">" else bound)


def recognize_top_n(node: LogicalNode) -> LogicalNode | None:
    """``ROW_NUMBER() OVER (...) <= n`` and the like: only so many rows are kept."""
    if not isinstance(node, nodes.Filter) or not isinstance(node.input, nodes.Over):
        return None
    over = node.input
    if len(over.calls) != 1 or over.calls[0].function not in RankKind.__members__:
        return None
    call = over.calls[0]
    rank = len(over.fields) - 1
    ranks, rest = _Range(), []
    for part in conjuncts(node.predicate):
        bound = _rank_bound(part, rank)
        if bound is None:
            rest.append(part)
        else:
            ranks.narrow(*bound)
    if ranks.last is None or not _is_plain(call):
        return _without_end(node, over, ranks)
    if 0 < ranks.last < ranks.first:
        return nodes.Values(node.fields, ())
    top = nodes.TopN(
        over.fields,
        over.input,
        tuple(each.index for each in call.window.partition_by if isinstance(each, InputRef)),
        call.window.order_by,
        RankKind[call.function],
        ranks.first,
        ranks.last,
        has_rank=True,
    )
    filtered = all_of(rest)
    return top if filtered is None else nodes.Filter(node.fields, top, filtered)


def _without_end(node: nodes.Filter, over: nodes.Over, ranks: _Range) -> LogicalNode | None:
    """Tell the planner of a stream, which has no last rank."""
    if ranks.last is not None or ranks.first == 1 or over.is_rank_without_end:
        return None
    return replace(node, input=replace(over, is_rank_without_end=True))


def _is_plain(call: OverCall) -> bool:
    window = call.window
    return bool(window.order_by) and all(
        isinstance(each, InputRef)
        for each in (*window.partition_by, *(key.expression for key in window.order_by))
    )


def _rank_bound(part: Expression, rank: int) -> tuple[str, int] | None:
    """(comparison, number) of a condition on the rank."""
    if not isinstance(part, Call) or part.function not in _SWAPPED:
        return None
    left, right = (_uncast(each) for each in part.args)
    if _is_rank(left, rank) and isinstance(right, Literal):
        return _whole(part.function, right.value)
    if _is_rank(right, rank) and isinstance(left, Literal):
        return _whole(_SWAPPED[part.function], left.value)
    return None


def _whole(comparison: str, bound: object) -> tuple[str, int] | None:
    """The comparison with a whole number that says the same of whole numbers."""
    if type(bound) is int:
        return comparison, bound
    if not isinstance(bound, Decimal) or not bound.is_finite():
        return None
    below = int(bound.to_integral_value(ROUND_FLOOR))
    if below == bound:
        return comparison, below
    if comparison in ("<", "<="):
        return "<=", below
    return (">", below) if comparison in (">", ">=") else None


def _uncast(expression: Expression) -> Expression:
    """Casts between whole numbers do not change a comparison of them."""
    while isinstance(expression, Cast) and expression.is_implicit:
        expression = expression.arg
    return expression


def _is_rank(expression: Expression, rank: int) -> bool:
    return isinstance(expression, InputRef) and expression.index == rank


def fix_constant_rank(node: LogicalNode) -> LogicalNode | None:
    """The rank of a Top-N of one rank is known: it need not be carried along."""
    if not isinstance(node, nodes.TopN) or not node.has_rank or node.first != node.last:
        return None
    fields = node.fields[:-1]
    top = replace(node, fields=fields, has_rank=False)
    rank = Literal(BigIntType(nullable=False), node.first)
    kind = replace(node.fields[-1], data_type=rank.data_type)
    return nodes.Project((*fields, kind), top, (*references(fields), rank))


def recognize_deduplication(node: LogicalNode) -> LogicalNode | None:
    """The first or last row of each key by a time attribute."""
    if not isinstance(node, nodes.TopN) or node.kind is not RankKind.ROW_NUMBER:
        return None
    if node.has_rank or node.first != 1 or node.last != 1 or not node.partition:
        return None
    if len(node.keys) != 1:
        return None
    key = node.keys[0]
    if not isinstance(key.expression, InputRef):
        return None
    if node.input.fields[key.expression.index].time is None:
        return None
    return nodes.Deduplicate(
        node.fields,
        node.input,
        node.partition,
        key.expression.index,
        keeps_last=not key.ascending,
    )


def sort_limit(node: LogicalNode) -> LogicalNode | None:
    """ORDER BY with FETCH keeps no more rows than that: a Top-N of everything."""
    if not isinstance(node, nodes.Sort) or node.fetch is None or not node.keys:
        return None
    if node.fetch == 0:
        return nodes.Values(node.fields, ())
    if not all(isinstance(key.expression, InputRef) for key in node.keys):
        return None
    return nodes.TopN(
        node.fields,
        node.input,
        (),
        node.keys,
        RankKind.ROW_NUMBER,
        node.offset + 1,
        node.offset + node.fetch,
        has_rank=False,
    )


def limit_zero(node: LogicalNode) -> LogicalNode | None:
    """FETCH 0 gives no rows."""
    if isinstance(node, nodes.Sort) and node.fetch == 0:
        return nodes.Values(node.fields, ())
    return None


def plain_sort_keys(node: LogicalNode) -> LogicalNode | None:
    """Expressions to sort by are computed before."""
    if not isinstance(node, nodes.Sort | nodes.TopN):
        return None
    computed = [key.expression for key in node.keys if not isinstance(key.expression, InputRef)]
    if not computed or (isinstance(node, nodes.TopN) and node.has_rank):
        return None
    source = node.input
    own = references(source.fields)
    fields = (
        *source.fields,
        *(Field(f"$s{place}", each.data_type) for place, each in enumerate(computed)),
    )
    wide = nodes.Project(fields, source, (*own, *computed))
    places = {each: len(own) + place for place, each in enumerate(computed)}
    keys = tuple(
        replace(key, expression=InputRef(key.expression.data_type, places[key.expression]))
        if key.expression in places
        else key
        for key in node.keys
    )
    changed = replace(node, fields=fields, input=wide, keys=keys)
    return nodes.Project(node.fields, changed, own)
