"""How objects become records of Kafka: topic, key, value and what goes with them.

What is chosen here travels with the sink; ``object_encoder`` does the work in the writer.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flott.common.errors import ConfigurationError
from flott.common.serialization import SerializationSchema
from flott.connectors.kafka.records.partitioner import KafkaPartitioner

#: Headers of a record, in order; a name may come more than once.
Headers = Iterable[tuple[str, bytes | None]] | Mapping[str, bytes | None]


class ProducerRecord(NamedTuple):
    """A record to write.

    Attributes:
        topic: Where it goes.
        value: Its value; ``None`` is a tombstone.
        key: Its key.
        partition: Its partition; ``None`` leaves it to the client, which goes by the key.
        timestamp: Epoch milliseconds; ``None`` for the time at which it is sent.
        headers: Names and values.
    """

    topic: str
    value: bytes | None
    key: bytes | None = None
    partition: int | None = None
    timestamp: int | None = None
    headers: Headers = ()


class KafkaTopicSelector(ABC):
    """Chooses the topic of each element."""

    @abstractmethod
    def apply(self, data: Any) -> str:
        """The topic of an element."""


class KafkaRecordSerializationSchema(ABC):
    """Turns an element into a record.

    Most are made by ``builder()``. Subclass it, or give a function to ``of``, where an element
    decides about everything itself.
    """

    #: The topic of all records, if it is one.
    topic: str | None = None

    @staticmethod
    def builder() -> KafkaRecordSerializationSchemaBuilder:
        """Begin a schema out of parts: topic, key, value."""
        return KafkaRecordSerializationSchemaBuilder()

    @staticmethod
    def of(
        function: Callable[[Any, int | None], ProducerRecord | None],
    ) -> KafkaRecordSerializationSchema:
        """Have a function make a record of each element.

        Args:
            function: Takes an element and its event time, if it has one, in epoch milliseconds;
                ``None`` writes nothing.

        >>> schema = KafkaRecordSerializationSchema.of(lambda e, time: ProducerRecord("t", e))
        >>> schema.serialize(b"v", None).value
        b'v'
        """
        return _FunctionSchema(function)

    @abstractmethod
    def serialize(self, element: Any, timestamp: int | None) -> ProducerRecord | None:
        """The record of an element; ``None`` to write nothing.

        Args:
            element: The element.
            timestamp: Its event time in epoch milliseconds, if it has one.
        """

    def open(self, subtask_index: int, parallelism: int) -> None:  # noqa: B027 - most need nothing
        """Get ready, in the writer of a subtask."""


class _FunctionSchema(KafkaRecordSerializationSchema):
    def __init__(self, function: Callable[[Any, int | None], ProducerRecord | None]) -> None:
        if not callable(function):
            raise TypeError(f"Expected a function of an element and its time, found {function!r}")
        self._function = function

    def serialize(self, element: Any, timestamp: int | None) -> ProducerRecord | None:
        return self._function(element, timestamp)


class PartedSchema(KafkaRecordSerializationSchema):
    """A schema out of parts, as the builder makes it.

    Attributes:
        topic: The topic of all records, if it is one.
        topic_of: Gives the topic of an element, if it is not.
        key: Writes keys.
        value: Writes values.
        partitioner: Chooses partitions; ``None`` leaves it to the client.
        headers_of: Gives the headers of an element.
    """

    def __init__(
        self,
        topic: str | None,
        topic_of: Callable[[Any], str] | None,
        key: SerializationSchema | None,
        value: SerializationSchema,
        partitioner: KafkaPartitioner | None = None,
        headers_of: Callable[[Any], Headers] | None = None,
    ) -> None:
        assert (topic is None) != (topic_of is None), "checked by the builder"
        self.topic = topic
        self.topic_of = topic_of
        self.key = key
        self.value = value
        self.partitioner = partitioner
        self.headers_of = headers_of

    def serialize(self, element: Any, timestamp: int | None) -> ProducerRecord | None:
        topic = self.topic_of(element) if self.topic_of is not None else self.topic
        assert topic is not None
        return ProducerRecord(
            topic,
            self.value.serialize(element),
            None if self.key is None else self.key.serialize(element),
            timestamp=timestamp,
            headers=() if self.headers_of is None else self.headers_of(element),
        )


class KafkaRecordSerializationSchemaBuilder:
    """Settings of a schema: a topic and a serialization of values are needed.

    >>> from flott.common.serialization import SimpleStringSchema
    >>> schema = (
    ...     KafkaRecordSerializationSchemaBuilder()
    ...     .set_topic("words")
    ...     .set_value_serialization_schema(SimpleStringSchema())
    ...     .build()
    ... )
    >>> schema.serialize("hello", None).value
    b'hello'
    """

    def __init__(self) -> None:
        self._topic: str | None = None
        self._topic_of: Callable[[Any], str] | None = None
        self._key: SerializationSchema | None = None
        self._value: SerializationSchema | None = None
        self._partitioner: KafkaPartitioner | None = None
        self._headers_of: Callable[[Any], Headers] | None = None

    def build(self) -> KafkaRecordSerializationSchema:
        """Make the schema.

        Raises:
            ConfigurationError: If topic or value are missing.
        """
        if self._topic is None and self._topic_of is None:
            raise ConfigurationError(
                "Say where to write: set_topic(...) or set_topic_selector(...)"
            )
        if self._value is None:
            raise ConfigurationError("Say how to write values: set_value_serialization_schema(...)")
        return PartedSchema(
            self._topic,
            self._topic_of,
            self._key,
            self._value,
            self._partitioner,
            self._headers_of,
        )

    def set_topic(self, topic: str) -> KafkaRecordSerializationSchemaBuilder:
        """Write everything to one topic.

        Raises:
            ConfigurationError: If there is a topic selector.
        """
        if not isinstance(topic, str) or not topic:
            raise TypeError(f"Expected the name of a topic, found {topic!r}")
        self._check_unset(self._topic_of, "topic selector")
        self._topic = topic
        return self

    def set_topic_selector(
        self, topic_selector: Callable[[Any], str] | KafkaTopicSelector
    ) -> KafkaRecordSerializationSchemaBuilder:
        """Choose the topic of each element.

        Args:
            topic_selector: A function of the element, or a ``KafkaTopicSelector``.

        Raises:
            ConfigurationError: If there is a topic.
        """
        self._check_unset(self._topic, "topic")
        if isinstance(topic_selector, KafkaTopicSelector):
            self._topic_of = topic_selector.apply
        elif callable(topic_selector):
            self._topic_of = topic_selector
        else:
            raise TypeError("topic_selector must be KafkaTopicSelector or a callable")
        return self

    def set_key_serialization_schema(
        self, key_serialization_schema: SerializationSchema
    ) -> KafkaRecordSerializationSchemaBuilder:
        """Say how to write keys; without it records have none."""
        self._key = _checked(key_serialization_schema)
        return self

    def set_value_serialization_schema(
        self, value_serialization_schema: SerializationSchema
    ) -> KafkaRecordSerializationSchemaBuilder:
        """Say how to write values."""
        self._value = _checked(value_serialization_schema)
        return self

    def set_partitioner(
        self, partitioner: KafkaPartitioner | Callable[..., int]
    ) -> KafkaRecordSerializationSchemaBuilder:
        """Choose partitions; without it the client goes by the key, as the Java client does.

        Args:
            partitioner: A ``KafkaPartitioner``, or a function of the same five arguments: element,
                key, value, topic, and the topic's partitions.
        """
        if isinstance(partitioner, KafkaPartitioner):
            self._partitioner = partitioner
        elif callable(partitioner) and not inspect.isclass(partitioner):
            self._partitioner = _FunctionPartitioner(partitioner)
        else:
            raise TypeError(f"Expected a KafkaPartitioner or a function, found {partitioner!r}")
        return self

    def set_header_provider(
        self, header_provider: Callable[[Any], Headers]
    ) -> KafkaRecordSerializationSchemaBuilder:
        """Add headers to records.

        Args:
            header_provider: A function of the element that gives names and values, as a dict or as
                pairs; a name may come more than once in pairs.
        """
        if not callable(header_provider):
            raise TypeError(f"Expected a function of the element, found {header_provider!r}")
        self._headers_of = header_provider
        return self

    def _check_unset(self, other: object, name: str) -> None:
        if other is not None:
            raise ConfigurationError(f"There is a {name} already; records go to one topic each.")


class _FunctionPartitioner(KafkaPartitioner):
    def __init__(self, function: Callable[..., int]) -> None:
        self._function = function

    def partition(
        self,
        record: Any,
        key: bytes | None,
        value: bytes | None,
        topic: str,
        partitions: Sequence[int],
    ) -> int:
        return self._function(record, key, value, topic, partitions)


def _checked(schema: SerializationSchema) -> SerializationSchema:
    if not isinstance(schema, SerializationSchema):
        raise TypeError(f"Expected a SerializationSchema, found {schema!r}")
    return schema
