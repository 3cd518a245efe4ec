"""Ends of a plan: tables that are written, and results that go back to the program."""

from __future__ import annotations

from dataclasses import replace

from flott.common.logical_types import (
    MAX_LENGTH,
    BinaryType,
    CharType,
    DataType,
    VarBinaryType,
    VarCharType,
)
from flott.common.sql_errors import SqlValidationError
from flott.core.operator import OperatorSpec
from flott.core.sink import Sink
from flott.core.table import ChangelogMode
from flott.sql.logical import nodes
from flott.sql.logical.nodes import TimeAttribute
from flott.sql.physical.changelogs import may_drop_before
from flott.sql.physical.exchanges import by_columns
from flott.sql.physical.node import BeforeNeed, BeforeOutput, PhysicalNode, walk
from flott.sql.physical.not_null import unchecked_columns
from flott.sql.physical.planner import Planner
from flott.sql.physical.texts import columns_text, listed, path_text
from flott.sql.physical.traits import RETRACT, STATELESS, Growth, GrowthClass

#: What ON CONFLICT may say.
_CONFLICTS = "ON CONFLICT DO NOTHING, DO ERROR or DO DEDUPLICATE"


def plan_sink(planner: Planner, node: nodes.Sink) -> PhysicalNode:
    """A table that is written, with all that stands before it."""
    source = planner.plan(node.input)
    if planner.settings.one_rowtime and not planner.is_batch:
        _refuse_several_times(node, source)
    mode = _mode(node, source)
    if node.conflict is not None and not planner.is_batch:
        _check_conflict(node, mode)
    source = _enforced(planner, node, source)
    source = _materialized(planner, node, source, mode)
    if planner.settings.shuffles_by_key and node.primary_key:
        source = by_columns(source, node.primary_key)
    elif node.parallelism is not None and not source.traits.changes.is_insert_only:
        source = _in_order(node, source)
    drops_before = mode is ChangelogMode.UPSERT and may_drop_before(source)
    detail = f"table=[{path_text(node.path)}], fields={listed(source.names)}"

    sink = node.sink.create_sink(node.metadata)
    commits = sink.create_commit_sink()

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.sink import SinkSpec
        from flott.operators.sink_writing import WriteSpec

        return SinkSpec(sink) if commits is None else WriteSpec(sink)

    written = PhysicalNode(
        "Sink",
        detail,
        node.fields,
        (source,),
        replace(source.traits, growth=STATELESS),
        spec,
        BeforeNeed.NEVER if drops_before else BeforeNeed.ALWAYS,
        is_stateful=True,
        target=node.path[-1],
        parallelism=node.parallelism,
    )
    return written if commits is None else _committed(written, commits, node)


def _committed(written: PhysicalNode, commits: Sink, node: nodes.Sink) -> PhysicalNode:
    """What commits for all subtasks of a sink."""

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.sink import SinkSpec

        return SinkSpec(commits)

    return PhysicalNode(
        "SinkCommitter",
        f"table=[{path_text(node.path)}]",
        (),
        (written,),
        written.traits,
        spec,
        written.need,
        is_stateful=True,
        is_single=True,
        target=node.path[-1],
    )


def _refuse_several_times(node: nodes.Sink, source: PhysicalNode) -> None:
    # A join of all that ever came keeps no order: what was event time before is data after it.
    if any(each.name == "Join" for each in walk(source)):
        return
    times = [each.name for each in node.input.fields if each.time is TimeAttribute.ROWTIME]
    if len(times) > 1:
        raise SqlValidationError(
            f"The query has several columns of event time ({listed(times)}), and table "
            f"'{path_text(node.path)}' can have one",
            hint=f"Keep one and cast the others, as in CAST({times[0]} AS TIMESTAMP(3)).",
        )


def _in_order(node: nodes.Sink, source: PhysicalNode) -> PhysicalNode:
    """Changes for a sink with a parallelism of its own: those of a row go the same way."""
    if not node.primary_key:
        raise SqlValidationError(
            f"Table '{path_text(node.path)}' takes changes and has no primary key, so that "
            "'sink.parallelism' would bring them out of order",
            hint="Declare PRIMARY KEY (...) NOT ENFORCED, or leave the option out.",
        )
    return by_columns(source, node.primary_key)


