"""What every exactly-once sink must do: show each record once, whenever the job dies.

``SinkJob`` writes the numbers 0, 1, 2, ... with as many writers as it has subtasks, takes
checkpoints as a job does, and dies when its ``Fuse`` burns down: between any two calls, and inside
the sink wherever the sink under test calls ``fuse.burn()``. After a crash it starts again from the
last complete checkpoint, at any parallelism. ``check_sink`` has somebody choose all that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flott.core.batch import Batch, RowBatch
from flott.core.sink import Sink
from flott.testing.connectors.choices import Choices, choices_of
from flott.testing.connectors.context import START_MS, SubtaskContext, travel
from flott.testing.harness.clock import ManualClock

#: What a dead subtask writes that does not know of its death yet; nobody may ever see it.
ZOMBIE = -1
#: A job dies at one of so many points, which a run of a few checkpoints reaches.
FUSE_MAX = 60
#: A run has at most so many steps before its last checkpoint.
STEPS_MAX = 15


class Crash(BaseException):
    """The process is gone: nothing that handles errors runs."""


class Fuse:
    """Burns a little at each point where a process can die; at the end it does."""

    def __init__(self) -> None:
        self.left: int | None = None

    def burn(self) -> None:
        """The process can die here."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Crash


@dataclass
class SinkCheckpoint:
    """Everything a restart needs."""

    position: int = 0
    writers: list[Any] = field(default_factory=list)
    #: What is pending of each subtask; it stays together when the parallelism changes.
    committables: list[list[Any]] = field(default_factory=list)
    #: The same of the subtask that commits for all, in sinks that have one.
    commit_writer: list[Any] = field(default_factory=list)
    commit_kept: list[Any] = field(default_factory=list)


class SinkTask:
    """A subtask: writer and committer, and the committables that the sink operator keeps."""

    def __init__(
        self,
        job: SinkJob,
        sink: Sink,
        subtask: int,
        writers: list[Any],
        kept: list[Any],
        commits: bool = True,
    ) -> None:
        parallelism = job.parallelism if sink is job.sink else 1
        self.context = SubtaskContext(subtask, parallelism, job.clock, restored=job.restored_id)
        self.fuse = job.fuse
        self.kept = kept
        self.takes_numbers = sink is job.sink
        self.completed = job.restored_id or 0
        self.committer = sink.create_committer(self.context) if commits else None
        if job.restored_id is not None:
            self.commit(job.restored_id)
        self.writer = sink.create_writer(self.context, writers, self.committer)
        self.fuse.burn()

    def commit(self, checkpoint_id: int) -> None:
        ready = [item for number, item in self.kept if number <= checkpoint_id]
        if ready and self.committer is not None:
            self.committer.commit(ready)
        self.kept = [each for each in self.kept if each[0] > checkpoint_id]
        self.fuse.burn()

    def prepare(self, checkpoint_id: int, is_end: bool = False) -> list[Any]:
        self.writer.flush(is_end)
        self.fuse.burn()
        self.kept += [(checkpoint_id, item) for item in self.writer.prepare_commit(checkpoint_id)]
        self.fuse.burn()
        state = self.writer.snapshot(checkpoint_id)
        self.fuse.burn()
        return state


