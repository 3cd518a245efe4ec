"""Exactly once: a worker process dies, and no record is lost or written twice.

Two workers write numbers to files. In the first attempt the process that comes to a certain number
kills itself, as an empty machine or an impatient kernel would. The job goes on from its last
checkpoint; files that no checkpoint covers are never seen by readers.
"""

import os
import signal
import tempfile
from pathlib import Path

from flott.common import Configuration, Encoder
from flott.datastream import MapFunction, RuntimeContext, StreamExecutionEnvironment
from flott.datastream.connectors.file_system import BucketAssigner, FileSink

COUNT = 400_000
FATAL = 390_000


class DieOnce(MapFunction[int, int]):
    """Passes numbers on; the first time it sees FATAL, its process dies."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self._is_first_attempt = runtime_context.get_attempt_number() == 0

    def map(self, value: int) -> int:
        if value == FATAL and self._is_first_attempt:
            os.kill(os.getpid(), signal.SIGKILL)
        return value


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        restarts = run(Path(folder))
        files = sorted((Path(folder) / "numbers").glob("part-*"))
        numbers = sorted(int(line) for file in files for line in file.open())
    print(f"restarts: {restarts}")
    print(f"numbers written: {len(numbers):,}")
    print(f"each exactly once: {numbers == list(range(1, COUNT + 1))}")


def run(folder: Path) -> int:
    """Run the job to its end; tell how often it was begun again."""
    configuration = Configuration()
    configuration.set_string("execution.target", "processes")
    configuration.set_string("execution.checkpointing.dir", str(folder / "checkpoints"))
    configuration.set_string("restart-strategy.type", "fixed-delay")
    configuration.set_string("restart-strategy.fixed-delay.delay", "100 ms")
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(2)
    env.enable_checkpointing(50)
    sink = (
        FileSink.for_row_format(str(folder / "numbers"), Encoder.simple_string_encoder())
        .with_bucket_assigner(BucketAssigner.base_path_bucket_assigner())
        .build()
    )
    env.from_sequence(1, COUNT).map(DieOnce()).rebalance().sink_to(sink)
    client = env.execute_async("numbers")
    client.get_job_execution_result().result()
    return client.get_progress().restarts


if __name__ == "__main__":
    main()
