from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.common.errors import (
    ConfigurationError,
    MalformedRecordError,
    SourceError,
    UnsupportedFeature,
)
from flott.connectors.files.column_sink import ColumnFileSink
from flott.connectors.tables import find_table_factory
from flott.core.batch import Batch, RowBatch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.sink import Committer, Sink, SinkWriter
from flott.core.table import ChangelogMode, TableDescription
from flott.testing.connectors import Fuse, check_sink, check_source
from tests.connectors.fakes import FakeContext
from tests.connectors.tables.table_io import (
    batch_of,
    describe,
    read_changes,
    read_rows,
    write_batches,
    write_rows,
)

INT = t.IntType()
DAY = datetime.date(2024, 1, 1)
PARTITIONED = {"a": INT, "dt": t.DateType(), "hr": INT}


def table_at(
    path: Path,
    columns: dict[str, t.DataType],
    file_format: str = "json",
    partitions: tuple[str, ...] = (),
    is_streaming: bool = True,
    **options: Any,
) -> TableDescription:
    named = {key.replace("__", ".").replace("_", "-"): value for key, value in options.items()}
    options = {"connector": "filesystem", "path": path, "format": file_format, **named}
    return describe(columns, options, partitions, is_streaming=is_streaming)


def source_of(table: TableDescription, columns: list[str]) -> Any:
    return find_table_factory(table).create_source(table).create_source(columns, ())


@pytest.mark.parametrize("file_format", ["json", "csv", "parquet", "avro", "orc", "debezium-json"])
def test_rows_written_are_read_again(tmp_path: Path, file_format: str) -> None:
    table = table_at(tmp_path, {"a": INT, "s": t.STRING}, file_format)
    write_rows(table, [(1, "x"), (2, "y, z")])
    assert sorted(read_rows(table)) == [(1, "x"), (2, "y, z")]
    assert read_rows(table, ["s"], rows_max=1) == [("x",), ("y, z",)]
    assert read_rows(table, []) == [(), ()]


def test_hidden_files_are_not_read(tmp_path: Path) -> None:
    for name in ("a.json", "_SUCCESS", ".b.json"):
        (tmp_path / name).write_text('{"a":1}\n')
    assert read_rows(table_at(tmp_path, {"a": INT})) == [(1,)]


def test_a_pattern_chooses_files(tmp_path: Path) -> None:
    for name in ("a1.json", "b1.json"):
        (tmp_path / name).write_text(f'{{"a":{ord(name[0])}}}\n')
    table = table_at(tmp_path, {"a": INT}, source__path__regex_pattern=".*/b[0-9][.]json")
    assert read_rows(table) == [(98,)]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file or folder"):
        read_rows(table_at(tmp_path / "none", {"a": INT}))


