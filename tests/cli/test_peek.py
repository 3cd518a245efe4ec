"""`flott peek` as it is called, with a real broker."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.schema_registry import Schema
from typer.testing import CliRunner

from flott.cli.main import app
from flott.formats.avro.datum import encode_long
from flott.table import EnvironmentSettings, TableEnvironment

if TYPE_CHECKING:
    from tests.services.kafka import KafkaCluster
    from tests.services.registry import SchemaRegistryService

RUNNER = CliRunner()


@pytest.fixture
def address(kafka: "KafkaCluster") -> str:
    topic = kafka.create_topic(partitions=3)
    producer = Producer(kafka.client_settings())
    for number in range(20):
        value = json.dumps({"card": f"c{number % 3}", "amount": number / 2})
        producer.produce(topic, value, f"c{number % 3}", headers={"source": b"test"})
    assert producer.flush(30) == 0
    return f"kafka://{kafka.bootstrap_servers}/{topic}"


def test_records_and_table_are_shown(address: str) -> None:
    done = RUNNER.invoke(app, ["peek", address, "--rows", "3"])
    assert done.exit_code == 0, done.output
    assert "3 partitions · 20 records, 3 shown" in done.output
    assert done.output.count(" · key c") == 3
    assert "source: test" in done.output


def test_the_table_can_be_pasted(address: str) -> None:
    statement = RUNNER.invoke(app, ["peek", address, "--table"]).output
    found = rows_of(statement, "card, amount")
    assert len(found) == 20
    assert {row["card"] for row in found} == {"c0", "c1", "c2"}
    assert sum(row["amount"] for row in found) == 95.0


SCHEMA = """{"type": "record", "name": "Order", "fields": [
    {"name": "id", "type": "long"},
    {"name": "note", "type": ["null", "string"]},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}"""


def test_avro_is_read_with_the_schema_of_the_registry(
    kafka: "KafkaCluster", schema_registry: "SchemaRegistryService"
) -> None:
    topic = kafka.create_topic()
    number = schema_registry.client.register_schema(f"{topic}-value", Schema(SCHEMA, "AVRO"))
    producer = Producer(kafka.client_settings())
    for order in (1, 2):
        data = b"".join(map(encode_long, (order, 0, 1_700_000_000_000)))
        producer.produce(topic, b"\0" + number.to_bytes(4, "big") + data)
    assert producer.flush(30) == 0
    where = [f"kafka://{kafka.bootstrap_servers}/{topic}", "--registry", schema_registry.url]
    shown = RUNNER.invoke(app, ["peek", *where]).output
    assert '{"id":1,"note":null,"at":"2023-11-14T22:13:20"}' in shown
    statement = RUNNER.invoke(app, ["peek", *where, "--table"]).output
    assert "  `at` TIMESTAMP_LTZ(3)," in statement
    assert rows_of(statement, "id, note") == [{"id": 1, "note": None}, {"id": 2, "note": None}]


def rows_of(statement: str, columns: str) -> list[dict[str, Any]]:
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    environment.execute_sql(
        statement.replace("\n) WITH (", "\n) WITH (\n 'scan.bounded.mode' = 'latest-offset',")
    )
    query = f"SELECT {columns} FROM {statement.split()[2]}"
    return environment.execute_sql(query).to_polars().to_dicts()


def test_a_topic_that_is_not_there_ends_with_an_error(address: str) -> None:
    done = RUNNER.invoke(app, ["peek", address + "x"])
    assert done.exit_code == 1
    assert "There is no topic" in done.stderr


def test_a_server_that_is_not_there_is_told_at_once() -> None:
    done = RUNNER.invoke(app, ["peek", "kafka://localhost:1/orders"])
    assert done.exit_code == 1
    assert "No Kafka broker can be reached: localhost:1" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "middle"], "latest or earliest"),
        (["--property", "novalue"], "key=value"),
        (["--rows", "0"], "--rows"),
    ],
)
def test_wrong_arguments_are_refused(arguments: list[str], message: str) -> None:
    done = RUNNER.invoke(app, ["peek", "nothing", *arguments])
    assert done.exit_code == 2
    assert message in done.stderr
