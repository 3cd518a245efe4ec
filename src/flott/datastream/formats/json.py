"""PyFlink's module path of JSON, and files of JSON lines."""

from flott.formats.json_lines import JsonBulkWriters, JsonLinesEncoder, JsonLinesFormat
from flott.formats.json_row import JsonRowDeserializationSchema, JsonRowSerializationSchema

__all__ = [
    "JsonBulkWriters",
    "JsonLinesEncoder",
    "JsonLinesFormat",
    "JsonRowDeserializationSchema",
    "JsonRowSerializationSchema",
]