class SinkJob:
    """Numbers through a sink, step by step.

    Args:
        sink: The sink.
        fuse: What the sink burns where it can die; by default nothing does.
        parallelism: How many subtasks there are at first.
        clock: The clock that ``pass_time`` moves; by default one of the job's own.
        batch_of: Makes a batch of numbers, for sinks that take no ``RowBatch`` of them.

    Attributes:
        position: The next number.
        last: The last complete checkpoint.
    """

    def __init__(
        self,
        sink: Sink,
        fuse: Fuse | None = None,
        parallelism: int = 1,
        clock: ManualClock | None = None,
        batch_of: Callable[[list[int]], Batch] = RowBatch,
    ) -> None:
        self.sink = sink
        self.fuse = fuse or Fuse()
        self.clock = clock or ManualClock(START_MS)
        self.batch_of = batch_of
        self.position = 0
        self.checkpoint_id = 0
        self.restored_id: int | None = None
        self.last = SinkCheckpoint()
        self.dead: list[SinkTask] = []
        self.tasks: list[SinkTask] = []
        self.commits: SinkTask | None = None
        self.start(parallelism)

    def start(self, parallelism: int) -> None:
        """Start from the last complete checkpoint."""
        self.parallelism = parallelism
        last = travel(self.last)
        self.position = last.position
        self.tasks, self.commits = [], None
        sink = self.sink.create_commit_sink()
        for subtask in range(parallelism):
            share = slice(subtask, None, parallelism)
            kept = [item for pending in last.committables[share] for item in pending]
            writers = last.writers[share]
            self.tasks.append(SinkTask(self, self.sink, subtask, writers, kept, sink is None))
        if sink is not None:
            self.commits = SinkTask(self, sink, 0, last.commit_writer, last.commit_kept)

    @property
    def all_tasks(self) -> list[SinkTask]:
        """The subtasks that write, and the one that commits for them, if there is one."""
        return self.tasks if self.commits is None else [*self.tasks, self.commits]

    def write(self, count: int, subtask: int = 0) -> None:
        """Write the next numbers."""
        values = list(range(self.position, self.position + count))
        self.position += count
        batch = self.batch_of(values)
        before = list(batch.values) if isinstance(batch, RowBatch) else []
        self.tasks[subtask].writer.write(batch)
        if isinstance(batch, RowBatch):
            same = batch.values == before
            assert same, "the writer changed the records of a batch; others may read it, too"
        self.fuse.burn()

    def pass_time(self, ms: int) -> None:
        """Let time pass and make the calls that are due."""
        self.clock.set(self.clock.now_ms() + ms)
        for task in self.all_tasks:
            task.context.advance(0)
        self.fuse.burn()

    def take_checkpoint(self, is_complete: bool = True, is_end: bool = False) -> None:
        """Take a checkpoint; one that does not complete is one that was declined."""
        self.checkpoint_id += 1
        number = self.checkpoint_id
        writers = [item for task in self.tasks for item in task.prepare(number, is_end)]
        checkpoint = SinkCheckpoint(self.position, writers)
        if self.commits is not None:
            self._hand_over(self.commits)
            checkpoint.commit_writer = self.commits.prepare(number, is_end)
            checkpoint.commit_kept = self.commits.kept
        if not is_complete:
            return
        checkpoint.committables = [task.kept for task in self.tasks]
        self.last = travel(checkpoint)
        self.restored_id = number
        for task in self.all_tasks:
            task.completed = number
        self.fuse.burn()
        for task in self.all_tasks:
            task.commit(number)

    def _hand_over(self, commits: SinkTask) -> None:
        """Send what writers have prepared to the subtask that commits for them."""
        for task in self.tasks:
            if task.kept:
                commits.writer.write(RowBatch(travel(task.kept)))
            task.kept = []

    def advance_watermark(self, timestamp: int) -> None:
        """Tell all writers how far event time is."""
        for task in self.all_tasks:
            task.writer.advance_watermark(timestamp)

    def crash(self, parallelism: int, keeps_zombies: bool = False) -> None:
        """Die without a word and start again; zombies keep what they hold open."""
        self.kill(keeps_zombies)
        self.start(parallelism)

    def kill(self, keeps_zombies: bool) -> None:
        """Die without a word."""
        if keeps_zombies:
            self.dead += self.all_tasks
        for task in self.all_tasks:
            # Nothing refers to the writers any more, so the files they hold are closed.
            task.context.scheduled.clear()
        self.tasks, self.commits = [], None

    def fail(self, parallelism: int) -> None:
        """Die in order, writers and committers are closed, and start again."""
        self.close()
        self.start(parallelism)

    def close(self) -> None:
        """Close writers and committers."""
        for task in self.all_tasks:
            task.writer.close()
            if task.committer is not None:
                task.committer.close()

    def finish(self) -> None:
        """Take the last checkpoint, and end."""
        self.take_checkpoint(is_end=True)
        self.close()


