"""What a Kafka sink does with what it finds: savepoints, old checkpoints, lost markers, zombies."""

from __future__ import annotations

import pytest

from flott.common.errors import ConfigurationError, SinkError
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.client.ports import ClientError, TopicPartition
from flott.core.batch import RowBatch
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.sink_jobs import TOPIC, KafkaJob, create_broker, create_sink, visible


def dying(broker: ModelBroker, count: int = 4, **options: object) -> KafkaJob:
    """A job whose checkpoint 1 is complete, and that dies before anything of it is committed."""
    job = KafkaJob(broker, **options)  # type: ignore[arg-type]
    job.write(count)
    checkpoint = job.prepare()
    job.last, job.restored_id = checkpoint, job.checkpoint_id
    job.kill(keeps_zombies=True)
    return job


def test_a_checkpoint_that_completed_just_before_the_crash_is_committed_at_the_start() -> None:
    broker = create_broker()
    job = dying(broker)
    job.start(1)
    assert sorted(visible(broker)) == [0, 1, 2, 3]


def test_what_was_committed_just_before_the_crash_is_not_written_again() -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    job.write(4)
    job.take_checkpoint()
    job.renew()
    job.renew(parallelism=3)
    assert sorted(visible(broker)) == [0, 1, 2, 3]


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("call", ["send_offsets", "commit_transaction"])
def test_a_commit_whose_outcome_is_unknown_is_looked_up(call: str, phase: str) -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    job.write(4)
    broker.fail(call, ClientError("_TRANSPORT", "Connection reset", is_fatal=True), phase)
    job.take_checkpoint()
    job.write(2)
    job.take_checkpoint()
    assert sorted(visible(broker)) == list(range(6))


def test_a_transaction_that_timed_out_is_written_again() -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    job.write(2)
    job.pass_time(60_000)
    job.write(2)
    job.pass_time(60_000)
    job.take_checkpoint()
    assert sorted(visible(broker)) == list(range(4))
    [lost] = [
        metric.get_value()
        for _, name, metric in job.tasks[0].context.metrics.metrics()
        if name == "numTransactionsLost"
    ]
    assert lost == 1


def test_a_savepoint_may_be_restored_twice() -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    job.write(2)
    savepoint = job.take_savepoint()
    for _ in range(2):
        job.restore(1, savepoint)
        assert sorted(visible(broker)) == [0, 1]
        # What follows a savepoint is written by each job that starts from it.
        job.take_checkpoint()


def test_checkpoint_ids_that_are_used_again_are_not_mistaken() -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    job.take_checkpoint()
    first = job.last
    job.write(3)
    job.take_checkpoint()
    # Checkpoint 2 is damaged: the job goes back to 1, and takes another checkpoint 2.
    job.restore(1, first)
    job.write(3)
    second = job.prepare()
    job.restore(2, second)
    assert sorted(visible(broker)) == [0, 0, 1, 1, 2, 2]


def test_two_jobs_from_one_savepoint_do_not_commit_it_twice() -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    job.write(2)
    savepoint = job.take_savepoint()
    job.take_checkpoint()
    fork = KafkaJob(broker, prefix="fork")
    fork.restore(1, savepoint)
    # The first one has committed; so nobody needs to fence it.
    job.write(2)
    job.take_checkpoint()
    assert sorted(visible(broker)) == [0, 1, 2, 3]


def test_a_savepoint_whose_job_never_committed_is_committed_under_its_own_prefix() -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    job.write(2)
    savepoint = job.take_savepoint()
    job.kill(keeps_zombies=True)
    for prefix in ("fork", "other"):
        KafkaJob(broker, prefix=prefix).restore(1, savepoint)
    assert sorted(visible(broker)) == [0, 1]


def test_lost_markers_are_not_guessed_at() -> None:
    broker = create_broker()
    job = dying(broker)
    broker.expire_offsets()
    with pytest.raises(SinkError, match=r"Nobody can tell whether the 4 records .*checkpoint 1"):
        job.start(1)


@pytest.mark.parametrize(("choice", "seen"), [("at-least-once", 8), ("at-most-once", 4)])
def test_a_choice_says_what_to_do_without_a_marker(choice: str, seen: int) -> None:
    broker = create_broker()
    job = KafkaJob(broker, on_lost_marker=choice)
    job.write(4)
    job.take_checkpoint()
    broker.expire_offsets()
    job.renew()
    assert len(visible(broker)) == seen
    job.renew()
    assert len(visible(broker)) == seen


def test_a_marker_made_anew_after_it_was_lost_is_not_trusted() -> None:
    broker = create_broker()
    job = dying(broker)
    broker.expire_offsets()
    KafkaJob(broker)  # registers under the same ids
    with pytest.raises(SinkError, match="gone"):
        job.start(1)


def test_epochs_without_records_need_no_marker() -> None:
    broker = create_broker()
    job = dying(broker, count=0)
    broker.expire_offsets()
    job.start(1)
    assert not visible(broker)


def test_a_choice_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="choose one of fail, at-least-once, at-most-once"):
        create_sink(create_broker(), on_lost_marker="ignore")


def test_a_zombie_is_told_that_it_was_replaced() -> None:
    broker = create_broker()
    job = KafkaJob(broker)
    job.write(2)
    job.renew()
    zombie = job.dead[0].writer
    zombie.write(RowBatch([-1]))
    with pytest.raises(SinkError, match=r"begin with 'job'.*another job uses this prefix"):
        zombie.write(RowBatch([-1]))


def test_a_zombie_whose_transaction_timed_out_finds_its_records_there() -> None:
    broker = create_broker()
    job = dying(broker)
    job.start(1)
    job.take_checkpoint()
    job.pass_time(60_000)
    job.dead[0].commit(1)  # for all it knows that was its own commit, and only the answer was lost
    assert sorted(visible(broker)) == [0, 1, 2, 3]
    job.write(1)
    job.take_checkpoint()
    assert sorted(visible(broker)) == [0, 1, 2, 3, 4]


def test_two_jobs_with_one_prefix_do_not_go_on_side_by_side() -> None:
    broker = create_broker()
    first = KafkaJob(broker)
    first.write(1)
    KafkaJob(broker)
    with pytest.raises(SinkError, match="give each its own"):
        first.take_checkpoint()


def test_what_a_sink_kept_is_settled_though_it_promises_less_now() -> None:
    broker = create_broker()
    job = dying(broker)
    job.sink = create_sink(broker, DeliveryGuarantee.AT_LEAST_ONCE, prefix=None)
    job.start(1)
    assert sorted(visible(broker)) == [0, 1, 2, 3]


def test_brokers_that_are_loading_are_waited_for() -> None:
    broker = create_broker()
    job = dying(broker)
    loading = ClientError("COORDINATOR_LOAD_IN_PROGRESS", "Loading", is_retriable=True)
    for call in ("init_transactions", "committed", "send_offsets", "commit_transaction"):
        broker.fail(call, loading, times=3)
    job.start(1)
    assert sorted(visible(broker)) == [0, 1, 2, 3]


def test_a_group_that_somebody_else_uses_is_not_taken_for_a_marker() -> None:
    broker = create_broker()
    broker.commit_offsets("job-0-0", {TopicPartition(TOPIC, 0): (17, "")})
    with pytest.raises(SinkError, match="'job-0-0' holds a committed offset"):
        KafkaJob(broker)
