"""Write Parquet files from rows, tuples, dicts and dataclasses.

The columns come from the declared type, else from the first records: then every file of a subtask
has the columns and types of its first one. Records become Arrow columns batch by batch, and a row
group is written when enough of them have come together.
"""

from __future__ import annotations

import datetime
from typing import Any, BinaryIO, Final, Protocol

from flott.common.errors import TypeMismatchError
from flott.common.redaction import shorten_record
from flott.common.serialization import BulkWriter, BulkWriterFactory
from flott.common.typeinfo import TypeInformation
from flott.formats.arrow import load_arrow, load_parquet
from flott.formats.arrow_types import (
    infer_names,
    is_record_type,
    to_arrow_schema,
    to_arrow_value,
    to_columns,
)
from flott.formats.kinds import shape_of, to_type_info

#: A row group is written from so many bytes of columns on.
_GROUP_BYTES: Final = 64 << 20
#: Without a declared type, columns are inferred from so many records.
_SAMPLE_ROWS: Final = 1000
#: Fewer records than this wait for others: columns cost more to begin than to fill.
_COLUMN_ROWS: Final = 1000
# These pyarrow takes as they are, whatever else is in the column.
_PLAIN: Final = frozenset(
    {int, float, str, bool, bytes, type(None), datetime.date, datetime.datetime, datetime.time}
)


class ParquetBulkWriters:
    """Makes writers of Parquet files.

    >>> import io
    >>> from flott.common import Row
    >>> stream = io.BytesIO()
    >>> writer = ParquetBulkWriters.for_records().create(stream)
    >>> writer.add_elements([Row(id=1, user="ada")])
    >>> writer.finish()
    >>> stream.getvalue()[:4]
    b'PAR1'
    """

    @staticmethod
    def for_row_type(
        row_type: Any, hadoop_config: Any = None, utc_timestamp: bool = False
    ) -> BulkWriterFactory:
        """Writers of records of a declared type.

        Args:
            row_type: The type of a row, tuple or dataclass.
            hadoop_config: Without effect; ``parquet.compression`` in it is followed.
            utc_timestamp: Whether timestamps without zone are marked as UTC in the file.

        Raises:
            TypeError: If the type has no fields, or one without a column type.
        """
        codec = "snappy"
        if hadoop_config is not None:
            codec = hadoop_config.get_string("parquet.compression", codec).lower()
        type_info = to_type_info(row_type)
        if not is_record_type(type_info):
            raise TypeError(f"Expected the type of a row, found {type_info}")
        return _ParquetWriterFactory(type_info, codec, utc_timestamp)

    @staticmethod
    def for_records(type_info: Any = None, compression: str = "snappy") -> BulkWriterFactory:
        """Writers of rows, tuples, dicts or dataclasses.

        Args:
            type_info: Their type; without one, columns and their types come from the first records.
            compression: ``snappy``, ``zstd``, ``gzip``, ``lz4``, ``brotli`` or ``none``.

        Raises:
            TypeError: If the type has no fields, or one without a column type.
        """
        if type_info is None:
            return _ParquetWriterFactory(None, compression, False)
        declared = to_type_info(type_info)
        if not is_record_type(declared):
            raise TypeError(f"Expected the type of a row, found {declared}")
        return _ParquetWriterFactory(declared, compression, False)


class _ParquetWriterFactory(BulkWriterFactory):
    def __init__(
        self, type_info: TypeInformation | None, compression: str, utc_timestamp: bool
    ) -> None:
        self._type_info = type_info
        self._compression = compression
        self._utc_timestamp = utc_timestamp
        self._schema: Any = None
        if type_info is not None:
            self._declared_schema()

    def create(self, stream: BinaryIO) -> BulkWriter:
        if self._schema is None and self._type_info is not None:
            self._schema = self._declared_schema()
        return ParquetFileWriter(stream, self)

    def schema_for(self, sample: list[Any]) -> Any:
        """The schema of all files: what is declared, else what the first records show."""
        if self._schema is None:
            self._schema = _infer_schema(sample)
        return self._schema

    @property
    def is_decided(self) -> bool:
        """Whether the schema is known already."""
        return self._schema is not None

    @property
    def compression(self) -> str:
        """The codec."""
        return self._compression

    def _declared_schema(self) -> Any:
        schema = to_arrow_schema(shape_of(self._type_info))
        if not self._utc_timestamp:
            return schema
        pa = load_arrow()
        zoned = pa.timestamp("us", "UTC")
        fields = [f.with_type(zoned) if pa.types.is_timestamp(f.type) else f for f in schema]
        return pa.schema(fields)

    def __getstate__(self) -> tuple[Any, ...]:
        return self._type_info, self._compression, self._utc_timestamp

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._type_info, self._compression, self._utc_timestamp = state
        self._schema = None


