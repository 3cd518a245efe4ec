"""`flott peek` as it is called, with a real broker."""

import json
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Producer
from typer.testing import CliRunner

from flott.cli.main import app
from flott.table import EnvironmentSettings, TableEnvironment

if TYPE_CHECKING:
    from tests.services.kafka import KafkaCluster

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
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    environment.execute_sql(
        statement.replace("\n) WITH (", "\n) WITH (\n 'scan.bounded.mode' = 'latest-offset',")
    )
    table = statement.split()[2]
    found = environment.execute_sql(f"SELECT card, amount FROM {table}").to_polars()
    assert found.height == 20
    assert set(found["card"]) == {"c0", "c1", "c2"}
    assert found["amount"].sum() == 95.0


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
