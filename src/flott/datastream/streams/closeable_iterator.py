"""``CloseableIterator``: the results of a running job, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

from flott.common.short_traces import SHORT_TRACES

__all__ = ["CloseableIterator"]

Record = TypeVar("Record")


class CloseableIterator(Generic[Record]):
    """Iterates over records; closing it before the end cancels the job.

    Best used in a ``with`` statement. Iterating raises the job's error if the job fails. Rows of a
    table know their kind: ``row.get_row_kind()``.

    Args:
        records: gives the records.
        close: called once, at the end or when closed.
    """

    def __init__(self, records: Iterator[Record], close: Callable[[], None]) -> None:
        self._records = records
        self._close: Callable[[], None] | None = close

    def __iter__(self) -> Iterator[Record]:
        return self

    def __next__(self) -> Record:
        if self._close is None:
            raise StopIteration("The iterator is closed.")
        with SHORT_TRACES:
            return next(self._records)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        self.close()

    def next(self) -> Record:
        """Return the next record.

        Raises:
            StopIteration: if there is none, or the iterator was closed.
            JobExecutionError: if the job failed.
        """
        with SHORT_TRACES:
            return self.__next__()

    def close(self) -> None:
        """Cancel the job if it still runs. Closing again has no effect."""
        close, self._close = self._close, None
        if close is not None:
            close()
