"""What the shell proposes within CREATE TABLE."""

import json

import pytest

from flott.cli.shell.completion import propose
from flott.cli.shell.outside import Outside
from flott.cli.shell.table_options import in_columns
from flott.table import EnvironmentSettings, TableEnvironment
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients

SERVERS = "'properties.bootstrap.servers' = 'model:9092'"


@pytest.fixture(scope="module")
def environment() -> TableEnvironment:
    return TableEnvironment.create(EnvironmentSettings.in_streaming_mode())


@pytest.fixture
def broker() -> ModelBroker:
    made = ModelBroker()
    made.create_topic("orders", partitions=1)
    made.create_topic("payments", partitions=1)
    made.append("orders", json.dumps({"id": 1, "unit price": 2.5}).encode(), timestamp=1)
    return made


def proposed(
    environment: TableEnvironment, before: str, after: str = "", broker: ModelBroker | None = None
) -> list[str]:
    outside = None if broker is None else Outside(ModelClients(broker), patience_s=30)
    return [each.text for each in propose(before, before + after, environment, outside)]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("CREATE TABLE t (a INT) WITH ('connector' = 'fil", ["filesystem"]),
        ("CREATE TABLE t (a INT) WITH ('conn", ["connector"]),
        ("CREATE TABLE t (a INT) WITH ('connector' = 'print', 'print-i", ["print-identifier"]),
        (
            "CREATE TABLE t (a INT) WITH ('connector' = 'x', 'format' = 'debezium-j",
            ["debezium-json"],
        ),
        ("CREATE TABLE t (a INT) WITH ('connector' = 'nothing', 'a", []),
        ("SELECT 'conn", []),
    ],
)
def test_options_and_their_values(
    environment: TableEnvironment, before: str, expected: list[str]
) -> None:
    assert proposed(environment, before) == expected


def test_options_that_stand_there_are_not_proposed_again(environment: TableEnvironment) -> None:
    before = "CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'topic' = 'x', '"
    keys = proposed(environment, before)
    assert "topic" not in keys
    assert {"topic-pattern", "properties.bootstrap.servers", "scan.startup.mode"} <= set(keys)


def test_topics_of_the_servers_named_before_or_behind(
    environment: TableEnvironment, broker: ModelBroker
) -> None:
    before = "CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'topic' = 'or"
    assert proposed(environment, before, f"', {SERVERS})", broker) == ["orders"]
    assert proposed(environment, before, "')", broker) == []


def test_columns_of_the_topic_with_their_types(
    environment: TableEnvironment, broker: ModelBroker
) -> None:
    after = f") WITH ('connector' = 'kafka', 'topic' = 'orders', {SERVERS})"
    first = proposed(environment, "CREATE TABLE t (", after, broker)
    assert first[:2] == ["id BIGINT", "`unit price` DOUBLE"]
    assert first[2].startswith("row_time TIMESTAMP_LTZ(3) METADATA")
    next_ones = proposed(environment, "CREATE TABLE t (id BIGINT, ", after, broker)
    assert next_ones[0] == "`unit price` DOUBLE"
    begun = proposed(environment, "CREATE TABLE t (id BIGINT, `u", after, broker)
    assert begun[0] == "`unit price` DOUBLE"


def test_a_server_that_does_not_answer_leaves_nothing_to_propose(
    environment: TableEnvironment, broker: ModelBroker
) -> None:
    broker.fail("topics", RuntimeError("away"))
    before = f"CREATE TABLE t (a INT) WITH ({SERVERS}, 'topic' = 'or"
    outside = Outside(ModelClients(broker), patience_s=30)
    assert list(propose(before, before, environment, outside)) == []
    # It is asked again the next time.
    assert [each.text for each in propose(before, before, environment, outside)] == ["orders"]


def test_nobody_waits_for_a_server_that_is_not_there(environment: TableEnvironment) -> None:
    before = "CREATE TABLE t (a INT) WITH ('properties.bootstrap.servers' = 'localhost:1', "
    outside = Outside(patience_s=0)
    assert list(propose(before + "'topic' = '", before, environment, outside)) == []


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("CREATE TABLE t (", True),
        ("create temporary table if not exists a.`b` (\n  id INT,\n  na", True),
        ("CREATE TABLE t (id DECIMAL(10, ", False),
        ("CREATE TABLE t (m MAP<INT, ", False),
        ("CREATE TABLE t (id INT) WITH (", False),
        ("CREATE TABLE t (id INT", False),
        ("CREATE VIEW v AS SELECT (", False),
    ],
)
def test_where_columns_are_declared(before: str, expected: bool) -> None:
    assert in_columns(before) is expected
