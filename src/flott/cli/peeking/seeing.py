"""Looks, guesses and shows: what ``flott peek`` does."""

from __future__ import annotations

import shutil
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import orjson
from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from flott.cli.peeking.address import TopicAddress, find_silent, parse_address
from flott.cli.peeking.definition import TableParts, create_table
from flott.cli.peeking.files import find_file, is_parquet, sample_lines, sample_parquet
from flott.cli.peeking.guess import Guess, Messages
from flott.cli.peeking.guessing import guess_format
from flott.cli.peeking.records import Sample, SeenRecord
from flott.cli.peeking.rendering import show_records
from flott.common.errors import FlottError
from flott.connectors.kafka.client.errors import explain
from flott.connectors.kafka.client.ports import ClientError, KafkaClients

#: So many records are looked at, though fewer are shown: rare fields are seen, too.
LOOKED_AT: Final = 200
#: A server that does not answer within this time is taken to be down.
_PATIENCE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user wants to see.

    Attributes:
        where: The address of a topic, or a path.
        rows: How many records.
        from_latest: Whether the last ones.
        properties: Properties of the client.
        registry: The address of a schema registry.
        format: The format of values, if it is known.
        key_format: The format of keys, if it is known.
        only_table: Whether records are not shown.
        clients: How to reach brokers; those of librdkafka if not given.
    """

    where: str
    rows: int = 10
    from_latest: bool = True
    properties: Mapping[str, str] = field(default_factory=dict)
    registry: str | None = None
    format: str | None = None
    key_format: str | None = None
    only_table: bool = False
    clients: KafkaClients | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen.

    Attributes:
        title: What it is from.
        sample: The records.
        key: How keys are written; ``None`` without keys.
        value: How values are written; ``None`` without any.
        table: The statement; ``None`` if it cannot be told.
    """

    title: str
    sample: Sample
    key: Guess | None
    value: Guess | None
    table: str | None


def peek_at(wanted: Wanted, console: Console | None = None) -> None:
    """Show it.

    Raises:
        FlottError: It cannot be reached, or is not what the user says it is.
    """
    console = console or Console(file=sys.stdout, highlight=False)
    seen = see(wanted)
    if not wanted.only_table:
        shown = _shown(seen.sample, wanted)
        show_records(console, seen.title, shown, seen.key, seen.value)
        for note in notes(seen):
            console.print(Text(note, "yellow"), soft_wrap=True)
        console.print()
    if seen.table is not None:
        _print_statement(console, seen.table)


def _shown(sample: Sample, wanted: Wanted) -> Sample:
    records = sample.records
    chosen = records[-wanted.rows :] if wanted.from_latest else records[: wanted.rows]
    return Sample(chosen, sample.total, sample.partitions)


def _print_statement(console: Console, statement: str) -> None:
    if console.is_terminal:
        # Not wrapped or padded: it is to be copied.
        width = max(shutil.get_terminal_size().columns, max(map(len, statement.splitlines())))
        syntax = Syntax(statement, "sql", background_color="default", code_width=width)
        console.print(syntax, soft_wrap=True)
    else:
        console.print(Text(statement), soft_wrap=True)


def notes(seen: Seen) -> list[str]:
    """What should be said besides."""
    if not seen.sample.records:
        return ["There are no records; without any, nothing can be guessed."]
    said = []
    for what, guess in (("key", seen.key), ("value", seen.value)):
        if guess is not None and guess.broken:
            number = len(seen.sample.records)
            said.append(f"{guess.broken} of {number} {what}s are not of format '{guess.format}'.")
        if guess is not None and guess.missing:
            said.append(f"The columns of the {what} are told by {guess.missing}.")
    if seen.value is None:
        said.append("There are only tombstones; without values, nothing can be guessed.")
    if seen.table is not None and "******" in seen.table:
        said.append("Secrets are not shown: put them in place of ******.")
    return said


def see(wanted: Wanted) -> Seen:
    """Look, and guess.

    Raises:
        FlottError: It cannot be reached, or is not what the user says it is.
    """
    address = parse_address(wanted.where)
    return _see_file(wanted) if address is None else _see_topic(address, wanted)


