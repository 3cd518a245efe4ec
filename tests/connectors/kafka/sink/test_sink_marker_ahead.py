"""The marker goes into the transaction at the barrier, so that a commit has less to wait for."""

from __future__ import annotations

import pytest

from flott.connectors.kafka.client.ports import ClientError
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.sink_jobs import TOPIC, KafkaJob, create_broker, visible

GROUP = "job-0-0"


def committed_checkpoint(broker: ModelBroker) -> int:
    [(offset, _)] = broker.groups[GROUP].values()
    return offset


def late_job(broker: ModelBroker, **options: int) -> KafkaJob:
    """A job whose calls beside its tasks wait for ``make_one``."""
    job = KafkaJob(broker, **options)
    job.beside.are_late = lambda: True
    return job


def test_the_marker_waits_in_the_transaction_for_the_checkpoint() -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    job.write(3)
    checkpoint = job.prepare()
    assert broker.has_pending_offsets(GROUP)
    assert committed_checkpoint(broker) == 0
    broker.calls.clear()
    job.complete(1, checkpoint)
    assert broker.calls == ["commit_transaction"]
    assert committed_checkpoint(broker) == 1
    assert sorted(visible(broker)) == [0, 1, 2]


def test_records_that_wait_in_the_client_are_sent_at_the_barrier() -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    broker.rows_per_delivery = 0
    job.write(3)
    assert not broker.read(TOPIC, committed=False)
    job.prepare()
    assert len(broker.read(TOPIC, committed=False)) == 3


def test_the_next_epoch_begins_once_that_has_been_done() -> None:
    broker = create_broker()
    job = late_job(broker)
    broker.rows_per_delivery = 0
    job.write(3)
    job.prepare()
    job.write(2)
    assert "begin_transaction" not in broker.calls[broker.calls.index("produce") :]
    job.beside.make_one()
    job.write(1)
    assert broker.calls.count("begin_transaction") == 3  # the first one was the registration


def test_a_barrier_without_records_sends_no_marker() -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    broker.calls.clear()
    job.prepare()
    assert not broker.calls


@pytest.mark.parametrize("is_retriable", [False, True])
@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("call", ["flush", "send_offsets"])
def test_what_goes_wrong_at_the_barrier_is_made_up_for_by_the_commit(
    call: str, phase: str, is_retriable: bool
) -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    job.write(3)
    error = ClientError("_TRANSPORT", "reset", is_retriable=is_retriable)
    broker.fail(call, error, phase)
    job.take_checkpoint()
    job.write(2)
    job.take_checkpoint()
    assert sorted(visible(broker)) == list(range(5))
    assert committed_checkpoint(broker) == 2
    # A transaction that is lost costs its writer both ids.
    assert broker.calls.count("init_transactions") == (2 if is_retriable else 4)


def test_a_commit_does_not_wait_for_a_marker_that_nobody_has_sent_yet() -> None:
    broker = create_broker()
    job = late_job(broker)
    job.write(3)
    job.take_checkpoint()
    assert sorted(visible(broker)) == [0, 1, 2]
    assert committed_checkpoint(broker) == 1


def test_a_marker_that_comes_too_late_is_not_put_into_the_next_epoch() -> None:
    broker = create_broker()
    job = late_job(broker)
    for count in (1, 1, 1):  # the first id is in use again for the third epoch
        job.write(count)
        job.take_checkpoint()
    job.write(1)
    broker.calls.clear()
    for _ in range(3):
        job.beside.make_one()
    assert "send_offsets" not in broker.calls
    job.take_checkpoint()
    assert sorted(visible(broker)) == list(range(4))


def test_a_marker_that_comes_after_the_end_is_not_sent() -> None:
    broker = create_broker()
    job = late_job(broker)
    job.write(3)
    job.prepare()
    job.close()
    broker.calls.clear()
    job.beside.make_one()
    assert not broker.calls


def test_no_marker_is_sent_while_an_older_epoch_may_yet_send_its_own() -> None:
    broker = create_broker()
    job = late_job(broker)
    for _ in range(2):
        job.write(2)
        job.take_checkpoint(is_complete=False)
    broker.calls.clear()
    job.beside.make_one()
    assert "send_offsets" in broker.calls
    broker.calls.clear()
    job.beside.make_one()
    assert "send_offsets" not in broker.calls
    job.write(1)
    job.take_checkpoint()
    assert committed_checkpoint(broker) == 3
    assert sorted(visible(broker)) == list(range(5))
    job.renew()
    assert sorted(visible(broker)) == list(range(5))


def test_a_vanished_subtask_is_found_while_its_marker_is_under_way() -> None:
    broker = create_broker()
    job = KafkaJob(broker, parallelism=2)
    job.write(3, subtask=1)
    job.prepare()
    assert broker.has_pending_offsets("job-1-0")
    before_ms = broker.clock.now_ms()
    job.renew(parallelism=1)
    assert broker.clock.now_ms() == before_ms
    job.write(3)
    job.take_checkpoint()
    assert sorted(visible(broker)) == list(range(3))
