"""The CREATE TABLE for what was seen, ready to paste."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flott.cli.peeking.columns import KeyColumns, Pair, TimeColumn, key_columns, time_column
from flott.cli.peeking.guess import Guess
from flott.common import logical_types as t
from flott.common.redaction import mask_mapping
from flott.sql.dialect.keywords import RESERVED
from flott.sql.dialect.rendering import quote_name

_PLAIN: Final = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class TableParts:
    """What a table is made for.

    Attributes:
        name: What it is called; made fit for a table.
        options: How to reach it: connector, topic, path, ...
        value: What values are.
        key: What keys are, if records have keys.
        has_tombstones: Whether some values are missing.
        has_timestamps: Whether records have a timestamp.
        pairs: What keys and values of records hold, where both are known.
        rows: What values hold, of each partition in order.
        format_options: More options of the format.
    """

    name: str
    options: Mapping[str, str]
    value: Guess
    key: Guess | None = None
    has_tombstones: bool = False
    has_timestamps: bool = False
    pairs: Sequence[Pair] = ()
    rows: Sequence[Sequence[Mapping[str, Any]]] = ()
    format_options: Mapping[str, str] = field(default_factory=dict)


def written_name(name: str) -> str:
    """A name as it must be written: between back-ticks if it is not a plain one.

    >>> written_name("price"), written_name("unit price"), written_name("order")
    ('price', '`unit price`', '`order`')
    """
    is_plain = _PLAIN.fullmatch(name) and name.upper() not in RESERVED
    return name if is_plain else quote_name(name)


def table_name(text: str) -> str:
    """A name for the table of a topic or file.

    >>> table_name("shop.orders-v2"), table_name("2024")
    ('shop_orders_v2', 't_2024')
    """
    name = re.sub(r"\W+", "_", text).strip("_") or "seen"
    return name if not name[0].isdigit() else f"t_{name}"


def create_table(parts: TableParts) -> str:
    """The statement."""
    value, key = parts.value, parts.key
    keys = None if key is None or value.has_changes else key_columns(key, value, parts.pairs)
    is_upsert = parts.has_tombstones and keys is not None
    fields = {**({} if keys is None else keys.fields), **value.fields}
    time = None
    if not (value.has_changes or is_upsert):
        time = time_column(fields, value.epochs, parts.has_timestamps, parts.rows)
    primary_key = list(keys.names) if is_upsert and keys is not None else []
    lines = _column_lines(fields, time, primary_key)
    options = {**parts.options, **_format_options(value, key, keys, is_upsert)}
    options |= parts.format_options
    if is_upsert:
        options["connector"] = "upsert-kafka"
        options.pop("scan.startup.mode", None)
    written = [f"  {_text(name)} = {_text(each)}" for name, each in mask_mapping(options).items()]
    note = f"-- {value.note}\n" if value.note else ""
    head = f"{note}CREATE TABLE {written_name(table_name(parts.name))} (\n"
    return head + ",\n".join(lines) + "\n) WITH (\n" + ",\n".join(written) + "\n);"


def _column_lines(
    fields: Mapping[str, t.DataType], time: TimeColumn | None, primary_key: Sequence[str]
) -> list[str]:
    lines = [f"  {written_name(name)} {data_type}" for name, data_type in fields.items()]
    if time is not None:
        name = written_name(time.name)
        if time.computed:
            lines.append(f"  {name} AS {time.computed}")
        elif time.metadata:
            lines.append(f"  {name} TIMESTAMP_LTZ(3) METADATA FROM '{time.metadata}' VIRTUAL")
        lines.append(f"  WATERMARK FOR {name} AS {name} - INTERVAL {_interval(time.delay_s)}")
    if primary_key:
        names = ", ".join(map(written_name, primary_key))
        lines.append(f"  PRIMARY KEY ({names}) NOT ENFORCED")
    return lines


def _interval(seconds: int) -> str:
    for size, unit in ((3600, "HOUR"), (60, "MINUTE")):
        if seconds % size == 0:
            return f"'{seconds // size}' {unit}"
    return f"'{seconds}' SECOND"


def _format_options(
    value: Guess, key: Guess | None, keys: KeyColumns | None, is_upsert: bool
) -> dict[str, str]:
    if key is None or keys is None:
        return {"format": value.format, **_prefixed(value, "")}
    options = {"key.format": key.format, **_prefixed(key, "key.")}
    if not is_upsert:
        options["key.fields"] = ";".join(keys.names)
    if keys.prefix:
        options["key.fields-prefix"] = keys.prefix
    options |= {"value.format": value.format, **_prefixed(value, "value.")}
    if not keys.is_in_value:
        options["value.fields-include"] = "EXCEPT_KEY"
    return options


def _prefixed(guess: Guess, prefix: str) -> dict[str, str]:
    return {f"{prefix}{guess.format}.{name}": text for name, text in guess.options.items()}


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
