"""How records leave a stream: sinks, side outputs, the program itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, overload

from flott.common.errors import ProgramError, UnsupportedFeature
from flott.common.output_tag import OutputTag
from flott.common.typeinfo import Types
from flott.connectors.print import PrintSink
from flott.core.sink import Sink
from flott.datastream.connectors.base import SupportsPreprocessing
from flott.datastream.streams.base_stream import BaseStream, add_operation
from flott.datastream.streams.closeable_iterator import CloseableIterator
from flott.datastream.streams.data_stream_sink import DataStreamSink
from flott.datastream.streams.identity import identity
from flott.datastream.streams.java_text import JavaText
from flott.datastream.streams.kinds import KINDS
from flott.datastream.streams.printed_form import printer_of
from flott.datastream.streams.record_type import UNKNOWN, RecordType
from flott.operators.rows.map import MapSpec
from flott.operators.sink import SinkSpec
from flott.plan.stream_plan import StreamEdge

if TYPE_CHECKING:
    from flott.datastream.streams.cached_data_stream import CachedDataStream
    from flott.datastream.streams.data_stream import DataStream

__all__ = ["Results"]


class Results(BaseStream):
    """The part of DataStream that gives records away."""

    def sink_to(self, sink: Sink) -> DataStreamSink:
        """Write the records to an outside system.

        Args:
            sink: for example ``FileSink.for_row_format(path, encoder).build()``.

        Raises:
            TypeError: if it is not a Sink.
        """
        if not isinstance(sink, Sink):
            raise TypeError(f"sink_to: expected a Sink, found {sink!r}")
        stream: Any = self
        # Sinks that write records as text do so in Java in PyFlink, where a type is declared.
        declared, for_text = self._record_type.declared, getattr(sink, "for_text", None)
        if declared not in (None, Types.STRING()) and for_text is not None:
            sink = for_text(JavaText(declared))
        transformer = sink.get_transformer() if isinstance(sink, SupportsPreprocessing) else None
        if transformer is not None:
            stream = transformer.apply(self)
        return _sink_of(stream, sink, "Writer")

    def add_sink(self, sink_func: Any) -> NoReturn:
        """Removed in Flink 2.

        Raises:
            UnsupportedFeature: always; ``sink_to`` took its place.
        """
        raise UnsupportedFeature("DataStream.add_sink", successor="DataStream.sink_to")

    def print(self, sink_identifier: str | None = None) -> DataStreamSink:
        """Print each record to standard output.

        Args:
            sink_identifier: written before each record, with the subtask's number from 1 where
                there are several: ``words:2> to``.
        """
        sink = PrintSink(sink_identifier, to_text=printer_of(self._record_type.declared))
        return _sink_of(self, sink, "Print to Std. Out")

    @overload
    def execute_and_collect(
        self, job_execution_name: str | None = None, limit: None = None
    ) -> CloseableIterator[Any]: ...
    @overload
    def execute_and_collect(
        self, job_execution_name: str | None = None, *, limit: int
    ) -> list[Any]: ...
    @overload
    def execute_and_collect(self, job_execution_name: str | None, limit: int) -> list[Any]: ...
    def execute_and_collect(
        self, job_execution_name: str | None = None, limit: int | None = None
    ) -> CloseableIterator[Any] | list[Any]:
        """Run the job and bring the records of this stream here.

        Other sinks of the program that were not run yet run in the same job.

        Args:
            job_execution_name: the name of the job.
            limit: how many records to bring at most; then the job is cancelled.

        Returns:
            An iterator whose job is cancelled when it is closed early; a list if there is a limit.

        >>> from flott.datastream import StreamExecutionEnvironment
        >>> env = StreamExecutionEnvironment.get_execution_environment()
        >>> with env.from_collection([1, 2, 3]).execute_and_collect() as records:
        ...     print(next(records))
        1
        """
        return self._environment._collect(self, job_execution_name, limit)

    def get_side_output(self, output_tag: OutputTag) -> DataStream:
        """Return the records that the operation sent to a side output.

        Args:
            output_tag: the tag; a tag of the same name means the same output.

        Raises:
            ProgramError: if the stream is a union or was repartitioned.
        """
        if not isinstance(output_tag, OutputTag):
            raise TypeError(f"get_side_output: expected an OutputTag, found {output_tag!r}")
        edge = self._outputs[0]
        if len(self._outputs) > 1 or edge.partitioner is not None:
            raise ProgramError(
                "get_side_output: side outputs belong to an operation. Call it on the stream that "
                "the operation gave, before union(...) and repartitioning."
            )
        side = BaseStream(
            self._environment, (StreamEdge(edge.source, side_tag=output_tag.tag_id),), UNKNOWN
        )
        return side._transform(
            MapSpec(identity, output_tag.type_info),
            f"Side Output {output_tag.tag_id}",
            RecordType(output_tag.type_info, "declared"),
            parallelism=edge.source.parallelism,
        )

    def cache(self) -> CachedDataStream:
        """Keep the records of this stream after the first job that computes them, for later jobs.

        BATCH mode only. Call ``invalidate`` on the result to free them.
        """
        return KINDS.cached(self)


def _sink_of(stream: BaseStream, sink: Sink, name: str) -> DataStreamSink:
    return DataStreamSink(add_operation(SinkSpec(sink), name, UNKNOWN, [stream]))
