"""How records of Kafka become objects: values by a deserialization schema, whole records by a
function."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from flott.common.errors import UnsupportedFeature
from flott.common.serialization import DeserializationSchema
from flott.common.typeinfo import TypeInformation, Types


class ConsumerRecord(NamedTuple):
    """A record as Kafka has it.

    Attributes:
        topic: Its topic.
        partition: Its partition.
        offset: Its offset.
        timestamp: Its time in epoch milliseconds, if it has one.
        timestamp_type: 0 for none, 1 if set by whoever wrote it, 2 if set by the broker.
        key: Its key, if it has one.
        value: Its value; ``None`` for a tombstone.
        headers: Names and values in order; a name may come more than once.
        leader_epoch: The epoch of the partition's leader that took it, if known.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int | None
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    leader_epoch: int | None


class KafkaRecordDeserializationSchema(ABC):
    """Turns a record, with key, headers and position, into any number of objects.

    PyFlink leaves this to Java. Subclass it, or give a function to ``of``.
    """

    @staticmethod
    def value_only(
        deserialization_schema: DeserializationSchema,
    ) -> KafkaRecordDeserializationSchema:
        """Look at values only.

        Args:
            deserialization_schema: Reads the values. Records without a value are left out.

        Raises:
            TypeError: If it is not a schema.
            UnsupportedFeature: If it says itself when the stream ends.
        """
        return ValueOnlySchema(deserialization_schema)

    @staticmethod
    def of(
        function: Callable[[ConsumerRecord], Any], output_type: TypeInformation | None = None
    ) -> KafkaRecordDeserializationSchema:
        """Have a function make an object of each record.

        Args:
            function: Takes a ``ConsumerRecord``; what it gives for ``None`` is left out.
            output_type: The type of the objects; any if it is not given.

        >>> schema = KafkaRecordDeserializationSchema.of(lambda r: (r.key, r.value), None)
        >>> list(schema.deserialize(ConsumerRecord("t", 0, 7, 1, 1, b"k", b"v", (), None)))
        [(b'k', b'v')]
        """
        return _FunctionSchema(function, output_type)

    @abstractmethod
    def deserialize(self, record: ConsumerRecord) -> Iterable[Any]:
        """The objects a record holds.

        Raises:
            ValueError: It holds none; it is treated as malformed, and so are ``LookupError``,
                ``TypeError`` and ``ArithmeticError``. Anything else fails the job.
        """

    def get_produced_type(self) -> TypeInformation:
        """Return the type of the objects."""
        return Types.PICKLED_BYTE_ARRAY()


class ValueOnlySchema(KafkaRecordDeserializationSchema):
    """Looks at values only.

    Attributes:
        schema: Reads them.
    """

    def __init__(self, schema: DeserializationSchema) -> None:
        if not isinstance(schema, DeserializationSchema):
            raise TypeError(f"Expected a DeserializationSchema, found {schema!r}")
        if type(schema).is_end_of_stream is not DeserializationSchema.is_end_of_stream:
            raise UnsupportedFeature(
                f"{type(schema).__name__}.is_end_of_stream for Kafka",
                successor="set_bounded(...) or set_unbounded(...)",
            )
        self.schema = schema

    def deserialize(self, record: ConsumerRecord) -> Iterable[Any]:
        found = None if record.value is None else self.schema.deserialize(record.value)
        return () if found is None else (found,)

    def get_produced_type(self) -> TypeInformation:
        return self.schema.get_produced_type()


class _FunctionSchema(KafkaRecordDeserializationSchema):
    def __init__(
        self, function: Callable[[ConsumerRecord], Any], output_type: TypeInformation | None
    ) -> None:
        if not callable(function):
            raise TypeError(f"Expected a function of a ConsumerRecord, found {function!r}")
        self._function = function
        self._output_type = output_type

    def deserialize(self, record: ConsumerRecord) -> Iterable[Any]:
        found = self._function(record)
        return () if found is None else (found,)

    def get_produced_type(self) -> TypeInformation:
        return super().get_produced_type() if self._output_type is None else self._output_type
