"""What can be computed of windows: reduce, aggregate, apply, process.

Shared by windows of a keyed stream and of a whole stream, which differ in the functions they take.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from flott.common.typeinfo import TypeInformation
from flott.datastream.functions.function import Function
from flott.datastream.functions.row_functions import AggregateFunction, ReduceFunction
from flott.datastream.streams.checks import check_function
from flott.datastream.streams.data_stream import DataStream
from flott.datastream.streams.record_type import RecordType, result_type, to_declared
from flott.datastream.streams.window_settings import WindowSettings
from flott.operators.rows.windows.window import WindowFunctionKind, WindowSpec
from flott.operators.window import WindowAssigner

if TYPE_CHECKING:
    from flott.datastream.stream_execution_environment import StreamExecutionEnvironment

__all__ = ["WindowOperations"]


class WindowOperations(WindowSettings):
    """A stream, grouped into windows."""

    #: The classes of functions with ``apply`` and with ``process``.
    _apply_class: ClassVar[type[Function]]
    _process_class: ClassVar[type[Function]]
    _kind: ClassVar[str]
    #: Settings of the operation.
    _node_settings: ClassVar[dict[str, Any]] = {}

    def __init__(self, stream: DataStream, window_assigner: WindowAssigner[Any, Any]) -> None:
        super().__init__(window_assigner)
        self._stream = stream

    def get_execution_environment(self) -> StreamExecutionEnvironment:
        """Return the environment in which the stream was made."""
        return self._stream.get_execution_environment()

    def get_input_type(self) -> TypeInformation:
        """Return the type of the records that are grouped."""
        return self._stream.get_type()

    def reduce(
        self,
        reduce_function: Callable[[Any, Any], Any] | ReduceFunction[Any],
        window_function: Any = None,
        output_type: Any = None,
    ) -> DataStream:
        """Join the records of each window as they come.

        Args:
            reduce_function: a callable of what was reduced so far and the next record, or a
                ReduceFunction.
            window_function: is given the one record left, with key and window; without it that
                record is the result.
            output_type: the type of the results; results are converted to it.
        """
        check_function(reduce_function, "reduce", ReduceFunction, or_callable=True)
        if window_function is None and output_type is None:
            record_type = self._stream._record_type
        else:
            record_type = self._result_type(output_type, window_function)
        return self._compute(
            WindowFunctionKind.REDUCE, reduce_function, record_type, window_function
        )

    def aggregate(
        self,
        aggregate_function: AggregateFunction[Any, Any, Any],
        window_function: Any = None,
        accumulator_type: Any = None,
        output_type: Any = None,
    ) -> DataStream:
        """Add the records of each window to an accumulator as they come.

        Args:
            aggregate_function: an AggregateFunction.
            window_function: is given the one result, with key and window; without it that is the
                result.
            accumulator_type: the type of the accumulator.
            output_type: the type of the results; results are converted to it.
        """
        check_function(aggregate_function, "aggregate", AggregateFunction)
        to_declared(accumulator_type)
        if window_function is None:
            record_type = result_type(output_type, aggregate_function, "get_result")
        else:
            record_type = self._result_type(output_type, window_function)
        return self._compute(
            WindowFunctionKind.AGGREGATE, aggregate_function, record_type, window_function
        )

    def apply(self, window_function: Any, output_type: Any = None) -> DataStream:
        """Compute each window of all its records.

        Args:
            window_function: a WindowFunction (AllWindowFunction without keys), or a callable with
                the arguments of its ``apply``.
            output_type: the type of the results; results are converted to it.
        """
        check_function(window_function, "apply", self._apply_class, or_callable=True)
        record_type = result_type(output_type, window_function, "apply", of_elements=True)
        return self._compute(WindowFunctionKind.APPLY, window_function, record_type)

    def process(self, process_window_function: Any, output_type: Any = None) -> DataStream:
        """Compute each window of all its records, with access to time and state.

        Args:
            process_window_function: a ProcessWindowFunction (ProcessAllWindowFunction without
                keys).
            output_type: the type of the results; results are converted to it.
        """
        check_function(process_window_function, "process", self._process_class)
        record_type = result_type(output_type, process_window_function, "process", of_elements=True)
        return self._compute(WindowFunctionKind.PROCESS, process_window_function, record_type)

    def _result_type(self, output_type: Any, window_function: Any) -> RecordType:
        if window_function is None:
            return result_type(output_type, None, "")
        kinds = self._apply_class, self._process_class
        check_function(window_function, "window_function", *kinds)
        method = "apply" if isinstance(window_function, self._apply_class) else "process"
        return result_type(output_type, window_function, method, of_elements=True)

    def _compute(
        self,
        kind: WindowFunctionKind,
        function: Any,
        record_type: RecordType,
        window_function: Any = None,
    ) -> DataStream:
        spec = WindowSpec(
            function=function,
            function_kind=kind,
            window_function=window_function,
            key_selector=self._stream._key_selector,
            output_type=record_type.declared,
            **self._spec_settings(),
        )
        return self._stream._transform(
            spec,
            type(self._window_assigner).__name__,
            record_type,
            description=self._describe(self._kind, function, window_function),
            **self._node_settings,
        )
