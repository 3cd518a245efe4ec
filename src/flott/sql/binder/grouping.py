"""GROUP BY: its keys, grouping sets, ROLLUP, CUBE, and group windows among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations, product

from sqlglot import exp

from flott.common.logical_types import NullType
from flott.sql.binder.expressions import Environment, bind
from flott.sql.expressions import Expression

#: A set of keys, by their positions in ``Grouping.keys``, in order.
KeySet = tuple[int, ...]
#: CUBE of more columns than this has more sets than anyone wants.
_CUBE_LIMIT = 12


@dataclass
class Grouping:
    """What a query is grouped by.

    Attributes:
        keys: The distinct expressions, over the columns of FROM.
        trees: Where each of them stands.
        sets: The grouping sets; one set of all keys for a plain GROUP BY.
        is_plain: Whether there is one set only, written as such.
        computed: Keys that are columns of the input already, by their expressions.
    """

    keys: list[Expression] = field(default_factory=list)
    trees: list[exp.Expression] = field(default_factory=list)
    sets: list[KeySet] = field(default_factory=list)
    is_plain: bool = True
    computed: dict[Expression, Expression] = field(default_factory=dict)

    def position(self, key: Expression, tree: exp.Expression) -> int:
        """The position of ``key``, which becomes one if it is new."""
        for index, known in enumerate(self.keys):
            if known == key:
                return index
        self.keys.append(key)
        self.trees.append(tree)
        return len(self.keys) - 1

    @property
    def has_empty_groups(self) -> bool:
        """Whether there are results even for no rows."""
        return () in self.sets

    @property
    def optional(self) -> frozenset[int]:
        """Keys that are missing in some set, and so may be NULL in the result."""
        every = range(len(self.keys))
        return frozenset(key for key in every if any(key not in each for each in self.sets))


def bind_grouping_clause(group: exp.Group | None, env: Environment) -> Grouping:
    """The grouping of a query; of all rows if there is no clause.

    Raises:
        SqlValidationError: A key is unknown or an aggregate.
    """
    found = Grouping()
    if group is None:
        found.sets = [()]
        return found
    inner = env.plain("GROUP BY")
    parts = [_sets(each, found, inner) for each in _items(group)]
    found.is_plain = all(len(each) == 1 for each in parts)
    found.sets = [_union(chosen) for chosen in product(*parts)]
    if group.args.get("distinct"):
        found.sets = list(dict.fromkeys(found.sets))
    return found


def _items(group: exp.Group) -> list[exp.Expression]:
    items: list[exp.Expression] = []
    for name in ("expressions", "grouping_sets", "rollup", "cube"):
        items += group.args.get(name) or []
    return items


def _union(sets: Iterable[KeySet]) -> KeySet:
    return tuple(sorted({key for each in sets for key in each}))


def _sets(tree: exp.Expression, found: Grouping, env: Environment) -> list[KeySet]:
    """The sets that one item of GROUP BY stands for."""
    if isinstance(tree, exp.GroupingSets):
        return [each for item in tree.expressions for each in _sets(item, found, env)]
    if isinstance(tree, exp.Rollup):
        parts = [_key_set(each, found, env) for each in tree.expressions]
        return [_union(parts[:size]) for size in range(len(parts), -1, -1)]
    if isinstance(tree, exp.Cube):
        return _cube([_key_set(each, found, env) for each in tree.expressions], tree, env)
    return [_key_set(tree, found, env)]


def _cube(parts: list[KeySet], tree: exp.Cube, env: Environment) -> list[KeySet]:
    if len(parts) > _CUBE_LIMIT:
        raise env.invalid(tree, f"CUBE takes at most {_CUBE_LIMIT} columns")
    sizes = range(len(parts), -1, -1)
    return [_union(chosen) for size in sizes for chosen in combinations(parts, size)]


def _key_set(tree: exp.Expression, found: Grouping, env: Environment) -> KeySet:
    """The keys of an expression; several if it is in parentheses, as in ``ROLLUP ((a, b), c)``."""
    items = tree.expressions if isinstance(tree, exp.Tuple) else [_unwrapped(tree)]
    keys = [(bind(each, env), each) for each in items]
    for key, written in keys:
        if isinstance(key.data_type, NullType):
            raise env.invalid(written, "Illegal use of 'NULL'", "Write CAST(NULL AS INT).")
    return tuple(found.position(key, written) for key, written in keys)


def _unwrapped(tree: exp.Expression) -> exp.Expression:
    while isinstance(tree, exp.Paren):
        tree = tree.this
    return tree


def windows_of(group: exp.Group | None, names: frozenset[str]) -> list[exp.Anonymous]:
    """The group windows (``TUMBLE(ts, ...)``) among the items of GROUP BY."""
    if group is None:
        return []
    found: list[exp.Anonymous] = []
    for item in _items(group):
        for each in [item, *(item.expressions if not isinstance(item, exp.Anonymous) else [])]:
            if isinstance(each, exp.Anonymous) and str(each.this).upper() in names:
                found.append(each)
    return found
