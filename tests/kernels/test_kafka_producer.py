"""The native producer, against the broker inside librdkafka."""

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.kernels.kafka import RECORD_COLUMNS, KafkaProducer
from tests.kernels.mock_kafka import LIMIT_MS, PARTITIONS, Failed, MockKafka

HEADERS = pl.List(pl.Struct({"key": pl.String, "value": pl.Binary}))
ALL = range(PARTITIONS)


@pytest.fixture(scope="module")
def mock() -> MockKafka:
    return MockKafka()


@pytest.fixture
def topic(mock: MockKafka) -> str:
    return mock.topic()


@pytest.fixture
def producer(mock: MockKafka, topic: str) -> Iterator[KafkaProducer]:
    with mock.producer(topic) as made:
        yield made


def values(*given: bytes | None) -> pl.DataFrame:
    return pl.DataFrame({"value": given}, schema={"value": pl.Binary})


def read(mock: MockKafka, topic: str, count: int) -> list[dict[str, Any]]:
    with mock.reading(RECORD_COLUMNS) as reading:
        reading.start(topic, *ALL)
        return reading.rows(count).sort("partition", "offset").to_dicts()


some_bytes = st.none() | st.binary(max_size=40)
headers = st.none() | st.lists(
    st.fixed_dictionaries(
        {"key": st.text(st.characters(codec="ascii", exclude_characters="\0")), "value": some_bytes}
    ),
    max_size=3,
)
records = st.fixed_dictionaries(
    {
        "partition": st.sampled_from(ALL),
        "timestamp": st.none() | st.integers(1, 2**45),
        "key": some_bytes,
        "value": some_bytes,
        "headers": headers,
    }
)
SCHEMA: dict[str, Any] = {
    "partition": pl.Int32,
    "timestamp": pl.Int64,
    "key": pl.Binary,
    "value": pl.Binary,
    "headers": HEADERS,
}


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(records, min_size=1, max_size=30),
    left_out=st.sets(st.sampled_from(["timestamp", "key", "headers"])),
    start=st.integers(0, 5),
)
def test_what_is_written_is_read(
    mock: MockKafka, rows: list[dict[str, Any]], left_out: set[str], start: int
) -> None:
    topic = mock.topic()
    frame = pl.DataFrame([rows[0]] * start + rows, schema=SCHEMA).drop(left_out)[start:]
    mock.send(frame, topic)
    expected = [
        {
            "partition": row["partition"],
            "key": None if "key" in left_out else row["key"],
            "value": row["value"],
            "headers": [] if "headers" in left_out else row["headers"] or [],
        }
        for row in sorted(rows, key=lambda row: row["partition"])
    ]
    got = read(mock, topic, len(rows))
    assert [{name: row[name] for name in expected[0]} for row in got] == expected
    if "timestamp" not in left_out:
        times = [row["timestamp"] for row in sorted(rows, key=lambda row: row["partition"])]
        assert all(a is None or a == row["timestamp"] for a, row in zip(times, got, strict=True))


def test_many_rows_keep_their_order(mock: MockKafka, topic: str) -> None:
    sent = [b"%d" % number for number in range(5_000)]
    mock.send(values(*sent).with_columns(partition=pl.lit(1, pl.Int32)), topic)
    assert [row["value"] for row in read(mock, topic, 5_000)] == sent


@pytest.mark.parametrize("timed", [False, True])
def test_a_key_goes_to_the_partition_that_the_java_client_chooses(
    mock: MockKafka, topic: str, timed: bool
) -> None:
    keys = [b"key-%d" % (number * 7919 % 500) for number in range(10_000)]
    frame = values(*(b"%d" % number for number in range(10_000))).with_columns(
        key=pl.Series(keys), timestamp=pl.lit(7 if timed else None, pl.Int64)
    )
    with mock.producer(topic, partitioner="murmur2_random") as producer:
        for half in (frame[:5_000], frame[5_000:] if timed else frame[5_000:].drop("timestamp")):
            assert producer.produce(half) == 5_000
            assert producer.flush(LIMIT_MS)
    rows = read(mock, topic, 10_000)
    assert [row["partition"] for row in rows] == [murmur2(row["key"]) % PARTITIONS for row in rows]
    for number in ALL:
        sent = [int(row["value"]) for row in rows if row["partition"] == number]
        assert sent == sorted(sent)


def murmur2(key: bytes) -> int:
    """As the Java client hashes keys, without the sign."""
    mask, factor = 0xFFFFFFFF, 0x5BD1E995
    value = 0x9747B28C ^ len(key)
    whole = len(key) // 4 * 4
    for at in range(0, whole, 4):
        word = int.from_bytes(key[at : at + 4], "little") * factor & mask
        word = (word ^ word >> 24) * factor & mask
        value = (value * factor & mask) ^ word
    if whole < len(key):
        value = (value ^ int.from_bytes(key[whole:], "little")) * factor & mask
    value = (value ^ value >> 13) * factor & mask
    return (value ^ value >> 15) & 0x7FFFFFFF


