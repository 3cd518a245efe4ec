"""``TableResult``: what a statement gives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from html import escape
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from flott.common.job_client import JobClient
from flott.common.logical_types import DataType
from flott.common.short_traces import SHORT_TRACES
from flott.common.types import Row
from flott.datastream.streams.closeable_iterator import CloseableIterator
from flott.table.frames import Change, frame_of
from flott.table.html import html_columns, html_table
from flott.table.printing import MAX_COLUMN_WIDTH, fitted_lines, table_lines
from flott.table.result_kind import ResultKind
from flott.table.table_schema import Column, ResolvedSchema, TableSchema
from flott.table.value_text import value_text

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]
    import polars as pl
    import pyarrow as pa

__all__ = ["CloseableIterator", "TableResult"]


def _nothing_to_close() -> None:
    """Rows that are all there need no closing."""


class TableResult:
    """The rows of a query, the answer of a statement, or the job of an INSERT.

    The rows of a result can be read once: by ``collect``, ``print``, ``to_polars`` or
    ``to_pandas``.

    >>> from flott.table import EnvironmentSettings, TableEnvironment
    >>> environment = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
    >>> with environment.execute_sql("SELECT 1 AS a").collect() as rows:
    ...     list(rows)
    [Row(a=1)]

    Args:
        names: names of the columns.
        types: their types.
        rows: gives the rows; called once.
        changes: gives kind and values of the rows as the engine sends them, in place of ``rows``.
        close: ends the job early.
        client: speaks for the job of an INSERT.
        is_query: whether rows come from a running query.
        is_streaming: whether rows are changes.
        kind: whether the rows say more than OK.
        is_raw: whether the rows are text to be printed as it is: plans, statements.
        max_width: width of the widest column printed.
        wait: waits for the job; takes a time-out in milliseconds or None.
    """

    def __init__(
        self,
        names: Sequence[str],
        types: Sequence[DataType],
        rows: Callable[[], Iterator[Row]],
        *,
        changes: Callable[[], Iterator[Change]] | None = None,
        close: Callable[[], None] = _nothing_to_close,
        client: JobClient | None = None,
        is_query: bool = False,
        is_streaming: bool = False,
        is_raw: bool = False,
        kind: ResultKind = ResultKind.SUCCESS_WITH_CONTENT,
        max_width: int = MAX_COLUMN_WIDTH,
        wait: Callable[[int | None], None] | None = None,
    ) -> None:
        self._names = tuple(names)
        self._types = tuple(types)
        self._rows: Callable[[], Iterator[Row]] = rows
        self._changes = changes
        self._close = close
        self._client = client
        self._is_query = is_query
        self._is_streaming = is_streaming
        self._is_raw = is_raw
        self._kind = kind
        self._max_width = max_width
        self._wait = wait

    def get_job_client(self) -> JobClient | None:
        """The client of the job that an INSERT started; ``None`` without one."""
        return self._client

    def wait(self, timeout_ms: int | None = None) -> None:
        """Wait until the job of an INSERT is over; other results are there at once.

        Args:
            timeout_ms: how long to wait at most, in milliseconds.

        Raises:
            JobExecutionError: The job failed.
            TimeoutError: It is not over in time.
        """
        with SHORT_TRACES:
            if self._wait is not None:
                self._wait(timeout_ms)

    def get_table_schema(self) -> TableSchema:
        """Names and types of the columns."""
        return TableSchema(self._names, self._types)

    def get_resolved_schema(self) -> ResolvedSchema:
        """Names and types of the columns."""
        pairs = zip(self._names, self._types, strict=True)
        return ResolvedSchema([Column(name, each) for name, each in pairs])

    def get_result_kind(self) -> ResultKind:
        """Whether the statement just succeeded or gives rows."""
        return self._kind

    def collect(self) -> CloseableIterator[Row]:
        """The rows, as they come. A query runs as long as rows are asked for."""
        return CloseableIterator(self._rows(), self._close)

    def print(self) -> None:
        """Print the rows as a table, with the kind of change of each in streaming mode."""
        with SHORT_TRACES:
            out = sys.stdout
            for line in self.lines():
                out.write(line + "\n")
                out.flush()  # the next row may be long in coming

    def lines(self) -> Iterator[str]:
        """What ``print`` prints, line by line. Beyond PyFlink."""
        if self._kind is ResultKind.SUCCESS:
            return iter(("OK",))
        if self._is_raw:
            return (line for row in self._rows() for line in str(row[0]).splitlines())
        if not self._is_query:
            return fitted_lines(self._names, self._types, list(self._rows()))
        return table_lines(
            self._names,
            self._types,
            self._rows(),
            shows_kinds=self._is_streaming,
            max_width=self._max_width,
        )

    def to_polars(self) -> pl.DataFrame:
        """All rows as a Polars frame: the table that the changes leave behind. Beyond PyFlink."""
        with SHORT_TRACES:
            changes = self._changes
            found = changes() if changes is not None else ((0, list(row)) for row in self._rows())
            try:
                return frame_of(found, self._names, self._types)
            finally:
                self._close()

    def to_arrow(self) -> pa.Table:
        """All rows as an Arrow table: what the changes leave behind. Beyond PyFlink."""
        with SHORT_TRACES:
            return self.to_polars().to_arrow()

    def to_pandas(self) -> pd.DataFrame:
        """All rows as a pandas frame: the table that the changes leave behind. Beyond PyFlink.

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        if find_spec("pandas") is None:
            raise ModuleNotFoundError("to_pandas needs pandas. Run: pip install pandas")
        with SHORT_TRACES:
            return self.to_polars().to_pandas()

    def __iter__(self) -> Iterator[Row]:
        """The rows, as ``collect`` gives them. Beyond PyFlink."""
        return self.collect()

    def _repr_html_(self) -> str:
        """What a notebook shows: the rows of a statement; of a query, which has yet to run and can
        be read once, the columns."""
        if self._kind is ResultKind.SUCCESS or self._is_raw:
            return f"<pre>{escape(chr(10).join(self.lines()))}</pre>"
        if self._is_query or self._client is not None:
            below = "print() and collect() read the rows, to_polars() and to_pandas() give them."
            return html_columns(self._names, self._types, below)
        pairs = [(row, self._types) for row in self._rows()]
        return html_table(self._names, [list(map(value_text, *each)) for each in pairs])

    def __repr__(self) -> str:
        return f"TableResult({', '.join(self._names)})"


def fixed_result(
    names: Sequence[str],
    types: Sequence[DataType],
    rows: Sequence[Sequence[Any]],
    is_raw: bool = False,
) -> TableResult:
    """A result whose rows are all known."""
    fields = tuple(names)
    found = [_named(fields, row) for row in rows]
    return TableResult(names, types, lambda: iter(found), is_raw=is_raw)


def _named(names: Sequence[str], values: Sequence[Any]) -> Row:
    from flott.common.types import restore_row

    return restore_row(list(values), tuple(names))
