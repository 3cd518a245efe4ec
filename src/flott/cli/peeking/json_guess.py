"""Guesses about JSON: plain objects, and the changes that other systems send."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from flott.cli.peeking.guess import Guess, Messages, fits
from flott.cli.peeking.inference import infer_fields
from flott.cli.peeking.texts import SQL, EpochField, epoch_field, timestamp_standard
from flott.common import logical_types as t

_Object = dict[str, Any]
#: The rows that a message of a format holds; ``None`` if it is not one of the format.
_RowsOf = Callable[[_Object], list[_Object] | None]


def guess_json(messages: Messages) -> Guess | None:
    """Objects of JSON; ``None`` if messages are something else."""
    plain = guess_plain_json(messages)
    if plain is None:
        return None
    found = [dict(each) for each in plain.rows if each is not None]
    for name, (rows_of, options) in _CHANGES.items():
        rows = [rows_of(each) for each in found]
        if fits(sum(each is not None for each in rows), messages):
            flat = [row for each in rows if each is not None for row in each]
            guess = _guess(name.partition("+")[0], flat, messages, options)
            return replace(guess, has_changes=True, broken=plain.broken)
    return plain


def guess_plain_json(messages: Messages) -> Guess | None:
    """Objects of JSON as they stand, whatever they tell."""
    rows: list[_Object | None] = [_object(text) for text in messages.texts]
    found = [each for each in rows if each is not None]
    if not fits(len(found), messages):
        return None
    return replace(_guess("json", found, messages, {}), rows=rows, broken=len(rows) - len(found))


def guess_changes(name: str) -> Callable[[Messages], Guess | None]:
    """A guess at one format of changes and no other."""

    def guess(messages: Messages) -> Guess | None:
        found = guess_json(messages)
        return found if found is not None and found.format == name else None

    return guess


def _object(text: bytes) -> _Object | None:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _guess(
    name: str, held: Sequence[_Object], messages: Messages, options: Mapping[str, str]
) -> Guess:
    standard = timestamp_standard(held)
    fields = infer_fields(held, standard)
    if standard != SQL:
        options = {**options, "timestamp-format.standard": standard}
    return Guess(name, fields, options, epoch_fields(fields, held, messages.near_ms))


def epoch_fields(
    fields: Mapping[str, t.DataType], rows: Sequence[Mapping[str, Any]], near_ms: int | None
) -> list[EpochField]:
    """The columns of whole numbers that are moments."""
    found = []
    for name, data_type in fields.items():
        if isinstance(data_type, t.BigIntType):
            numbers = [int(row[name]) for row in rows if row.get(name) is not None]
            epoch = epoch_field(name, numbers, near_ms)
            if epoch is not None:
                found.append(epoch)
    return found


def _one(row: Any) -> list[_Object]:
    return [row] if isinstance(row, dict) else []


def _debezium(message: _Object) -> list[_Object] | None:
    if message.get("op") not in ("c", "r", "u", "d"):
        return None
    if "before" not in message and "after" not in message:
        return None
    return _one(message.get("before")) + _one(message.get("after"))


def _debezium_with_schema(message: _Object) -> list[_Object] | None:
    payload = message.get("payload")
    return _debezium(payload) if isinstance(payload, dict) and "schema" in message else None


def _canal(message: _Object) -> list[_Object] | None:
    rows = message.get("data")
    if message.get("type") not in ("INSERT", "UPDATE", "DELETE") or not isinstance(rows, list):
        return None
    return [row for row in rows if isinstance(row, dict)]


def _maxwell(message: _Object) -> list[_Object] | None:
    row = message.get("data")
    is_change = message.get("type") in ("insert", "update", "delete", "bootstrap-insert")
    return [row] if is_change and isinstance(row, dict) else None


def _ogg(message: _Object) -> list[_Object] | None:
    if message.get("op_type") not in ("I", "U", "D", "T"):
        return None
    return _one(message.get("before")) + _one(message.get("after"))


_CHANGES: Final[Mapping[str, tuple[_RowsOf, Mapping[str, str]]]] = {
    "debezium-json": (_debezium, {}),
    "debezium-json+schema": (_debezium_with_schema, {"schema-include": "true"}),
    "canal-json": (_canal, {}),
    "maxwell-json": (_maxwell, {}),
    "ogg-json": (_ogg, {}),
}
