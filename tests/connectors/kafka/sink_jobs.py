"""A Kafka sink on the model broker, as the suite of sinks wants it: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import polars as pl

from flott.common.errors import SinkError
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.codecs import RecordEncoder, RecordEncoderFactory
from flott.connectors.kafka.ports import ClientError
from flott.connectors.kafka.sink import KafkaSink
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.testing.connectors.choices import Choices
from flott.testing.connectors.context import travel
from flott.testing.connectors.sink_suite import (
    ZOMBIE,
    SinkCheckpoint,
    SinkTask,
    check_all_there,
    check_visible,
)
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients
from tests.connectors.sink_suite import Crash, Fuse, SinkJob

TOPIC = "numbers"


class Numbers(RecordEncoderFactory, RecordEncoder):
    """A number is its own key and value; ``topic_of`` may name a topic for it."""

    def __init__(self, topic_of: Callable[[int], str] | None = None) -> None:
        self.topic_of = topic_of

    def create_encoder(self, context: OperatorContext) -> RecordEncoder:
        return self

    def encode(self, batch: Batch) -> pl.DataFrame:
        values: list[int] = batch.values  # type: ignore[attr-defined]
        texts = [str(value).encode() for value in values]
        columns: dict[str, Any] = {"key": texts, "value": texts}
        schema: dict[str, Any] = {"key": pl.Binary, "value": pl.Binary}
        if self.topic_of is not None:
            columns = {"topic": [self.topic_of(value) for value in values], **columns}
            schema = {"topic": pl.String, **schema}
        return pl.DataFrame(columns, schema=schema)


def create_broker(partitions: int = 2) -> ModelBroker:
    broker = ModelBroker()
    broker.create_topic(TOPIC, partitions)
    return broker


def create_sink(
    broker: ModelBroker,
    guarantee: DeliveryGuarantee = DeliveryGuarantee.EXACTLY_ONCE,
    prefix: str | None = "job",
    topic: str | None = TOPIC,
    encoder: Numbers | None = None,
    properties: dict[str, str] | None = None,
    **options: Any,
) -> KafkaSink:
    return KafkaSink(
        {"bootstrap.servers": "broker:9092", **(properties or {})},
        topic,
        encoder or Numbers(),
        guarantee,
        prefix,
        clients=ModelClients(broker),
        pause=broker.pass_time,
        **options,
    )


def burning(broker: ModelBroker, **options: Any) -> Callable[[Fuse], KafkaSink]:
    """A sink whose process may die before and after each call's effect."""

    def make(fuse: Fuse) -> KafkaSink:
        broker.hook = lambda call, phase: fuse.burn()
        return create_sink(broker, **options)

    return make


def visible(broker: ModelBroker, topic: str = TOPIC) -> list[int]:
    """What a reader with ``read_committed`` has seen."""
    return [int(record.value or b"") for record in broker.read(topic)]


def all_visible(broker: ModelBroker) -> list[int]:
    return [number for topic in broker.topics for number in visible(broker, topic)]


class KafkaJob(SinkJob):
    """A job whose clock is the broker's, so that transactions time out while time passes.

    Attributes:
        meanwhile: Called between the calls of a commit, as if the task went on beside it.
        savepoints: Plain savepoints that were taken; they complete nothing.
    """

    def __init__(self, broker: ModelBroker, parallelism: int = 1, **options: Any) -> None:
        self.broker = broker
        self.meanwhile: Callable[[], None] = lambda: None
        self.savepoints: list[tuple[int, SinkCheckpoint]] = []
        self._clock = broker.clock
        self._is_committing = False
        broker.hook = self.meet
        super().__init__(create_sink(broker, **options), Fuse(), parallelism)

    @property
    def clock(self) -> Any:
        return self._clock

    @clock.setter
    def clock(self, clock: Any) -> None:
        pass

    def meet(self, call: str, phase: str) -> None:
        """A client makes a call: the process may die, or the task do something meanwhile."""
        self.fuse.burn()
        if self._is_committing:
            self._is_committing = False
            self.meanwhile()
            self._is_committing = True

    def prepare(self) -> SinkCheckpoint:
        """What a barrier does; nobody is told that the checkpoint is complete."""
        self.checkpoint_id += 1
        number = self.checkpoint_id
        writers = [item for task in self.tasks for item in task.prepare(number)]
        kept = [list(task.kept) for task in self.tasks]
        return travel(SinkCheckpoint(self.position, writers, kept))

    def complete(self, number: int, checkpoint: SinkCheckpoint) -> None:
        """The manifest is written; then the sinks are told."""
        self.last = checkpoint
        self.restored_id = number
        for task in self.tasks:
            task.completed = number
        self.fuse.burn()
        for task in self.tasks:
            self._is_committing = True
            try:
                task.commit(number)
            finally:
                self._is_committing = False

    def take_checkpoint(self, is_complete: bool = True, is_end: bool = False) -> None:
        checkpoint = self.prepare()
        if is_complete:
            self.complete(self.checkpoint_id, checkpoint)

    def take_savepoint(self) -> SinkCheckpoint:
        checkpoint = self.prepare()
        self.savepoints.append((self.checkpoint_id, checkpoint))
        return checkpoint

    def restore(self, number: int | None, checkpoint: SinkCheckpoint, parallelism: int = 1) -> None:
        """Start from a checkpoint of one's choice."""
        self.kill(keeps_zombies=True)
        self.last, self.restored_id = checkpoint, number
        self.checkpoint_id = number or 0
        self.start(parallelism)

    def renew(self, parallelism: int = 1) -> None:
        """Die without a word and start again."""
        self.kill(keeps_zombies=True)
        self.start(parallelism)


