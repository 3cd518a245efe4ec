"""A job ends when its last commit has ended, however slow that is, and not if it failed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from flott.common import Configuration
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.sink import Committer, Sink, SinkWriter
from flott.datastream import StreamExecutionEnvironment


class Files(Sink):
    """Each committable becomes a file; the first commits fail as often as asked."""

    def __init__(self, folder: Path, failures: int = 0) -> None:
        self.folder = folder
        self.failures = failures

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        return Rows()

    def create_committer(self, context: OperatorContext) -> Committer:
        return Slow(self.folder, self.failures)


class Rows(SinkWriter):
    def __init__(self) -> None:
        self.rows: list[Any] = []

    def write(self, batch: Batch) -> None:
        assert isinstance(batch, RowBatch)
        self.rows += batch.values

    def prepare_commit(self, checkpoint_id: int) -> list[Any]:
        rows, self.rows = self.rows, []
        return [(checkpoint_id, rows)] if rows else []


class Slow(Committer):
    is_slow = True

    def __init__(self, folder: Path, failures: int) -> None:
        self.folder = folder
        self.failures = failures

    def commit(self, committables: Sequence[Any]) -> None:
        tried = len(list(self.folder.glob("tried-*")))
        (self.folder / f"tried-{tried}").touch()
        if tried < self.failures:
            raise ConnectionError("the outside system is away")
        for number, rows in committables:
            (self.folder / f"rows-{number}").write_text("\n".join(map(str, rows)))


def run(folder: Path, failures: int, **options: str) -> list[int]:
    configuration = Configuration.from_dict(
        {
            "execution.checkpointing.interval": "1 h",
            "execution.checkpointing.dir": (folder / "checkpoints").as_uri(),
            "restart-strategy.type": "fixed-delay",
            "restart-strategy.fixed-delay.attempts": "2",
            "restart-strategy.fixed-delay.delay": "1 ms",
            **options,
        }
    )
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.from_collection(list(range(100))).sink_to(Files(folder, failures))
    env.execute("slow")
    return sorted(
        int(line) for path in folder.glob("rows-*") for line in path.read_text().splitlines()
    )


@pytest.mark.parametrize("target", ["embedded", "processes"])
@pytest.mark.parametrize("failures", [0, 1])
def test_the_end_waits_for_the_last_commit(tmp_path: Path, target: str, failures: int) -> None:
    assert run(tmp_path, failures, **{"execution.target": target}) == list(range(100))


def test_a_last_commit_that_keeps_failing_fails_the_job(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="the outside system is away"):
        run(tmp_path, 9)
