"""Queries of scalar expressions, run without an engine: VALUES, projections, filters, files."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from flott.common import logical_types as t
from flott.common.physical_types import column_name, polars_schema, polars_type
from flott.sql.catalog.objects import TableObject
from flott.sql.expressions import Expression, InputRef
from flott.sql.functions import (
    EvaluationSettings,
    compile_predicate,
    compile_projection,
    fold_constants,
    resolve_cast,
)
from flott.sql.functions.casting.to_temporal import parse_stamp
from flott.sql.functions.zones import to_local
from flott.sql.logical.nodes import Filter, LogicalNode, Project, Scan, Values
from flott.sql.session import Session
from tests.sql.binder.catalogs import bind, session_with

BATCH = EvaluationSettings(is_streaming=False)


def evaluate(
    expression: str, settings: EvaluationSettings = BATCH, session: Session | None = None
) -> Any:
    """The value of one SQL expression, as ``plain`` shows it."""
    node, frame = run(f"SELECT {expression}", session or session_with(is_streaming=False), settings)
    return plain(frame.to_series(), node.fields[0].data_type)[0]


def type_of(expression: str) -> str:
    """The type of one SQL expression."""
    return str(bind(f"SELECT {expression}", session_with(is_streaming=False)).types[0])


def run(
    text: str, session: Session, settings: EvaluationSettings = BATCH, data: Path | None = None
) -> tuple[LogicalNode, pl.DataFrame]:
    """A query's plan and its rows."""
    node = bind(text, session)
    return node, _rows(node, session, settings, data)


def _rows(
    node: LogicalNode, session: Session, settings: EvaluationSettings, data: Path | None
) -> pl.DataFrame:
    match node:
        case Values():
            return _values(node, settings)
        case Project():
            frame = _rows(node.input, session, settings, data)
            folded = [fold_constants(each, settings) for each in node.expressions]
            return compile_projection(folded, node.input.types, settings).evaluate(frame)
        case Filter():
            frame = _rows(node.input, session, settings, data)
            folded_predicate = fold_constants(node.predicate, settings)
            mask = compile_predicate(folded_predicate, node.input.types, settings).evaluate(frame)
            return frame.filter(mask)
        case Scan():
            return _scan(node, session, data)
    raise NotImplementedError(type(node).__name__)


def _values(node: Values, settings: EvaluationSettings) -> pl.DataFrame:
    one = pl.DataFrame({"f0": [0]})
    rows = [compile_projection(row, (), settings).evaluate(one) for row in node.rows]
    if not node.fields:
        return one
    return pl.concat([row.cast(polars_schema(node.types)) for row in rows])


def _scan(node: Scan, session: Session, data: Path | None) -> pl.DataFrame:
    _, table = session.catalog.resolve(node.path)
    assert isinstance(table, TableObject)
    assert data is not None
    path = Path(table.options["path"].replace("${DATA}", str(data)))
    types = {each.name: each.data_type for each in table.columns if each.data_type is not None}
    if table.options["format"] == "csv":
        columns = _read_csv(path, table.options, list(types))
    else:
        records = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
        columns = {name: [record.get(name) for record in records] for name in types}
    frame = {}
    for position, field in enumerate(node.fields):
        values = columns[field.name]
        data_type = types[field.name]
        frame[column_name(position)] = _column(values, data_type)
    return pl.DataFrame(frame)


def _read_csv(path: Path, options: Mapping[str, str], names: list[str]) -> dict[str, list[Any]]:
    quoting = csv.QUOTE_NONE if "csv.disable-quote-character" in options else csv.QUOTE_MINIMAL
    delimiter = options.get("csv.field-delimiter", ",")
    with path.open(newline="") as file:
        rows = list(csv.reader(file, delimiter=delimiter, quoting=quoting))
    return {
        name: [row[position] if row[position] != "" else None for row in rows]
        for position, name in enumerate(names)
    }


