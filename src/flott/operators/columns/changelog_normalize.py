"""Makes full changes of an upsert stream: the row before each update and delete."""

from __future__ import annotations

from dataclasses import dataclass

from flott.common.logical_types import DataType
from flott.common.physical_types import polars_schema
from flott.core.batch import Batch
from flott.core.column_batch import UPDATE_BEFORE, ColumnBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.kernels.columns.row_store import KeyedRows


@dataclass(frozen=True)
class ChangelogNormalizeSpec(OperatorSpec):
    """Remembers the last row of each key.

    An update that changes nothing, and a delete of what is not there, give nothing; so a stream
    that repeats its changes becomes one that does not.

    Attributes:
        keys: Columns of the key.
        input_types: Types of the input's columns.
        emits_update_before: Whether the consumer wants -U.
        ttl_ms: How long a key is remembered after its last change; 0 for ever.
    """

    keys: tuple[int, ...]
    input_types: tuple[DataType, ...]
    emits_update_before: bool = True
    ttl_ms: int = 0
    description: str = ""

    def build(self) -> Operator:
        return _ChangelogNormalize(self)


class _ChangelogNormalize(Operator):
    def __init__(self, spec: ChangelogNormalizeSpec) -> None:
        self._spec = spec

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        self._rows = KeyedRows(
            polars_schema(spec.input_types),
            spec.keys,
            context.max_parallelism,
            unique=(),
            ttl_ms=spec.ttl_ms,
        )
        context.keyed_store.attach("rows", self._rows)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        self._rows.expire(self.context.clock.now_ms())
        if batch.kinds is not None:
            # A -U is followed by the +U that replaces it, which knows the row by its key.
            batch = batch.filter(batch.kinds != UPDATE_BEFORE)
        if not batch.row_count:
            return
        frame, kinds = self._rows.apply(self._rows.slots(batch.frame), batch.frame, batch.kinds)
        if not self._spec.emits_update_before and kinds is not None:
            mask = kinds != UPDATE_BEFORE
            frame, kinds = frame.filter(mask), kinds.filter(mask)
        if frame.height:
            self.output.emit(ColumnBatch(frame, kinds))
