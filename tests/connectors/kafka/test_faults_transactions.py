"""Transactions that time out, and producers that somebody else has fenced: on a real broker."""

from __future__ import annotations

import pytest

from flott.common.errors import SinkError
from flott.testing.connectors import SinkJob
from tests.connectors.kafka.real import all_settled, numbers, settled_numbers, sink_of_numbers
from tests.services.kafka import KafkaCluster, wait_until


def test_records_show_with_their_checkpoint_and_not_before(kafka: KafkaCluster) -> None:
    topic = kafka.create_topic(partitions=2)
    job = SinkJob(sink_of_numbers(kafka.bootstrap_servers, topic), parallelism=2)
    job.write(10)
    job.write(10, subtask=1)
    assert numbers(kafka, topic) == []
    job.take_checkpoint()
    assert settled_numbers(kafka, topic) == list(range(20))
    job.write(5)
    job.finish()
    assert settled_numbers(kafka, topic) == list(range(25))


def test_transaction_that_times_out_before_its_checkpoint_loses_nothing(
    kafka: KafkaCluster,
) -> None:
    topic = kafka.create_topic()
    sink = sink_of_numbers(kafka.bootstrap_servers, topic, transaction_timeout_ms=1000)
    job = SinkJob(sink)
    job.write(10)
    job.tasks[0].writer.flush(False)
    wait_until(lambda: kafka.end_offsets(topic)[0] > 0, "the records are on their way")
    wait_until(lambda: all_settled(kafka, topic), "the broker aborts the transaction")
    job.pass_time(2000)  # the job's clock is moved by hand
    assert numbers(kafka, topic) == []
    job.take_checkpoint()
    assert settled_numbers(kafka, topic) == list(range(10))
    job.write(10)
    job.finish()
    assert settled_numbers(kafka, topic) == list(range(20))


def test_transaction_that_times_out_between_checkpoint_and_commit_loses_nothing(
    kafka: KafkaCluster,
) -> None:
    topic = kafka.create_topic()
    sink = sink_of_numbers(kafka.bootstrap_servers, topic, transaction_timeout_ms=1000)
    job = SinkJob(sink)
    job.write(10)
    job.take_checkpoint(is_complete=False)
    wait_until(lambda: kafka.end_offsets(topic)[0] > 0, "the records are on their way")
    wait_until(lambda: all_settled(kafka, topic), "the broker aborts the transaction")
    job.pass_time(2000)  # the job's clock is moved by hand
    job.take_checkpoint()
    assert settled_numbers(kafka, topic) == list(range(10))
    job.close()


def test_job_that_crashes_commits_what_its_checkpoint_holds_once(kafka: KafkaCluster) -> None:
    topic = kafka.create_topic()
    job = SinkJob(sink_of_numbers(kafka.bootstrap_servers, topic), parallelism=2)
    job.write(10)
    job.take_checkpoint()
    job.write(7, subtask=1)
    for parallelism in (1, 3):
        job.crash(parallelism)
        job.write(7, subtask=parallelism - 1)
    job.finish()
    assert settled_numbers(kafka, topic) == list(range(17))


def test_second_job_with_the_same_prefix_fences_the_first_which_says_so(
    kafka: KafkaCluster,
) -> None:
    topic = kafka.create_topic()
    sink = sink_of_numbers(kafka.bootstrap_servers, topic)
    first = SinkJob(sink)
    first.write(10)
    second = SinkJob(sink)
    second.write(3)
    second.finish()
    said = (
        rf"(?s)Somebody else has taken over the transactional ids that begin with '{topic}'.*"
        r"give each its own \(set_transactional_id_prefix"
    )
    with pytest.raises(SinkError, match=said):
        write_epochs(first, 3)  # two transactional ids are used in turn
    assert settled_numbers(kafka, topic) == [0, 1, 2]


def write_epochs(job: SinkJob, count: int) -> None:
    for _ in range(count):
        job.write(10)
        job.take_checkpoint()
