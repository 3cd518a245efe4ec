"""A batch of columns: a Polars frame and, for changelogs, the kind of change of each row.

Columns are named ``f0``, ``f1``, ... by position (``flott.common.physical_types``). The kinds are
Flink's row kinds as numbers; ``None`` says that every row is an insert, so that insert-only
streams pay nothing for being able to change.
"""

from __future__ import annotations

from io import BytesIO
from pickle import PickleBuffer
from typing import TYPE_CHECKING, Any, Final

from flott.core.batch import Batch

if TYPE_CHECKING:
    import polars as pl

#: Row kinds, as ``RowKind.value``.
INSERT: Final = 0
UPDATE_BEFORE: Final = 1
UPDATE_AFTER: Final = 2
DELETE: Final = 3

#: The column of the kinds while a batch travels: no column of a batch is called so.
_KIND: Final = "kind"


class ColumnBatch(Batch):
    """Rows as columns.

    Attributes:
        frame: The columns.
        kinds: The kind of each row as an ``Int8`` series; ``None`` if all are inserts. A -U and
            the +U that replaces it stand together, in this order.
    """

    __slots__ = ("frame", "kinds")

    def __init__(self, frame: pl.DataFrame, kinds: pl.Series | None = None) -> None:
        self.frame = frame
        self.kinds = kinds

    @property
    def row_count(self) -> int:
        return self.frame.height

    def slice(self, start: int, stop: int) -> ColumnBatch:
        """The rows from ``start`` up to ``stop`` as a batch of their own; shares memory."""
        kinds = None if self.kinds is None else self.kinds.slice(start, stop - start)
        return ColumnBatch(self.frame.slice(start, stop - start), kinds)

    def gather(self, rows: pl.Series) -> ColumnBatch:
        """The rows at the positions ``rows``, in their order."""
        kinds = None if self.kinds is None else self.kinds.gather(rows)
        return ColumnBatch(self.frame[rows], kinds)

    def filter(self, mask: pl.Series) -> ColumnBatch:
        """The rows where ``mask`` is true."""
        kinds = None if self.kinds is None else self.kinds.filter(mask)
        return ColumnBatch(self.frame.filter(mask), kinds)

    def __repr__(self) -> str:
        return f"ColumnBatch({self.frame!r}, {self.kinds!r})"

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        if not self.frame.width:  # Arrow's stream would lose how many rows there are
            return ColumnBatch, (self.frame, self.kinds)
        kinds = [] if self.kinds is None else [self.kinds.alias(_KIND)]
        stream = BytesIO()
        self.frame.hstack(kinds).write_ipc_stream(stream, compat_level=_newest())
        return _read, (PickleBuffer(stream.getbuffer()) if protocol >= 5 else stream.getvalue(),)


def _newest() -> Any:
    from polars import CompatLevel  # this module loads nothing, and Polars is there by now

    return CompatLevel.newest()


def _read(data: bytes | memoryview) -> ColumnBatch:
    from polars import read_ipc_stream

    frame = read_ipc_stream(BytesIO(data))
    kinds = frame.drop_in_place(_KIND) if _KIND in frame.columns else None
    return ColumnBatch(frame, kinds)
