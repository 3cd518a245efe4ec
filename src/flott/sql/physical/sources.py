"""Where rows begin: tables, constant rows, and the event time of tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flott.common.logical_types import DayTimeIntervalType
from flott.common.redaction import mask_mapping
from flott.common.sql_errors import SqlValidationError
from flott.core.operator import OperatorSpec
from flott.core.source import Source
from flott.core.table import ChangelogMode
from flott.operators.columns.watermark_options import ALIGNMENT_GROUP, WatermarkOptions
from flott.sql.expressions import Call, Expression, InputRef, Literal
from flott.sql.functions import compile_projection
from flott.sql.functions.settings import EvaluationSettings
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field
from flott.sql.physical.calcs import calc, renamed
from flott.sql.physical.changelogs import normalize
from flott.sql.physical.exchanges import by_columns
from flott.sql.physical.node import BeforeOutput, PhysicalNode, SpecFactory
from flott.sql.physical.planner import Planner
from flott.sql.physical.texts import listed, path_text, scalar_text
from flott.sql.physical.traits import (
    INSERT_ONLY,
    RETRACT,
    SINGLE,
    STATELESS,
    Traits,
)
from flott.sql.rules.conditions import references, substitute
from flott.sql.rules.scans import ordered_scan


def plan_scan(planner: Planner, node: nodes.Scan) -> PhysicalNode:
    """A table that is read; normalised where its changes are not complete."""
    return _reading(
        planner,
        node,
        node.fields,
        "",
        lambda _: _source_spec(node.source.create_source(node.columns, node.metadata)),
    )


def _reading(
    planner: Planner, node: nodes.Scan, fields: tuple[Field, ...], time: str, spec: SpecFactory
) -> PhysicalNode:
    """The node that reads a table, by ``spec``; ``fields`` may go beyond those of the scan."""
    mode = node.source.changelog_mode
    inserts = mode is ChangelogMode.INSERT_ONLY
    if planner.is_batch:
        _check_batch(node, inserts)
    keys = frozenset({frozenset(node.primary_key)} if node.primary_key else ())
    scan = PhysicalNode(
        "TableSourceScan",
        _scan_detail(node, fields, time),
        fields,
        (),
        Traits(INSERT_ONLY if inserts else RETRACT, keys, keys, is_bounded=node.source.is_bounded),
        spec,
        output=(BeforeOutput.ALWAYS if mode is ChangelogMode.RETRACT else BeforeOutput.INPUT),
        is_stateful=True,
        target=node.path[-1],
        row_count=node.source.row_count,
        parallelism=node.parallelism,
    )
    repeats = planner.settings.cdc_duplicates and not inserts
    if repeats and not node.primary_key:
        raise SqlValidationError(
            f"'table.exec.source.cdc-events-duplicate' needs a primary key of every source of "
            f"changes, and table '{path_text(node.path)}' has none",
            hint="Declare PRIMARY KEY (...) NOT ENFORCED.",
        )
    if mode is not ChangelogMode.UPSERT and not repeats:
        return scan if inserts or node.parallelism is None else _in_order(scan, node)
    if not node.primary_key:
        raise SqlValidationError(
            f"Table '{path_text(node.path)}' sends upserts but has no primary key",
            hint="Declare PRIMARY KEY (...) NOT ENFORCED and read its columns.",
        )
    return normalize(planner, scan, node.primary_key)


def _in_order(scan: PhysicalNode, node: nodes.Scan) -> PhysicalNode:
    """A table of changes that is read with a parallelism of its own: the changes of a row go the
    same way."""
    if not node.primary_key:
        raise SqlValidationError(
            f"Table '{path_text(node.path)}' sends changes and has no primary key, so that "
            "'scan.parallelism' would bring them out of order",
            hint="Declare PRIMARY KEY (...) NOT ENFORCED, or leave the option out.",
        )
    return by_columns(scan, node.primary_key)


def _scan_detail(node: nodes.Scan, fields: tuple[Field, ...], time: str) -> str:
    parts = [f"table=[{listed(node.path)}"]
    if node.pushed:
        parts.append(f"filter={listed(node.pushed_texts)}")
    if node.limit is not None:
        parts.append(f"limit=[{node.limit}]")
    if node.metadata:
        parts.append(f"metadata={listed(node.metadata)}")
    if time:
        parts.append(time)
    text = ", ".join(parts) + f"], fields={listed(each.name for each in fields)}"
    if node.hints:
        shown = mask_mapping(dict(node.hints))
        text += f", hints=[OPTIONS({', '.join(f'{key}={value}' for key, value in shown.items())})]"
    return text


def _check_batch(node: nodes.Scan, inserts: bool) -> None:
    if not node.source.is_bounded:
        raise SqlValidationError(
            f"Table '{path_text(node.path)}' never ends and cannot be read in BATCH mode",
            hint="Bound it by its options, or set 'execution.runtime-mode' to STREAMING.",
        )
    if not inserts:
        raise SqlValidationError(
            f"Table '{path_text(node.path)}' sends changes and cannot be read in BATCH mode",
            hint="Set 'execution.runtime-mode' to STREAMING.",
        )


def _source_spec(source: Source) -> OperatorSpec:
    from flott.operators.source import SourceSpec

    return SourceSpec(source, None)


def plan_values(planner: Planner, node: nodes.Values) -> PhysicalNode:
    """Constant rows."""
    one_row = frozenset({frozenset[int]()}) if len(node.rows) <= 1 else frozenset()
    rows = ", ".join(f"({', '.join(scalar_text(v, ()) for v in row)})" for row in node.rows)
    return PhysicalNode(
        "Values",
        f"tuples=[{rows}]",
        node.fields,
        (),
        Traits(INSERT_ONLY, one_row, one_row, SINGLE, is_bounded=True),
        lambda _: _values_spec(node, planner.evaluation),
        is_stateful=True,
        is_single=True,
        row_count=len(node.rows),
    )


def _values_spec(node: nodes.Values, settings: EvaluationSettings) -> OperatorSpec:
    import polars as pl

    from flott.common.physical_types import polars_schema
    from flott.connectors.tables.values import FrameSource

    if not node.fields:
        return _source_spec(FrameSource(pl.DataFrame(height=len(node.rows))))
    schema: Any = polars_schema(node.types)
    parts = [pl.DataFrame(schema=schema), *(_row_frame(row, settings) for row in node.rows)]
    return _source_spec(FrameSource(pl.concat([part.cast(schema) for part in parts]).rechunk()))


def _row_frame(row: tuple[Expression, ...], settings: EvaluationSettings) -> Any:
    import polars as pl

    projection = compile_projection(row, (), settings)
    projection.open(None)
    return projection.evaluate(pl.DataFrame(height=1))


def plan_watermark(planner: Planner, node: nodes.WatermarkAssigner) -> PhysicalNode:
    """Event time; BATCH mode needs none."""
    if planner.is_batch:
        return renamed(planner.plan(node.input), node.fields)
    scan = ordered_scan(node)
    if scan is not None:
        return _timed_scan(planner, node, scan)
    source = planner.plan(node.input)
    if WatermarkOptions.read(node.strategy).alignment is not None:
        raise SqlValidationError(
            f"Option '{ALIGNMENT_GROUP}' needs a table whose splits each have an order of their "
            "own, such as the partitions of a topic",
            hint="Leave the option out.",
        )
    watermark = scalar_text(node.watermark, source.names)
    detail = f"rowtime=[{node.fields[node.time_column].name}], watermark=[{watermark}]"
    delay_ms = _delay_ms(node.watermark, node.time_column)

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.watermark import WatermarkSpec

        return WatermarkSpec(
            node.time_column,
            None
            if delay_ms is not None
            else compile_projection((node.watermark,), source.types, planner.evaluation),
            node.strategy,
            planner.settings.idle_timeout_ms,
            delay_ms or 0,
            description=f"WatermarkAssigner({detail})",
        )

    traits = replace(source.traits, growth=STATELESS)
    return PhysicalNode("WatermarkAssigner", detail, node.fields, (source,), traits, spec)


def _timed_scan(planner: Planner, node: nodes.WatermarkAssigner, scan: nodes.Scan) -> PhysicalNode:
    """A table whose source computes its watermark, for each split; computed columns but for the
    time come behind it."""
    columns = list(node.input.expressions if isinstance(node.input, nodes.Project) else ())
    columns = columns or list(references(scan.fields))
    time, time_field = columns[node.time_column], node.fields[node.time_column]
    fields = scan.fields
    if isinstance(time, InputRef):
        place = time.index
        named = replace(fields[place], time=time_field.time)
        fields = (*fields[:place], named, *fields[place + 1 :])
    else:
        place, fields = len(fields), (*fields, time_field)
        columns[node.time_column] = InputRef(time.data_type, place)
    watermark = substitute(node.watermark, columns)
    delay_ms = _delay_ms(watermark, place)
    names = [each.name for each in fields]
    options = WatermarkOptions.read(
        node.strategy, planner.settings.idle_timeout_ms, path_text(scan.path)
    )

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.source import ColumnSourceSpec

        types, settings = [each.data_type for each in fields], planner.evaluation
        return ColumnSourceSpec(
            scan.source.create_source(scan.columns, scan.metadata),
            place,
            None if delay_ms is not None else compile_projection((watermark,), types, settings),
            delay_ms or 0,
            None
            if isinstance(time, InputRef)
            else compile_projection((time,), scan.types, settings),
            options,
        )

    text = f"watermark=[{scalar_text(watermark, names)}]"
    if not isinstance(time, InputRef):
        text = f"time=[{scalar_text(time, names)}], {text}"
    source = _reading(planner, scan, fields, text, spec)
    if not isinstance(node.input, nodes.Project):
        return renamed(source, node.fields)
    return calc(planner, source, None, columns, node)


def _delay_ms(watermark: Expression, time: int) -> int | None:
    """By how much a watermark is behind the column ``time``, if it is that alone."""
    if isinstance(watermark, InputRef) and watermark.index == time:
        return 0
    if isinstance(watermark, Call) and watermark.function == "-":
        column, delay = watermark.args
        if isinstance(column, InputRef) and column.index == time and isinstance(delay, Literal):
            plain = isinstance(delay.data_type, DayTimeIntervalType) and delay.value is not None
            return int(delay.value) if plain else None
    return None