def test_records_of_any_partition_fill_the_queue_in_order(mock: MockKafka, topic: str) -> None:
    partition = pl.Series([number * 7 % PARTITIONS for number in range(3_000)], dtype=pl.Int32)
    frame = values(*(b"%d" % number for number in range(3_000))).with_columns(partition=partition)
    taken = 0
    with mock.producer(topic, queue_buffering_max_messages="700", linger_ms="1000") as producer:
        while taken < 3_000:
            now = producer.produce(frame[taken:])
            assert 0 < now <= 700
            assert producer.flush(LIMIT_MS)
            taken += now
    for number in ALL:
        sent = [int(row["value"]) for row in read(mock, topic, 3_000) if row["partition"] == number]
        assert sent == [i for i in range(3_000) if i * 7 % PARTITIONS == number]


def test_rows_go_to_the_topics_they_name(mock: MockKafka, producer: KafkaProducer) -> None:
    first, second = mock.topic(), mock.topic()
    frame = values(b"1", b"2", b"3").with_columns(topic=pl.Series([first, second, first]))
    assert producer.produce(frame) == 3
    assert producer.flush(LIMIT_MS)
    assert {row["value"] for row in read(mock, first, 2)} == {b"1", b"3"}
    assert {row["value"] for row in read(mock, second, 1)} == {b"2"}


@pytest.mark.parametrize("timestamp", [[], [5, None]])
def test_rows_that_name_no_topic_go_to_the_producers(
    mock: MockKafka, topic: str, producer: KafkaProducer, timestamp: list[int | None]
) -> None:
    other = mock.topic()
    frame = values(b"1", b"2").with_columns(topic=pl.Series([other, None]))
    if timestamp:
        frame = frame.with_columns(timestamp=pl.Series(timestamp))
    assert producer.produce(frame) == 2
    assert producer.flush(LIMIT_MS)
    assert [row["value"] for row in read(mock, topic, 1)] == [b"2"]


def test_columns_of_nulls_are_as_good_as_none(mock: MockKafka, topic: str) -> None:
    nothing = [
        pl.lit(None).alias(name) for name in ("topic", "partition", "timestamp", "key", "headers")
    ]
    mock.send(values(b"1").with_columns(nothing), topic)
    (row,) = read(mock, topic, 1)
    assert (row["key"], row["value"], row["headers"]) == (None, b"1", [])


def test_texts_are_taken_as_their_bytes(mock: MockKafka, topic: str) -> None:
    mock.send(pl.DataFrame({"key": ["ä"], "value": ["longer than twelve bytes"]}), topic)
    (row,) = read(mock, topic, 1)
    assert (row["key"], row["value"]) == ("ä".encode(), b"longer than twelve bytes")


@pytest.mark.parametrize("chunks", [0, 1, 3])
def test_frames_of_any_number_of_chunks_are_taken(mock: MockKafka, topic: str, chunks: int) -> None:
    frame = pl.concat([values(), *[values(b"1", b"2")] * chunks], rechunk=False)
    mock.send(frame, topic)
    if chunks:
        assert len(read(mock, topic, 2 * chunks)) == 2 * chunks


@pytest.mark.parametrize(
    ("column", "type_name"),
    [
        (pl.lit(1).alias("value"), "Binary"),
        (pl.lit("0").alias("partition"), "Int32"),
        (pl.lit("0").alias("timestamp"), "Int64"),
        (pl.lit(0).alias("topic"), "String"),
        (pl.lit(0.5).alias("key"), "Binary"),
        (pl.lit("0").alias("headers"), "List"),
    ],
)
def test_a_column_of_another_type_is_refused(
    producer: KafkaProducer, column: pl.Expr, type_name: str
) -> None:
    with pytest.raises(ValueError, match=f"'{column.meta.output_name()}' is to be {type_name}"):
        producer.produce(values(b"1").with_columns(column))


def test_a_frame_needs_values(producer: KafkaProducer) -> None:
    with pytest.raises(ValueError, match="no column 'value'"):
        producer.produce(pl.DataFrame({"key": [b"1"]}))


def test_a_record_needs_a_topic(mock: MockKafka) -> None:
    with mock.producer() as producer, pytest.raises(ValueError, match="names no topic"):
        producer.produce(values(b"1"))


@pytest.mark.parametrize("timed", [False, True])
def test_a_full_queue_takes_a_part(mock: MockKafka, topic: str, timed: bool) -> None:
    sent = [b"%d" % number for number in range(1_000)]
    frame = values(*sent).with_columns(partition=pl.lit(0, pl.Int32))
    if timed:
        frame = frame.with_columns(timestamp=pl.lit(7, pl.Int64))
    with mock.producer(topic, queue_buffering_max_messages="100", linger_ms="1000") as producer:
        taken = producer.produce(frame)
        assert taken == 100
        while taken < 1_000:
            assert producer.flush(LIMIT_MS)
            taken += producer.produce(frame[taken:])
        assert producer.outstanding == 100
        assert producer.flush(LIMIT_MS)
        assert producer.outstanding == 0
    assert [row["value"] for row in read(mock, topic, 1_000)] == sent


