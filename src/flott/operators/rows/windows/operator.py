"""What all window operators share: functions and their contexts, results, late records."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from typing import TYPE_CHECKING, Any

from flott.common.output_tag import OutputTag
from flott.core.batch import RowBatch
from flott.core.context import OperatorContext
from flott.core.element import MIN_WATERMARK
from flott.core.operator import LATE_RECORDS_METRIC
from flott.core.output import Output
from flott.operators.rows.functions import close_function, open_function, raise_not_iterable
from flott.operators.rows.row_operator import RowOperator
from flott.operators.rows.side_outputs import SideOutputs
from flott.operators.rows.windows.context import ProcessWindowContext
from flott.operators.runtime_context import RuntimeContext

if TYPE_CHECKING:
    from flott.operators.rows.windows.spec import WindowedSpec

__all__ = ["WindowOperator", "one_key"]


def one_key(value: Any) -> int:
    """The key of all records where windows are not keyed."""
    return 0


class WindowOperator(RowOperator):
    """Base of the window operators.

    Results gather in ``_results`` and ``_times`` and leave as one batch with ``_flush``, at the end
    of the batch, watermark or timer that brought them about.
    """

    def __init__(self, spec: WindowedSpec) -> None:
        selectors = tuple(one_key if s is None else s for s in spec.key_selectors)
        super().__init__(spec.functions[0], spec.output_type, selectors)
        self._spec = spec
        self._assigner = spec.assigner
        self._lateness_ms = spec.allowed_lateness_ms
        self._late_tag: OutputTag | None = spec.late_tag
        self.watermark = MIN_WATERMARK

    def open(self, context: OperatorContext, output: Output) -> None:
        spec = self._spec
        super().open(context, output)
        runtime_context = RuntimeContext(context, is_keyed=True)
        for function in spec.functions[1:]:
            open_function(function, runtime_context)
        self._runtime_context = runtime_context
        self._assigner = spec.assigner_of(context.clock.now_ms(), context.subtask_index)
        self._store = context.keyed_store
        pane_context = ProcessWindowContext(self, self._store, runtime_context, spec.is_merging)
        self._call = spec.bind_call(pane_context)
        self._clear_window = spec.bind_clear(pane_context)
        self._late_count = context.metrics.counter(LATE_RECORDS_METRIC)
        self._sides = SideOutputs()
        self._results: list[Any] = []
        self._times: list[int] = []

    def close(self) -> None:
        if self._is_opened:
            for function in self._spec.functions[1:]:
                close_function(function)
        super().close()

    def _keys(self, values: list[Any], input_index: int) -> Iterable[Any]:
        """The keys of a batch."""
        key_of = self._key_of[input_index]
        if key_of is one_key or key_of is None:
            return repeat(0)
        return self.keys_of(values, key_of)

    def _evaluate(self, key: Any, window: Any, contents: Any, time: int) -> None:
        """Compute a pane and take its results. The store's key is ``key``."""
        call = self._call
        self._take(contents if call is None else call(key, window, contents), time)

    def _take(self, found: Iterable[Any] | None, time: int) -> None:
        """Take results of a window function, at ``time``."""
        if found is None:
            return
        append, append_time, conversion = (
            self._results.append,
            self._times.append,
            self._conversion,
        )
        try:
            for result in found:
                if type(result) is tuple and len(result) == 2 and type(result[0]) is OutputTag:
                    self._sides.add(result[0], result[1], time)
                    continue
                if conversion is not None and type(result) is not conversion.exact:
                    result = conversion.convert(result)
                append(result)
                append_time(time)
        except TypeError as error:
            raise_not_iterable(self.context.operator_name, "the window function", found, error)

    def _take_late(self, value: Any, time: int) -> None:
        """Route or count a record that is too late for all its windows."""
        if self._late_tag is None:
            self._late_count.inc()
        else:
            self._sides.add(self._late_tag, value, time)

    def _flush(self) -> None:
        """Send what has gathered."""
        results = self._results
        if results:
            self._results = []
            times, self._times = self._times, []
            self.output.emit(RowBatch(results, times))
        if not self._sides.is_empty:
            self._sides.flush(self.output)