def _mode(node: nodes.Sink, source: PhysicalNode) -> ChangelogMode:
    """The changes that are sent to the sink.

    Raises:
        SqlValidationError: It cannot take those the query makes.
    """
    changes = source.traits.changes
    if changes.is_insert_only:
        requested = ChangelogMode.INSERT_ONLY
    elif node.primary_key:
        requested = ChangelogMode.UPSERT
    else:
        requested = ChangelogMode.RETRACT
    mode = node.sink.accepted_changes(requested)
    if mode is ChangelogMode.INSERT_ONLY and not changes.is_insert_only:
        _refuse_changes(node, source)
    is_keyless = not node.primary_key and node.sink.needs_key_for_upserts
    if mode is ChangelogMode.UPSERT and is_keyless and not changes.is_insert_only:
        raise SqlValidationError(
            f"Table '{path_text(node.path)}' is written by key, but it declares none",
            hint="Declare PRIMARY KEY (...) NOT ENFORCED in its definition.",
        )
    return mode


def _refuse_changes(node: nodes.Sink, source: PhysicalNode) -> None:
    changes = source.traits.changes
    kind = "update" if changes.updates else "delete"
    maker = _maker(source, updates=changes.updates)
    raise SqlValidationError(
        f"Table '{path_text(node.path)}' takes inserts only, but {maker.text} makes {kind}s",
        hint=(
            "Write to a table that takes changes (a format such as debezium-json, or a connector "
            "with a primary key), turn changes into rows with TO_CHANGELOG, aggregate over "
            "windows whose results are final, or run in BATCH mode."
        ),
    )


def _maker(source: PhysicalNode, *, updates: bool) -> PhysicalNode:
    """The operator nearest to the sources that makes updates, or deletes."""

    def makes(node: PhysicalNode) -> bool:
        changes = node.traits.changes
        return changes.updates if updates else changes.deletes

    for node in walk(source):
        if makes(node) and not any(makes(each) for each in node.inputs):
            return node
    return source


def _check_conflict(node: nodes.Sink, mode: ChangelogMode) -> None:
    if not node.primary_key or mode is not ChangelogMode.UPSERT:
        raise SqlValidationError(
            f"ON CONFLICT is for tables written by key, and '{path_text(node.path)}' is not one"
            + ("" if node.primary_key else ": it has no primary key"),
            hint="Leave the clause out, or declare a primary key and use an upsert connector.",
        )


def _enforced(planner: Planner, node: nodes.Sink, source: PhysicalNode) -> PhysicalNode:
    """``source`` held to NOT NULL and lengths of the sink's columns."""
    settings = planner.settings
    unchecked = unchecked_columns(node.input)
    not_null = tuple(
        each for each in node.not_null if each in unchecked or source.types[each].nullable
    )
    lengths = tuple(
        (column, field.data_type)
        for column, field in enumerate(node.fields)
        if settings.type_length != "IGNORE" and _has_length(field.data_type)
    )
    if not not_null and not lengths:
        return source
    parts = []
    if not_null:
        columns = columns_text(not_null, node_names(node))
        parts.append(f"NotNullEnforcer(fields={columns}, action={settings.not_null})")
    if lengths:
        columns = columns_text([column for column, _ in lengths], node_names(node))
        parts.append(f"LengthEnforcer(fields={columns}, action={settings.type_length})")

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.constraints import ConstraintSpec

        return ConstraintSpec(
            path_text(node.path),
            node_names(node),
            not_null,
            settings.not_null == "DROP",
            lengths,
            settings.type_length == "TRIM_PAD",
            description=", ".join(parts),
        )

    traits = replace(source.traits, growth=STATELESS)
    name = "ConstraintEnforcer"
    return PhysicalNode(name, ", ".join(parts), source.fields, (source,), traits, spec)


def _collected(planner: Planner, source: PhysicalNode, not_null: tuple[int, ...]) -> PhysicalNode:
    """``source`` held to NOT NULL where a table that is read may break it."""
    if not not_null:
        return source
    columns = columns_text(not_null, source.names)
    action = planner.settings.not_null
    detail = f"NotNullEnforcer(fields={columns}, action={action})"

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.constraints import ConstraintSpec

        return ConstraintSpec(
            "", source.names, not_null, drops_null=action == "DROP", description=detail
        )

    traits = replace(source.traits, growth=STATELESS)
    return PhysicalNode("ConstraintEnforcer", detail, source.fields, (source,), traits, spec)


