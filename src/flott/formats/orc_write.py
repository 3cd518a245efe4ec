"""Write ORC files from rows, tuples, dicts and dataclasses of a declared type."""

from __future__ import annotations

from typing import Any, BinaryIO, Final

from flott.common.serialization import BulkWriter, BulkWriterFactory
from flott.common.typeinfo import TypeInformation
from flott.formats.arrow import load_arrow, load_orc
from flott.formats.arrow_types import is_record_type, to_arrow_schema
from flott.formats.kinds import shape_of, to_type_info
from flott.formats.parquet_write import to_record_batch

#: Rows that become columns together.
_COLUMN_ROWS: Final = 4096
_CODECS: Final = {"none": "uncompressed"}


class OrcBulkWriters:
    """Makes writers of ORC files.

    >>> import io
    >>> from flott.common import Row, Types
    >>> clicks = Types.ROW_NAMED(["id", "user"], [Types.INT(), Types.STRING()])
    >>> stream = io.BytesIO()
    >>> writer = OrcBulkWriters.for_row_type(clicks).create(stream)
    >>> writer.add_elements([Row(id=1, user="ada")])
    >>> writer.finish()
    >>> stream.getvalue()[:3]
    b'ORC'
    """

    @staticmethod
    def for_row_type(
        row_type: Any, writer_properties: Any = None, hadoop_config: Any = None
    ) -> BulkWriterFactory:
        """Writers of records of a declared type.

        Args:
            row_type: The type of a row, tuple or dataclass.
            writer_properties: ``orc.compress`` and ``orc.stripe.size`` (bytes) in it are followed.
            hadoop_config: Without effect.

        Raises:
            TypeError: If the type has no fields, or one without a column type.
        """
        codec, stripe_bytes = "zlib", 64 << 20
        if writer_properties is not None:
            codec = writer_properties.get_string("orc.compress", codec).lower()
            stripe_bytes = int(writer_properties.get_string("orc.stripe.size", str(stripe_bytes)))
        type_info = to_type_info(row_type)
        if not is_record_type(type_info):
            raise TypeError(f"Expected the type of a row, found {type_info}")
        return _OrcWriterFactory(type_info, codec, stripe_bytes)


class _OrcWriterFactory(BulkWriterFactory):
    def __init__(self, type_info: TypeInformation, codec: str, stripe_bytes: int) -> None:
        self._type_info = type_info
        self._codec = codec
        self._stripe_bytes = stripe_bytes
        to_arrow_schema(shape_of(type_info))

    def create(self, stream: BinaryIO) -> BulkWriter:
        writer = load_orc().ORCWriter(
            stream,
            compression=_CODECS.get(self._codec, self._codec),
            stripe_size=self._stripe_bytes,
        )
        return _OrcWriter(writer, to_arrow_schema(shape_of(self._type_info)))


class _OrcWriter(BulkWriter):
    def __init__(self, writer: Any, schema: Any) -> None:
        self._writer = writer
        self._schema = schema
        self._rows: list[Any] = []

    def add_elements(self, elements: list[Any]) -> None:
        self._rows += elements
        if len(self._rows) >= _COLUMN_ROWS:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            rows, self._rows = self._rows, []
            batch = to_record_batch(rows, self._schema)
            self._writer.write(load_arrow().Table.from_batches([batch]))

    def finish(self) -> None:
        self.flush()
        self._writer.close()