@pytest.mark.parametrize("timed", [False, True])
def test_a_record_too_large_names_its_topic(
    producer: KafkaProducer, topic: str, timed: bool
) -> None:
    frame = values(b"x" * 2_000_000)
    if timed:
        frame = frame.with_columns(timestamp=pl.lit(7, pl.Int64))
    with pytest.raises(Failed) as raised:
        producer.produce(frame)
    assert (raised.value.name, raised.value.topic) == ("MSG_SIZE_TOO_LARGE", topic)
    assert producer.outstanding == 0


@pytest.mark.parametrize("timed", [False, True])
def test_a_partition_that_is_not_there_is_named(
    producer: KafkaProducer, topic: str, timed: bool
) -> None:
    assert producer.produce(values(b"1")) == 1
    assert producer.flush(LIMIT_MS)
    frame = values(b"1").with_columns(partition=pl.lit(PARTITIONS, pl.Int32))
    if timed:
        frame = frame.with_columns(timestamp=pl.lit(7, pl.Int64))
    with pytest.raises(Failed) as raised:
        producer.produce(frame)
    assert raised.value.name == "_UNKNOWN_PARTITION"
    assert (raised.value.topic, raised.value.partition) == (topic, PARTITIONS)


def test_a_record_that_cannot_be_delivered_is_told_until_the_end(mock: MockKafka) -> None:
    away = {"bootstrap_servers": "127.0.0.1:1", "message_timeout_ms": "20"}
    with mock.producer("lost", **away) as producer:
        assert producer.produce(values(b"1", b"2")) == 2
        for _ in range(2):
            with pytest.raises(Failed) as raised:
                producer.flush(LIMIT_MS)
            assert (raised.value.name, raised.value.topic) == ("_MSG_TIMED_OUT", "lost")
        with pytest.raises(Failed):
            producer.check()
        assert producer.outstanding == 0


def test_a_producer_without_failures_checks_out(producer: KafkaProducer) -> None:
    assert producer.produce(values(b"1")) == 1
    producer.check()
    assert producer.flush(LIMIT_MS)


def test_closing_drops_what_is_not_delivered(mock: MockKafka) -> None:
    with mock.producer("topic", bootstrap_servers="127.0.0.1:1") as producer:
        assert producer.produce(values(b"1")) == 1
        producer.close(10_000)
        assert producer.outstanding == 0
        with pytest.raises(Failed, match="closed"):
            producer.produce(values(b"1"))


def test_a_transaction_is_committed_with_offsets(mock: MockKafka, topic: str) -> None:
    with mock.producer(topic, transactional_id="t1") as producer:
        producer.init_transactions(LIMIT_MS)
        for number in range(3):
            producer.begin_transaction()
            assert producer.produce(values(b"%d" % number)) == 1
            producer.send_offsets("a-group", [(topic, 0, number, '{"n":1}')], LIMIT_MS)
            producer.commit_transaction(LIMIT_MS)
    assert len(read(mock, topic, 3)) == 3


def test_an_aborted_transaction_leaves_nothing_to_complain_about(
    mock: MockKafka, topic: str
) -> None:
    with mock.producer(topic, transactional_id="t2", linger_ms="10000") as producer:
        producer.init_transactions(LIMIT_MS)
        producer.begin_transaction()
        assert producer.produce(values(b"1", b"2")) == 2
        producer.abort_transaction(LIMIT_MS)
        producer.check()
        assert producer.outstanding == 0
        producer.begin_transaction()


def test_a_record_too_large_asks_for_an_abort_in_a_transaction(mock: MockKafka, topic: str) -> None:
    with mock.producer(topic, transactional_id="t3") as producer:
        producer.init_transactions(LIMIT_MS)
        producer.begin_transaction()
        with pytest.raises(Failed) as raised:
            producer.produce(values(b"x" * 2_000_000))
        assert (raised.value.needs_abort, raised.value.is_fatal) == (True, False)


@pytest.mark.parametrize("timed", [False, True])
def test_records_outside_of_a_transaction_are_refused(
    mock: MockKafka, topic: str, timed: bool
) -> None:
    frame = values(b"1")
    if timed:
        frame = frame.with_columns(timestamp=pl.lit(7, pl.Int64))
    with (
        mock.producer(topic, transactional_id="t4") as producer,
        pytest.raises(Failed, match="_STATE"),
    ):
        producer.produce(frame)


def test_transactions_time_out_without_a_broker(mock: MockKafka, topic: str) -> None:
    away = {"bootstrap_servers": "127.0.0.1:1", "transactional_id": "t6"}
    with mock.producer(topic, **away) as producer:
        with pytest.raises(Failed) as raised:
            producer.init_transactions(20)
        assert raised.value.is_retriable
