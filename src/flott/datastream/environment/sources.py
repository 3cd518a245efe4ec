"""Where records come from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from flott.common.errors import ProgramError, UnsupportedFeature
from flott.common.type_conversion import conversion_for
from flott.common.type_inference import type_info_from_values
from flott.common.typeinfo import TypeInformation
from flott.common.watermark_strategy import WatermarkStrategy
from flott.connectors.collection import CollectionSource
from flott.connectors.files.source import FileSource
from flott.connectors.number_sequence import NumberSequenceSource
from flott.core.source import Source
from flott.datastream.environment.base_environment import BaseEnvironment
from flott.datastream.streams.base_stream import output_of
from flott.datastream.streams.checks import caller_location
from flott.datastream.streams.record_type import UNKNOWN, RecordType, to_declared
from flott.operators.source import SourceSpec

if TYPE_CHECKING:
    from flott.datastream.streams.data_stream import DataStream

__all__ = ["Sources"]

#: Records of a collection that are looked at to tell its type.
_SAMPLE_ROWS = 100


class Sources(BaseEnvironment):
    """The part of the environment that makes streams."""

    def from_collection(self, collection: Iterable[Any], type_info: Any = None) -> DataStream:
        """Make a stream of the items of a collection, in order; it is never parallel.

        Args:
            collection: a list or another iterable that ends; read now.
            type_info: the type of the items; they are converted to it, tuples to rows for example.

        Raises:
            TypeError: if it cannot be iterated over.
            TypeMismatchError: if an item does not fit the type; names it.
            UnpicklableError: if an item cannot travel to a worker.

        >>> from flott.datastream import StreamExecutionEnvironment
        >>> env = StreamExecutionEnvironment.get_execution_environment()
        >>> env.from_collection(range(3)).execute_and_collect(limit=2)
        [0, 1]
        """
        items = _items(collection)
        declared = to_declared(type_info)
        if declared is not None:
            items = _converted(items, declared)
        record_type = UNKNOWN if declared is None else RecordType(declared, "declared")
        shown = declared or type_info_from_values(items[:_SAMPLE_ROWS])
        return self._source(
            CollectionSource(items),
            None,
            "Collection Source",
            record_type,
            parallelism=1,
            max_parallelism=1,
            fixed_parallelism=True,
            output_type=shown,
            type_origin=record_type.origin or "first record",
        )

    def from_source(
        self,
        source: Source,
        watermark_strategy: WatermarkStrategy,
        source_name: str,
        type_info: Any = None,
    ) -> DataStream:
        """Make a stream of what a source reads.

        Args:
            source: for example ``FileSource.for_record_stream_format(...).build()``.
            watermark_strategy: how timestamps and watermarks arise, for each split by itself;
                ``WatermarkStrategy.no_watermarks()`` for none.
            source_name: the name of the operation.
            type_info: the type of the records; they are converted to it.

        >>> from flott.datastream import StreamExecutionEnvironment
        >>> env = StreamExecutionEnvironment.get_execution_environment()
        >>> numbers = env.from_source(
        ...     NumberSequenceSource(1, 3), WatermarkStrategy.no_watermarks(), "numbers"
        ... )
        >>> sorted(numbers.execute_and_collect())
        [1, 2, 3]
        """
        if not isinstance(source, Source):
            raise TypeError(f"from_source: expected a Source, found {source!r}")
        if not isinstance(watermark_strategy, WatermarkStrategy):
            raise TypeError(
                f"from_source: expected a WatermarkStrategy, found {watermark_strategy!r}. "
                "Give WatermarkStrategy.no_watermarks() for none."
            )
        declared = to_declared(type_info)
        if declared is not None:
            record_type = RecordType(declared, "declared")
        else:
            produced = getattr(source, "get_produced_type", None)
            record_type = RecordType(produced(), "declared") if produced is not None else UNKNOWN
        return self._source(
            source, watermark_strategy, source_name, record_type, conversion=declared
        )

    def from_sequence(self, from_: int, to: int) -> DataStream:
        """Make a stream of whole numbers, both ends included, in parallel. Beyond PyFlink."""
        return self.from_source(
            NumberSequenceSource(from_, to), WatermarkStrategy.no_watermarks(), "Sequence Source"
        )

    def add_source(
        self, source_func: Any, source_name: str = "Custom Source", type_info: Any = None
    ) -> NoReturn:
        """Removed in Flink 2.

        Raises:
            UnsupportedFeature: always; ``from_source`` took its place.
        """
        raise UnsupportedFeature(
            "StreamExecutionEnvironment.add_source",
            successor="StreamExecutionEnvironment.from_source",
        )

    def create_input(self, input_format: Any, type_info: Any = None) -> DataStream:
        """Read the files of an input format, such as an ``AvroInputFormat``.

        Args:
            input_format: A format with a path.
            type_info: The type of the records, if it is not the format's.

        Raises:
            UnsupportedFeature: The format is not one of files.
        """
        bulk_format = getattr(input_format, "bulk_format", None)
        if bulk_format is None:
            raise UnsupportedFeature(
                f"StreamExecutionEnvironment.create_input with {type(input_format).__name__}",
                successor="env.from_source(FileSource.for_record_stream_format(...).build(), ...)",
            )
        source = FileSource.for_bulk_file_format(bulk_format, input_format.path).build()
        no_watermarks = WatermarkStrategy.no_watermarks()
        return self.from_source(source, no_watermarks, "Input Format Source", type_info)

    def _source(
        self,
        source: Source,
        strategy: WatermarkStrategy | None,
        name: str,
        record_type: RecordType,
        conversion: TypeInformation | None = None,
        **settings: Any,
    ) -> DataStream:
        if not isinstance(name, str) or not name:
            raise ProgramError(f"A source needs a name, found {name!r}")
        environment: Any = self
        settings.setdefault("parallelism", environment.get_parallelism())
        settings.setdefault("output_type", record_type.info)
        settings.setdefault("type_origin", record_type.origin)
        spec = SourceSpec(source, strategy, conversion)
        node = self._plan.add(spec, [], name=name, location=caller_location(), **settings)
        return output_of(environment, node, record_type)


def _items(collection: Iterable[Any]) -> list[Any]:
    try:
        return list(collection)
    except TypeError:
        if hasattr(collection, "__iter__"):
            raise
        raise TypeError(
            f"from_collection: expected a list or another iterable, found {collection!r}"
        ) from None


def _converted(items: list[Any], type_info: TypeInformation) -> list[Any]:
    conversion = conversion_for(type_info)
    if conversion is None:
        return items
    exact, convert = conversion.exact, conversion.convert
    converted = []
    for index, value in enumerate(items):
        if type(value) is exact:
            converted.append(value)
            continue
        try:
            converted.append(convert(value))
        except ProgramError as error:
            error.add_note(f"This is item {index} of the collection.")
            raise
    return converted
