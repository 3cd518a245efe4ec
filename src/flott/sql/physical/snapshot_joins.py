"""``FOR SYSTEM_TIME AS OF``: joins with a version of a table, or with what a look-up finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flott.common.sql_errors import SqlValidationError
from flott.core.operator import OperatorSpec
from flott.core.table import LookupTableSource
from flott.sql.expressions import Expression, InputRef
from flott.sql.functions import compile_predicate, compile_projection
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, JoinKind, TimeAttribute
from flott.sql.physical.calcs import project
from flott.sql.physical.join_keys import EqualPair, split_condition, uncast
from flott.sql.physical.join_sides import Sides, join_sides
from flott.sql.physical.node import BeforeNeed, PhysicalNode
from flott.sql.physical.planner import Planner
from flott.sql.physical.texts import listed, path_text, scalar_text
from flott.sql.physical.traits import STATELESS, Growth, GrowthClass, Traits, hashed
from flott.sql.rules.conditions import (
    all_of,
    conjuncts,
    equal,
    references,
    shifted,
    substitute,
)


def plan_snapshot_join(planner: Planner, node: nodes.SnapshotJoin) -> PhysicalNode:
    """By event time with the version of that time; by the clock with what is there."""
    is_event_time = node.left.fields[node.time_column].time is TimeAttribute.ROWTIME
    table = _lookup_table(node.right)
    if not is_event_time and table is not None:
        return _lookup_join(planner, node, table)
    return _temporal_join(planner, node, is_event_time=is_event_time)


@dataclass(frozen=True)
class _VersionedJoin:
    """A join with the versions of a table.

    Attributes:
        node: The join of the logical plan.
        sides: The rows to join, and the versions.
        rest: What pairs must fulfil besides their keys.
        right_time: The column that versions begin with; ``None`` for those of the clock.
    """

    node: nodes.SnapshotJoin
    sides: Sides
    rest: tuple[Expression, ...]
    right_time: int | None

    @staticmethod
    def plan(planner: Planner, node: nodes.SnapshotJoin, *, is_event_time: bool) -> _VersionedJoin:
        """Plan both sides."""
        parts = split_condition(node.condition, len(node.left.fields), len(node.right.fields))
        if not parts.pairs:
            raise SqlValidationError(
                "FOR SYSTEM_TIME AS OF needs an equality with the key of the versioned table",
                hint="Add ON left.column = table.key.",
            )
        _check_key(planner, node, parts.pairs)
        if not is_event_time:
            sides = join_sides(planner, node.left, node.right, parts.pairs)
            return _VersionedJoin(node, sides, tuple(parts.rest), None)
        time = _row_time(node.right.fields)
        sides = join_sides(planner, node.left, _all_versions(node.right, time), parts.pairs)
        sides = replace(sides, right=_without_normalization(sides.right))
        return _VersionedJoin(node, sides, tuple(parts.rest), time)

    @property
    def detail(self) -> str:
        """The join as plans show it."""
        node, left = self.node, self.sides.left
        kind = "Left" if node.kind is JoinKind.LEFT else "Inner"
        time = "PROCTIME" if self.right_time is None else left.names[node.time_column]
        return (
            f"joinType=[{kind}Join], where=[{self.sides.key_text(self.rest)}], time=[{time}], "
            f"select={listed(each.name for each in node.fields)}"
        )

    def spec(self, planner: Planner) -> OperatorSpec:
        """The operator."""
        from flott.operators.columns.joins.temporal import TemporalJoinSpec

        sides, is_event_time = self.sides, self.right_time is not None
        return TemporalJoinSpec(
            join_kind=self.node.kind.value,
            left_keys=sides.left_keys,
            right_keys=sides.right_keys,
            null_safe=sides.null_safe,
            left_time=self.node.time_column if is_event_time else None,
            right_time=self.right_time,
            condition=sides.predicate(planner, self.rest),
            left_types=sides.left.types,
            right_types=sides.right.types,
            is_event_time=is_event_time,
            left_retracts=not sides.left.traits.changes.is_insert_only,
            right_retracts=not sides.right.traits.changes.is_insert_only,
            description=f"TemporalJoin({self.detail})",
        )


def _check_key(planner: Planner, node: nodes.SnapshotJoin, pairs: Sequence[EqualPair]) -> None:
    """Refuse a table of which a moment has several rows of a key, or none can be told.

    Raises:
        SqlValidationError: It has no key, or none that the condition compares.
    """
    compared = {uncast(each.right) for each in pairs}
    columns = {each.index for each in compared if isinstance(each, InputRef)}
    if not any(key <= columns for key in planner.plan(node.right).traits.keys):
        raise SqlValidationError(
            "FOR SYSTEM_TIME AS OF needs a versioned table with a primary key, and a condition "
            "that compares it",
            hint="Declare PRIMARY KEY (...) NOT ENFORCED, or read the last row of each key by "
            "a view with ROW_NUMBER() OVER (PARTITION BY key ORDER BY time DESC) = 1.",
        )


def _temporal_join(
    planner: Planner, node: nodes.SnapshotJoin, *, is_event_time: bool
) -> PhysicalNode:
    join = _VersionedJoin.plan(planner, node, is_event_time=is_event_time)
    sides = join.sides
    left, right = sides.left.traits, sides.right.traits
    fields = list(sides.output_fields)
    for column, each in enumerate(node.fields):
        fields[sides.place(column)] = each
    growth = Growth(GrowthClass.KEYS, "the versions of each key that a row may still ask for")
    operator = PhysicalNode(
        "TemporalJoin",
        join.detail,
        tuple(fields),
        (sides.left, sides.right),
        Traits(
            left.changes,
            left.keys,
            left.keys,
            hashed(sides.left_keys),
            growth,
            left.is_bounded and right.is_bounded,
        ),
        lambda emits_before: join.spec(planner),
        BeforeNeed.ALWAYS,
        is_stateful=True,
    )
    return sides.trimmed(planner, operator, node.fields)


def _all_versions(node: nodes.LogicalNode, time: int) -> nodes.LogicalNode:
    """A versioned table as the rows its versions begin with: the last row of each key by time is
    what the join finds by itself, and the rows before it are versions, too."""
    match node:
        case nodes.Deduplicate(keeps_last=True) if node.time_column == time:
            return _called(node.input, node.fields)
        case nodes.Project():
            column = node.expressions[time]
            if isinstance(column, InputRef):
                return replace(node, input=_all_versions(node.input, column.index))
    return node


def _called(node: nodes.LogicalNode, fields: tuple[Field, ...]) -> nodes.LogicalNode:
    """``node`` with columns called as in ``fields``."""
    if node.fields == fields:
        return node
    return nodes.Project(fields, node, references(node.fields))


def _without_normalization(node: PhysicalNode) -> PhysicalNode:
    """Upserts as they come: normalisation tells of a batch only how it ends."""
    if node.name == "ChangelogNormalize":
        (source,) = node.inputs
        return source.inputs[0] if source.is_exchange else source
    if node.need is not BeforeNeed.CONSUMER or len(node.inputs) != 1:
        return node
    (below,) = node.inputs
    plain = _without_normalization(below)
    return node if plain is below else replace(node, inputs=(plain,))


def _row_time(fields: Sequence[Field]) -> int:
    for place, each in enumerate(fields):
        if each.time is TimeAttribute.ROWTIME:
            return place
    raise SqlValidationError(
        "FOR SYSTEM_TIME AS OF by event time needs a table with event time on its right",
        hint="Declare WATERMARK FOR a column of that table, and read this column in views of it.",
    )


@dataclass(frozen=True)
class _LookupSide:
    """A table that is asked by key, and what the query makes of it.

    Attributes:
        scan: The table.
        outputs: The right columns of the join over those of ``scan``.
        filters: What rows found must fulfil.
    """

    scan: nodes.Scan
    outputs: tuple[Expression, ...]
    filters: tuple[Expression, ...]


def _lookup_table(node: nodes.LogicalNode) -> _LookupSide | None:
    match node:
        case nodes.Scan() if isinstance(node.source, LookupTableSource):
            return _LookupSide(node, references(node.fields), ())
        case nodes.Project():
            below = _lookup_table(node.input)
            if below is None:
                return None
            outputs = tuple(substitute(each, below.outputs) for each in node.expressions)
            return replace(below, outputs=outputs)
        case nodes.Filter():
            below = _lookup_table(node.input)
            if below is None:
                return None
            filters = [substitute(each, below.outputs) for each in conjuncts(node.predicate)]
            return replace(below, filters=(*below.filters, *filters))
        case nodes.WatermarkAssigner():
            return _lookup_table(node.input)
    return None


def _lookup_join(planner: Planner, node: nodes.SnapshotJoin, table: _LookupSide) -> PhysicalNode:
    left = planner.plan(node.left)
    width, scan = len(node.left.fields), table.scan
    columns = (*references(node.left.fields), *(shifted(each, width) for each in table.outputs))
    asked = [substitute(each, columns) for each in conjuncts(node.condition)]
    parts = split_condition(all_of(asked), width, len(scan.fields))
    keys, others = _lookup_keys(parts.pairs, scan, width)
    if not keys:
        raise SqlValidationError(
            f"A look-up in '{path_text(scan.path)}' needs an equality with one of its columns",
            hint="Add ON left.column = table.column.",
        )
    filters = [shifted(each, width) for each in table.filters]
    condition = all_of([*parts.rest, *others, *filters])
    fields = (*node.left.fields, *_found_fields(node, scan))
    detail = _lookup_text(node, scan, keys, condition, [each.name for each in fields])

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.joins.lookup import LookupJoinSpec, LookupOptions

        source = scan.source
        assert isinstance(source, LookupTableSource)
        types = (*left.types, *scan.types)
        hint = dict(dict(node.hints).get("LOOKUP", ()))
        return LookupJoinSpec(
            join_kind=node.kind.value,
            lookup=source.create_lookup([name for name, _ in keys], scan.columns),
            keys=compile_projection([key for _, key in keys], left.types, planner.evaluation),
            condition=(
                None
                if condition is None
                else compile_predicate(condition, types, planner.evaluation)
            ),
            left_types=left.types,
            right_types=scan.types,
            options=LookupOptions.parse(dict(scan.hints), hint),
            description=f"LookupJoin({detail})",
        )

    operator = PhysicalNode(
        "LookupJoin",
        detail,
        fields,
        (left,),
        replace(left.traits, keys=frozenset(), upsert_keys=frozenset(), growth=STATELESS),
        spec,
        BeforeNeed.ALWAYS,
        target=scan.path[-1],
    )
    return project(planner, operator, tuple(zip(columns, node.fields, strict=True)))


def _found_fields(node: nodes.SnapshotJoin, scan: nodes.Scan) -> tuple[Field, ...]:
    if node.kind is not JoinKind.LEFT:
        return scan.fields
    return tuple(replace(each, data_type=each.data_type.nullable_()) for each in scan.fields)


def _lookup_keys(
    pairs: Sequence[EqualPair], scan: nodes.Scan, width: int
) -> tuple[list[tuple[str, Expression]], list[Expression]]:
    """(column, what it must be) of the table's physical columns, and the other conditions."""
    keys: list[tuple[str, Expression]] = []
    others: list[Expression] = []
    for pair in pairs:
        right = pair.right
        known = {name for name, _ in keys}
        if (
            isinstance(right, InputRef)
            and right.index < len(scan.columns)
            and scan.columns[right.index] not in known
            and not pair.is_null_safe
        ):
            keys.append((scan.columns[right.index], pair.left))
        else:
            others.append(equal(pair.left, shifted(right, width)))
    return keys, others


def _lookup_text(
    node: nodes.SnapshotJoin,
    scan: nodes.Scan,
    keys: Sequence[tuple[str, Expression]],
    condition: Expression | None,
    names: Sequence[str],
) -> str:
    left = [each.name for each in node.left.fields]
    asked = ", ".join(f"{name}={scalar_text(key, left)}" for name, key in keys)
    kind = "Left" if node.kind is JoinKind.LEFT else "Inner"
    text = f"table=[{path_text(scan.path)}], joinType=[{kind}Join], lookup=[{asked}]"
    if condition is not None:
        text += f", where=[{scalar_text(condition, names)}]"
    return f"{text}, select={listed(names)}"
