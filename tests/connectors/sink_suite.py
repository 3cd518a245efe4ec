"""What every exactly-once sink must do: show each record once, whenever the job dies.

``SinkJob`` writes the numbers 0, 1, 2, ... with as many writers as it has subtasks, takes
checkpoints as a job does, and dies when its ``Fuse`` burns down: between any two calls, and inside
the sink wherever the sink under test calls ``fuse.burn()``. After a crash it starts again from the
last complete checkpoint, at any parallelism. ``check_exactly_once`` has Hypothesis choose all that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from flott.core.batch import RowBatch
from flott.core.sink import Sink
from tests.connectors.fakes import FakeContext, ManualClock, travel


class Crash(BaseException):
    """The process is gone: nothing that handles errors runs."""


class Fuse:
    """Burns a little at each point where a process can die; at the end it does."""

    def __init__(self) -> None:
        self.left: int | None = None

    def burn(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Crash


@dataclass
class SinkCheckpoint:
    position: int = 0
    writers: list[Any] = field(default_factory=list)
    committables: list[Any] = field(default_factory=list)


class SinkTask:
    """A subtask: writer and committer, and the committables that the sink operator keeps."""

    def __init__(self, job: SinkJob, subtask: int, writers: list[Any], kept: list[Any]) -> None:
        self.context = FakeContext(subtask, job.parallelism, job.clock, restored=job.restored_id)
        self.fuse = job.fuse
        self.kept = kept
        self.committer = job.sink.create_committer(self.context)
        if job.restored_id is not None:
            self.commit(job.restored_id)
        self.writer = job.sink.create_writer(self.context, writers, self.committer)
        self.fuse.burn()

    def commit(self, checkpoint_id: int) -> None:
        ready = [item for number, item in self.kept if number <= checkpoint_id]
        if ready:
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
    """Numbers through a sink."""

    def __init__(self, sink: Sink, fuse: Fuse | None = None, parallelism: int = 1) -> None:
        self.sink = sink
        self.fuse = fuse or Fuse()
        self.clock = ManualClock()
        self.position = 0
        self.checkpoint_id = 0
        self.restored_id: int | None = None
        self.last = SinkCheckpoint()
        self.dead: list[SinkTask] = []
        self.tasks: list[SinkTask] = []
        self.start(parallelism)

    def start(self, parallelism: int) -> None:
        self.parallelism = parallelism
        last = travel(self.last)
        self.position = last.position
        self.tasks = []
        for subtask in range(parallelism):
            share = slice(subtask, None, parallelism)
            self.tasks.append(
                SinkTask(self, subtask, last.writers[share], last.committables[share])
            )

    def write(self, count: int, subtask: int = 0) -> None:
        values = list(range(self.position, self.position + count))
        self.position += count
        self.tasks[subtask].writer.write(RowBatch(values))
        self.fuse.burn()

    def pass_time(self, ms: int) -> None:
        self.clock.time_ms += ms
        for task in self.tasks:
            task.context.advance(0)
        self.fuse.burn()

    def take_checkpoint(self, is_complete: bool = True, is_end: bool = False) -> None:
        self.checkpoint_id += 1
        number = self.checkpoint_id
        writers = [item for task in self.tasks for item in task.prepare(number, is_end)]
        if not is_complete:
            return
        kept = [item for task in self.tasks for item in task.kept]
        self.last = travel(SinkCheckpoint(self.position, writers, kept))
        self.restored_id = number
        self.fuse.burn()
        for task in self.tasks:
            task.commit(number)

    def crash(self, parallelism: int, keeps_zombies: bool = False) -> None:
        """Die without a word; zombies keep their files open."""
        self.kill(keeps_zombies)
        self.start(parallelism)

    def kill(self, keeps_zombies: bool) -> None:
        if keeps_zombies:
            self.dead += self.tasks
        for task in self.tasks:
            # Nothing refers to the writers any more, so the files they hold are closed.
            task.context.scheduled.clear()
        self.tasks = []

    def fail(self, parallelism: int) -> None:
        """Die in order: writers and committers are closed."""
        self.close()
        self.start(parallelism)

    def close(self) -> None:
        for task in self.tasks:
            task.writer.close()
            task.committer.close()

    def finish(self) -> None:
        self.take_checkpoint(is_end=True)
        self.close()


def draw_step(draw: Any, job: SinkJob) -> None:
    action = draw(st.sampled_from(["write", "write", "write", "checkpoint", "time", "zombie"]))
    if action == "write":
        job.write(draw(st.integers(1, 30)), draw(st.integers(0, job.parallelism - 1)))
    elif action == "checkpoint":
        job.take_checkpoint(is_complete=draw(st.booleans()))
    elif action == "time":
        job.pass_time(draw(st.integers(1, 120_000)))
    elif job.dead:
        writer = job.dead[-1].writer
        writer.write(RowBatch([-1]))
        if draw(st.booleans()):
            writer.flush(False)
            writer.prepare_commit(job.checkpoint_id + 1)
            writer.snapshot(job.checkpoint_id + 1)


def check_exactly_once(
    draw: Any, make_sink: Callable[[Fuse], Sink], read: Callable[[], list[int]]
) -> SinkJob:
    """Whenever the job dies, what can be read in the end is each number once."""
    fuse = Fuse()
    job = SinkJob(make_sink(fuse), fuse, draw(st.integers(1, 3)))
    crashes = draw(st.integers(0, 4))
    fuse.left = draw(st.integers(0, 60)) if crashes else None
    steps = draw(st.integers(0, 15))
    while True:
        try:
            if not job.tasks:
                job.start(draw(st.integers(1, 3)))
            while steps:
                steps -= 1
                draw_step(draw, job)
                assert_nothing_early(job, read())
            job.take_checkpoint(is_end=True)
            break
        except Crash:
            crashes -= 1
            job.kill(keeps_zombies=draw(st.booleans()))
            fuse.left = draw(st.integers(0, 60)) if crashes else None
    fuse.left = None
    job.close()
    assert sorted(read()) == list(range(job.position))
    return job


def assert_nothing_early(job: SinkJob, visible: list[int]) -> None:
    """Readers see no record twice, and none that no complete checkpoint covers."""
    counts = Counter(visible)
    assert not [number for number, count in counts.items() if count > 1]
    assert all(0 <= number < job.last.position for number in counts)