class ParquetColumns(Protocol):
    """Decides which columns files have."""

    @property
    def compression(self) -> str:
        """The codec."""

    @property
    def is_decided(self) -> bool:
        """Whether the schema is known already."""

    def schema_for(self, sample: list[Any]) -> Any:
        """The schema of all files, where it depends on records by these."""


class ParquetFileWriter(BulkWriter):
    """Writes one file.

    Args:
        stream: The file.
        factory: Decides which columns it has.
    """

    def __init__(self, stream: BinaryIO, factory: ParquetColumns) -> None:
        self._stream = stream
        self._factory = factory
        self._writer: Any = None
        self._rows: list[Any] = []
        self._batches: list[Any] = []
        self._kept_bytes = 0

    def add_elements(self, elements: list[Any]) -> None:
        if not elements:
            return
        rows = self._rows
        rows += elements
        if len(rows) >= (_COLUMN_ROWS if self._factory.is_decided else _SAMPLE_ROWS):
            self._take_rows()

    def flush(self) -> None:
        if self._factory.is_decided:
            self._take_rows()
        self._write_group()

    def finish(self) -> None:
        self._take_rows()
        self._write_group()
        if self._writer is not None:
            self._writer.close()

    def _take_rows(self) -> None:
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        batch = to_record_batch(rows, self._factory.schema_for(rows))
        self._batches.append(batch)
        self._kept_bytes += batch.nbytes
        if self._kept_bytes >= _GROUP_BYTES:
            self._write_group()

    def _write_group(self) -> None:
        if not self._batches:
            return
        if self._writer is None:
            self._writer = load_parquet().ParquetWriter(
                self._stream, self._batches[0].schema, compression=self._factory.compression
            )
        table = load_arrow().Table.from_batches(self._batches)
        self._writer.write_table(table, row_group_size=table.num_rows)
        self._batches = []
        self._kept_bytes = 0


def to_record_batch(values: list[Any], schema: Any) -> Any:
    """Records as an Arrow batch.

    Raises:
        TypeMismatchError: If a value does not fit its column; names record and field.
    """
    pa = load_arrow()
    columns = to_columns(values, tuple(schema.names))
    arrays = []
    for field, column in zip(schema, columns, strict=True):
        if not _PLAIN.issuperset(map(type, column)):
            column = list(map(to_arrow_value, column))
        try:
            arrays.append(pa.array(column, field.type))
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            raise _mismatch(field, column, error) from error
    return pa.record_batch(arrays, schema=schema)


def _mismatch(field: Any, column: Any, error: Exception) -> TypeMismatchError:
    """The error about the first value of a column that does not fit."""
    pa = load_arrow()
    for value in column:
        try:
            pa.array([to_arrow_value(value)], field.type)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as reason:
            found = f"{type(value).__name__} {shorten_record(value, 80)}"
            return TypeMismatchError(
                str(field.type), found, f"field {field.name!r}", str(reason).split("\n")[0]
            )
    return TypeMismatchError(str(field.type), "values", f"field {field.name!r}", str(error))


def _infer_schema(sample: list[Any]) -> Any:
    pa = load_arrow()
    first = sample[0]
    names = infer_names(first)
    if isinstance(first, dict):
        names = tuple(dict.fromkeys(str(name) for value in sample for name in value))
    fields = []
    for name, column in zip(names, to_columns(sample, names), strict=True):
        try:
            inferred = pa.array(list(map(to_arrow_value, column))).type
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            reason = str(error).split("\n")[0]
            raise TypeMismatchError(
                "one type", "values of several", f"field {name!r}", f"{reason}; declare a type"
            ) from error
        fields.append((name, inferred))
    return pa.schema(fields)
