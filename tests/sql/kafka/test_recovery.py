"""SQL over Kafka after a failure: positions, watermarks and counts go on where they were."""

from __future__ import annotations

from flott.connectors.kafka.client.ports import ClientError
from tests.connectors.kafka.model_broker import ModelBroker
from tests.sql.kafka.model_tables import KafkaSql

RESTARTING = {
    "execution.checkpointing.interval": "20 ms",
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "5",
    "restart-strategy.fixed-delay.delay": "0 ms",
    "flott.batch.size-max": "10",
}
EXACTLY_ONCE = {
    "sink.delivery-guarantee": "exactly-once",
    "sink.transactional-id-prefix": "job",
}


class FailingPolls:
    """Fails every so many polls of consumers, a few times.

    All failures come before the records can be read without a restart's repeated polls: how many
    those are depends on the checkpoints that happened to complete.
    """

    def __init__(self, polls: int, failures: int) -> None:
        self.polls = polls
        self.failures = failures
        self.count = 0

    def __call__(self, call: str, phase: str) -> None:
        if call != "poll" or phase != "before" or not self.failures:
            return
        self.count += 1
        if self.count % self.polls == 0:
            self.failures -= 1
            raise ClientError("_FATAL", "the client has given up", is_fatal=True)


def test_rows_are_copied_once_each_whatever_fails(broker: ModelBroker) -> None:
    sql = KafkaSql(broker, RESTARTING)
    broker.create_topic("numbers", 3)
    broker.create_topic("copies", 2)
    sql.create("numbers", "n INT")
    sql.create("copies", "n INT", EXACTLY_ONCE)
    for number in range(900):
        sql.put("numbers", {"n": number}, partition=number % 3)
    broker.hook = failing = FailingPolls(25, 3)
    sql.run("INSERT INTO copies SELECT n FROM numbers")
    assert failing.failures == 0
    assert sorted(value["n"] for _, value in sql.records("copies")) == list(range(900))


def test_windows_of_partitions_lose_nothing_whatever_fails(broker: ModelBroker) -> None:
    sql = KafkaSql(broker, RESTARTING)
    broker.create_topic("clicks", 2)
    broker.create_topic("counts")
    timed = "n INT, ts TIMESTAMP(3) METADATA FROM 'timestamp', WATERMARK FOR ts AS ts"
    sql.create("clicks", timed)
    sql.create("counts", "began STRING, n BIGINT", EXACTLY_ONCE)
    for second in range(600):
        broker.append("clicks", b"{}", partition=second % 2, timestamp=1000 * second)
    broker.hook = failing = FailingPolls(25, 2)
    sql.run(
        "INSERT INTO counts SELECT CAST(window_start AS STRING), COUNT(*) FROM "
        "TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '1' MINUTE) "
        "GROUP BY window_start, window_end"
    )
    assert failing.failures == 0
    assert sorted(value["n"] for _, value in sql.records("counts")) == [60] * 10
