"""Columns into records: keys, values, tombstones, metadata, partitions."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from flott.common.logical_types import STRING, RowField
from flott.common.sql_errors import RecordError
from flott.connectors.kafka.records.column_encoder import ColumnEncoderFactory, Topics, WrittenPart
from flott.connectors.kafka.records.partitioner import (
    FixedPartitioner,
    KafkaPartitioner,
    load_partitioner,
)
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from tests.connectors.fakes import FakeContext
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients
from tests.connectors.kafka.text_format import TextFormat

KINDS = ["+I", "-U", "+U", "-D"]
TOPIC = Topics(("t",))


def part(*columns: int, metadata: tuple[str, ...] = (), **settings: Any) -> WrittenPart:
    fields = tuple(RowField(f"c{each}", STRING) for each in columns)
    return WrittenPart(TextFormat(**settings), fields, columns, metadata)


def batch(*changes: tuple[Any, ...]) -> ColumnBatch:
    width = len(changes[0]) - 1
    names = [f"f{each}" for each in range(width)]
    frame = pl.DataFrame([change[1:] for change in changes], schema=names, orient="row")
    kinds = pl.Series([KINDS.index(change[0]) for change in changes], dtype=pl.Int8)
    return ColumnBatch(frame, kinds if kinds.max() else None)


def encode(factory: ColumnEncoderFactory, *changes: tuple[Any, ...]) -> list[dict[str, Any]]:
    encoder = factory.create_encoder(FakeContext())
    return encoder.encode(batch(*changes)).to_dicts()


KEYED = ColumnEncoderFactory(TOPIC, part(0, 1), part(0))
UPSERT = ColumnEncoderFactory(TOPIC, part(0, 1), part(0), is_upsert=True)


def test_rows_become_values() -> None:
    factory = ColumnEncoderFactory(TOPIC, part(0, 1))
    assert encode(factory, ("+I", "a", "1")) == [{"value": b"a,1"}]


def test_key_has_columns_of_its_own() -> None:
    assert encode(KEYED, ("+I", "a", "1")) == [{"key": b"a", "value": b"a,1"}]


def test_value_may_leave_the_key_out() -> None:
    factory = ColumnEncoderFactory(TOPIC, part(1), part(0))
    assert encode(factory, ("+I", "a", "1")) == [{"key": b"a", "value": b"1"}]


def test_format_of_changes_is_told_their_kinds() -> None:
    factory = ColumnEncoderFactory(TOPIC, part(0, has_changes=True), part(0))
    assert encode(factory, ("+I", "a"), ("-D", "b")) == [
        {"key": b"a", "value": b"a"},
        {"key": b"b", "value": b"-b"},
    ]


def test_deleted_row_is_a_key_without_value() -> None:
    records = encode(UPSERT, ("+I", "a", "1"), ("-D", "b", "2"), ("+U", "c", "3"))
    assert [(each["key"], each["value"]) for each in records] == [
        (b"a", b"a,1"),
        (b"b", None),
        (b"c", b"c,3"),
    ]


def test_update_is_one_record() -> None:
    assert encode(UPSERT, ("-U", "a", "1"), ("+U", "a", "2")) == [{"key": b"a", "value": b"a,2"}]


def test_update_before_without_the_row_after_deletes() -> None:
    records = encode(UPSERT, ("-U", "a", "1"), ("+U", "b", "2"), ("-U", "c", "3"))
    assert [(each["key"], each["value"]) for each in records] == [
        (b"a", None),
        (b"b", b"b,2"),
        (b"c", None),
    ]


def test_metadata_goes_around_the_record() -> None:
    factory = ColumnEncoderFactory(TOPIC, part(0), metadata={"timestamp": 1, "headers": 2})
    moment = datetime.datetime(1970, 1, 1, 0, 0, 2)
    headers = [{"key": "a", "value": b"1"}]
    (record,) = encode(factory, ("+I", "x", moment, headers))
    assert record == {"timestamp": 2000, "headers": headers, "value": b"x"}


def test_metadata_of_the_format_is_given_to_it() -> None:
    value = part(0, 1, metadata=("mark",))
    factory = ColumnEncoderFactory(TOPIC, value, metadata={"value.mark": 1})
    assert encode(factory, ("+I", "x", "m")) == [{"value": b"x,m"}]


def test_record_says_its_topic() -> None:
    factory = ColumnEncoderFactory(Topics(("a", "b")), part(0), metadata={"topic": 1})
    assert encode(factory, ("+I", "x", "b")) == [{"topic": "b", "value": b"x"}]


@pytest.mark.parametrize("topics", [Topics(("a", "b")), Topics(pattern="[ab]")])
@pytest.mark.parametrize("topic", ["c", None])
def test_topic_that_is_none_of_the_tables_is_refused(topics: Topics, topic: str | None) -> None:
    factory = ColumnEncoderFactory(topics, part(0), metadata={"topic": 1})
    with pytest.raises(RecordError, match=r"is not one of the table's.*\('y', "):
        encode(factory, ("+I", "x", "a"), ("+I", "y", topic))


class Last(KafkaPartitioner):
    """The last partition for deletes, the first else."""

    def partition(
        self,
        record: tuple[Any, ...],
        key: bytes | None,
        value: bytes | None,
        topic: str,
        partitions: Sequence[int],
    ) -> int:
        assert (record[0], topic) == (key and key.decode(), "t")
        return partitions[-1 if value is None else 0]


def partitioned(partitioner: KafkaPartitioner, **settings: Any) -> ColumnEncoderFactory:
    broker = ModelBroker()
    broker.create_topic("t", 3)
    return ColumnEncoderFactory(
        TOPIC,
        part(0, 1),
        part(0),
        is_upsert=True,
        partitioner=partitioner,
        clients=ModelClients(broker),
        properties={"bootstrap.servers": "model:1"},
    )


def test_partitioner_is_asked_about_each_record_that_is_written() -> None:
    changes = [("-U", "a", "1"), ("+U", "a", "2"), ("-D", "b", "3")]
    records = encode(partitioned(Last()), *changes)
    assert [(each["key"], each["partition"]) for each in records] == [(b"a", 0), (b"b", 2)]


def test_fixed_partitioner_gives_each_subtask_one() -> None:
    factory = partitioned(FixedPartitioner())
    encoders = [factory.create_encoder(_subtask(each)) for each in range(4)]
    found = [encoder.encode(batch(("+I", "a", "1")))["partition"][0] for encoder in encoders]
    assert found == [0, 1, 2, 0]


def _subtask(index: int) -> OperatorContext:
    return FakeContext(index, parallelism=4)


@pytest.mark.parametrize("name", ["no", "no.module:X", "flott.connectors:nothing", "os:path"])
def test_name_that_is_no_partitioner_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        load_partitioner(name)


def test_partitioner_is_found_by_module_and_name() -> None:
    assert isinstance(load_partitioner(f"{__name__}:Last"), Last)
