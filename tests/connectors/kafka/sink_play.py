"""Everything that may happen to a job with a Kafka sink, chosen by somebody.

Writes, checkpoints that complete or not, savepoints, time that passes so that transactions time
out, errors of clients before or after their calls' effect, deaths within any call of a client, and
former tasks that do not know that they were replaced. While a commit waits for the broker, the task
goes on. Markers are sent at once, or much later, or never.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from flott.common.errors import SinkError
from flott.connectors.kafka.client.ports import ClientError
from flott.core.batch import RowBatch
from flott.testing.connectors import Crash
from flott.testing.connectors.choices import Choices
from flott.testing.connectors.sink_suite import ZOMBIE, SinkTask, check_all_there, check_visible
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.sink_jobs import TOPIC, KafkaJob, all_visible

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
        is_storm: Whether there is more bad luck than usual.
        options: Of the sink.
    """

    def __init__(
        self,
        choices: Choices,
        broker: ModelBroker,
        parallelism_max: int = 3,
        is_storm: bool = False,
        **options: Any,
    ) -> None:
        self.choices = choices
        self.broker = broker
        self.parallelism_max = parallelism_max
        self.job = KafkaJob(broker, choices.integer(1, parallelism_max), **options)
        self.job.meanwhile = self.act_meanwhile
        self.job.while_starting = self.act_while_starting
        lateness = choices.integer(0, 2)  # never, now and then, always
        self.job.beside.are_late = lambda: lateness > 1 or (lateness > 0 and choices.boolean())
        self.is_storm = is_storm
        #: Whether each subtask keeps its marker with the topic of its own first record.
        self.scatters_markers = "topic" in options and options["topic"] is None
        self.restarts = choices.integer(4 if is_storm else 0, 4)
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
        if job.dead or self.scatters_markers:
            # One that believes that it is alive may hold up readers until its transaction is over,
            # and so may one that is not there at a lower parallelism, if its marker is not found.
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
            assert self.restarts > -10, "the job does not come back"
            try:
                self.job.start(self.choices.integer(1, self.parallelism_max))
            except (Crash, SinkError):
                self.job.kill(self.choices.boolean())
        return False

    def step(self) -> None:
        job, choices = self.job, self.choices
        action = choices.integer(3 if self.is_storm else 0, 12)
        if job.beside.has_late and choices.integer(0, 2) == 0:
            job.beside.make_one()
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
            self.rise(choices.integer(0, 2))

    def rise(self, kind: int) -> None:
        """A former task does something; it may be refused."""
        with suppress(SinkError):
            self.zombie_id += 1
            act_as_zombie(self.choices.pick(self.job.dead), self.zombie_id, kind)

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
        elif action <= 3:
            self.job.beside.make_one()

    def act_while_starting(self) -> None:
        """Former tasks commit what they were told to."""
        odds = 1 if self.is_storm else 9
        if self.job.dead and self.restarts > 0 and self.choices.integer(0, odds) == 0:
            self.rise(0)


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
