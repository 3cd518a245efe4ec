"""Statements over the Kafka in memory: records in, rows and records out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flott.connectors.tables.registry import find_factory
from flott.table import EnvironmentSettings, TableEnvironment
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients

SERVERS = "model:9092"


class KafkaSql:
    """A table environment whose Kafka tables are those of a broker in memory."""

    def __init__(self, broker: ModelBroker, options: Mapping[str, str] | None = None) -> None:
        self.broker = broker
        self.environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
        for key, value in (options or {}).items():
            self.environment.get_config().set(key, value)

    def create(self, name: str, columns: str, options: Mapping[str, str] | None = None) -> None:
        """A table over the topic of its name, of JSON, read from start to end, unless the options
        say otherwise."""
        given = {
            "connector": "kafka",
            "topic": name,
            "properties.bootstrap.servers": SERVERS,
            "scan.bounded.mode": "latest-offset",
            **(options or {}),
        }
        if given["connector"] == "kafka":
            given = {"scan.startup.mode": "earliest-offset", **given}
            if "value.format" not in given:
                given = {"format": "json", **given}
        else:
            given = {"key.format": "json", "value.format": "json", **given}
        if "topic-pattern" in given:
            del given["topic"]
        text = ", ".join(f"'{key}' = '{value}'" for key, value in given.items())
        self.environment.execute_sql(f"CREATE TABLE {name} ({columns}) WITH ({text})")

    def run(self, statement: str) -> None:
        """An INSERT, to its end."""
        self.environment.execute_sql(statement).wait(60_000)

    def changes(self, query: str) -> list[tuple[Any, ...]]:
        """What a query gives: kinds and rows."""
        with self.environment.execute_sql(query).collect() as rows:
            return [(str(row.get_row_kind()), *row) for row in rows]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query that only adds, in any order."""
        found = self.changes(query)
        assert {kind for kind, *_ in found} <= {"+I"}
        return sorted((row[1:] for row in found), key=repr)

    def plan(self, statement: str) -> str:
        """What EXPLAIN shows."""
        return str(self.environment.explain_sql(statement))

    def put(self, topic: str, *values: Any, key: bytes | None = None, partition: int = 0) -> None:
        """Records whose values are JSON; bytes and None as they are."""
        for value in values:
            self.broker.append(topic, _bytes(value), key, partition)

    def records(self, topic: str) -> list[tuple[bytes | None, Any]]:
        """Keys and values of a topic, values read as JSON."""
        return [
            (record.key, None if record.value is None else json.loads(record.value))
            for record in self.broker.read(topic)
        ]


def _bytes(value: Any) -> bytes | None:
    return value if value is None or isinstance(value, bytes) else json.dumps(value).encode()


def connect(broker: ModelBroker | None) -> None:
    """Have Kafka tables use a broker in memory, or real ones again."""
    for name in ("kafka", "upsert-kafka"):
        factory: Any = find_factory(name)
        factory.clients = None if broker is None else ModelClients(broker)
