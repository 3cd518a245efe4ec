"""Sinks that promise less than exactly once; and what all of them say when something fails."""

from __future__ import annotations

import pytest

from flott.common.errors import ConfigurationError, SinkError
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.client.ports import ClientError, TopicPartition
from flott.core.batch import RowBatch
from tests.connectors.fakes import FakeContext, travel
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.sink_jobs import (
    TOPIC,
    KafkaJob,
    Numbers,
    create_broker,
    create_sink,
    visible,
)

AT_LEAST_ONCE, NONE = DeliveryGuarantee.AT_LEAST_ONCE, DeliveryGuarantee.NONE


def plain_job(broker: ModelBroker, guarantee: DeliveryGuarantee, **options: object) -> KafkaJob:
    return KafkaJob(broker, guarantee=guarantee, prefix=None, **options)  # type: ignore[arg-type]


def test_at_least_once_waits_at_the_barrier() -> None:
    broker = create_broker()
    broker.rows_per_delivery = 0
    job = plain_job(broker, AT_LEAST_ONCE)
    job.write(5)
    assert not visible(broker)
    job.prepare()
    assert sorted(visible(broker)) == list(range(5))


def test_none_does_not_wait_at_the_barrier_but_at_the_end() -> None:
    broker = create_broker()
    broker.rows_per_delivery = 0
    job = plain_job(broker, NONE)
    job.write(5)
    job.prepare()
    assert not visible(broker)
    job.tasks[0].writer.flush(True)
    assert sorted(visible(broker)) == list(range(5))


@pytest.mark.parametrize("guarantee", list(DeliveryGuarantee))
def test_a_full_queue_is_waited_for(guarantee: DeliveryGuarantee) -> None:
    broker = create_broker()
    broker.rows_per_delivery = 0
    prefix = "job" if guarantee is DeliveryGuarantee.EXACTLY_ONCE else None
    properties = {"queue.buffering.max.messages": "3"}
    job = KafkaJob(broker, guarantee=guarantee, prefix=prefix, properties=properties)
    job.write(10)
    job.take_checkpoint()
    job.tasks[0].writer.flush(True)
    assert sorted(visible(broker)) == list(range(10))


@pytest.mark.parametrize("guarantee", list(DeliveryGuarantee)[:2])
def test_brokers_that_stay_away_end_the_job_with_their_names(guarantee: DeliveryGuarantee) -> None:
    broker = create_broker()
    prefix = "job" if guarantee is DeliveryGuarantee.EXACTLY_ONCE else None
    job = KafkaJob(broker, guarantee=guarantee, prefix=prefix)
    broker.is_down = True
    job.write(5)
    with pytest.raises(SinkError, match=r"brokers broker:9092 did not answer.*delivery.timeout"):
        job.take_checkpoint()


def test_a_full_queue_that_nothing_leaves_ends_the_job() -> None:
    broker = create_broker()
    properties = {"queue.buffering.max.messages": "3", "delivery.timeout.ms": "1000"}
    job = plain_job(broker, AT_LEAST_ONCE, properties=properties)
    broker.is_down = True
    with pytest.raises(SinkError, match="did not answer in time"):
        job.write(5)


@pytest.mark.parametrize("guarantee", list(DeliveryGuarantee))
def test_a_record_that_is_too_large_is_named_with_size_and_options(
    guarantee: DeliveryGuarantee,
) -> None:
    broker = create_broker()
    prefix = "job" if guarantee is DeliveryGuarantee.EXACTLY_ONCE else None
    properties = {"max.request.size": "1000"}
    job = KafkaJob(broker, guarantee=guarantee, prefix=prefix, properties=properties)
    said = r"record of 2,400 bytes for topic 'numbers'.*message.max.bytes=1,000.*max.message.bytes"
    with pytest.raises(SinkError, match=said):
        job.tasks[0].writer.write(RowBatch([10**1199]))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("TOPIC_AUTHORIZATION_FAILED", "Allow WRITE and DESCRIBE on it, and READ on the topic"),
        ("TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "transactional ids with the prefix 'job'"),
        ("GROUP_AUTHORIZATION_FAILED", "READ and DESCRIBE on groups with the prefix 'job'"),
        ("SASL_AUTHENTICATION_FAILED", "refused the login"),
        ("INVALID_TRANSACTION_TIMEOUT", r"transaction.timeout.ms=60000 is more than the brokers"),
        ("OFFSET_METADATA_TOO_LARGE", "offset.metadata.max.bytes"),
        ("TOPIC_EXCEPTION", "a name that Kafka does not allow"),
        ("UNKNOWN_TOPIC_OR_PART", "Topic 'numbers' does not exist on broker:9092"),
    ],
)
def test_what_the_brokers_refuse_is_explained(code: str, said: str) -> None:
    broker = create_broker()
    broker.fail("send_offsets", ClientError(code, "refused"))
    with pytest.raises(SinkError, match=said):
        KafkaJob(broker)


def test_a_topic_that_is_gone_is_named_though_records_only_time_out() -> None:
    broker = create_broker()
    job = plain_job(broker, AT_LEAST_ONCE)
    place = TopicPartition("gone", 0)
    broker.fail("flush", ClientError("_MSG_TIMED_OUT", "timed out", partition=place))
    with pytest.raises(SinkError, match="Topic 'gone' does not exist"):
        job.take_checkpoint()


def test_a_missing_topic_is_named_before_the_first_record() -> None:
    with pytest.raises(SinkError, match="Topic 'numbers' does not exist"):
        KafkaJob(ModelBroker())


def test_without_checkpoints_exactly_once_is_refused() -> None:
    context = FakeContext()
    context.checkpoints_enabled = False
    said = r"set execution.checkpointing.interval .*or choose DeliveryGuarantee.AT_LEAST_ONCE"
    with pytest.raises(ConfigurationError, match=said):
        create_sink(create_broker()).create_committer(context)


def test_a_batch_job_commits_one_transaction_at_its_end() -> None:
    broker = create_broker()
    context = FakeContext()
    context.checkpoints_enabled, context.is_batch = False, True
    sink = travel(create_sink(broker))
    committer = sink.create_committer(context)
    writer = sink.create_writer(context, [], committer)
    writer.write(RowBatch([1, 2]))
    writer.write(RowBatch([3]))
    [epoch] = writer.prepare_commit(1)
    assert epoch.content is None
    assert not visible(broker)
    committer.commit([epoch])
    assert sorted(visible(broker)) == [1, 2, 3]


def test_a_batch_job_whose_transaction_timed_out_has_to_run_again() -> None:
    broker = create_broker()
    context = FakeContext(clock=broker.clock)  # type: ignore[arg-type]
    context.checkpoints_enabled, context.is_batch = False, True
    sink = create_sink(broker)
    committer = sink.create_committer(context)
    writer = sink.create_writer(context, [], committer)
    writer.write(RowBatch([1, 2]))
    epochs = writer.prepare_commit(1)
    broker.pass_time(900_000)
    with pytest.raises(SinkError, match=r"2 records was lost.*without checkpoints"):
        committer.commit(epochs)


def test_records_may_name_their_topics() -> None:
    broker = create_broker()
    broker.create_topic("odd")
    encoder = Numbers(lambda number: "odd" if number % 2 else TOPIC)
    job = plain_job(broker, AT_LEAST_ONCE, topic=None, encoder=encoder)
    job.write(6)
    assert visible(broker, "odd") == [1, 3, 5]
