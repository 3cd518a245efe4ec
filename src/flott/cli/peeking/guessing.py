"""Guesses how keys and values are written."""

from __future__ import annotations

import csv
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from flott.cli.peeking.guess import Guess, Messages, fits
from flott.cli.peeking.inference import infer_text_fields, is_header
from flott.cli.peeking.json_guess import (
    epoch_fields,
    guess_changes,
    guess_json,
    guess_plain_json,
)
from flott.cli.peeking.registry_guess import guess_registered
from flott.cli.peeking.texts import SQL
from flott.common import logical_types as t
from flott.common.errors import ConfigurationError, UnsupportedFeature
from flott.common.suggestions import did_you_mean
from flott.formats.columns.registry import format_names

_DELIMITERS: Final = ",;\t|"
_HEADER: Final = (
    "The first line is a header. CSV has no headers in Flink: the line comes as a row, NULL where "
    "a name does not fit the type."
)
_INTEGERS: Final[Mapping[int, tuple[str, t.DataType]]] = {
    4: (">i", t.IntType()),
    8: (">q", t.BigIntType()),
}


def guess_format(messages: Messages, name: str | None = None) -> Guess:
    """How messages are written.

    Args:
        messages: Some of them.
        name: The format, if it is known: then only the columns are found out.

    Raises:
        ConfigurationError: They are not of the format that was named.
        UnsupportedFeature: Messages of that format do not tell their columns.
    """
    if name is not None:
        return _read_as(name, messages)
    for guess in (_guess_integers, guess_registered, guess_json, _guess_csv):
        found = guess(messages)
        if found is not None:
            return found
    return _guess_raw(messages)


def _read_as(name: str, messages: Messages) -> Guess:
    guess = _GUESSES.get(name)
    if guess is None:
        if name in format_names():
            raise UnsupportedFeature(
                f"Guessing the columns of format '{name}'", reason="Its messages do not tell them."
            )
        hint = did_you_mean(name, _GUESSES, "Formats") or ""
        raise ConfigurationError(f"There is no format {name!r}. {hint}".rstrip(), key="format")
    found = guess(messages)
    if found is None:
        raise ConfigurationError(f"The records are not of format '{name}'.", key="format")
    return found


def _text_of(message: bytes) -> str | None:
    """The text of a message; ``None`` if it is none that people read."""
    try:
        text = message.decode()
    except UnicodeDecodeError:
        return None
    return text if all(char.isprintable() or char in "\t\r\n" for char in text) else None


def _guess_integers(messages: Messages) -> Guess | None:
    """Whole numbers as the serializers of Kafka's clients write them."""
    lengths = {len(text) for text in messages.texts}
    if len(lengths) != 1 or all(_text_of(text) is not None for text in messages.texts):
        return None
    found = _INTEGERS.get(lengths.pop())
    if found is None:
        return None
    code, data_type = found
    numbers = [struct.unpack(code, text)[0] for text in messages.texts]
    rows = [{messages.column: number} for number in numbers]
    fields = {messages.column: data_type}
    return Guess("raw", fields, epochs=epoch_fields(fields, rows, messages.near_ms), rows=rows)


def _guess_csv(messages: Messages) -> Guess | None:
    texts = [_text_of(text) for text in messages.texts]
    for delimiter in _DELIMITERS:
        rows = [None if text is None else _split(text, delimiter) for text in texts]
        widths = [len(row) for row in rows if row is not None]
        width = max(set(widths), key=widths.count, default=0)
        whole = [row for row in rows if row is not None and len(row) == width]
        if width < 2 or not fits(len(whole), messages):
            continue
        names = [f"{messages.column}{number}" for number in range(1, width + 1)]
        options = {} if delimiter == "," else {"field-delimiter": delimiter}
        note = ""
        if rows[0] is whole[0] and is_header(whole[0], whole[1:], SQL):
            names, whole = whole[0], whole[1:]
            options["ignore-parse-errors"] = "true"
            note = _HEADER
        fields = infer_text_fields(whole, names, SQL)
        held = [dict(zip(names, row, strict=True)) for row in whole]
        epochs = epoch_fields(fields, [_filled(row) for row in held], messages.near_ms)
        broken = sum(row is None or len(row) != width for row in rows)
        return Guess("csv", fields, options, epochs, broken=broken, note=note)
    return None


def _filled(row: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in row.items() if text}


def _split(text: str, delimiter: str) -> list[str] | None:
    rows: Sequence[list[str]] = list(csv.reader([text.rstrip("\r\n")], delimiter=delimiter))
    return rows[0] if len(rows) == 1 else None


def _guess_raw(messages: Messages) -> Guess:
    texts = [_text_of(text) for text in messages.texts]
    is_text = all(text is not None for text in texts)
    fields: dict[str, t.DataType] = {messages.column: t.STRING if is_text else t.BYTES}
    rows = [{messages.column: text} for text in texts] if is_text else []
    return Guess("raw", fields, rows=rows)


def _read_raw(messages: Messages) -> Guess:
    return _guess_integers(messages) or _guess_raw(messages)


_GUESSES: Final[Mapping[str, Callable[[Messages], Guess | None]]] = {
    "avro-confluent": guess_registered,
    "debezium-avro-confluent": guess_registered,
    "canal-json": guess_changes("canal-json"),
    "csv": _guess_csv,
    "debezium-json": guess_changes("debezium-json"),
    "json": guess_plain_json,
    "maxwell-json": guess_changes("maxwell-json"),
    "ogg-json": guess_changes("ogg-json"),
    "raw": _read_raw,
}
