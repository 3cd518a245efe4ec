"""A run: feed, job, faults and reader, and what came of it."""

from __future__ import annotations

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end.kafka_chaos.faults import Program, World, plan
from tests.end_to_end.kafka_chaos.feed import Feed
from tests.end_to_end.kafka_chaos.reader import CommittedReader
from tests.services.kafka import KafkaCluster

PARTITIONS = 4
#: A job that commits nothing for so long does not recover.
RECOVERY_LIMIT_S = 180.0
#: So often the next fault comes before the job has recovered from the one before.
HASTE = 0.3

PROGRAMS = {"stream": "stream_program.py", "sql": "sql_program.py"}


@dataclass
class Outcome:
    """What came of a run.

    Attributes:
        recoveries: How long it took from each fault until records that were sent after it were
            committed, in seconds, by fault; -1 where the next fault came first.
    """

    program: str
    seed: int
    records: int = 0
    windows: int = 0
    starts: int = 0
    seconds: float = 0.0
    recoveries: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def faults(self) -> int:
        """How many there were."""
        return sum(map(len, self.recoveries.values()))

    def table(self) -> str:
        """The faults as a table of Markdown."""
        lines = ["| fault | times | recovery, median | longest |", "|---|---|---|---|"]
        for name, took in sorted(self.recoveries.items()):
            waited = [seconds for seconds in took if seconds >= 0]
            middle = f"{statistics.median(waited):.1f} s" if waited else "–"
            longest = f"{max(waited):.1f} s" if waited else "–"
            lines.append(f"| {name} | {len(took)} | {middle} | {longest} |")
        return "\n".join(lines)

    def __str__(self) -> str:
        return (
            f"{self.program}, seed {self.seed}: {self.faults} faults in {self.seconds:.0f} s, "
            f"{self.records:,} records and {self.windows:,} windows, each once and in order; "
            f"the program was started {self.starts} times\n\n{self.table()}"
        )


class Run:
    """One run of a program in a folder.

    Args:
        cluster: Its broker, of its own.
        folder: For checkpoints and logs.
        program: ``stream`` or ``sql``.
        seed: Chooses faults and records.
        rate: Records in a second.
        say: Takes a line for each thing that happens.
    """

    def __init__(
        self,
        cluster: KafkaCluster,
        folder: Path,
        program: str = "stream",
        seed: int = 0,
        rate: int = 1000,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        topics = [cluster.create_topic(name, PARTITIONS) for name in ("records", "counts", "wins")]
        self.outcome = Outcome(program, seed)
        self.choices = random.Random(seed)
        self.feed = Feed(cluster, topics[0], seed, rate)
        self.reader = CommittedReader(cluster, topics[1], topics[2], program == "stream")
        path = Path(__file__).with_name(PROGRAMS[program])
        self.program = Program(path, [cluster.bootstrap_servers, *topics], folder)
        self.world = World(cluster, self.program, self.choices, self.read_for)
        self._say = say
        self._started = time.monotonic()

    def __call__(self, faults: int, kinds: Sequence[Callable[[World], None]] = ()) -> Outcome:
        """Do it, and check what was read; ``kinds`` in place of faults of chance."""
        try:
            self.program.start(parallelism=2)
            self.feed.start()
            self.wait_recovered("the start")
            for fault in kinds or plan(self.choices, faults, self.world.cluster.size):
                self.hurt(fault)
            self.finish()
        finally:
            self.program.stop()
            self.reader.close()
        return self.outcome

    def hurt(self, fault: Callable[[World], None]) -> None:
        """One fault, and perhaps a wait until the job has recovered from it."""
        name = str(fault.__doc__)
        self.say(f"fault {self.outcome.faults + 1}: {name}")
        began = time.monotonic()
        fault(self.world)
        if self.choices.random() < HASTE:
            self.read_for(self.choices.uniform(0, 0.5))
            self.outcome.recoveries[name].append(-1)
            return
        self.wait_recovered(name)
        self.outcome.recoveries[name].append(time.monotonic() - began)

    def wait_recovered(self, what: str) -> None:
        """Wait until all that has been sent by now is committed."""
        sent = self.feed.total + 1
        self._read_until(lambda: self.reader.total >= sent, f"recovery from: {what}")

    def finish(self) -> None:
        """Wait for the last record, and check all of them."""
        self.feed.stop()
        self._read_until(lambda: self.reader.is_complete(self.feed), "the last record")
        self._read_until(self.reader.is_at_end, "the end of what is committed")
        self.reader.check(self.feed)
        self.outcome.records, self.outcome.windows = self.feed.total, len(self.feed.windows)
        self.outcome.starts = self.program.starts
        self.outcome.seconds = time.monotonic() - self._started
        self.say("every record was counted once, in the order of its key")

    def read_for(self, seconds: float) -> None:
        """Go on reading for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._read(min(left, 0.05))

    def say(self, line: str) -> None:
        """Tell what happens."""
        ahead = self.feed.total - self.reader.total
        self._say(f"{time.monotonic() - self._started:6.1f} s  {line} ({ahead} under way)")

    def _read(self, wait_s: float) -> None:
        self.reader.poll(wait_s)
        self.feed.counted = self.reader.total

    def _read_until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + RECOVERY_LIMIT_S
        while not condition():
            self._read(0.05)
            self.program.check_alive()
            assert not self.reader.problems, self.reader.problems[:20]
            assert time.monotonic() < end, (
                f"no {what} in {RECOVERY_LIMIT_S:.0f} s; {self.reader.total} of {self.feed.total} "
                f"records were counted. {self.program.log}:\n{self.program.log.read_text()[-6000:]}"
            )
