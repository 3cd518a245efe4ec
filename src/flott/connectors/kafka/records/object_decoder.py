"""What a source carries to its readers to make objects of records; ``record_decoding`` does it."""

from __future__ import annotations

from flott.common.typeinfo import TypeInformation
from flott.connectors.kafka.records.codecs import RecordDecoder, RecordDecoderFactory
from flott.connectors.kafka.records.record_deserialization import (
    KafkaRecordDeserializationSchema,
    ValueOnlySchema,
)
from flott.core.context import OperatorContext


class ObjectDecoderFactory(RecordDecoderFactory):
    """Makes decoders of objects.

    Args:
        schema: Reads the records.
    """

    def __init__(self, schema: KafkaRecordDeserializationSchema) -> None:
        if not isinstance(schema, KafkaRecordDeserializationSchema):
            raise TypeError(f"Expected a KafkaRecordDeserializationSchema, found {schema!r}")
        self._schema = schema

    def create_decoder(self, context: OperatorContext) -> RecordDecoder:
        from flott.connectors.kafka.records import record_decoding  # loads Polars

        if isinstance(self._schema, ValueOnlySchema):
            return record_decoding.ValueDecoder(self._schema.schema)
        return record_decoding.WholeRecordDecoder(self._schema)

    def get_produced_type(self) -> TypeInformation:
        """Return the type of the objects."""
        return self._schema.get_produced_type()
