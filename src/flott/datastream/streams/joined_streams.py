"""``JoinedStreams`` and ``CoGroupedStreams``: two streams brought together by key and window.

Beyond PyFlink, named as in Flink's Java: ``a.join(b).where(k).equal_to(k).window(w).apply(f)``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flott.datastream.functions.function import Function
from flott.datastream.functions.join_functions import (
    CoGroupFunction,
    FlatJoinFunction,
    JoinFunction,
)
from flott.datastream.functions.row_functions import KeySelector
from flott.datastream.streams.base_stream import add_operation
from flott.datastream.streams.checks import check_function
from flott.datastream.streams.data_stream import DataStream
from flott.datastream.streams.keyed_stream import KeyedStream
from flott.datastream.streams.record_type import RecordType, result_type
from flott.datastream.streams.window_settings import WindowSettings
from flott.operators.rows.windows.co_group import CoGroupSpec, PairedWindowSpec
from flott.operators.rows.windows.join import WindowJoinSpec
from flott.operators.window import WindowAssigner

__all__ = ["CoGroupedStreams", "JoinedStreams", "WithEqualTo", "WithKeys", "WithWindow"]

_Selector = Callable[[Any], Any] | KeySelector[Any, Any]


class JoinedStreams:
    """Two streams to be joined; made by ``first.join(second)``.

    The join is inner: a record without partner in its window gives nothing. Results carry the
    last millisecond of the window as their time.
    """

    def __init__(self, first: DataStream, second: DataStream) -> None:
        self._first = first
        self._second = second

    def where(self, key_selector: _Selector, key_type: Any = None) -> WithKeys:
        """Name the key of the first stream."""
        return WithKeys(self._first.key_by(key_selector, key_type), self._second, JoinedWindows)


class CoGroupedStreams:
    """Two streams to be grouped together; made by ``first.co_group(second)``.

    The function sees all records of both streams with the same key and window; one side may have
    none, so outer joins can be written with it.
    """

    def __init__(self, first: DataStream, second: DataStream) -> None:
        self._first = first
        self._second = second

    def where(self, key_selector: _Selector, key_type: Any = None) -> WithKeys:
        """Name the key of the first stream."""
        return WithKeys(self._first.key_by(key_selector, key_type), self._second, CoGroupedWindows)


class WithKeys:
    """The first stream has its key."""

    def __init__(self, first: KeyedStream, second: DataStream, kind: type[WithWindow]) -> None:
        self._first = first
        self._second = second
        self._kind = kind

    def equal_to(self, key_selector: _Selector) -> WithEqualTo:
        """Name the key of the second stream; it has the type of the first."""
        second = self._second.key_by(key_selector, self._first._key_type)
        return WithEqualTo(self._first, second, self._kind)


class WithEqualTo:
    """Both streams have their keys."""

    def __init__(self, first: KeyedStream, second: KeyedStream, kind: type[WithWindow]) -> None:
        self._first = first
        self._second = second
        self._kind = kind

    def window(self, window_assigner: WindowAssigner[Any, Any]) -> WithWindow:
        """Name the windows in which records may meet."""
        return self._kind(self._first, self._second, window_assigner)


class WithWindow(WindowSettings):
    """Both streams have their keys, and there are windows."""

    def __init__(
        self, first: KeyedStream, second: KeyedStream, window_assigner: WindowAssigner[Any, Any]
    ) -> None:
        super().__init__(window_assigner)
        self._first = first
        self._second = second

    def apply(self, function: Any, output_type: Any = None) -> DataStream:
        """Make the results.

        Args:
            function: for a join a JoinFunction, a FlatJoinFunction or a callable of both records
                that gives one result; for a coGroup a CoGroupFunction or a callable of both lists.
            output_type: the type of the results; results are converted to it.
        """
        raise NotImplementedError

    def _apply(
        self,
        spec: type[PairedWindowSpec],
        function: Function,
        name: str,
        type_: RecordType,
        **more: Any,
    ) -> DataStream:
        settings = {**self._spec_settings(), **more}
        return add_operation(
            spec(
                function=function,
                key_selector1=self._first._key_selector,
                key_selector2=self._second._key_selector,
                output_type=type_.declared,
                **settings,
            ),
            name,
            type_,
            [self._first, self._second],
            description=self._describe(name, function),
        )


class JoinedWindows(WithWindow):
    """A window join."""

    def apply(self, function: Any, output_type: Any = None) -> DataStream:
        """Make results of each pair.

        Args:
            function: a JoinFunction, a FlatJoinFunction, or a callable of both records that gives
                one result.
            output_type: the type of the results; results are converted to it.
        """
        check_function(function, "join", JoinFunction, FlatJoinFunction, or_callable=True)
        is_flat = isinstance(function, FlatJoinFunction)
        record_type = result_type(output_type, function, "join", of_elements=is_flat)
        return self._apply(WindowJoinSpec, function, "Window Join", record_type, is_flat=is_flat)


class CoGroupedWindows(WithWindow):
    """A window coGroup."""

    def apply(self, function: Any, output_type: Any = None) -> DataStream:
        """Make results of all records of a key and window.

        Args:
            function: a CoGroupFunction, or a callable of both lists of records.
            output_type: the type of the results; results are converted to it.
        """
        check_function(function, "co_group", CoGroupFunction, or_callable=True)
        record_type = result_type(output_type, function, "co_group", of_elements=True)
        return self._apply(CoGroupSpec, function, "CoGroup", record_type)
