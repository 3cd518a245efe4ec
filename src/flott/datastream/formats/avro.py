"""PyFlink's module path of Avro. Records are dicts; fastavro, the extra ``avro``, reads them."""

from flott.formats.avro.object_files import AvroBulkWriters, AvroFormat, AvroInputFormat
from flott.formats.avro.objects import (
    AvroRowDeserializationSchema,
    AvroRowSerializationSchema,
    AvroSchema,
    GenericRecordAvroTypeInfo,
)

__all__ = [
    "AvroBulkWriters",
    "AvroFormat",
    "AvroInputFormat",
    "AvroRowDeserializationSchema",
    "AvroRowSerializationSchema",
    "AvroSchema",
    "GenericRecordAvroTypeInfo",
]
