"""Partitions of tables of files are announced when they are complete, and small files joined."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.common.errors import ConfigurationError, SinkError, UnsupportedFeature
from flott.connectors.files.partition_commit import CommittedPartition, PartitionCommitPolicy
from flott.connectors.files.partition_time import PartitionTime, read_time
from flott.connectors.tables import find_table_factory
from flott.core.column_batch import ColumnBatch
from flott.core.sink import Sink
from flott.core.table import TableDescription
from flott.table import EnvironmentSettings, TableEnvironment
from flott.testing.connectors import Fuse, SinkJob, check_sink
from tests.connectors.tables.table_io import describe, read_rows

HOUR_MS = 3_600_000
EIGHT_MS = 1_704_096_000_000  # 2024-01-01 08:00 UTC
COLUMNS = {"a": t.IntType(), "dt": t.STRING, "hr": t.STRING}
BY_TIME = {
    "sink.partition-commit.trigger": "partition-time",
    "sink.partition-commit.delay": "1 h",
    "partition.time-extractor.timestamp-pattern": "$dt $hr:00:00",
}


def table_at(path: Path, file_format: str = "json", **more: str) -> TableDescription:
    options = {
        "connector": "filesystem",
        "path": path,
        "format": file_format,
        "sink.partition-commit.policy.kind": "success-file",
        **more,
    }
    return describe(COLUMNS, options, ("dt", "hr"))


def sink_of(table: TableDescription) -> Sink:
    return find_table_factory(table).create_sink(table).create_sink(())


def rows_at(hour: int) -> Any:
    """Batches of numbers, all in the partition of an hour."""

    def make(numbers: list[int]) -> ColumnBatch:
        count = len(numbers)
        return ColumnBatch(
            pl.DataFrame(
                {
                    "f0": pl.Series(numbers, dtype=pl.Int32),
                    "f1": ["2024-01-01"] * count,
                    "f2": [f"{hour:02}"] * count,
                }
            )
        )

    return make


def job_at(path: Path, hour: int = 8, parallelism: int = 1, **more: str) -> SinkJob:
    sink = sink_of(table_at(path, **more))
    return SinkJob(sink, parallelism=parallelism, batch_of=rows_at(hour))


def announced(path: Path, name: str = "_SUCCESS") -> list[str]:
    return sorted(each.parent.name for each in path.rglob(name))


def visible(path: Path) -> list[Path]:
    return sorted(path.rglob("part-*"))


# --- when ----------------------------------------------------------------------------------------


def test_a_partition_is_complete_when_the_watermark_has_passed_it(tmp_path: Path) -> None:
    job = job_at(tmp_path, **BY_TIME)
    job.write(3)
    job.advance_watermark(EIGHT_MS + HOUR_MS - 1)
    job.take_checkpoint()
    assert announced(tmp_path) == []
    job.advance_watermark(EIGHT_MS + HOUR_MS)
    assert announced(tmp_path) == [], "only with a checkpoint"
    job.take_checkpoint()
    assert announced(tmp_path) == ["hr=08"]
    assert len(visible(tmp_path)) == 1, "open files of a complete partition are closed"


def test_nothing_is_announced_before_all_writers_have_passed_it(tmp_path: Path) -> None:
    job = job_at(tmp_path, parallelism=2, **BY_TIME)
    job.write(1, 0)
    job.write(1, 1)
    assert job.commits is not None
    job.tasks[0].writer.advance_watermark(EIGHT_MS + 2 * HOUR_MS)
    job.take_checkpoint()
    assert announced(tmp_path) == []
    job.advance_watermark(EIGHT_MS + 2 * HOUR_MS)
    job.take_checkpoint()
    assert announced(tmp_path) == ["hr=08"]
    assert len(visible(tmp_path)) == 2


def test_a_checkpoint_that_fails_announces_nothing(tmp_path: Path) -> None:
    job = job_at(tmp_path, **BY_TIME)
    job.write(1)
    job.advance_watermark(EIGHT_MS + HOUR_MS)
    job.take_checkpoint(is_complete=False)
    assert announced(tmp_path) == []
    job.crash(2)
    job.write(1)
    job.take_checkpoint()
    assert announced(tmp_path) == [], "the watermark has to come again"
    job.advance_watermark(EIGHT_MS + HOUR_MS)
    job.take_checkpoint()
    assert announced(tmp_path) == ["hr=08"]


def test_a_partition_that_waits_is_not_forgotten(tmp_path: Path) -> None:
    job = job_at(tmp_path, **BY_TIME)
    job.write(1)
    job.take_checkpoint()
    job.crash(3)
    job.advance_watermark(EIGHT_MS + HOUR_MS)
    job.take_checkpoint()
    assert announced(tmp_path) == ["hr=08"]


def test_late_rows_complete_a_partition_once_more(tmp_path: Path) -> None:
    Recording.seen.clear()
    more = {
        "sink.partition-commit.policy.kind": "custom,success-file",
        "sink.partition-commit.policy.class": f"{__name__}:Recording",
        "sink.partition-commit.policy.class.parameters": "a;b",
    }
    job = job_at(tmp_path, **{**BY_TIME, **more})
    for _ in range(2):
        job.write(1)
        job.advance_watermark(EIGHT_MS + HOUR_MS)
        job.take_checkpoint()
    expected = ("a", "b", str(tmp_path / "dt=2024-01-01" / "hr=08"), "08", False)
    assert Recording.seen == [expected, (*expected[:-1], True)]


class Recording(PartitionCommitPolicy):
    """Notes what it is told, and whether the success file was there already."""

    seen: list[Any] = []

    def __init__(self, first: str, second: str) -> None:
        self._texts = (first, second)

    def commit(self, partition: CommittedPartition) -> None:
        has_file = (Path(partition.path) / "_SUCCESS").exists()
        self.seen.append((*self._texts, partition.path, partition.values["hr"], has_file))


def test_by_the_clock(tmp_path: Path) -> None:
    job = job_at(tmp_path, **{"sink.partition-commit.delay": "10 s"})
    job.write(1)
    job.take_checkpoint()
    job.pass_time(10_001)
    job.write(1)
    job.take_checkpoint()
    job.take_checkpoint()
    assert announced(tmp_path) == []
    job.pass_time(10_001)
    job.take_checkpoint()
    assert announced(tmp_path) == ["hr=08"]


def test_by_the_clock_without_delay(tmp_path: Path) -> None:
    job = job_at(tmp_path)
    job.write(1)
    job.take_checkpoint()
    assert announced(tmp_path) == ["hr=08"]


def test_the_end_completes_everything(tmp_path: Path) -> None:
    more = {"sink.partition-commit.success-file.name": "_DONE"}
    job = job_at(tmp_path, **{**BY_TIME, **more})
    job.write(1)
    job.finish()
    assert announced(tmp_path, "_DONE") == ["hr=08"]


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_whenever_the_job_dies_each_row_is_there_once_and_announced(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("out")
    file_format = data.draw(st.sampled_from(["json", "csv", "parquet"]))
    joins = {"auto-compaction": "true", "compaction.file-size": data.draw(SIZES)}
    more = {} if data.draw(st.booleans()) else joins
    table = table_at(folder, file_format, **{**BY_TIME, **more})

    def read() -> list[int]:
        return [row[0] for row in read_rows(table)] if any(folder.rglob("*part-*")) else []

    job = check_sink(data, lambda fuse: Burning(sink_of(table), fuse), read, batch_of=rows_at(8))
    assert announced(folder) == (["hr=08"] if job.position else [])


SIZES = st.sampled_from(["1 b", "60 b", "1 mb"])


class Burning(Sink):
    """A sink that can die in the middle of its commits."""

    def __init__(self, inner: Sink, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def create_writer(self, context: Any, restored: list[Any], committer: Any) -> Any:
        return self._inner.create_writer(context, restored, committer)

    def create_commit_sink(self) -> Sink | None:
        inner = self._inner.create_commit_sink()
        return None if inner is None else Burning(inner, self._fuse)

    def create_committer(self, context: Any) -> Any:
        committer, fuse = self._inner.create_committer(context), self._fuse
        assert committer is not None
        commit = committer.commit

        def commit_some(committables: Any) -> None:
            fuse.burn()
            commit(committables[: len(committables) // 2])
            fuse.burn()
            commit(committables)

        committer.commit = commit_some  # type: ignore[method-assign]
        return committer


# --- which time ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hour"), [("2024-01-01", 0), ("2024-1-1 8:05:06", 8), ("2024-01-01T08:05:06.25", 8)]
)
def test_times_are_read_leniently(text: str, hour: int) -> None:
    moment = read_time(text)
    assert (moment.date(), moment.hour) == (datetime.date(2024, 1, 1), hour)


def test_a_time_in_a_zone_by_a_pattern_of_ones_own() -> None:
    time = PartitionTime(
        ("day", "h"), "NONE", "$day/$h", formatter="yyyyMMdd/HH", zone="Europe/Berlin"
    )
    assert time.find("day=20240101/h=09") == EIGHT_MS


def test_a_function_of_ones_own_finds_the_time() -> None:
    time = PartitionTime(("year",), "NONE", extract=new_year)
    assert time.find("year=1970") == 0


def new_year(keys: Any, values: Any) -> datetime.datetime:
    assert list(keys) == ["year"]
    return datetime.datetime(int(values[0]), 1, 1)


@pytest.mark.parametrize("folder", ["dt=tomorrow", "dt=NONE", "dt=2024-13-01"])
def test_a_partition_without_a_time_is_named(folder: str) -> None:
    with pytest.raises(SinkError, match=f"Partition {folder} has no time"):
        PartitionTime(("dt",), "NONE").find(folder)


# --- joined files --------------------------------------------------------------------------------


@pytest.mark.parametrize("file_format", ["json", "csv", "parquet", "avro", "orc"])
def test_files_of_a_checkpoint_are_joined(tmp_path: Path, file_format: str) -> None:
    table = table_at(tmp_path, file_format, **{"auto-compaction": "true"})
    job = SinkJob(sink_of(table), parallelism=3, batch_of=rows_at(8))
    for subtask in range(3):
        job.write(2, subtask)
    job.take_checkpoint()
    (joined,) = visible(tmp_path)
    assert joined.name.startswith("part-compacted-")
    assert sorted(row[0] for row in read_rows(table)) == list(range(6))
    job.finish()


def test_joined_files_keep_to_a_size(tmp_path: Path) -> None:
    more = {"auto-compaction": "true", "compaction.file-size": "20 b"}
    table = table_at(tmp_path, **more)
    job = SinkJob(sink_of(table), parallelism=3, batch_of=rows_at(8))
    for subtask in range(3):
        job.write(1, subtask)
    job.take_checkpoint()
    assert [path.stat().st_size for path in visible(tmp_path)] in ([16, 8], [8, 16])


# --- whole jobs, and what is refused -------------------------------------------------------------


@pytest.mark.parametrize("parallelism", [1, 2])
def test_a_job_announces_partitions(tmp_path: Path, parallelism: int) -> None:
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    environment.get_config().set("parallelism.default", str(parallelism))
    environment.get_config().set("execution.checkpointing.interval", "50 ms")
    environment.execute_sql(
        f"""CREATE TABLE t (a INT, dt STRING) PARTITIONED BY (dt) WITH (
            'connector' = 'filesystem', 'path' = '{tmp_path}', 'format' = 'json',
            'auto-compaction' = 'true', 'sink.partition-commit.trigger' = 'partition-time',
            'sink.partition-commit.policy.kind' = 'success-file')"""
    )
    insert = "INSERT INTO t VALUES (1, '2024-01-01'), (2, '2024-01-02'), (3, '2024-01-01')"
    assert "SinkCommitter(table=[t]" in environment.explain_sql(insert).replace(
        "default_catalog.default_database.", ""
    )
    environment.execute_sql(insert).wait(60_000)
    assert announced(tmp_path) == ["dt=2024-01-01", "dt=2024-01-02"]
    with environment.execute_sql("SELECT a FROM t").collect() as rows:
        assert sorted(row[0] for row in rows) == [1, 2, 3]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"sink.partition-commit.policy.kind": "custom"}, "policy.class"),
        (
            {
                "sink.partition-commit.policy.kind": "custom",
                "sink.partition-commit.policy.class": "no.such:Thing",
            },
            "cannot find 'no.such:Thing'",
        ),
        ({**BY_TIME, "sink.partition-commit.watermark-time-zone": "Mars"}, "no time zone 'Mars'"),
        ({**BY_TIME, "partition.time-extractor.timestamp-formatter": "Q"}, "The letter 'Q'"),
        ({"sink.partition-commit.trigger": "never"}, "never"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, options: dict[str, str], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        sink_of(table_at(tmp_path, **options))


def test_there_is_no_metastore(tmp_path: Path) -> None:
    more = {"sink.partition-commit.policy.kind": "metastore,success-file"}
    with pytest.raises(UnsupportedFeature, match="no metastore"):
        sink_of(table_at(tmp_path, **more))
