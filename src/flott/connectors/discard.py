"""Drop all records: for measuring what comes before, or when only side effects matter."""

from __future__ import annotations

from typing import Any

from flott.core.batch import Batch
from flott.core.context import OperatorContext
from flott.core.sink import Committer, Sink, SinkWriter


class DiscardingSink(Sink):
    """Takes all records and keeps none.

    >>> DiscardingSink().create_committer(None) is None
    True
    """

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        return _DiscardingWriter()


class _DiscardingWriter(SinkWriter):
    def write(self, batch: Batch) -> None:
        pass
