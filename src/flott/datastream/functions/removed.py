"""Names that PyFlink still has although the interfaces behind them left Flink with version 2."""

from __future__ import annotations

from typing import Any

from flott.common.errors import UnsupportedFeature

__all__ = ["JavaFunctionWrapper", "SinkFunction", "SourceFunction"]


class JavaFunctionWrapper:
    """A function written in Java; there is none here.

    Raises:
        UnsupportedFeature: always.
    """

    def __init__(self, j_function: Any = None) -> None:
        raise UnsupportedFeature("Wrapping a Java function", successor="a function in Python")

    def get_java_function(self) -> Any:
        """Never reached: an instance cannot be made."""
        raise UnsupportedFeature("get_java_function")


class SourceFunction(JavaFunctionWrapper):
    """The source interface before Flink 1.14.

    Raises:
        UnsupportedFeature: always.
    """

    def __init__(self, source_func: Any = None) -> None:
        raise UnsupportedFeature(
            "SourceFunction",
            successor="a flott.datastream.connectors.Source with env.from_source(...)",
        )


class SinkFunction(JavaFunctionWrapper):
    """The sink interface before Flink 1.14.

    Raises:
        UnsupportedFeature: always.
    """

    def __init__(self, sink_func: Any = None) -> None:
        raise UnsupportedFeature(
            "SinkFunction",
            successor="a flott.datastream.connectors.Sink with stream.sink_to(...)",
        )
