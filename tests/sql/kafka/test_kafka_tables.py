"""SQL over topics: the examples of Flink's documentation, and what a table adds to its source."""

from __future__ import annotations

import datetime

import pytest

from flott.common.errors import FlottError
from flott.common.sql_errors import SqlValidationError
from flott.connectors.kafka.client.ports import TopicPartition
from tests.connectors.kafka.model_broker import ModelBroker
from tests.sql.kafka.model_tables import KafkaSql

KEYED = {"key.format": "json", "key.fields": "user_id;item_id"}


def test_records_are_rows(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("behavior", 2)
    sql.create("behavior", "user_id BIGINT, behavior STRING")
    sql.put("behavior", {"user_id": 1, "behavior": "buy"})
    sql.put("behavior", {"user_id": 2, "behavior": "fav"}, None, partition=1)
    assert sql.rows("SELECT * FROM behavior") == [(1, "buy"), (2, "fav")]


def test_rows_are_records(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("results")
    sql.create("results", "id INT, name STRING")
    sql.run("INSERT INTO results VALUES (1, 'ada'), (2, CAST(NULL AS STRING))")
    assert sql.records("results") == [
        (None, {"id": 1, "name": "ada"}),
        (None, {"id": 2, "name": None}),
    ]


def test_key_and_value_have_formats_of_their_own(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("behavior")
    columns = "user_id BIGINT, item_id BIGINT, behavior STRING"
    sql.create("behavior", columns, {**KEYED, "value.format": "json"})
    sql.run("INSERT INTO behavior VALUES (1, 2, 'buy')")
    assert sql.records("behavior") == [
        (b'{"user_id":1,"item_id":2}', {"user_id": 1, "item_id": 2, "behavior": "buy"})
    ]
    assert sql.rows("SELECT * FROM behavior") == [(1, 2, "buy")]


def test_columns_of_the_key_can_be_kept_out_of_the_value(
    sql: KafkaSql, broker: ModelBroker
) -> None:
    broker.create_topic("behavior")
    columns = "user_id BIGINT, item_id BIGINT, behavior STRING"
    sql.create("behavior", columns, {**KEYED, "value.fields-include": "EXCEPT_KEY"})
    sql.run("INSERT INTO behavior VALUES (1, 2, 'buy')")
    assert sql.records("behavior") == [(b'{"user_id":1,"item_id":2}', {"behavior": "buy"})]
    assert sql.rows("SELECT behavior, item_id FROM behavior") == [("buy", 2)]


def test_key_and_value_may_use_one_name_for_two_columns(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("versions")
    options = {
        "key.format": "json",
        "key.fields-prefix": "k_",
        "key.fields": "k_version",
        "value.fields-include": "EXCEPT_KEY",
    }
    sql.create("versions", "k_version INT, version BIGINT, behavior STRING", options)
    sql.put("versions", {"version": 20, "behavior": "fav"}, key=b'{"version": 3}')
    assert sql.rows("SELECT * FROM versions") == [(3, 20, "fav")]
    sql.run("INSERT INTO versions VALUES (4, 30, 'buy')")
    assert sql.records("versions")[-1] == (b'{"version":4}', {"version": 30, "behavior": "buy"})


def test_what_surrounds_a_record_can_be_read(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("behavior", 2)
    columns = (
        "event_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', "
        "`partition` BIGINT METADATA VIRTUAL, `offset` BIGINT METADATA VIRTUAL, "
        "topic STRING METADATA VIRTUAL, kind STRING METADATA FROM 'timestamp-type' VIRTUAL, "
        "headers MAP<STRING, BYTES> METADATA VIRTUAL, user_id BIGINT"
    )
    sql.create("behavior", columns)
    broker.append("behavior", b"{}", partition=1, timestamp=1_000)
    broker.append(
        "behavior", b'{"user_id": 7}', partition=1, timestamp=1_500, headers=(("a", b"x"),)
    )
    (row,) = sql.rows("SELECT * FROM behavior WHERE user_id = 7")
    assert row[1:] == (1, 1, "behavior", "CreateTime", {"a": b"x"}, 7)
    assert sql.rows("SELECT CAST(event_time AS STRING) FROM behavior WHERE user_id = 7") == [
        ("1970-01-01 00:00:01.500",)
    ]


def test_what_surrounds_a_record_can_be_written(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("results")
    columns = (
        "id INT, at TIMESTAMP(3) METADATA FROM 'timestamp', "
        "tags MAP<STRING, BYTES> METADATA FROM 'headers', `offset` BIGINT METADATA VIRTUAL"
    )
    sql.create("results", columns.replace(" at ", " `at` "))
    sql.run(
        "INSERT INTO results VALUES (1, TIMESTAMP '1970-01-01 00:00:02', MAP['a', x'01']), "
        "(2, CAST(NULL AS TIMESTAMP(3)), CAST(NULL AS MAP<STRING, BYTES>))"
    )
    first, second = broker.read("results")
    assert (first.timestamp, first.headers) == (2_000, (("a", b"\x01"),))
    assert (second.timestamp, second.headers) == (broker.clock.now_ms(), ())


def test_metadata_that_cannot_be_written_must_be_virtual(sql: KafkaSql) -> None:
    sql.create("results", "id INT, `offset` BIGINT METADATA")
    with pytest.raises(SqlValidationError, match=r"'offset'.*cannot write it") as caught:
        sql.run("INSERT INTO results VALUES (1, 2)")
    assert "METADATA VIRTUAL" in str(caught.value)


def test_unknown_metadata_is_refused_with_the_nearest(sql: KafkaSql) -> None:
    sql.create("behavior", "id INT, o BIGINT METADATA FROM 'ofset'")
    with pytest.raises(SqlValidationError, match="Did you mean 'offset'"):
        sql.rows("SELECT * FROM behavior")


def test_each_row_may_name_its_topic(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("eu")
    broker.create_topic("us")
    sql.create("regions", "id INT, region STRING METADATA FROM 'topic'", {"topic": "eu;us"})
    sql.run("INSERT INTO regions VALUES (1, 'eu'), (2, 'us'), (3, 'eu')")
    assert sql.records("eu") == [(None, {"id": 1}), (None, {"id": 3})]
    assert sql.rows("SELECT * FROM regions") == [(1, "eu"), (2, "us"), (3, "eu")]


def test_row_for_a_topic_of_others_fails_naming_it(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("eu")
    options = {"topic-pattern": "[a-z]{2}"}
    sql.create("regions", "id INT, region STRING METADATA FROM 'topic'", options)
    with pytest.raises(FlottError, match="The topic 'asia' is not one of the table's"):
        sql.run("INSERT INTO regions VALUES (1, 'eu'), (2, 'asia')")


def test_topics_can_be_read_by_pattern(sql: KafkaSql, broker: ModelBroker) -> None:
    for topic in ("orders-eu", "orders-us", "others"):
        broker.create_topic(topic)
        sql.put(topic, {"id": len(topic)})
    sql.create("orders", "id INT, topic STRING METADATA", {"topic-pattern": "orders-.*"})
    assert sql.rows("SELECT topic FROM orders") == [("orders-eu",), ("orders-us",)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"scan.startup.mode": "earliest-offset"}, [0, 1, 2, 3]),
        ({"scan.startup.mode": "latest-offset"}, []),
        ({"scan.startup.mode": "timestamp", "scan.startup.timestamp-millis": "200"}, [2, 3]),
        (
            {
                "scan.startup.mode": "specific-offsets",
                "scan.startup.specific-offsets": "partition:0,offset:3",
            },
            [3],
        ),
        ({"scan.startup.mode": "group-offsets", "properties.group.id": "g"}, [1, 2, 3]),
        ({"scan.bounded.mode": "timestamp", "scan.bounded.timestamp-millis": "200"}, [0, 1]),
        (
            {
                "scan.bounded.mode": "specific-offsets",
                "scan.bounded.specific-offsets": "partition:0,offset:3",
            },
            [0, 1, 2],
        ),
    ],
)
def test_part_of_a_topic_is_read(
    sql: KafkaSql, broker: ModelBroker, options: dict[str, str], expected: list[int]
) -> None:
    broker.create_topic("numbers")
    for number in range(4):
        broker.append("numbers", b'{"n": %d}' % number, timestamp=100 * number)
    broker.groups["g"] = {TopicPartition("numbers", 0): (1, "")}
    sql.create("numbers", "n INT", options)
    assert sql.rows("SELECT n FROM numbers") == [(each,) for each in expected]


def test_broken_record_fails_the_job_naming_it(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("numbers", 2)
    sql.create("numbers", "n INT")
    sql.put("numbers", {"n": 1}, partition=1)
    sql.put("numbers", b'{"n": oops}', partition=1)
    with pytest.raises(FlottError, match=r"numbers") as caught:
        sql.rows("SELECT n FROM numbers")
    assert "oops" in str(caught.value)


def test_broken_records_go_to_a_topic_of_their_own(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("numbers")
    broker.create_topic("broken")
    sql.create("numbers", "n INT", {"scan.dead-letter.topic": "broken"})
    sql.put("numbers", {"n": 1}, b"{", {"n": 2})
    assert sql.rows("SELECT n FROM numbers") == [(1,), (2,)]
    (record,) = broker.read("broken")
    assert record.value == b"{"
    assert any(b"value" in (text or b"") for _, text in record.headers)


def test_changes_are_read_by_their_format(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("products")
    columns = (
        "id INT, weight INT, "
        "origin STRING METADATA FROM 'value.source.table' VIRTUAL, "
        "`offset` BIGINT METADATA VIRTUAL, PRIMARY KEY (id) NOT ENFORCED"
    )
    sql.create("products", columns, {"value.format": "debezium-json"})
    before, after = {"id": 1, "weight": 5}, {"id": 1, "weight": 6}
    around = {"source": {"table": "stock"}}
    sql.put("products", {"before": None, "after": before, "op": "c", **around})
    sql.put("products", {"before": before, "after": after, "op": "u", **around})
    assert sql.changes("SELECT * FROM products") == [
        ("+I", 1, 5, "stock", 0),
        ("-U", 1, 5, "stock", 1),
        ("+U", 1, 6, "stock", 1),
    ]


def test_changes_are_written_by_their_format(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("clicks")
    broker.create_topic("totals")
    sql.create("clicks", "page STRING")
    sql.create("totals", "page STRING, n BIGINT", {"value.format": "debezium-json"})
    sql.put("clicks", {"page": "a"}, {"page": "a"})
    sql.run("INSERT INTO totals SELECT page, COUNT(*) FROM clicks GROUP BY page")
    assert sql.records("totals")[0][1]["op"] == "c"
    assert sql.records("totals")[-1][1]["after"] == {"page": "a", "n": 2}


def test_changes_into_a_table_that_only_adds_are_refused(sql: KafkaSql) -> None:
    sql.create("clicks", "page STRING")
    sql.create("totals", "page STRING, n BIGINT")
    with pytest.raises(SqlValidationError, match=r"takes inserts only.*GroupAggregate") as caught:
        sql.run("INSERT INTO totals SELECT page, COUNT(*) FROM clicks GROUP BY page")
    assert "debezium-json" in str(caught.value)


def test_only_what_a_query_reads_is_decoded(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("bids")
    sql.create("bids", "id INT, broken INT, item ROW<name STRING, broken INT>")
    sql.put("bids", {"id": 1, "broken": "no number", "item": {"name": "a", "broken": "none"}})
    assert sql.rows("SELECT id, item.name FROM bids") == [(1, "a")]


def test_only_what_a_query_reads_of_inner_rows_is_decoded(
    sql: KafkaSql, broker: ModelBroker
) -> None:
    broker.create_topic("bids")
    inner = "ROW<x INT, broken INT, deep ROW<y INT, broken INT>>"
    sql.create("bids", f"id INT, item ROW<name STRING, more {inner}>")
    deep = {"y": 7, "broken": "none"}
    sql.put("bids", {"id": 1, "item": {"more": {"x": 5, "broken": "none", "deep": deep}}})
    sql.put("bids", {"id": 2, "item": {"more": None}})
    query = "SELECT id, item.more.x, item.more.deep.y FROM bids WHERE item.name IS NULL"
    assert sql.rows(query) == [(1, 5, 7), (2, None, None)]


def test_inner_fields_of_avro_that_nobody_reads_are_passed_over(
    sql: KafkaSql, broker: ModelBroker
) -> None:
    broker.create_topic("notes")
    avro = {"value.format": "avro"}
    sql.create("notes", "id INT, item ROW<name STRING, note BYTES, more ROW<x INT>>", avro)
    sql.run("INSERT INTO notes SELECT 1, ROW('a', x'ff', ROW(7))")
    texts = {**avro, "topic": "notes"}
    sql.create("texts", "id INT, item ROW<name STRING, note STRING, more ROW<x INT>>", texts)
    assert sql.rows("SELECT item.name, item.more.x FROM texts") == [("a", 7)]
    with pytest.raises(FlottError, match="not UTF-8"):
        sql.rows("SELECT item.note FROM texts")


def test_sink_and_scan_have_a_parallelism_of_their_own(sql: KafkaSql, broker: ModelBroker) -> None:
    sql.environment.get_config().set("execution.target", "embedded")
    broker.create_topic("numbers", 3)
    broker.create_topic("doubled", 3)
    sql.create("numbers", "n INT", {"scan.parallelism": "3"})
    sql.create("doubled", "n INT", {"sink.parallelism": "2", "sink.partitioner": "fixed"})
    for partition in range(3):
        sql.put("numbers", {"n": partition}, {"n": partition + 10}, partition=partition)
    sql.run("INSERT INTO doubled SELECT n * 2 FROM numbers")
    assert sorted(value["n"] for _, value in sql.records("doubled")) == [0, 2, 4, 20, 22, 24]
    assert {record.partition for record in broker.read("doubled")} <= {0, 1}


def test_times_of_records_can_be_event_time(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("clicks")
    columns = "page STRING, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', WATERMARK FOR ts AS ts"
    sql.create("clicks", columns)
    for second in (1, 4, 11):
        broker.append("clicks", b'{"page": "a"}', timestamp=second * 1000)
    found = sql.rows(
        "SELECT window_start, COUNT(*) FROM TUMBLE(TABLE clicks, DESCRIPTOR(ts), "
        "INTERVAL '10' SECOND) GROUP BY window_start, window_end"
    )
    epoch = datetime.datetime(1970, 1, 1)
    assert found == [(epoch, 2), (epoch + datetime.timedelta(seconds=10), 1)]
