"""SQL over a real broker: what the Kafka in memory shows, once more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flott.table import EnvironmentSettings, TableEnvironment
from tests.services.kafka import KafkaCluster
from tests.services.registry import SchemaRegistryService


class RealSql:
    """Statements over the tables of a broker."""

    def __init__(self, kafka: KafkaCluster, options: Mapping[str, str] | None = None) -> None:
        self.kafka = kafka
        self.environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
        for key, value in (options or {}).items():
            self.environment.get_config().set(key, value)

    def create(self, name: str, columns: str, topic: str, options: Mapping[str, str]) -> None:
        given = {
            "connector": "kafka",
            "topic": topic,
            "properties.bootstrap.servers": self.kafka.bootstrap_servers,
            "scan.bounded.mode": "latest-offset",
            **options,
        }
        if given["connector"] == "kafka":
            given["scan.startup.mode"] = "earliest-offset"
        text = ", ".join(f"'{key}' = '{value}'" for key, value in given.items())
        self.environment.execute_sql(f"CREATE TABLE {name} ({columns}) WITH ({text})")

    def run(self, statement: str) -> None:
        self.environment.execute_sql(statement).wait(120_000)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.environment.execute_sql(query).collect() as rows:
            return sorted(tuple(row) for row in rows)


def test_rows_come_back_with_what_surrounds_them(kafka: KafkaCluster) -> None:
    sql = RealSql(kafka)
    topic = kafka.create_topic(partitions=3)
    columns = (
        "id INT, name STRING, tags MAP<STRING, BYTES> METADATA FROM 'headers', "
        "at_ms TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', `offset` BIGINT METADATA VIRTUAL, "
        "kind STRING METADATA FROM 'timestamp-type' VIRTUAL"
    )
    options = {"key.format": "json", "key.fields": "id", "value.format": "json"}
    sql.create("people", columns, topic, {**options, "value.fields-include": "EXCEPT_KEY"})
    sql.run(
        "INSERT INTO people VALUES (1, 'ada', MAP['a', x'01'], TO_TIMESTAMP_LTZ(1700000000000, 3))"
    )
    query = "SELECT id, name, tags, CAST(at_ms AS STRING), `offset`, kind FROM people"
    assert sql.rows(query) == [
        (1, "ada", {"a": b"\x01"}, "2023-11-14 22:13:20.000", 0, "CreateTime")
    ]


def test_partitions_read_by_two_processes_have_watermarks_of_their_own(
    kafka: KafkaCluster,
) -> None:
    sql = RealSql(kafka, {"parallelism.default": "2"})
    source, target = kafka.create_topic(partitions=3), kafka.create_topic(partitions=2)
    produce(kafka, source, [(n % 3, {"n": n, "ms": 1000 * n}) for n in range(600)])
    sql.create(
        "events",
        "n INT, ms BIGINT, ts AS TO_TIMESTAMP_LTZ(ms, 3), WATERMARK FOR ts AS ts",
        source,
        {"format": "json"},
    )
    sql.create("counts", "began BIGINT, n BIGINT", target, {"format": "json"})
    sql.run(
        "INSERT INTO counts SELECT UNIX_TIMESTAMP(CAST(window_start AS STRING)), COUNT(*) FROM "
        "TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE) "
        "GROUP BY window_start, window_end"
    )
    assert sql.rows("SELECT * FROM counts") == [(60 * each, 60) for each in range(10)]


def test_changes_are_written_by_key_exactly_once(kafka: KafkaCluster) -> None:
    sql = RealSql(kafka, {"execution.checkpointing.interval": "200 ms"})
    source, target = kafka.create_topic(partitions=2), kafka.create_topic(partitions=2)
    produce(kafka, source, [(n % 2, {"region": f"r{n % 5}", "user": n % 7}) for n in range(700)])
    sql.create("pageviews", "region STRING, `user` INT", source, {"format": "json"})
    sql.create(
        "totals",
        "region STRING, pv BIGINT, uv BIGINT, PRIMARY KEY (region) NOT ENFORCED",
        target,
        {
            "connector": "upsert-kafka",
            "key.format": "json",
            "value.format": "json",
            "properties.isolation.level": "read_committed",
            "sink.delivery-guarantee": "exactly-once",
            "sink.transactional-id-prefix": target,
        },
    )
    sql.run(
        "INSERT INTO totals SELECT region, COUNT(*), COUNT(DISTINCT `user`) FROM pageviews "
        "GROUP BY region"
    )
    found = sql.rows("SELECT COUNT(*), SUM(pv), MIN(uv) FROM totals")
    assert (5, 700, 7) in found


def test_schemas_of_records_are_kept_in_a_registry(
    kafka: KafkaCluster, schema_registry: SchemaRegistryService
) -> None:
    sql = RealSql(kafka)
    topic = kafka.create_topic()
    options = {
        "connector": "upsert-kafka",
        "key.format": "avro-confluent",
        "key.avro-confluent.url": schema_registry.url,
        "value.format": "avro-confluent",
        "value.avro-confluent.url": schema_registry.url,
        "value.fields-include": "EXCEPT_KEY",
    }
    columns = "id INT, name STRING, PRIMARY KEY (id) NOT ENFORCED"
    sql.create("people", columns, topic, options)
    sql.run("INSERT INTO people VALUES (1, 'ada'), (2, 'bob')")
    assert sql.rows("SELECT * FROM people") == [(1, "ada"), (2, "bob")]
    assert {f"{topic}-key", f"{topic}-value"} <= set(schema_registry.client.get_subjects())


def produce(kafka: KafkaCluster, topic: str, records: list[tuple[int, Mapping[str, Any]]]) -> None:
    """Records for partitions, as JSON."""
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers})
    for partition, value in records:
        producer.produce(topic, json.dumps(value).encode(), partition=partition)
    assert producer.flush(30) == 0