def test_metadata_columns_tell_about_the_file(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text('{"a":1}\n')
    keys = ["file.name", "file.path", "file.size", "file.modification-time"]
    [(_, row)] = read_changes(table_at(tmp_path, {"a": INT}), ["a"], keys)
    assert row[:4] == (1, "data.json", str(path), 8)
    assert (
        row[4].replace(tzinfo=datetime.UTC).timestamp() == int(path.stat().st_mtime * 1000) / 1000
    )


def test_a_broken_line_is_named_with_file_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a":1}\n{"a":"x"}\n')
    with pytest.raises(MalformedRecordError, match=r"a\.json, line 2.*column 'a'"):
        read_rows(table_at(tmp_path, {"a": INT}))


def test_broken_lines_are_skipped_if_the_job_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a":1}\n{"a":"x"}\n{"a":3}\n')
    table = table_at(tmp_path, {"a": INT})
    found = read_rows(table, configuration={"flott.source.on-error": "skip"})
    assert found == [(1,), (3,)]


def test_partitions_are_folders(tmp_path: Path) -> None:
    table = table_at(tmp_path, PARTITIONED, partitions=("dt", "hr"))
    rows = [(1, DAY, 8), (2, DAY, 9), (3, None, 9)]
    write_rows(table, rows)
    folders = {path.parent.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("part-*")}
    unknown = "dt=__DEFAULT_PARTITION__/hr=9"
    assert folders == {"dt=2024-01-01/hr=8", "dt=2024-01-01/hr=9", unknown}
    assert sorted(read_rows(table), key=repr) == sorted(rows, key=repr)
    assert sorted(read_rows(table, ["hr", "a"])) == [(8, 1), (9, 2), (9, 3)]
    assert sorted(read_rows(table, ["hr"])) == [(8,), (9,), (9,)]


def test_special_characters_stay_within_their_folder(tmp_path: Path) -> None:
    columns = {"a": INT, "p": t.STRING}
    table = table_at(tmp_path, columns, partitions=("p",))
    rows = [(1, "a/b"), (2, "../c"), (3, "x=y:z%"), (4, ".."), (5, "é ü")]
    write_rows(table, rows)
    assert sorted(read_rows(table)) == rows
    assert not list(tmp_path.parent.glob("c*"))


def test_a_file_outside_of_partitions_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a":1}\n')
    with pytest.raises(SourceError, match="is in no partition"):
        read_rows(table_at(tmp_path, PARTITIONED, partitions=("dt", "hr")))


def overwrite(
    table: TableDescription, rows: list[Any], partition: dict[str, str] | None = None
) -> None:
    sink = find_table_factory(table).create_sink(table).with_overwrite()
    if partition is not None:
        sink = sink.with_static_partition(partition)
    types = [field.data_type for field in table.columns]
    write_batches(sink.create_sink(()), batch_of(types, rows))


def test_overwriting_replaces_the_partitions_written(tmp_path: Path) -> None:
    table = table_at(tmp_path, PARTITIONED, "json", ("dt", "hr"), is_streaming=False)
    write_rows(table, [(1, DAY, 8), (2, DAY, 9)])
    overwrite(table, [(10, DAY, 9), (20, DAY, 10)])
    assert sorted(read_rows(table)) == [(1, DAY, 8), (10, DAY, 9), (20, DAY, 10)]


def test_overwriting_with_nothing_clears_what_the_statement_names(tmp_path: Path) -> None:
    plain = table_at(tmp_path / "plain", {"a": INT}, is_streaming=False)
    write_rows(plain, [(1,)])
    overwrite(plain, [])
    assert not list((tmp_path / "plain").glob("part-*"))
    table = table_at(tmp_path / "p", PARTITIONED, "json", ("dt", "hr"), is_streaming=False)
    write_rows(table, [(1, DAY, 8), (2, DAY, 9)])
    overwrite(table, [], {"dt": "2024-01-01", "hr": "8"})
    assert read_rows(table) == [(2, DAY, 9)]


def test_streams_do_not_overwrite(tmp_path: Path) -> None:
    table = table_at(tmp_path, {"a": INT})
    with pytest.raises(UnsupportedFeature, match="OVERWRITE in streaming"):
        find_table_factory(table).create_sink(table).with_overwrite()


def test_a_success_file_announces_a_partition(tmp_path: Path) -> None:
    table = table_at(
        tmp_path, PARTITIONED, partitions=("dt", "hr"),
        sink__partition_commit__policy__kind="success-file",
        sink__partition_commit__success_file__name="_DONE",
    )  # fmt: skip
    write_rows(table, [(1, DAY, 8)])
    assert (tmp_path / "dt=2024-01-01/hr=8/_DONE").exists()


def test_files_are_looked_up_and_read_again_when_old(tmp_path: Path) -> None:
    path = tmp_path / "side.csv"
    path.write_text("1,a\n2,b\n2,c\n")
    options = {"lookup__full_cache__periodic_reload__interval": "1 s"}
    table = table_at(path, {"k": INT, "v": t.STRING}, "csv", **options)
    lookup = find_table_factory(table).create_source(table).create_lookup(["k"], ["v"])
    context = FakeContext()
    lookup.open(context)
    keys = pl.DataFrame({"f0": [2, 7, 1]})
    positions, rows = lookup.lookup(keys)
    assert list(zip(positions, rows.to_series(), strict=True)) == [(0, "b"), (0, "c"), (2, "a")]
    path.write_text("7,z\n")
    assert lookup.lookup(keys)[0].len() == 3
    context.advance(1000)
    assert lookup.lookup(keys)[1].rows() == [("z",)]


def test_an_empty_folder_has_no_matches(tmp_path: Path) -> None:
    table = table_at(tmp_path, {"k": INT, "v": t.STRING}, "csv")
    lookup = find_table_factory(table).create_source(table).create_lookup(["k"], ["v"])
    lookup.open(FakeContext())
    assert lookup.lookup(pl.DataFrame({"f0": [1]}))[1].height == 0


@pytest.mark.parametrize(
    ("file_format", "expected"),
    [("json", ChangelogMode.INSERT_ONLY), ("canal-json", ChangelogMode.RETRACT)],
)
def test_formats_decide_which_changes_are_taken(
    tmp_path: Path, file_format: str, expected: ChangelogMode
) -> None:
    table = table_at(tmp_path, {"a": INT}, file_format)
    sink = find_table_factory(table).create_sink(table)
    assert sink.accepted_changes(ChangelogMode.UPSERT) is expected
    assert find_table_factory(table).create_source(table).changelog_mode is expected


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"json__ignore_parse_error": "true"}, "Did you mean 'json.ignore-parse-errors'"),
        ({"csv__field_delimiter": ";"}, "no option 'csv.field-delimiter'"),
        ({"source__monitor_interval": "0 s"}, "at least 1 ms"),
        ({"source__path__regex_pattern": "("}, "regex-pattern"),
        ({"format": "jsn"}, "Did you mean 'json'"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, options: dict[str, str], reason: str) -> None:
    table = table_at(tmp_path, {"a": INT}, **options)
    with pytest.raises(ConfigurationError, match=reason):
        find_table_factory(table).create_source(table)


