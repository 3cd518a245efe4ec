"""SHOW CREATE: objects of a catalog back to the statements that make them, secrets left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flott.common import logical_types as t
from flott.common.redaction import mask_mapping
from flott.sql.catalog.memory import MemoryCatalog
from flott.sql.catalog.objects import (
    ColumnDefinition,
    ColumnKind,
    Distribution,
    ObjectPath,
    TableObject,
    ViewObject,
)
from flott.sql.dialect import parse_expression
from flott.sql.dialect.rendering import quote_name, quote_text, render


def show_create_table(path: ObjectPath, table: TableObject) -> str:
    """CREATE TABLE for ``table``."""
    word = "CREATE TEMPORARY TABLE" if table.is_temporary else "CREATE TABLE"
    lines = [_column_line(each) for each in table.columns]
    if table.watermark is not None:
        expression = render_text(table.watermark.expression_text)
        names = ".".join(map(quote_name, table.watermark.column.split(".")))
        lines.append(f"WATERMARK FOR {names} AS {expression}")
    if table.primary_key:
        name = quote_name(table.primary_key_name or "PK_" + "_".join(table.primary_key))
        lines.append(f"CONSTRAINT {name} PRIMARY KEY ({_names(table.primary_key)}) NOT ENFORCED")
    inner = "  " + ",\n  ".join(lines) if lines else ""
    parts = [f"{word} {_path(path)} (\n{inner}\n)"]
    if table.comment:
        parts.append(f"COMMENT {quote_text(table.comment)}")
    if table.distribution is not None:
        parts.append(_distribution(table.distribution))
    if table.partition_keys:
        parts.append(f"PARTITIONED BY ({_names(table.partition_keys)})")
    return "\n".join([*parts, *_with(table.options)]) + "\n"


def show_create_view(path: ObjectPath, view: ViewObject, columns: Sequence[str]) -> str:
    """CREATE VIEW for ``view``, whose columns have these names."""
    word = "CREATE TEMPORARY VIEW" if view.is_temporary else "CREATE VIEW"
    names = ",\n  ".join(map(quote_name, columns))
    parts = [f"{word} {_path(path)} (\n  {names}\n)"]
    if view.comment:
        parts.append(f"COMMENT {quote_text(view.comment)}")
    return "\n".join([*parts, f"AS {view.full_text or view.query_text}"]) + "\n"


def show_create_catalog(catalog: MemoryCatalog) -> str:
    """CREATE CATALOG for ``catalog``."""
    parts = [f"CREATE CATALOG {quote_name(catalog.name)}"]
    if catalog.comment:
        parts.append(f"COMMENT {quote_text(catalog.comment)}")
    return "\n".join([*parts, *_with(catalog.options)]) + "\n"


def render_text(expression_text: str) -> str:
    """An expression as Flink prints it."""
    return render(parse_expression(expression_text))


def extras_of(column: ColumnDefinition) -> str | None:
    """What DESCRIBE says of a computed or metadata column."""
    if column.kind is ColumnKind.COMPUTED:
        return f"AS {render_text(column.expression_text or '')}"
    if column.kind is ColumnKind.METADATA:
        key = f" FROM {quote_text(column.metadata_key)}" if column.metadata_key else ""
        return f"METADATA{key}" + (" VIRTUAL" if column.is_virtual else "")
    return None


def _column_line(column: ColumnDefinition) -> str:
    parts = [quote_name(column.name)]
    if column.data_type is not None:
        parts.append(type_text(column.data_type))
    parts.append(extras_of(column) or "")
    if column.comment:
        parts.append(f"COMMENT {quote_text(column.comment)}")
    return " ".join(filter(None, parts))


def type_text(data_type: t.DataType) -> str:
    """A type as the standard writes it: STRING and BYTES by their lengths, also inside."""
    match data_type:
        case t.VarCharType() | t.VarBinaryType():
            text = f"{data_type.root}({data_type.length})"
        case t.LocalZonedTimestampType():
            text = f"TIMESTAMP({data_type.precision}) WITH LOCAL TIME ZONE"
        case t.ArrayType():
            text = f"ARRAY<{type_text(data_type.element_type)}>"
        case t.MultisetType():
            text = f"MULTISET<{type_text(data_type.element_type)}>"
        case t.MapType():
            text = f"MAP<{type_text(data_type.key_type)}, {type_text(data_type.value_type)}>"
        case t.RowType():
            fields = [
                f"{quote_name(each.name)} {type_text(each.data_type)}" for each in data_type.fields
            ]
            text = f"ROW<{', '.join(fields)}>"
        case _:
            return str(data_type)
    return text if data_type.nullable else f"{text} NOT NULL"


def _with(options: Mapping[str, str]) -> list[str]:
    if not options:
        return []
    shown = mask_mapping(options)
    lines = [f"{quote_text(key)} = {quote_text(shown[key])}" for key in sorted(options)]
    return ["WITH (\n  " + ",\n  ".join(lines) + "\n)"]


def _distribution(distribution: Distribution) -> str:
    if not distribution.columns:
        return f"DISTRIBUTED INTO {distribution.buckets} BUCKETS"
    kind = distribution.kind or ""
    buckets = "" if distribution.buckets is None else f" INTO {distribution.buckets} BUCKETS"
    return f"DISTRIBUTED BY {kind}({_names(distribution.columns)}){buckets}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(map(quote_name, names))


def _path(path: ObjectPath) -> str:
    return ".".join(map(quote_name, path))
