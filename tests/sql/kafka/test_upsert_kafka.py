"""Topics as tables by key: Flink's example of page views, tombstones, versions, kept-back rows."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from flott.common.sql_errors import SqlValidationError
from tests.connectors.kafka.model_broker import ModelBroker
from tests.sql.kafka.model_tables import KafkaSql

#: Changes of a key within a batch become one.
ONE_BY_ONE = {"flott.batch.size-max": "1"}
UPSERT = {"connector": "upsert-kafka"}
REGIONS = "user_region STRING, pv BIGINT, uv BIGINT, PRIMARY KEY (user_region) NOT ENFORCED"
VIEWS = (
    "user_id BIGINT, page_id BIGINT, viewtime TIMESTAMP(3), user_region STRING, "
    "WATERMARK FOR viewtime AS viewtime - INTERVAL '2' SECOND"
)
COUNTED = (
    "INSERT INTO pageviews_per_region SELECT user_region, COUNT(*), COUNT(DISTINCT user_id) "
    "FROM pageviews GROUP BY user_region"
)


@pytest.fixture
def views(sql: KafkaSql, broker: ModelBroker) -> KafkaSql:
    """The tables of Flink's example, with five views."""
    broker.create_topic("pageviews")
    broker.create_topic("pageviews_per_region")
    sql.create("pageviews", VIEWS)
    sql.create("pageviews_per_region", REGIONS, UPSERT)
    for user, region in ((1, "eu"), (2, "eu"), (1, "eu"), (3, "us"), (3, "us")):
        view = {"user_id": user, "page_id": 9, "viewtime": "2024-01-01 00:00:00"}
        sql.put("pageviews", {**view, "user_region": region})
    return sql


def latest(sql: KafkaSql, topic: str) -> dict[bytes | None, Any]:
    """The last value of each key."""
    return dict(sql.records(topic))


def test_page_views_are_counted_by_region(views: KafkaSql) -> None:
    views.run(COUNTED)
    assert latest(views, "pageviews_per_region") == {
        b'{"user_region":"eu"}': {"user_region": "eu", "pv": 3, "uv": 2},
        b'{"user_region":"us"}': {"user_region": "us", "pv": 2, "uv": 1},
    }


