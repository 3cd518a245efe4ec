"""What the operators around one user function share: its life, its keys and its result type."""

from __future__ import annotations

from typing import Any

from flott.common.conversion import Conversion
from flott.common.errors import TypeMismatchError
from flott.core.batch import RowBatch
from flott.core.context import OperatorContext
from flott.core.output import Output
from flott.operators.rows.conversions import conversion_of
from flott.operators.rows.functions import (
    bind_key_selector,
    close_function,
    open_function,
)
from flott.operators.rows.key_reader import KeyReader
from flott.operators.runtime_context import RuntimeContext

__all__ = ["RowOperator", "convert_results"]


def convert_results(conversion: Conversion, results: list[Any]) -> list[Any]:
    """Convert a batch of results; the error names the first that does not fit.

    Raises:
        TypeMismatchError: if one does not fit.
    """
    try:
        return conversion.convert_batch(results)
    except TypeMismatchError as error:
        # What is reported as the record is the innermost `value`: so it must be this one.
        value = results[error.record_index or 0]  # noqa: F841
        raise error.with_traceback(None) from None


class RowOperator(KeyReader):
    """Base of operators that run a user function.

    Args:
        function: the user's function.
        output_type: the declared type of its results; None lets any object pass.
        key_selectors: for each input the user's key selector, None where it is not keyed.
    """

    def __init__(
        self, function: Any, output_type: Any = None, key_selectors: tuple[Any, ...] = (None,)
    ) -> None:
        self._function = function
        self._output_type = output_type
        self._key_selectors = key_selectors
        self._key_of = tuple(
            None if selector is None else bind_key_selector(selector) for selector in key_selectors
        )
        self._is_opened = False

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._conversion = conversion_of(self._output_type)
        self._is_keyed = any(key_of is not None for key_of in self._key_of)
        self._is_opened = True
        runtime_context = RuntimeContext(context, self._is_keyed)
        for selector in self._key_selectors:
            open_function(selector, runtime_context)
        open_function(self._function, runtime_context)

    def close(self) -> None:
        if not self._is_opened:
            return
        self._is_opened = False
        close_function(self._function)
        for selector in self._key_selectors:
            close_function(selector)

    def emit_results(self, results: list[Any], times: list[int] | None) -> None:
        """Send results, if there are any, in the form of their declared type.

        Raises:
            TypeMismatchError: if one does not fit it.
        """
        if not results:
            return
        if self._conversion is not None:
            results = convert_results(self._conversion, results)
        self.output.emit(RowBatch(results, times))
