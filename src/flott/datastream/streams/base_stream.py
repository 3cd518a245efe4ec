"""``BaseStream``: a stream as a place in the plan, and how operations are added behind it.

A stream is the output of one operation or, after ``union``, of several; each as an edge that the
next operation copies. Partitioning is a property of these edges, not an operation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flott.common.errors import ProgramError
from flott.common.execution_config import ExecutionConfig
from flott.common.typeinfo import TypeInformation
from flott.core.operator import OperatorSpec
from flott.core.partitioner import Partitioner
from flott.datastream.streams.checks import caller_location
from flott.datastream.streams.kinds import KINDS
from flott.datastream.streams.record_type import RecordType
from flott.plan.stream_plan import StreamEdge, StreamNode

if TYPE_CHECKING:
    from flott.datastream.stream_execution_environment import StreamExecutionEnvironment
    from flott.datastream.streams.data_stream import DataStream

__all__ = ["BaseStream", "add_operation"]


class BaseStream:
    """Outputs of operations, in an environment, with what is known about the records.

    Args:
        environment: where the program is collected.
        outputs: where the records come from.
        record_type: what is known about them.
    """

    def __init__(
        self,
        environment: StreamExecutionEnvironment,
        outputs: tuple[StreamEdge, ...],
        record_type: RecordType,
    ) -> None:
        self._environment = environment
        self._outputs = outputs
        self._record_type = record_type

    def get_execution_environment(self) -> StreamExecutionEnvironment:
        """Return the environment in which the stream was made."""
        return self._environment

    def get_execution_config(self) -> ExecutionConfig:
        """Return the settings of the environment."""
        return self._environment.get_config()

    def get_type(self) -> TypeInformation:
        """Return the type of the records; the pickled type where nothing is known.

        >>> from flott.common import Types
        >>> from flott.datastream import StreamExecutionEnvironment
        >>> env = StreamExecutionEnvironment.get_execution_environment()
        >>> env.from_collection([1], Types.INT()).get_type()
        Integer
        """
        return self._record_type.shown

    def _transform(
        self, spec: OperatorSpec, name: str, record_type: RecordType, **settings: Any
    ) -> DataStream:
        """Add an operation that reads this stream and give its output."""
        return add_operation(spec, name, record_type, [self], **settings)

    def _partitioned(self, partitioner: Partitioner) -> tuple[StreamEdge, ...]:
        """Return the outputs with another division among the receivers."""
        return tuple(replace(edge, partitioner=partitioner) for edge in self._outputs)


def add_operation(
    spec: OperatorSpec,
    name: str,
    record_type: RecordType,
    inputs: list[BaseStream],
    **settings: Any,
) -> DataStream:
    """Add an operation that reads ``inputs``, first to last, and give its output.

    Raises:
        ProgramError: if the inputs belong to different environments.
    """
    environment = inputs[0]._environment
    check_same_environment(inputs)
    edges = [
        replace(edge, input_index=index)
        for index, stream in enumerate(inputs)
        for edge in stream._outputs
    ]
    # As in Flink, what the environment says now counts, not what it says later.
    settings.setdefault("parallelism", environment.get_parallelism())
    node = environment._plan.add(
        spec,
        edges,
        name=name,
        output_type=record_type.info,
        type_origin=record_type.origin,
        location=caller_location(),
        **settings,
    )
    return output_of(environment, node, record_type)


def output_of(
    environment: StreamExecutionEnvironment, node: StreamNode, record_type: RecordType
) -> DataStream:
    """Return the stream of what an operation puts out."""
    return KINDS.data(environment, (StreamEdge(node),), record_type)


def check_same_environment(streams: list[BaseStream]) -> None:
    """Refuse streams of different environments in one operation.

    Raises:
        ProgramError: if there are.
    """
    if any(stream._environment is not streams[0]._environment for stream in streams):
        raise ProgramError(
            "Streams of different environments cannot meet in one operation. "
            "Make them all from one StreamExecutionEnvironment."
        )