def run_step(choices: Choices, job: SinkJob) -> None:
    """Take a step that somebody chooses."""
    action = choices.pick(["write", "write", "write", "checkpoint", "time", "zombie"])
    if action == "write":
        job.write(choices.integer(1, 30), choices.integer(0, job.parallelism - 1))
    elif action == "checkpoint":
        job.take_checkpoint(is_complete=choices.boolean())
    elif action == "time":
        job.pass_time(choices.integer(1, 120_000))
    elif job.dead:
        try:
            haunt(choices, job)
        except Exception:  # a zombie that is told of its death, as by fencing, is gone
            job.dead.pop()


def haunt(choices: Choices, job: SinkJob) -> None:
    """Have a subtask go on that is dead and does not know: write, or commit what was completed."""
    task = job.dead[-1]
    if choices.boolean() or not task.takes_numbers:
        task.commit(task.completed)
        return
    writer = task.writer
    writer.write(job.batch_of([ZOMBIE]))
    if choices.boolean():
        writer.flush(False)
        writer.prepare_commit(job.checkpoint_id + 1)
        writer.snapshot(job.checkpoint_id + 1)


def check_sink(
    choices: Any,
    make_sink: Callable[[Fuse], Sink],
    read: Callable[[], Iterable[int]],
    clock: ManualClock | None = None,
    batch_of: Callable[[list[int]], Batch] = RowBatch,
    has_zombies: bool = True,
) -> SinkJob:
    """Whenever the job dies, what can be read in the end is each number once.

    Before the end, nothing is visible that no complete checkpoint covers, and nothing twice.

    Args:
        choices: A seed, or what ``hypothesis.strategies.data()`` gives.
        make_sink: Makes the sink; it may call ``fuse.burn()`` wherever it could die.
        read: The numbers that readers of the outside system see now.
        clock: The clock that time passes on, if the outside system looks at it, too.
        batch_of: Makes a batch of numbers, for sinks that take no ``RowBatch`` of them.
        has_zombies: Whether subtasks that are dead go on writing for a while, as they do when a
            machine is cut off from the network.

    Returns:
        The job at its end.

    Raises:
        AssertionError: Readers saw something else; the message says what.
    """
    chooser = choices_of(choices)
    fuse = Fuse()
    crashes = chooser.integer(0, 4)
    job = SinkJob(make_sink(fuse), fuse, chooser.integer(1, 3), clock, batch_of)
    fuse.left = chooser.integer(0, FUSE_MAX) if crashes else None
    steps = chooser.integer(0, STEPS_MAX)
    while True:
        try:
            if not job.tasks:
                job.start(chooser.integer(1, 3))
            while steps:
                steps -= 1
                run_step(chooser, job)
                check_visible(job, read())
            job.take_checkpoint(is_end=True)
            break
        except Crash:
            crashes -= 1
            job.kill(keeps_zombies=has_zombies and chooser.boolean())
            fuse.left = chooser.integer(0, FUSE_MAX) if crashes else None
    fuse.left = None
    job.fail(chooser.integer(1, 3))  # what was committed is committed again
    job.close()
    check_all_there(job, list(read()))
    return job


def check_visible(job: SinkJob, visible: Iterable[int]) -> None:
    """Readers see no record twice, and none that no complete checkpoint covers."""
    counts = Counter(visible)
    twice = sorted(number for number, count in counts.items() if count > 1)
    assert not twice, f"visible twice: {twice[:10]}"
    early = sorted(number for number in counts if not 0 <= number < job.last.position)
    assert not early, (
        f"visible though no complete checkpoint covers them: {early[:10]} ({ZOMBIE} was written by "
        f"a subtask after its death); covered are the numbers below {job.last.position}"
    )


def check_all_there(job: SinkJob, visible: Sequence[int]) -> None:
    """Each number is visible once."""
    check_visible(job, visible)
    missing = sorted(set(range(job.position)) - set(visible))
    assert not missing, f"never visible: {missing[:10]}"
