"""What can be done to a job between topics of Kafka, and how the job's program is started."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from tests.end_to_end.support import ROOT, children_of, is_running
from tests.services.kafka import KafkaBroker, KafkaCluster

CHECKPOINT_INTERVAL_MS = 300
#: A job dies of no fault: it starts again as often as it takes.
FLAGS = {
    "execution.target": "processes",
    "execution.checkpointing.interval": f"{CHECKPOINT_INTERVAL_MS} ms",
    "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "100000",
    "restart-strategy.fixed-delay.delay": "100 ms",
    "flott.status-line": "off",
}


class Program:
    """The job's program, which holds the coordinator; its workers are its children.

    Attributes:
        starts: How often it has been started.
        parallelism: What it was started with.
    """

    def __init__(self, path: Path, arguments: Sequence[str], folder: Path) -> None:
        self.path = path
        self.arguments = tuple(arguments)
        self.checkpoints = folder / "checkpoints"
        self.log = folder / "program.log"
        self.starts = 0
        self.parallelism = 2
        self._process: subprocess.Popen[bytes] | None = None
        self._orphans: set[int] = set()

    def start(self, parallelism: int) -> None:
        """Start it from the newest checkpoint, if there is one."""
        options = {**FLAGS, "execution.checkpointing.dir": str(self.checkpoints)}
        flags = ["-p", str(parallelism)]
        flags += [part for each in options.items() for part in ("-D", "=".join(each))]
        restored = self.newest_checkpoint()
        if restored is not None:
            flags += ["-s", str(restored)]
        with self.log.open("ab") as output:
            self._process = self._open([*flags, str(self.path), *self.arguments], output)
        self.starts += 1
        self.parallelism = parallelism

    def _open(self, arguments: Sequence[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "flott", "run", *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def newest_checkpoint(self) -> Path | None:
        """The whole checkpoint with the highest number of all runs."""
        found = self.checkpoints.glob("*/chk-*/manifest")
        newest = max(found, key=lambda path: int(path.parent.name[4:]), default=None)
        return None if newest is None else newest.parent

    def workers(self) -> list[int]:
        """The process ids of the workers, in the order of their start."""
        assert self._process is not None, "the program has not been started"
        return sorted(children_of(self._process.pid))

    def kill(self) -> None:
        """SIGKILL to the coordinator alone: the workers have to notice."""
        assert self._process is not None, "the program has not been started"
        self._orphans.update(self.workers())
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it, with all that it has ever started."""
        if self._process is None:
            return
        self.kill()
        for pid in self._orphans:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)

    def check_alive(self) -> None:
        """The program never ends by itself."""
        assert self._process is not None, "the program has not been started"
        code = self._process.poll()
        assert code is None, f"the program ended with {code}:\n{self.log.read_text()[-6000:]}"


class World:
    """What faults act upon; ``wait`` lets the reader read for some seconds."""

    def __init__(
        self,
        cluster: KafkaCluster,
        program: Program,
        choices: random.Random,
        wait: Callable[[float], None],
    ) -> None:
        self.cluster = cluster
        self.program = program
        self.choices = choices
        self.wait = wait

    def worker(self) -> int | None:
        """Some worker, if there is one."""
        workers = self.program.workers()
        return self.choices.choice(workers) if workers else None

    def broker(self) -> KafkaBroker:
        """Some broker."""
        return self.choices.choice(self.cluster.brokers)

    def strike(self, pid: int, number: signal.Signals) -> None:
        """A signal to a process that may be gone."""
        if is_running(pid):
            os.kill(pid, number)


def kill_worker(world: World) -> None:
    """a worker is killed"""
    pid = world.worker()
    if pid is not None:
        world.strike(pid, signal.SIGKILL)


def kill_all_workers(world: World) -> None:
    """all workers are killed"""
    for pid in world.program.workers():
        world.strike(pid, signal.SIGKILL)


def pause_worker(world: World) -> None:
    """a worker stands still, and goes on"""
    pid = world.worker()
    if pid is not None:
        world.strike(pid, signal.SIGSTOP)
        world.wait(world.choices.uniform(0.1, 4.0))
        world.strike(pid, signal.SIGCONT)


def kill_coordinator(world: World) -> None:
    """the coordinator is killed, and started again"""
    world.program.kill()
    world.program.start(world.program.parallelism)


def rescale(world: World) -> None:
    """the coordinator is killed, and started with another parallelism"""
    world.program.kill()
    others = [number for number in (1, 2, 3) if number != world.program.parallelism]
    world.program.start(world.choices.choice(others))


def kill_broker(world: World) -> None:
    """a broker is killed, and started again"""
    broker = world.broker()
    broker.kill()
    world.wait(world.choices.uniform(0, 2))
    world.cluster.restart(broker)


def restart_broker(world: World) -> None:
    """a broker ends in order, and is started again"""
    broker = world.broker()
    broker.terminate()
    world.cluster.restart(broker)


def pause_broker(world: World) -> None:
    """a broker stands still, and goes on"""
    broker = world.broker()
    broker.pause()
    world.wait(world.choices.uniform(0.2, 3.0))
    broker.resume()


#: Every fault, as often as it is to come.
FAULTS = {
    kill_worker: 5,
    kill_all_workers: 1,
    pause_worker: 2,
    kill_coordinator: 2,
    rescale: 2,
    kill_broker: 2,
    restart_broker: 1,
    pause_broker: 2,
}


#: What a broker that is alone survives: when it ends in order it takes transactions for complete
#: whose last markers it can write nowhere any more (Kafka 4.3), and they stay open for ever.
ALONE = FAULTS.keys() - {restart_broker}


def plan(choices: random.Random, count: int, brokers: int = 1) -> list[Callable[[World], None]]:
    """Faults in an order of chance, every kind about as often as it is to come."""
    kinds = {fault: often for fault, often in FAULTS.items() if brokers > 1 or fault in ALONE}
    round_of = [fault for fault, often in kinds.items() for _ in range(often)]
    planned: list[Callable[[World], None]] = []
    while len(planned) < count:
        choices.shuffle(round_of)
        planned += round_of
    return planned[:count]
