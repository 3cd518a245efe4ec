"""Watermarks of tables whose partitions are ordered: in the source, for each of them."""

from __future__ import annotations

import datetime

import pytest

from flott.common.errors import ConfigurationError
from flott.common.sql_errors import SqlValidationError
from tests.connectors.kafka.model_broker import ModelBroker
from tests.sql.kafka.model_tables import KafkaSql

EPOCH = datetime.datetime(1970, 1, 1)
TIMED = "n INT, ts TIMESTAMP(3) METADATA FROM 'timestamp', WATERMARK FOR ts AS ts"
TUMBLE = (
    "SELECT window_start, COUNT(*) FROM TUMBLE(TABLE clicks, DESCRIPTOR(ts), "
    "INTERVAL '10' SECOND){where} GROUP BY window_start, window_end"
)


def put(broker: ModelBroker, partition: int, *seconds: int, value: bytes = b'{"n": 1}') -> None:
    for second in seconds:
        broker.append("clicks", value, partition=partition, timestamp=1000 * second)


def windows(sql: KafkaSql, where: str = "") -> dict[int, int]:
    """How many rows each window has, by the second it begins."""
    rows = sql.rows(TUMBLE.format(where=where))
    return {int((start - EPOCH).total_seconds()): count for start, count in rows}


def test_partition_that_is_behind_loses_nothing(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("clicks", 2)
    sql.create("clicks", TIMED)
    put(broker, 0, 1, 100, 200, 300)
    put(broker, 1, 2, 3, 101, 102)
    assert windows(sql) == {0: 3, 100: 3, 200: 1, 300: 1}


def test_late_rows_within_a_partition_are_dropped(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("clicks", 1)
    sql.create("clicks", TIMED)
    put(broker, 0, 1, 100, 2)
    assert windows(sql) == {0: 1, 100: 1}


def test_scan_shows_its_watermark_and_no_operator_assigns_it(sql: KafkaSql) -> None:
    sql.create("clicks", "n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND")
    plan = sql.plan("SELECT * FROM clicks WHERE n > 1").split("Physical")[-1]
    assert "watermark=[(ts - 5000)]" in plan
    assert "WatermarkAssigner" not in plan


def test_computed_time_is_computed_once_in_the_source(sql: KafkaSql, broker: ModelBroker) -> None:
    broker.create_topic("clicks")
    sql.create(
        "clicks",
        "millis BIGINT, ts AS TO_TIMESTAMP_LTZ(millis, 3), twice AS millis * 2, "
        "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND",
    )
    sql.put("clicks", {"millis": 1000}, {"millis": 12_000})
    assert windows(sql) == {0: 1, 10: 1}
    assert sql.rows("SELECT twice FROM clicks") == [(2000,), (24_000,)]
    plan = sql.plan("SELECT ts, twice FROM clicks").split("Physical")[-1]
    assert "time=[TO_TIMESTAMP_LTZ(millis, 3)], watermark=[(ts - 1000)]" in plan
    assert "select=[ts, (millis * 2) AS twice]" in plan


def test_upserts_are_normalised_behind_their_watermark(sql: KafkaSql) -> None:
    columns = "id INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts, PRIMARY KEY (id) NOT ENFORCED"
    sql.create("users", columns, {"connector": "upsert-kafka"})
    plan = sql.plan("SELECT * FROM users").split("Physical")[-1]
    assert plan.index("ChangelogNormalize") < plan.index("TableSourceScan")
    assert "watermark=[ts]" in plan


def test_batch_mode_needs_no_watermark(broker: ModelBroker) -> None:
    sql = KafkaSql(broker, {"execution.runtime-mode": "BATCH"})
    broker.create_topic("clicks", 2)
    sql.create("clicks", TIMED)
    put(broker, 0, 100, 1)
    put(broker, 1, 50)
    assert windows(sql) == {0: 1, 50: 1, 100: 1}


def test_silent_partition_is_left_out_after_a_while(sql: KafkaSql) -> None:
    options = {"scan.watermark.idle-timeout": "5 s"}
    sql.create("clicks", TIMED, options)
    plan = sql.plan("SELECT * FROM clicks")
    assert "watermark=[ts]" in plan


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"scan.watermark.emit.strategy": "often"}, "scan.watermark.emit.strategy"),
        ({"scan.watermark.alignment.group": "g"}, "scan.watermark.alignment.max-drift"),
    ],
)
def test_wrong_option_of_watermarks_is_refused_by_name(
    sql: KafkaSql, options: dict[str, str], text: str
) -> None:
    sql.create("clicks", TIMED, options)
    with pytest.raises(ConfigurationError, match=text):
        sql.plan("SELECT * FROM clicks")


def test_table_without_ordered_splits_cannot_be_aligned(sql: KafkaSql) -> None:
    sql.environment.execute_sql(
        "CREATE TABLE ticks (ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ("
        "'connector' = 'datagen', 'scan.watermark.alignment.group' = 'g', "
        "'scan.watermark.alignment.max-drift' = '1 s')"
    )
    with pytest.raises(SqlValidationError, match=r"scan.watermark.alignment.group"):
        sql.plan("SELECT * FROM ticks")