def node_names(node: nodes.LogicalNode) -> tuple[str, ...]:
    """The names of a node's columns."""
    return tuple(each.name for each in node.fields)


def _has_length(kind: DataType) -> bool:
    if not isinstance(kind, CharType | VarCharType | BinaryType | VarBinaryType):
        return False
    return kind.length != MAX_LENGTH


def _materialized(
    planner: Planner, node: nodes.Sink, source: PhysicalNode, mode: ChangelogMode
) -> PhysicalNode:
    """``source`` with its rows in order for each key of the sink, where they may not be."""
    traits, key = source.traits, frozenset(node.primary_key)
    if mode is not ChangelogMode.UPSERT or not key or planner.is_batch:
        return source
    choice = planner.settings.upsert_materialize
    if choice == "NONE" or (traits.changes.is_insert_only and choice != "FORCE"):
        return source
    if any(each <= key for each in traits.upsert_keys) and choice != "FORCE":
        return source
    if node.conflict is None and planner.settings.require_on_conflict and choice != "FORCE":
        _refuse_conflict(node, source)
    keyed = by_columns(source, node.primary_key)
    conflict = node.conflict or "DEDUPLICATE"
    if conflict != "DEDUPLICATE":
        _check_watermarks(node, conflict)
    names = node_names(node)
    detail = f"key={columns_text(node.primary_key, names)}, conflict=[{conflict}]"

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.sink_materialize import SinkMaterializeSpec

        return SinkMaterializeSpec(
            keys=node.primary_key,
            input_types=source.types,
            conflict=conflict,
            ttl_ms=planner.settings.state_ttl_ms,
            description=f"SinkUpsertMaterializer({detail})",
        )

    unique = frozenset({key})
    growth = Growth(
        GrowthClass.KEYS, f"all rows the query has for each {columns_text(node.primary_key, names)}"
    )
    return PhysicalNode(
        "SinkUpsertMaterializer",
        detail,
        source.fields,
        (keyed,),
        replace(keyed.traits, changes=RETRACT, keys=unique, upsert_keys=unique, growth=growth),
        spec,
        BeforeNeed.ALWAYS,
        BeforeOutput.ASKED,
        is_stateful=True,
    )


def _check_watermarks(node: nodes.Sink, conflict: str) -> None:
    """Refuse to tell conflicts by the watermark where a source has none.

    Raises:
        SqlValidationError: A source has none.
    """
    every = list(nodes.walk(node.input))
    timed = {
        id(below)
        for each in every
        if isinstance(each, nodes.WatermarkAssigner)
        for below in nodes.walk(each)
    }
    without = [
        path_text(each.path)
        for each in every
        if isinstance(each, nodes.Scan) and id(each) not in timed
    ]
    if without:
        raise SqlValidationError(
            f"ON CONFLICT DO {conflict} requires all source tables to define watermarks, but these "
            f"do not: {', '.join(without)}",
            hint="Declare WATERMARK FOR a column of them, or write ON CONFLICT DO DEDUPLICATE.",
        )


def _refuse_conflict(node: nodes.Sink, source: PhysicalNode) -> None:
    names = node_names(node)
    known = [columns_text(sorted(key), source.names) for key in source.traits.upsert_keys]
    has = f"has the key {' and '.join(sorted(known))}" if known else "has no key"
    raise SqlValidationError(
        f"The query {has}, but table '{path_text(node.path)}' is written by the key "
        f"{columns_text(node.primary_key, names)}: several rows of the query may meet in one row "
        "of the table",
        hint=(
            f"Say which wins with {_CONFLICTS}, select the table's key as the query's, or set "
            "'table.exec.sink.require-on-conflict' to false."
        ),
    )


def plan_collect(
    planner: Planner, source: PhysicalNode, collector_id: str, not_null: tuple[int, ...] = ()
) -> PhysicalNode:
    """Results that are sent to the program; ``not_null`` are columns to hold to that."""
    source = _collected(planner, source, not_null)

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.collect import CollectSpec

        return CollectSpec(collector_id)

    return PhysicalNode(
        "Collect",
        f"fields={listed(source.names)}",
        source.fields,
        (source,),
        replace(source.traits, growth=STATELESS),
        spec,
        BeforeNeed.ALWAYS,
        is_stateful=True,
        is_single=True,
    )