def _column(values: list[Any], data_type: t.DataType) -> pl.Series:
    nested = isinstance(data_type, (t.ArrayType, t.MapType, t.RowType))
    if nested:
        return pl.Series(
            [_nested(each, data_type) for each in values], dtype=polars_type(data_type)
        )
    if isinstance(data_type, t.LocalZonedTimestampType):
        values = [None if each is None else each.removesuffix("Z") for each in values]
    if isinstance(data_type, (t.TimestampType, t.LocalZonedTimestampType)):
        nanos = [None if each is None else parse_stamp(each) for each in values]
        if data_type.precision <= 6:
            nanos = [None if each is None else each // 1000 for each in nanos]
        return pl.Series(nanos, dtype=pl.Int64).cast(polars_type(data_type))
    texts = [each if each is None or isinstance(each, str) else json.dumps(each) for each in values]
    frame = pl.DataFrame({"f0": pl.Series(texts, dtype=pl.String)})
    cast: Expression = resolve_cast(InputRef(t.STRING, 0), data_type)
    return compile_projection([cast], [t.STRING], BATCH).evaluate(frame).to_series()


def _nested(value: Any, data_type: t.DataType) -> Any:
    if value is None:
        return None
    match data_type:
        case t.ArrayType():
            return [_nested(each, data_type.element_type) for each in value]
        case t.MapType():
            return [
                {"key": key, "value": _nested(each, data_type.value_type)}
                for key, each in value.items()
            ]
        case t.RowType():
            return {
                field.name: _nested(value.get(field.name), field.data_type) for field in data_type
            }
        case t.DecimalType():
            return Decimal(str(value))
    return value


def plain(values: pl.Series, data_type: t.DataType, zone: str = "UTC") -> list[Any]:
    """A column's values as the recorded answers write them."""
    if isinstance(data_type, t.LocalZonedTimestampType):
        values = values.alias("x").to_frame().select(to_local(pl.col("x"), zone)).to_series()
    if isinstance(data_type, (t.TimestampType, t.LocalZonedTimestampType)):
        texts = values.dt.to_string("%Y-%m-%d %H:%M:%S%.9f").to_list()
        size = 20 + data_type.precision if data_type.precision else 19
        return [None if each is None else each[:size] for each in texts]
    return [_plain(each, data_type) for each in values.to_list()]


def _plain(value: Any, data_type: t.DataType) -> Any:
    if value is None:
        return None
    match data_type:
        case t.ArrayType():
            return [_plain(each, data_type.element_type) for each in value]
        case t.MapType():
            pairs = [
                [_plain(e["key"], data_type.key_type), _plain(e["value"], data_type.value_type)]
                for e in value
            ]
            return sorted(pairs, key=repr)
        case t.RowType():
            parts = zip(value.values(), data_type.field_types(), strict=True)
            return [_plain(each, part) for each, part in parts]
        case t.YearMonthIntervalType():
            return f"{'-' if value < 0 else '+'}{abs(value) // 12}-{abs(value) % 12:02d}"
        case t.DayTimeIntervalType():
            return _interval(value)
    return _atom(value)


def _interval(value: int) -> str:
    days, rest = divmod(abs(value), 86_400_000)
    seconds, millis = divmod(rest, 1000)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{millis:03d}"
    return f"{'-' if value < 0 else '+'}{days} {clock}"


def _atom(value: Any) -> Any:
    match value:
        case bytes():
            return value.hex()
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat()
        case float() if math.isnan(value):
            return "NaN"
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
    return value


def same(found: Any, expected: Any, is_float32: bool = False) -> bool:
    """Whether a value equals a recorded one, floats to 11 digits (FLOAT to 6)."""
    if isinstance(found, float) and isinstance(expected, (int, float)):
        return math.isclose(found, expected, rel_tol=1e-6 if is_float32 else 1e-11)
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(
            same(a, b) for a, b in zip(found, expected, strict=True)
        )
    return type(found) is type(expected) and found == expected
