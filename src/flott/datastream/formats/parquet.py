"""PyFlink's module path of Parquet."""

from flott.formats.avro.parquet import AvroParquetReaders, AvroParquetWriters
from flott.formats.parquet_read import ParquetColumnarRowInputFormat, ParquetFormat
from flott.formats.parquet_write import ParquetBulkWriters

__all__ = [
    "AvroParquetReaders",
    "AvroParquetWriters",
    "ParquetBulkWriters",
    "ParquetColumnarRowInputFormat",
    "ParquetFormat",
]
