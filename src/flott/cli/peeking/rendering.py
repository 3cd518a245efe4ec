"""Shows records on a terminal: where they stand, and what they hold."""

from __future__ import annotations

import datetime
import struct
from collections.abc import Mapping
from typing import Any

import orjson
from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from flott.cli.peeking.guess import Guess
from flott.cli.peeking.records import Sample, SeenRecord

#: What is longer than this many lines is cut.
_LINES_MAX = 40
#: JSON that is longer gets a line for each field.
_LINE_MAX = 120
_CHARS_MAX = 4000


def show_records(
    console: Console, title: str, sample: Sample, key: Guess | None, value: Guess | None
) -> None:
    """Print the records of a sample.

    Args:
        console: Where.
        title: What they are from.
        sample: The records.
        key: How keys are written; ``None`` without keys.
        value: How values are written; ``None`` if there are none.
    """
    console.print(Text.assemble((title, "bold"), (_size(sample), "dim")), soft_wrap=True)
    for record in sample.records:
        console.print(_place(record, key), soft_wrap=True)
        console.print(_value(record.value, value, console.width))


def _size(sample: Sample) -> str:
    said = ""
    if sample.partitions:
        said += f" · {sample.partitions} partition{'s' if sample.partitions > 1 else ''}"
    if sample.total is not None:
        said += f" · {sample.total:,} record{'' if sample.total == 1 else 's'}"
    return said + f", {len(sample.records)} shown"


def _place(record: SeenRecord, key: Guess | None) -> Text:
    text = Text(style="dim")
    if record.partition is None:
        text.append(f"line {record.offset}")
        return text
    text.append(f"partition {record.partition} · offset {record.offset}")
    if record.timestamp is not None:
        text.append(f" · {moment_text(record.timestamp)}")
    if record.key is not None:
        text.append(" · key ")
        text.append(text_of(record.key, key), "cyan not dim")
    for name, value in record.headers:
        text.append(f" · {name}: {'' if value is None else text_of(value, None)}")
    return text


def moment_text(timestamp_ms: int) -> str:
    """A timestamp as UTC.

    >>> moment_text(0)
    '1970-01-01 00:00:00.000'
    """
    moment = datetime.datetime.fromtimestamp(timestamp_ms / 1000, datetime.UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{timestamp_ms % 1000:03}"


def _value(value: bytes | None, guess: Guess | None, width: int) -> Text | Syntax:
    if value is None:
        return Text("  (no value: a tombstone)", "yellow")
    parsed = _json(value)
    if parsed is None:
        return Text("  " + _cut(text_of(value, guess)).replace("\n", "\n  "))
    compact = orjson.dumps(parsed).decode()
    text = "  " + compact
    if len(text) > min(width, _LINE_MAX):
        pretty = orjson.dumps(parsed, option=orjson.OPT_INDENT_2).decode()
        text = "\n".join("  " + line for line in pretty.splitlines())
    return Syntax(_cut(text), "json", background_color="default", word_wrap=True)


def _json(value: bytes) -> Mapping[str, Any] | list[Any] | None:
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict | list) else None


def _cut(text: str) -> str:
    lines = text[:_CHARS_MAX].splitlines()
    cut = "\n".join(lines[:_LINES_MAX])
    return cut if len(cut) == len(text) else cut + " …"


def text_of(data: bytes, guess: Guess | None) -> str:
    """Bytes as text: a number, what they say, or their values in hexadecimal.

    >>> text_of(b"one", None), text_of(bytes([255, 0]), None)
    ('one', 'ff 00')
    """
    if guess is not None and guess.format == "raw":
        code = {"INT": ">i", "BIGINT": ">q"}.get(str(next(iter(guess.fields.values()))))
        if code is not None and len(data) == struct.calcsize(code):
            return str(struct.unpack(code, data)[0])
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if all(char.isprintable() or char in "\t\r\n" for char in text):
        return text
    return data[:200].hex(" ") + (" …" if len(data) > 200 else "")