def _see_topic(address: TopicAddress, wanted: Wanted) -> Seen:
    from flott.cli.peeking.topics import sample_topic

    reached = {**wanted.properties, "bootstrap.servers": address.servers}
    count = max(wanted.rows, LOOKED_AT)
    clients = wanted.clients or _clients(address)
    try:
        sample = sample_topic(clients, reached, address.topic, count, wanted.from_latest)
    except ClientError as error:
        doing = f"looking at {address.topic}"
        raise FlottError(explain(error, doing, address.servers)) from None
    title = f"{address.topic} at {address.servers}"
    options = {
        "connector": "kafka",
        "topic": address.topic,
        "properties.bootstrap.servers": address.servers,
        **{f"properties.{name}": text for name, text in wanted.properties.items()},
        "scan.startup.mode": "earliest-offset",
    }
    return _guessed(title, sample, wanted, address.topic, options)


def _clients(address: TopicAddress) -> KafkaClients:
    from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients

    silence = find_silent(address.servers, _PATIENCE_S)
    if silence is not None:
        raise FlottError(f"No Kafka broker can be reached: {silence}")
    return LibrdkafkaClients()


def _see_file(wanted: Wanted) -> Seen:
    path = Path(wanted.where.removeprefix("file://"))
    file = find_file(path)
    options = {"connector": "filesystem", "path": str(path.absolute())}
    if is_parquet(file):
        sample, guess = sample_parquet(file, wanted.rows, wanted.from_latest)
        table = create_table(TableParts(path.stem, options, guess))
        return Seen(str(file), sample, None, guess, table)
    sample = sample_lines(file, max(wanted.rows, LOOKED_AT), wanted.from_latest)
    return _guessed(str(file), sample, wanted, path.stem, options)


def _guessed(
    title: str, sample: Sample, wanted: Wanted, name: str, options: Mapping[str, str]
) -> Seen:
    records = sample.records
    stamps = [record.timestamp for record in records if record.timestamp is not None]
    near_ms = int(statistics.median(stamps)) if stamps else None
    values = [record.value for record in records if record.value is not None]
    keys = [record.key for record in records if record.key is not None]
    value = key = table = None
    if values:
        messages = Messages(values, "value", near_ms, wanted.registry)
        value = guess_format(messages, wanted.format)
    if keys:
        messages = Messages(keys, "message_key", near_ms, wanted.registry)
        key = guess_format(messages, wanted.key_format)
    if value is not None and not value.missing:
        held = _rows_of(records, key, value)
        sample = _readable(sample, held, key, value)
        parts = TableParts(
            name,
            options,
            value,
            None if key is None or key.missing else key,
            has_tombstones=len(values) < len(records),
            has_timestamps=bool(stamps),
            pairs=[(of_key, of_value) for _, of_key, of_value in held if of_key and of_value],
            rows=_by_partition(held),
        )
        table = create_table(parts)
    return Seen(title, sample, key, value, table)


_Held = tuple[SeenRecord, Mapping[str, Any] | None, Mapping[str, Any] | None]


def _rows_of(records: Sequence[SeenRecord], key: Guess | None, value: Guess) -> list[_Held]:
    """What the guesses say each record holds, in its key and its value."""
    of_keys = iter(() if key is None else key.rows)
    of_values = iter(value.rows)
    return [
        (
            record,
            None if record.key is None else next(of_keys, None),
            None if record.value is None else next(of_values, None),
        )
        for record in records
    ]


def _readable(sample: Sample, held: Sequence[_Held], key: Guess | None, value: Guess) -> Sample:
    """The sample with JSON in place of what only a schema can tell."""
    if not any(guess is not None and "avro" in guess.format for guess in (key, value)):
        return sample
    records = [
        record._replace(
            key=_as_json(record.key, of_key, key), value=_as_json(record.value, of_value, value)
        )
        for record, of_key, of_value in held
    ]
    return replace(sample, records=records)


def _as_json(
    data: bytes | None, row: Mapping[str, Any] | None, guess: Guess | None
) -> bytes | None:
    if row is None or guess is None or "avro" not in guess.format:
        return data
    return orjson.dumps(row, default=str)


def _by_partition(held: Sequence[_Held]) -> list[list[Mapping[str, Any]]]:
    found: dict[int | None, list[Mapping[str, Any]]] = {}
    for record, _, row in sorted(held, key=lambda each: each[0].offset):
        if row is not None:
            found.setdefault(record.partition, []).append(row)
    return list(found.values())
