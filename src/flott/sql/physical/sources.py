"""Where rows begin: tables, constant rows, and the event time of tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flott.common.sql_errors import SqlValidationError
from flott.core.operator import OperatorSpec
from flott.core.source import Source
from flott.core.table import ChangelogMode
from flott.sql.expressions import Expression
from flott.sql.functions import compile_projection
from flott.sql.functions.settings import EvaluationSettings
from flott.sql.logical import nodes
from flott.sql.physical.calcs import renamed
from flott.sql.physical.changelogs import normalize
from flott.sql.physical.node import BeforeOutput, PhysicalNode
from flott.sql.physical.planner import Planner
from flott.sql.physical.texts import listed, path_text, scalar_text
from flott.sql.physical.traits import (
    INSERT_ONLY,
    RETRACT,
    SINGLE,
    STATELESS,
    Traits,
)


def plan_scan(planner: Planner, node: nodes.Scan) -> PhysicalNode:
    """A table that is read; normalised where its changes are not complete."""
    mode = node.source.changelog_mode
    inserts = mode is ChangelogMode.INSERT_ONLY
    if planner.is_batch:
        _check_batch(node, inserts)
    keys = frozenset({frozenset(node.primary_key)} if node.primary_key else ())
    scan = PhysicalNode(
        "TableSourceScan",
        _scan_detail(node),
        node.fields,
        (),
        Traits(INSERT_ONLY if inserts else RETRACT, keys, keys, is_bounded=node.source.is_bounded),
        lambda _: _source_spec(node.source.create_source(node.columns, node.metadata)),
        output=(BeforeOutput.ALWAYS if mode is ChangelogMode.RETRACT else BeforeOutput.INPUT),
        is_stateful=True,
        target=node.path[-1],
        row_count=node.source.row_count,
    )
    repeats = planner.settings.cdc_duplicates and bool(node.primary_key) and not inserts
    if mode is not ChangelogMode.UPSERT and not repeats:
        return scan
    if not node.primary_key:
        raise SqlValidationError(
            f"Table '{path_text(node.path)}' sends upserts but has no primary key",
            hint="Declare PRIMARY KEY (...) NOT ENFORCED and read its columns.",
        )
    return normalize(planner, scan, node.primary_key)


def _scan_detail(node: nodes.Scan) -> str:
    parts = [f"table=[{listed(node.path)}"]
    if node.pushed:
        parts.append(f"filter={listed(node.pushed_texts)}")
    if node.limit is not None:
        parts.append(f"limit=[{node.limit}]")
    if node.metadata:
        parts.append(f"metadata={listed(node.metadata)}")
    text = ", ".join(parts) + f"], fields={listed(each.name for each in node.fields)}"
    if node.hints:
        text += f", hints=[OPTIONS({', '.join(f'{key}={value}' for key, value in node.hints)})]"
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
    source = planner.plan(node.input)
    if planner.is_batch:
        return renamed(source, node.fields)
    watermark = scalar_text(node.watermark, source.names)
    detail = f"rowtime=[{node.fields[node.time_column].name}], watermark=[{watermark}]"

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.watermark import WatermarkSpec

        return WatermarkSpec(
            node.time_column,
            compile_projection((node.watermark,), source.types, planner.evaluation),
            node.strategy,
            planner.settings.idle_timeout_ms,
            description=f"WatermarkAssigner({detail})",
        )

    traits = replace(source.traits, growth=STATELESS)
    return PhysicalNode("WatermarkAssigner", detail, node.fields, (source,), traits, spec)
