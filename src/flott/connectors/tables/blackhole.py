"""The ``blackhole`` table: takes everything, keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flott.connectors.discard import DiscardingSink
from flott.connectors.tables.options import refuse_read
from flott.core.sink import Sink
from flott.core.table import (
    ChangelogMode,
    TableDescription,
    TableFactory,
    TableSink,
    TableSource,
)


class BlackholeTableFactory(TableFactory):
    """Makes ``blackhole`` tables."""

    identifier = "blackhole"
    options: dict[str, str] = {}

    def create_source(self, table: TableDescription) -> TableSource:
        raise refuse_read(self.identifier)

    def create_sink(self, table: TableDescription) -> TableSink:
        return _BlackholeSink()


class _BlackholeSink(TableSink):
    def accepted_changes(self, requested: ChangelogMode) -> ChangelogMode:
        # Updates need not bring the row before them: nobody looks at it.
        if requested is ChangelogMode.INSERT_ONLY:
            return requested
        return ChangelogMode.UPSERT

    @property
    def needs_key_for_upserts(self) -> bool:
        return False

    def create_sink(self, metadata: Sequence[str]) -> Sink:
        return DiscardingSink()

    def with_static_partition(self, partition: Any) -> TableSink:
        return self

    def with_overwrite(self) -> TableSink:
        return self
