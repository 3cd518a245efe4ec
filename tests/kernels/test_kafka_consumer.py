"""The native consumer, against the broker inside librdkafka."""

import os
import select
import threading
from collections.abc import Iterator

import polars as pl
import pytest

from flott.kernels.kafka import RECORD_COLUMNS
from tests.kernels.mock_kafka import LIMIT_MS, PARTITIONS, Failed, MockKafka, Reading

ALL = range(PARTITIONS)


@pytest.fixture(scope="module")
def mock() -> MockKafka:
    return MockKafka()


@pytest.fixture
def topic(mock: MockKafka) -> str:
    return mock.topic()


@pytest.fixture
def values(mock: MockKafka) -> Iterator[Reading]:
    with mock.reading(["value"]) as reading:
        yield reading


def numbers(*given: int) -> pl.DataFrame:
    return pl.DataFrame({"value": [b"%d" % number for number in given]})


def spread(count: int) -> pl.DataFrame:
    """Records whose value is their place in their partition."""
    partition = pl.Series("partition", [i % PARTITIONS for i in range(count)], dtype=pl.Int32)
    return numbers(*(i // PARTITIONS for i in range(count))).with_columns(partition)


def test_columns_have_their_types_also_without_rows(mock: MockKafka, topic: str) -> None:
    with mock.reading(RECORD_COLUMNS) as reading:
        reading.start(topic, 0)
        arrived = reading.next()
    assert arrived.frame.schema == {
        "topic": pl.String,
        "partition": pl.Int32,
        "offset": pl.Int64,
        "timestamp": pl.Int64,
        "timestamp_type": pl.Int8,
        "leader_epoch": pl.Int32,
        "key": pl.Binary,
        "value": pl.Binary,
        "headers": pl.List(pl.Struct({"key": pl.String, "value": pl.Binary})),
    }
    assert arrived.ends == [0]


def test_all_columns_tell_about_a_record(mock: MockKafka, topic: str) -> None:
    headers = [
        {"key": "trace", "value": b"a header longer than twelve"},
        {"key": "", "value": None},
    ]
    sent = pl.DataFrame(
        {"key": [b"k"], "value": [b"v"], "timestamp": [1_000], "headers": [headers]}
    ).with_columns(partition=pl.lit(2, pl.Int32))
    mock.send(sent, topic)
    with mock.reading(RECORD_COLUMNS) as reading:
        reading.start(topic, 2)
        row = reading.rows(1).drop("leader_epoch").row(0, named=True)
    assert row == {
        "topic": topic,
        "partition": 2,
        "offset": 0,
        "timestamp": 1_000,
        "timestamp_type": 1,
        "key": b"k",
        "value": b"v",
        "headers": headers,
    }


@pytest.mark.parametrize("columns", [["value"], ["offset", "key"], ["headers", "topic"]])
def test_only_the_wanted_columns_come(mock: MockKafka, topic: str, columns: list[str]) -> None:
    mock.send(numbers(1), topic)
    with mock.reading(columns) as reading:
        reading.start(topic, *ALL)
        assert set(reading.rows(1).columns) == set(columns)


def test_nothing_has_arrived_without_partitions(values: Reading) -> None:
    assert values.consumer.poll(10) is None


def test_rows_of_a_partition_stand_together_and_in_order(
    mock: MockKafka, topic: str, values: Reading
) -> None:
    mock.send(spread(400), topic)
    values.start(topic, *ALL)
    values.until(lambda reading: reading.count == 400)
    seen: dict[int, list[bytes]] = {number: [] for number in ALL}
    for arrived in values.found:
        rows = iter(arrived.frame["value"])
        assert len({number for number, _ in arrived.parts}) == len(arrived.parts)
        for number, count in arrived.parts:
            seen[number] += [next(rows) for _ in range(count)]
        assert next(rows, None) is None
    assert set(map(tuple, seen.values())) == {tuple(b"%d" % i for i in range(100))}


def test_parts_stand_in_the_order_of_the_rows_also_behind_ends(
    mock: MockKafka, topic: str, values: Reading
) -> None:
    values.start(topic, 0, 1)
    with mock.producer(topic) as producer:
        for turn in range(40):
            for number in (turn % 2, 1 - turn % 2):
                own = numbers(number).with_columns(partition=pl.lit(number, dtype=pl.Int32))
                assert producer.produce(own) == 1
                assert producer.flush(LIMIT_MS)
            values.until(lambda reading, count=2 * turn + 2: reading.count == count)
    for arrived in values.found:
        named = [b"%d" % number for number, rows in arrived.parts for _ in range(rows)]
        assert arrived.frame["value"].to_list() == named


def test_a_poll_gives_no_more_rows_than_asked_for(
    mock: MockKafka, topic: str, values: Reading
) -> None:
    mock.send(spread(100), topic)
    values.start(topic, *ALL)
    values.rows(100, rows_max=7)
    assert max(len(arrived.frame) for arrived in values.found) <= 7


def test_positions_follow_the_rows(mock: MockKafka, topic: str, values: Reading) -> None:
    mock.send(spread(40), topic)
    values.start(topic, *ALL)
    position = dict.fromkeys(ALL, 0)
    values.until(lambda reading: reading.count == 40, rows_max=3)
    for arrived in values.found:
        for number, rows in arrived.parts:
            position[number] += rows
        assert {number: position[number] for number, _ in arrived.parts} == dict(arrived.positions)


def test_reading_starts_at_the_offset(mock: MockKafka, topic: str, values: Reading) -> None:
    mock.send(spread(40), topic)
    values.start(topic, 1, offset=7)
    assert values.rows(3)["value"].to_list() == [b"7", b"8", b"9"]


def test_each_end_is_told_once(mock: MockKafka, topic: str, values: Reading) -> None:
    mock.send(spread(8), topic)
    values.start(topic, *ALL)
    values.until(lambda reading: reading.ends == set(ALL))
    assert sum(len(arrived.ends) for arrived in values.found) == PARTITIONS


def test_the_end_is_told_again_after_new_records(
    mock: MockKafka, topic: str, values: Reading
) -> None:
    values.start(topic, 0)
    values.until(lambda reading: bool(reading.ends))
    values.found.clear()
    mock.send(spread(4), topic)
    values.until(lambda reading: bool(reading.ends))
    assert values.count == 1


def test_the_known_end_of_a_partition(mock: MockKafka, topic: str, values: Reading) -> None:
    mock.send(spread(12), topic)
    values.start(topic, 0)
    values.rows(3)
    assert values.consumer.native.end_offset(0) == 3


def test_an_unassigned_partition_gives_nothing(
    mock: MockKafka, topic: str, values: Reading
) -> None:
    mock.send(spread(40), topic)
    values.start(topic, *ALL)
    values.next(1)
    values.consumer.native.unassign([1, 2, 3])
    values.found.clear()
    values.until(lambda reading: 0 in reading.ends)
    assert {number for arrived in values.found for number, _ in arrived.parts} <= {0}


def test_a_partition_is_assigned_anew_elsewhere(
    mock: MockKafka, topic: str, values: Reading
) -> None:
    mock.send(spread(40), topic)
    values.start(topic, 0)
    values.rows(10)
    values.found.clear()
    values.start(topic, 0, offset=8)
    assert values.rows(2)["value"].to_list() == [b"8", b"9"]


def test_an_id_can_be_given_to_another_partition(
    mock: MockKafka, topic: str, values: Reading
) -> None:
    mock.send(spread(8), topic)
    values.start(topic, 0)
    values.rows(2)
    values.consumer.native.unassign([0])
    values.consumer.assign([(0, topic, 3, 1)])
    arrived = values.next()
    assert (arrived.parts, arrived.positions) == ([(0, 1)], [(0, 2)])


def test_a_paused_partition_goes_on_where_it_stopped(
    mock: MockKafka, topic: str, values: Reading
) -> None:
    mock.send(spread(40), topic)
    values.start(topic, 0, 1)
    values.next(1)
    native = values.consumer.native
    native.pause([0, 1])
    assert native.poll(100) is None
    native.resume([1, 0])
    values.until(lambda reading: reading.count == 20)
    got = dict.fromkeys((0, 1), 0)
    for arrived in values.found:
        for number, rows in arrived.parts:
            got[number] += rows
    assert got == {0: 10, 1: 10}


def test_one_byte_wakes_once(mock: MockKafka, topic: str, values: Reading) -> None:
    values.start(topic, 0)
    values.until(lambda reading: bool(reading.ends))
    assert values.consumer.poll(10) is None
    for _ in range(3):
        mock.send(spread(1), topic)
    assert select.select([values.read_fd], [], [], 60)[0]
    assert os.read(values.read_fd, 64) == b"\x01"
    values.rows(3)


def test_a_consumer_that_has_work_is_not_woken(
    mock: MockKafka, topic: str, values: Reading
) -> None:
    mock.send(spread(40), topic)
    values.start(topic, 0)
    values.next(1)
    while select.select([values.read_fd], [], [], 0)[0]:
        os.read(values.read_fd, 64)
    values.next(1)
    assert not select.select([values.read_fd], [], [], 0)[0]


def test_an_offset_that_is_not_there_is_an_error_of_its_partition(
    mock: MockKafka, topic: str
) -> None:
    mock.send(spread(8), topic)
    with mock.reading(["value"], auto_offset_reset="error") as reading:
        reading.start(topic, 1, offset=100)
        with pytest.raises(Failed) as raised:
            reading.next()
        assert raised.value.name == "_AUTO_OFFSET_RESET"
        assert (raised.value.topic, raised.value.partition) == (topic, 1)
        reading.start(topic, 1)
        assert len(reading.rows(2)) == 2


def test_records_come_before_the_error_of_another_partition(mock: MockKafka, topic: str) -> None:
    mock.send(spread(8), topic)
    with mock.reading(["value"], auto_offset_reset="error") as reading:
        reading.start(topic, 0, 2)
        reading.start(topic, 1, offset=100)
        with pytest.raises(Failed):
            reading.until(lambda _: False)
        reading.until(lambda reading: reading.count == 4)


def test_leaving_a_partition_forgets_its_error(mock: MockKafka, topic: str) -> None:
    mock.send(spread(8), topic)
    with mock.reading(["value"], auto_offset_reset="error") as reading:
        assert reading.consumer.poll(1) is None
        reading.start(topic, 1, offset=100)
        reading.waits_for_wake()
        reading.consumer.native.unassign([1])
        reading.start(topic, 0)
        assert len(reading.rows(2)) == 2


def test_a_broker_that_is_away_is_no_error(mock: MockKafka) -> None:
    with mock.reading(["value"], bootstrap_servers="127.0.0.1:1") as reading:
        reading.start("topic", 0)
        native = reading.consumer.native
        while not native.last_error:
            assert native.poll(10) is None
            reading.waits_for_wake()
            assert native.poll(10) is None
        assert "127.0.0.1:1" in native.last_error


def test_the_log_is_kept_for_who_asks(mock: MockKafka) -> None:
    with mock.reading(["value"], debug="cgrp") as reading:
        native = reading.consumer.native
        assert native.poll(1) is None
        native.assign([(0, "logged", 0, 0)])
        reading.until(lambda reading: native.has_log)
        severity, facility, text = native.take_log()[0]
        assert (severity, bool(facility), bool(text)) == (7, True, True)


def test_a_property_that_is_not_there_is_refused(mock: MockKafka) -> None:
    refused = pytest.raises(Failed, match="No such configuration property")
    with refused, mock.reading(["value"], no_such_thing="1"):
        pass


def test_a_consumer_needs_the_name_of_a_group(mock: MockKafka) -> None:
    with pytest.raises(Failed, match=r"group\.id"), mock.reading(["value"], group_id=""):
        pass


def test_a_closed_consumer_says_so(mock: MockKafka, values: Reading) -> None:
    values.consumer.native.close(1000)
    values.consumer.native.close(1000)
    with pytest.raises(Failed, match="closed"):
        values.consumer.poll(1)


def test_closing_while_another_thread_polls(mock: MockKafka, topic: str) -> None:
    mock.send(spread(2000), topic)
    with mock.reading(["value"]) as reading:
        reading.start(topic, *ALL)
        raised: list[BaseException] = []

        def poll() -> None:
            try:
                while True:
                    reading.consumer.poll(5)
            except Failed as error:
                raised.append(error)

        thread = threading.Thread(target=poll)
        thread.start()
        reading.consumer.native.close(1000)
        thread.join()
    assert "closed" in str(raised[0])
