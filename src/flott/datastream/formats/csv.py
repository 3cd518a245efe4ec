"""PyFlink's module path of CSV."""

from flott.formats.csv_files import CsvBulkWriters, CsvReaderFormat
from flott.formats.csv_row import CsvRowDeserializationSchema, CsvRowSerializationSchema
from flott.formats.csv_schema import CsvSchema, CsvSchemaBuilder

__all__ = [
    "CsvBulkWriters",
    "CsvReaderFormat",
    "CsvRowDeserializationSchema",
    "CsvRowSerializationSchema",
    "CsvSchema",
    "CsvSchemaBuilder",
]
