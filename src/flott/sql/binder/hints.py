"""Hints: ``/*+ OPTIONS('k' = 'v') */`` on tables, and those of a query on its joins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlglot import exp

from flott.common.errors import ConfigurationError
from flott.common.option_values import parse_duration
from flott.common.suggestions import did_you_mean
from flott.sql.binder.context import BindContext
from flott.sql.binder.scope import Scope

#: Hints that name the tables of joins.
_STRATEGIES: Final = ("BROADCAST", "SHUFFLE_HASH", "SHUFFLE_MERGE", "NEST_LOOP", "MULTI_JOIN")
_KNOWN: Final = (*_STRATEGIES, "LOOKUP", "STATE_TTL", "OPTIONS")


@dataclass
class QueryHints:
    """The hints of one SELECT.

    Attributes:
        tables: (hint, table) pairs.
        lookups: Options of LOOKUP by table.
        ttl_ms: How long state is kept, by table.
        trees: Where each name of a table stands, for those that nothing uses.
        used: Names of tables that were found.
    """

    tables: list[tuple[str, str]] = field(default_factory=list)
    lookups: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    ttl_ms: dict[str, int] = field(default_factory=dict)
    trees: dict[str, exp.Expression] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def of_join(self, left: Scope, right: Scope) -> tuple[tuple[str, Any], ...]:
        """What applies to a join of two parts of the FROM clause."""
        sides = (("left", _names(left)), ("right", _names(right)))
        found: list[tuple[str, Any]] = []
        for hint, table in self.tables:
            for side, names in sides:
                if table in names:
                    self.used.add(table)
                    found.append((hint, side))
        for table, options in self.lookups.items():
            if table in sides[1][1]:
                self.used.add(table)
                found.append(("LOOKUP", options))
        times = tuple(
            (side, self.ttl_ms[table]) for side, names in sides for table in names & {*self.ttl_ms}
        )
        if times:
            self.used.update(table for _, names in sides for table in names & {*self.ttl_ms})
            found.append(("STATE_TTL", times))
        return tuple(found)

    def of_aggregate(self, scope: Scope) -> int | None:
        """How long an aggregation over ``scope`` keeps state, in milliseconds."""
        found = _names(scope) & {*self.ttl_ms}
        self.used.update(found)
        return min((self.ttl_ms[each] for each in found), default=None)

    def check_used(self, context: BindContext) -> None:
        """Refuse names that mean no table of the query."""
        for table, tree in self.trees.items():
            if table not in self.used:
                raise context.invalid(
                    tree,
                    f"The hint names '{table}', which is not a table that it can apply to",
                    "Write the alias of a joined table, where it has one.",
                )


def _names(scope: Scope) -> set[str]:
    found: set[str] = set()
    for each in scope.relations:
        if each.names:
            found |= {each.names[-1], ".".join(each.names)}
    return found


def table_options(hints: Sequence[exp.Expression], context: BindContext) -> dict[str, str]:
    """The options of ``OPTIONS`` hints behind a table; the last of equal keys wins.

    Raises:
        SqlValidationError: Another hint stands there, or an option is not a pair.
    """
    found: dict[str, str] = {}
    for each in hints:
        if _name(each) != "OPTIONS":
            raise context.invalid(
                each, f"{_name(each)} is not a hint of a table", "Write it behind SELECT."
            )
        found.update(_pairs(each, context))
    return found


def query_hints(select: exp.Select, context: BindContext) -> QueryHints:
    """The hints behind SELECT.

    Raises:
        SqlValidationError: A hint is unknown or has wrong options.
    """
    found = QueryHints()
    hint = select.args.get("hint")
    for each in hint.expressions if hint is not None else ():
        name = _name(each)
        if name == "MULTI_JOIN" and not context.is_streaming:
            raise context.invalid(each, "MULTI_JOIN is a hint for streaming mode")
        if name in _STRATEGIES:
            if not each.expressions:
                raise context.invalid(each, f"The hint {name} names at least one table")
            for option in each.expressions:
                table = option.name or str(option.this)
                found.tables.append((name, table))
                found.trees[table] = option
        elif name == "LOOKUP":
            options = dict(_pairs(each, context))
            table = options.pop("table", "")
            if not table:
                raise context.invalid(each, "LOOKUP needs the option 'table'")
            found.lookups.setdefault(table, tuple(options.items()))
            found.trees[table] = each
        elif name == "STATE_TTL":
            for table, text in _pairs(each, context).items():
                found.ttl_ms.setdefault(table, _duration_ms(text, each, context))
                found.trees[table] = each
        else:
            raise context.invalid(each, f"Unknown hint {name}", did_you_mean(name, _KNOWN, "Hints"))
    return found


def _name(hint: exp.Expression) -> str:
    return str(hint.this).upper()


def _pairs(hint: exp.Expression, context: BindContext) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for option in hint.expressions:
        if not isinstance(option, exp.EQ):
            raise context.invalid(option, f"{_name(hint)} takes pairs: 'key' = 'value'")
        found[str(option.this.name)] = str(option.expression.name)
    return found


def _duration_ms(text: str, tree: exp.Expression, context: BindContext) -> int:
    try:
        return parse_duration(text).to_millis()
    except (ValueError, ConfigurationError) as error:
        raise context.invalid(tree, f"'{text}' is not a duration", "Such as '1 h'.") from error