def test_page_views_are_kept_in_avro(views: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("in_avro")
    formats = {"key.format": "avro", "value.format": "avro", "topic": "in_avro"}
    views.create("in_avro", REGIONS, {**UPSERT, **formats})
    views.run(COUNTED.replace("pageviews_per_region", "in_avro"))
    found = views.changes("SELECT user_region, pv, uv FROM in_avro")
    assert {("eu", 3, 2), ("us", 2, 1)} <= {row[1:] for row in found}


def test_table_by_key_is_read_again(views: KafkaSql) -> None:
    views.run(COUNTED)
    table: dict[Any, tuple[Any, ...]] = {}
    for kind, region, *counts in views.changes("SELECT * FROM pageviews_per_region"):
        if kind in ("+I", "+U"):
            table[region] = tuple(counts)
    assert table == {"eu": (3, 2), "us": (2, 1)}


def test_record_without_value_deletes_the_row_of_its_key(broker: ModelBroker) -> None:
    sql = KafkaSql(broker, ONE_BY_ONE)
    broker.create_topic("users")
    sql.create("users", "id INT, name STRING, PRIMARY KEY (id) NOT ENFORCED", UPSERT)
    sql.put("users", {"id": 1, "name": "ada"}, key=b'{"id": 1}')
    sql.put("users", {"id": 2, "name": "bob"}, key=b'{"id": 2}')
    sql.put("users", None, None, key=b'{"id": 1}')
    sql.put("users", {"id": 2, "name": "eve"}, key=b'{"id": 2}')
    assert sql.changes("SELECT * FROM users") == [
        ("+I", 1, "ada"),
        ("+I", 2, "bob"),
        ("-D", 1, "ada"),
        ("-U", 2, "bob"),
        ("+U", 2, "eve"),
    ]
    assert sql.changes("SELECT COUNT(*) FROM users")[-1] == ("+U", 1)


def test_deleted_row_is_written_as_key_without_value(broker: ModelBroker) -> None:
    sql = KafkaSql(broker, ONE_BY_ONE)
    broker.create_topic("users")
    broker.create_topic("adults")
    columns = "id INT, age INT, PRIMARY KEY (id) NOT ENFORCED"
    sql.create("users", columns, UPSERT)
    sql.create("adults", columns, {**UPSERT, "value.fields-include": "EXCEPT_KEY"})
    for age in (20, 30, 5):
        sql.put("users", {"id": 1, "age": age}, key=b'{"id":1}')
    sql.run("INSERT INTO adults SELECT * FROM users WHERE age >= 18")
    values = [value for _, value in sql.records("adults")]
    assert (values[-1], values[-2]) == (None, {"age": 30})


def test_key_may_have_a_prefix_in_the_table(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("users")
    options = {**UPSERT, "key.fields-prefix": "k_", "value.fields-include": "EXCEPT_KEY"}
    columns = "k_id INT, id STRING, PRIMARY KEY (k_id) NOT ENFORCED"
    sql.create("users", columns, options)
    sql.run("INSERT INTO users VALUES (1, 'x')")
    assert sql.records("users") == [(b'{"id":1}', {"id": "x"})]
    assert sql.changes("SELECT * FROM users") == [("+I", 1, "x")]


def test_rows_kept_back_are_written_once_for_each_key(views: KafkaSql) -> None:
    buffered = {
        **UPSERT,
        "topic": "pageviews_per_region",
        "sink.buffer-flush.max-rows": "100",
        "sink.buffer-flush.interval": "10 min",
    }
    views.create("buffered", REGIONS, buffered)
    views.run(COUNTED.replace("pageviews_per_region", "buffered"))
    assert len(views.records("pageviews_per_region")) == 2


def test_orders_are_joined_with_the_rate_of_their_time(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("orders")
    broker.create_topic("rates")
    sql.create(
        "rates",
        "currency STRING, rate INT, ts TIMESTAMP(3) METADATA FROM 'timestamp', "
        "WATERMARK FOR ts AS ts, PRIMARY KEY (currency) NOT ENFORCED",
        UPSERT,
    )
    sql.create(
        "orders",
        "id INT, currency STRING, ts TIMESTAMP(3) METADATA FROM 'timestamp', "
        "WATERMARK FOR ts AS ts",
    )
    for second, rate in ((0, 100), (10, 110), (20, None), (30, 130)):
        value = None if rate is None else b'{"currency": "EUR", "rate": %d}' % rate
        broker.append("rates", value, b'{"currency": "EUR"}', timestamp=1000 * second)
    for number, second in enumerate((5, 10, 15, 25, 35)):
        order = b'{"id": %d, "currency": "EUR"}' % number
        broker.append("orders", order, timestamp=1000 * second)
    found = sql.rows(
        "SELECT o.id, r.rate FROM orders AS o LEFT JOIN rates FOR SYSTEM_TIME AS OF o.ts AS r "
        "ON o.currency = r.currency"
    )
    assert found == [(0, 100), (1, 110), (2, 110), (3, None), (4, 130)]


def test_times_in_values_may_be_event_time_where_rows_are_deleted(broker: ModelBroker) -> None:
    sql = KafkaSql(broker, ONE_BY_ONE)
    broker.create_topic("users")
    columns = "id INT, seen TIMESTAMP(3), WATERMARK FOR seen AS seen, PRIMARY KEY (id) NOT ENFORCED"
    sql.create("users", columns, UPSERT)
    sql.put("users", {"id": 1, "seen": "2024-01-01 00:00:00"}, None, key=b'{"id": 1}')
    start = datetime.datetime(2024, 1, 1)
    assert sql.changes("SELECT * FROM users") == [("+I", 1, start), ("-D", 1, start)]


def test_upserts_need_a_primary_key(sql: KafkaSql) -> None:
    sql.create("users", "id INT", UPSERT)
    with pytest.raises(SqlValidationError, match="needs a PRIMARY KEY"):
        sql.changes("SELECT * FROM users")


def test_query_with_another_key_than_the_table_is_asked_which_row_wins(sql: KafkaSql) -> None:
    sql.create("clicks", "page STRING, who STRING")
    sql.create("tops", "n BIGINT, page STRING, PRIMARY KEY (n) NOT ENFORCED", UPSERT)
    with pytest.raises(SqlValidationError, match="ON CONFLICT"):
        sql.plan("INSERT INTO tops SELECT COUNT(*), page FROM clicks GROUP BY page")


def test_broken_key_of_a_deletion_fails_the_job_naming_it(
    sql: KafkaSql, broker: ModelBroker
) -> None:
    broker.create_topic("users")
    sql.create("users", "id INT, name STRING, PRIMARY KEY (id) NOT ENFORCED", UPSERT)
    sql.put("users", None, key=b"{")
    with pytest.raises(Exception, match=r"key: ") as caught:
        sql.changes("SELECT * FROM users")
    assert "users" in str(caught.value)