def test_other_options_of_the_format_are_without_effect(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    table = table_at(tmp_path, {"a": INT}, json__skip_header="true")
    find_table_factory(table).create_source(table)
    assert "'json.skip-header' of table" in caplog.text


def test_a_table_needs_a_path() -> None:
    for options, reason in (({}, "lacks the option 'path'"), ({"path": ""}, "is empty")):
        table = describe({"a": INT}, {"connector": "filesystem", "format": "json", **options})
        with pytest.raises(ConfigurationError, match=reason):
            find_table_factory(table).create_source(table)


def test_monitoring_never_ends(tmp_path: Path) -> None:
    table = table_at(tmp_path, {"a": INT}, source__monitor_interval="1 s")
    assert not find_table_factory(table).create_source(table).is_bounded


def write_lines(folder: Path, file_format: str) -> list[tuple[int]]:
    rows: list[tuple[int]] = []
    for number, count in enumerate((40, 0, 25)):
        values = range(len(rows), len(rows) + count)
        rows += [(value,) for value in values]
        if file_format == "parquet":
            pl.DataFrame({"a": values}).write_parquet(
                folder / f"{number}.parquet", row_group_size=9
            )
        elif file_format == "avro":
            pl.DataFrame({"a": pl.Series(values, dtype=pl.Int32)}).write_avro(
                folder / f"{number}.avro"
            )
        else:
            line = '{{"a": {}}}\n' if file_format == "json" else "{}\n"
            text = "".join(line.format(value) for value in values)
            (folder / f"{number}.txt").write_text(text)
    return rows


@pytest.mark.parametrize("file_format", ["json", "csv", "parquet", "avro"])
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_every_row_of_files_is_read_once(
    tmp_path_factory: pytest.TempPathFactory, file_format: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("files")
    expected = write_lines(folder, file_format)
    source = source_of(table_at(folder, {"a": INT}, file_format), ["a"])
    blocks = {"source.file.stream.io-fetch-size": f"{data.draw(st.integers(1, 200))} b"}
    check_source(data, source, expected, blocks)


class NumbersAsColumns(Sink):
    """Hands the suite's numbers to a sink of columns: the number, and a partition."""

    def __init__(self, inner: ColumnFileSink) -> None:
        self.inner = inner

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        writer = self.inner.create_writer(context, restored, committer)
        write = writer.write

        def write_numbers(batch: Batch) -> None:
            assert isinstance(batch, RowBatch)
            numbers = pl.Series("f0", batch.values, dtype=pl.Int32)
            write(ColumnBatch(pl.DataFrame([numbers, (numbers % 3).alias("f1")])))

        writer.write = write_numbers  # type: ignore[method-assign]
        return writer

    def create_committer(self, context: OperatorContext) -> Committer | None:
        return self.inner.create_committer(context)


@pytest.mark.parametrize("file_format", ["json", "csv", "parquet", "avro", "orc"])
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_every_row_is_written_once(
    tmp_path_factory: pytest.TempPathFactory, file_format: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("out")
    table = table_at(folder, {"a": INT, "p": INT}, file_format, ("p",))

    def make_sink(fuse: Fuse) -> Sink:
        sink = find_table_factory(table).create_sink(table).create_sink(())
        assert isinstance(sink, ColumnFileSink)
        return NumbersAsColumns(sink)

    check_sink(data, make_sink, lambda: [row[0] for row in read_rows(table)])
