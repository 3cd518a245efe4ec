"""Whatever happens to a job, readers with ``read_committed`` see each record once."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flott.testing.connectors import check_sink
from flott.testing.connectors.choices import choices_of
from tests.connectors.kafka.sink_jobs import (
    TOPIC,
    KafkaJob,
    Numbers,
    all_visible,
    burning,
    create_broker,
    visible,
)
from tests.connectors.kafka.sink_play import Play, check_order


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_it_passes_the_suite_for_all_sinks(data: Any) -> None:
    broker = create_broker()
    make = burning(broker)
    check_sink(data, make, lambda: visible(broker), has_zombies=False)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_whatever_happens_each_record_is_seen_once(data: Any) -> None:
    Play(choices_of(data), create_broker()).run()


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_whatever_happens_partitions_keep_the_order_of_writing(data: Any) -> None:
    broker = create_broker()
    Play(choices_of(data), broker, parallelism_max=1).run()
    check_order(broker)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_sink_whose_records_name_their_topics_is_no_less_exact(data: Any) -> None:
    broker = create_broker()
    broker.create_topic("odd")
    encoder = Numbers(lambda number: "odd" if number % 2 else TOPIC)
    Play(choices_of(data), broker, topic=None, encoder=encoder).run()


def test_records_are_in_the_log_before_the_checkpoint_and_seen_after_it() -> None:
    broker = create_broker()
    job = KafkaJob(broker, parallelism=2)
    job.write(5, subtask=0)
    job.write(5, subtask=1)
    assert len(broker.read(TOPIC, committed=False)) == 10
    assert not visible(broker)
    job.take_checkpoint()
    assert sorted(visible(broker)) == list(range(10))


def test_a_checkpoint_that_did_not_complete_is_committed_with_the_next_one() -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    job.write(3)
    job.take_checkpoint(is_complete=False)
    job.write(3)
    job.take_savepoint()
    job.write(3)
    assert not visible(broker)
    job.take_checkpoint()
    assert sorted(visible(broker)) == list(range(9))


def test_each_checkpoint_renews_the_marker_though_nothing_was_written() -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    for number in range(1, 4):
        job.take_checkpoint()
        [(offset, metadata)] = broker.groups["job-0-0"].values()
        assert offset == number
        assert '"registered":1' in metadata


def test_transactional_ids_begin_with_prefix_and_subtask() -> None:
    broker = create_broker()
    KafkaJob(broker, parallelism=2)
    assert sorted(broker.owners) == ["job-0-0-0", "job-0-0-1", "job-1-0-0", "job-1-0-1"]


def test_an_epoch_begun_before_the_one_before_arrived_waits_in_memory() -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    job.beside.are_late = lambda: True
    broker.rows_per_delivery = 0
    job.write(4)
    job.take_checkpoint(is_complete=False)
    job.write(4)
    assert not broker.read(TOPIC, committed=False)
    broker.rows_per_delivery = None
    job.write(1)
    assert len(broker.read(TOPIC, committed=False)) == 9
    job.take_checkpoint()
    assert sorted(visible(broker)) == list(range(9))


def test_all_is_seen_after_a_job_with_fewer_subtasks_took_over_at_once() -> None:
    broker = create_broker()
    job = KafkaJob(broker, parallelism=3)
    job.write(3, subtask=2)
    # It dies before its first checkpoint, with a transaction open that readers would wait for.
    job.renew(parallelism=1)
    job.write(3)
    job.take_checkpoint()
    assert sorted(all_visible(broker)) == list(range(3))


def test_subtasks_that_vanished_are_found_whichever_topic_their_marker_is_with() -> None:
    broker = create_broker()
    broker.create_topic("other")
    encoder = Numbers(lambda number: "other")
    job = KafkaJob(broker, parallelism=3, topic=None, encoder=encoder)
    job.write(3, subtask=2)
    encoder.topic_of = lambda number: TOPIC
    job.renew(parallelism=1)
    job.write(3)
    job.take_checkpoint()
    encoder.topic_of = lambda number: "other"
    job.write(2)
    job.take_checkpoint()
    assert sorted(visible(broker, "other")) == [3, 4]
