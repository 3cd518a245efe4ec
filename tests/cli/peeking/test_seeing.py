"""Looking at a topic or file: what is shown, and whether the table reads what was looked at."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from flott.cli.peeking.seeing import Wanted, peek_at, see
from flott.common.errors import ConfigurationError
from flott.connectors.tables.registry import find_factory
from flott.table import EnvironmentSettings, TableEnvironment
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients

NOW_MS = 1_700_000_000_000


@pytest.fixture
def broker() -> Iterator[ModelBroker]:
    made = ModelBroker()
    made.create_topic("topic", partitions=2)
    factories: list[Any] = [find_factory("kafka"), find_factory("upsert-kafka")]
    for factory in factories:
        factory.clients = ModelClients(made)
    yield made
    for factory in factories:
        factory.clients = None


def shown(wanted: Wanted) -> str:
    stream = io.StringIO()
    peek_at(wanted, Console(file=stream, width=200, highlight=False))
    return stream.getvalue()


def rows_of(statement: str) -> list[dict[str, Any]]:
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    bounded = statement.replace(
        "\n) WITH (", "\n) WITH (\n  'scan.bounded.mode' = 'latest-offset',"
    )
    environment.execute_sql(bounded if "kafka" in statement else statement)
    name = statement.split()[2]
    return environment.execute_sql(f"SELECT * FROM {name}").to_polars().to_dicts()


def fill(broker: ModelBroker, *records: tuple[bytes | None, Any], at_ms: int = NOW_MS) -> Wanted:
    for number, (key, value) in enumerate(records):
        text = value if isinstance(value, bytes | None) else json.dumps(value).encode()
        broker.append("topic", text, key, partition=0, timestamp=at_ms + number)
    return Wanted("kafka://model:9092/topic", clients=ModelClients(broker))


def test_json_can_be_read_by_the_table(broker: ModelBroker) -> None:
    wanted = fill(
        broker,
        (b"k1", {"id": 1, "at": "2024-02-29T12:00:00Z", "tags": ["a"], "who": {"n": 1.5}}),
        (b"k2", {"id": 2, "at": "2024-02-29T12:00:01Z", "tags": [], "who": None}),
    )
    table = see(wanted).table
    assert table is not None
    rows = rows_of(table)
    assert [(row["message_key"], row["id"], row["tags"]) for row in rows] == [
        ("k1", 1, ["a"]),
        ("k2", 2, []),
    ]
    assert rows[0]["who"] == {"n": 1.5}
    assert str(rows[0]["at"]).startswith("2024-02-29 12:00:00")


def test_numbers_and_texts_can_be_read_by_the_table(broker: ModelBroker) -> None:
    wanted = fill(broker, ((7).to_bytes(8, "big"), b"north;1"), ((9).to_bytes(8, "big"), b"b;2"))
    rows = rows_of(see(wanted).table or "")
    assert [(row["message_key"], row["value1"], row["value2"]) for row in rows] == [
        (7, "north", 1),
        (9, "b", 2),
    ]


def test_tombstones_take_rows_away(broker: ModelBroker) -> None:
    keys = [json.dumps({"id": number}).encode() for number in (1, 2)]
    first, second = ({"id": number, "name": "x"} for number in (1, 2))
    wanted = fill(broker, (keys[0], first), (keys[1], second), (keys[0], None))
    rows = rows_of(see(wanted).table or "")
    assert rows == [{"id": 2, "name": "x"}]


def test_changes_can_be_read_by_the_table(broker: ModelBroker) -> None:
    one, other = {"id": 1, "n": 1}, {"id": 1, "n": 2}
    wanted = fill(
        broker,
        (None, {"before": None, "after": one, "op": "c"}),
        (None, {"before": one, "after": other, "op": "u"}),
    )
    assert rows_of(see(wanted).table or "") == [other]


def test_a_statement_can_be_pasted_into_a_streaming_query(broker: ModelBroker) -> None:
    wanted = fill(broker, (None, {"id": 1, "ts": NOW_MS}), (None, {"id": 2, "ts": NOW_MS + 20_000}))
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    statement = (see(wanted).table or "").replace(
        "\n) WITH (", "\n) WITH (\n  'scan.bounded.mode' = 'latest-offset',"
    )
    environment.execute_sql(statement)
    counts = environment.execute_sql(
        "SELECT window_end, COUNT(*) AS n FROM TUMBLE(TABLE topic, DESCRIPTOR(row_time), "
        "INTERVAL '10' SECOND) GROUP BY window_start, window_end"
    ).to_polars()
    assert counts["n"].to_list() == [1, 1]


def test_records_are_shown_with_place_and_time(broker: ModelBroker) -> None:
    broker.append("topic", b"hello", b"k", partition=1, timestamp=NOW_MS, headers=(("h", b"v"),))
    text = shown(fill(broker))
    assert "topic at model:9092 · 2 partitions · 1 record, 1 shown" in text
    assert "partition 1 · offset 0 · 2023-11-14 22:13:20.000 · key k · h: v" in text
    assert "\n  hello" in text


def test_only_as_many_are_shown_as_were_asked_for(broker: ModelBroker) -> None:
    fill(broker, *((None, {"n": number}) for number in range(30)))
    clients = ModelClients(broker)
    text = shown(Wanted("kafka://model/topic", rows=2, clients=clients))
    assert '{"n":29}' in text
    assert '{"n":27}' not in text
    first = shown(Wanted("kafka://model/topic", rows=2, from_latest=False, clients=clients))
    assert '{"n":1}' in first
    assert '{"n":2}' not in first


def test_only_the_table_is_printed_when_that_is_asked_for(broker: ModelBroker) -> None:
    fill(broker, (None, {"n": 1}))
    text = shown(Wanted("kafka://model/topic", only_table=True, clients=ModelClients(broker)))
    assert text.startswith("CREATE TABLE topic (\n  n BIGINT,\n")
    assert text.endswith(");\n")


def test_nothing_can_be_guessed_from_nothing(broker: ModelBroker) -> None:
    assert "There are no records" in shown(fill(broker))
    assert "There are only tombstones" in shown(fill(broker, (b"k", None)))


def test_broken_records_and_secrets_are_spoken_of(broker: ModelBroker) -> None:
    fill(broker, *((None, {"n": number}) for number in range(5)), (None, b"{oops"))
    properties = {"sasl.password": "hunter2"}
    text = shown(Wanted("kafka://model/topic", properties=properties, clients=ModelClients(broker)))
    assert "1 of 6 values are not of format 'json'." in text
    assert "Secrets are not shown" in text
    assert "hunter2" not in text


def test_a_schema_that_is_not_known_leaves_the_table_out(broker: ModelBroker) -> None:
    wanted = fill(broker, (None, b"\0\0\0\0\x05abcdef"))
    assert see(wanted).table is None
    assert "name it with --registry" in shown(wanted)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sales.csv", "north,5\nsouth,2\n"),
        ("sales.json", '{"shop":"north","n":5}\n{"shop":"south","n":2}\n'),
    ],
)
def test_files_can_be_read_by_the_table(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    table = see(Wanted(str(tmp_path / name))).table
    assert [tuple(row.values()) for row in rows_of(table or "")] == [("north", 5), ("south", 2)]


def test_a_header_comes_as_a_row_and_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("shop,n\nnorth,5\n")
    note, table = (see(Wanted(str(tmp_path / "sales.csv"))).table or "").split("\n", 1)
    assert note.startswith("-- The first line is a header")
    assert rows_of(table) == [{"shop": "shop", "n": None}, {"shop": "north", "n": 5}]


def test_a_folder_of_parquet_can_be_read_by_the_table(tmp_path: Path) -> None:
    (tmp_path / ".hidden").write_text("x")
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    frame.write_parquet(tmp_path / "part.parquet")
    wanted = Wanted(str(tmp_path), rows=1)
    assert rows_of(see(wanted).table or "") == frame.to_dicts()
    assert '{"a":2,"b":null}' in shown(wanted)
    assert "2 records, 1 shown" in shown(wanted)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="There is no file"):
        see(Wanted(str(tmp_path / "nothing")))
    with pytest.raises(ConfigurationError, match="There is no file in"):
        see(Wanted(str(tmp_path)))