#: Errors that a client may meet at any call, before or after its effect.
WEATHER: Sequence[Callable[[], ClientError]] = (
    lambda: ClientError("_TIMED_OUT", "Local: Timed out", is_retriable=True),
    lambda: ClientError("COORDINATOR_LOAD_IN_PROGRESS", "Loading", is_retriable=True),
    lambda: ClientError("_TRANSPORT", "Connection reset", needs_abort=True),
    lambda: ClientError("INVALID_TXN_STATE", "Unexpected state", is_fatal=True),
)
WEATHERED = ("init_transactions", "send_offsets", "commit_transaction", "committed", "check")


class Play:
    """A job on the model broker to which anything may happen, and that must be right in the end.

    Args:
        choices: Who chooses.
        broker: The broker.
        parallelism_max: How many subtasks there may be.
        options: Of the sink.
    """

    def __init__(
        self, choices: Choices, broker: ModelBroker, parallelism_max: int = 3, **options: Any
    ) -> None:
        self.choices = choices
        self.broker = broker
        self.parallelism_max = parallelism_max
        self.job = KafkaJob(broker, choices.integer(1, parallelism_max), **options)
        self.job.meanwhile = self.act_meanwhile
        self.restarts = choices.integer(0, 4)
        self.zombie_id = 1_000
        broker.rows_per_delivery = choices.pick([None, None, 0, 3])

    def run(self) -> KafkaJob:
        job, choices = self.job, self.choices
        job.fuse.left = choices.integer(0, 80) if self.restarts else None
        for _ in range(choices.integer(0, 20)):
            self.survive(self.step)
            check_visible(job, all_visible(self.broker))
        self.calm()
        job.meanwhile = lambda: None
        for _ in range(4):
            if self.survive(job.take_checkpoint):
                break
        job.close()
        if job.dead:
            # One that believes that it is alive may hold up readers until its transaction is over.
            self.broker.pass_time(60_000)
            self.broker.expire_transactions()
        check_all_there(job, all_visible(self.broker))
        return job

    def calm(self) -> None:
        self.job.fuse.left = None
        self.broker.failures.clear()

    def survive(self, action: Callable[[], None]) -> bool:
        """Whether the job did not fail; if it did, it runs again."""
        try:
            action()
            return True
        except (Crash, SinkError):
            pass
        self.job.kill(self.choices.boolean())
        while not self.job.tasks:
            self.restarts -= 1
            if self.restarts <= 0:
                self.calm()
            else:
                self.job.fuse.left = self.choices.integer(0, 80)
            try:
                self.job.start(self.choices.integer(1, self.parallelism_max))
            except (Crash, SinkError):
                self.job.kill(self.choices.boolean())
        return False

    def step(self) -> None:
        job, choices = self.job, self.choices
        action = choices.integer(0, 12)
        if action <= 4:
            self.write()
        elif action <= 6:
            job.take_checkpoint(is_complete=choices.integer(0, 3) > 0)
        elif action == 7:
            job.pass_time(choices.integer(1, 120_000))
        elif action == 8:
            job.take_savepoint()
        elif action == 9 and self.restarts > 0:
            call = choices.pick(WEATHERED)
            self.broker.fail(call, choices.pick(WEATHER)(), choices.pick(["before", "after"]))
        elif job.dead:
            with suppress(SinkError):
                self.zombie_id += 1
                act_as_zombie(choices.pick(job.dead), self.zombie_id, choices.integer(0, 2))

    def write(self) -> None:
        subtask = self.choices.integer(0, self.job.parallelism - 1)
        self.job.write(self.choices.integer(1, 5), subtask)

    def act_meanwhile(self) -> None:
        """The task goes on while a thread commits."""
        action = self.choices.integer(0, 9)
        if action == 0:
            self.write()
        elif action == 1:
            self.job.prepare()


def check_order(broker: ModelBroker) -> None:
    """With one writer at a time, partitions have their records in the order of writing."""
    for partition in range(len(broker.topics[TOPIC])):
        found = [int(r.value or b"") for r in broker.read(TOPIC) if r.partition == partition]
        assert found == sorted(found), found


def act_as_zombie(task: SinkTask, checkpoint_id: int, kind: int) -> None:
    """A task that was replaced and does not know it."""
    if kind == 0:
        # It had been told that this checkpoint was complete.
        task.commit(getattr(task, "completed", 0))
        return
    task.writer.write(RowBatch([ZOMBIE]))
    if kind == 2:
        task.writer.flush(False)
        task.writer.prepare_commit(checkpoint_id)
