"""What a sink asks of its producers."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from flott.common.errors import ConfigurationError
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.sink.producer_settings import ProducerSettings
from tests.connectors.fakes import FakeContext

EXACTLY_ONCE, NONE = DeliveryGuarantee.EXACTLY_ONCE, DeliveryGuarantee.NONE
SERVERS = {"bootstrap.servers": "broker:9092"}


def read(guarantee: DeliveryGuarantee = EXACTLY_ONCE, **properties: Any) -> ProducerSettings:
    given = {name.replace("_", "."): value for name, value in properties.items()}
    return ProducerSettings.read({**SERVERS, **given}, guarantee, "job")


def context(interval: str | None = None) -> FakeContext:
    return FakeContext(configuration={"execution.checkpointing.interval": interval or "1 s"})


def test_keys_go_to_the_partitions_where_java_puts_them() -> None:
    assert read().for_producer(context())["partitioner"] == "murmur2_random"
    chosen = read(partitioner="consistent").for_producer(context())
    assert chosen["partitioner"] == "consistent"


@pytest.mark.parametrize(
    ("interval", "timeout_ms"), [("1 s", 60_000), ("2 min", 360_000), ("1 h", 900_000)]
)
def test_a_transaction_may_take_three_intervals(interval: str, timeout_ms: int) -> None:
    found = read().for_producer(context(interval))
    assert found["transaction.timeout.ms"] == str(timeout_ms)
    assert int(found["message.timeout.ms"]) <= timeout_ms


def test_a_job_without_checkpoints_has_one_transaction_that_may_take_long() -> None:
    without = context()
    without.checkpoints_enabled = False
    assert read().for_producer(without)["transaction.timeout.ms"] == "900000"


def test_transactions_that_end_before_their_checkpoint_are_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = read(transaction_timeout_ms=5_000)
    with caplog.at_level(logging.WARNING):
        settings.check_timeout(context("1 s"))
        assert not caplog.records
        settings.check_timeout(context("10 s"))
    assert "transaction.timeout.ms=5000 is not longer than" in caplog.text
    assert "all records are sent twice" in caplog.text


def test_a_record_must_arrive_before_its_transaction_ends() -> None:
    settings = read(transaction_timeout_ms=5_000, delivery_timeout_ms=6_000)
    with pytest.raises(ConfigurationError, match="must arrive before its transaction times out"):
        settings.check_timeout(context())


def test_order_is_kept_unless_the_user_decides_otherwise() -> None:
    assert read(NONE).for_producer(context())["enable.idempotence"] == "true"
    assert "enable.idempotence" not in read(NONE, acks="1").for_producer(context())
    assert "transaction.timeout.ms" not in read(NONE).for_producer(context())


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"transactional_id": "x"}, "set_transactional_id_prefix"),
        ({"enable_idempotence": "false"}, "transactions need it"),
        ({"linger_mss": "5"}, "Unknown Kafka property"),
    ],
)
def test_properties_that_do_not_go_with_exactly_once_are_refused(
    properties: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read(**properties)


def test_numbers_have_to_be_numbers() -> None:
    with pytest.raises(ConfigurationError, match="whole number, found 'soon'"):
        read(transaction_timeout_ms="soon").for_producer(context())


@pytest.mark.parametrize("prefix", [None, "", "x" * 7_000])
def test_exactly_once_needs_a_prefix(prefix: str | None) -> None:
    with pytest.raises(ConfigurationError, match="prefix"):
        ProducerSettings.read(SERVERS, EXACTLY_ONCE, prefix)


def test_servers_are_needed() -> None:
    with pytest.raises(ConfigurationError, match=r"bootstrap\.servers"):
        ProducerSettings.read({}, NONE, None)
