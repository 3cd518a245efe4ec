"""Read Parquet files into rows, row group by row group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from flott.common.typeinfo import TypeInformation, Types
from flott.common.types import Row
from flott.formats.arrow import load_arrow, load_parquet
from flott.formats.arrow_types import (
    column_values,
    declared_values,
    is_record_type,
    record_maker,
)
from flott.formats.bulk_format import BulkFormat, BulkReader
from flott.formats.kinds import shape_of, to_type_info


class ParquetFormat(BulkFormat):
    """Reads Parquet files into rows, or into records of a declared type.

    Args:
        type_info: The type of the records, which says what columns are read; without one, all
            columns are read into rows with their names.
        batch_size: How many rows are decoded at once, at most.
        is_case_sensitive: Whether columns are found by their exact names.

    Raises:
        TypeError: If the type has no fields.
    """

    def __init__(
        self, type_info: Any = None, batch_size: int = 16384, is_case_sensitive: bool = True
    ) -> None:
        self._type_info = None if type_info is None else to_type_info(type_info)
        if self._type_info is not None and not is_record_type(self._type_info):
            raise TypeError(f"Expected the type of a row, found {self._type_info}")
        self._batch_size = batch_size
        self._is_case_sensitive = is_case_sensitive

    def open(self, stream: BinaryIO, start: int, stop: int) -> BulkReader:
        pa = load_arrow()
        try:
            file = load_parquet().ParquetFile(stream)
        except pa.ArrowInvalid as error:
            raise ValueError(f"it is not a complete Parquet file ({error})") from error
        columns = self._find_columns(file.schema_arrow.names)
        groups = _groups_in(file.metadata, start, stop)
        return _ParquetReader(file, groups, columns, self._type_info, self._batch_size)

    def get_produced_type(self) -> TypeInformation:
        return Types.PICKLED_BYTE_ARRAY() if self._type_info is None else self._type_info

    @property
    def _names(self) -> tuple[str, ...] | None:
        return None if self._type_info is None else shape_of(self._type_info).names

    def _find_columns(self, found: list[str]) -> list[str]:
        """The names in the file of the columns to read."""
        wanted = self._names
        if wanted is None:
            return found
        fold = str if self._is_case_sensitive else str.lower
        by_name = {fold(name): name for name in found}
        columns = [by_name.get(fold(name)) for name in wanted]
        missing = [name for name, column in zip(wanted, columns, strict=True) if column is None]
        if missing:
            raise ValueError(f"it has no columns {missing}; it has {found}")
        return [column for column in columns if column is not None]


class ParquetColumnarRowInputFormat(ParquetFormat):
    """``ParquetFormat`` with the name and arguments of PyFlink.

    Args:
        row_type: The type of the rows, which says what columns are read.
        hadoop_config: Without effect.
        batch_size: How many rows are decoded at once, at most.
        is_utc_timestamp: Without effect: timestamps without zone are read as they are.
        is_case_sensitive: Whether columns are found by their exact names.
    """

    def __init__(
        self,
        row_type: Any,
        hadoop_config: Any = None,
        batch_size: int = 2048,
        is_utc_timestamp: bool = False,
        is_case_sensitive: bool = True,
    ) -> None:
        super().__init__(row_type, batch_size, is_case_sensitive)


class _ParquetReader(BulkReader):
    def __init__(
        self,
        file: Any,
        groups: list[int],
        columns: list[str],
        type_info: TypeInformation | None,
        batch_size: int,
    ) -> None:
        self._file = file
        self._groups = groups
        self._columns = columns
        self._shape = None if type_info is None else shape_of(type_info)
        self._names = tuple(columns) if self._shape is None else self._shape.names
        self._make = None if self._shape is None else record_maker(self._shape)
        self._batch_size = batch_size
        self._batches: Iterator[Any] = iter(())
        self._rows: list[Any] = []
        self._given = 0

    @property
    def groups(self) -> list[int]:
        return self._groups

    def open_group(self, group: int, skip: int) -> None:
        self._batches = self._file.iter_batches(
            batch_size=self._batch_size, row_groups=[group], columns=self._columns
        )
        self._rows = []
        self._given = 0
        while skip:
            batch = next(self._batches, None)
            if batch is None:
                raise ValueError(f"row group {group} has fewer rows than were read before")
            if batch.num_rows > skip:
                self._rows = self._to_rows(batch.slice(skip))
                return
            skip -= batch.num_rows

    def read(self, rows_max: int) -> list[Any]:
        if self._given == len(self._rows):
            batch = next(self._batches, None)
            self._rows = [] if batch is None else self._to_rows(batch)
            self._given = 0
        start = self._given
        self._given = min(start + rows_max, len(self._rows))
        return self._rows[start : self._given]

    def close(self) -> None:
        self._file.close(force=True)

    def _to_rows(self, batch: Any) -> list[Any]:
        # By name: pyarrow gives columns in the order of the file.
        arrays = [batch.column(name) for name in self._columns]
        if self._shape is not None and self._make is not None:
            children = self._shape.children
            columns = [
                declared_values(array, child, name)
                for array, child, name in zip(arrays, children, self._columns, strict=True)
            ]
            return list(map(self._make, zip(*columns, strict=True)))
        names = self._names
        of_values = Row.of_values
        columns = [column_values(array) for array in arrays]
        return [of_values(list(each), names) for each in zip(*columns, strict=True)]


def _groups_in(metadata: Any, start: int, stop: int) -> list[int]:
    """Numbers of the row groups whose first byte lies from ``start`` up to ``stop``."""
    groups = []
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        if group.num_columns == 0:
            continue
        chunk = group.column(0)
        first = chunk.data_page_offset
        if chunk.dictionary_page_offset is not None:
            first = min(first, chunk.dictionary_page_offset)
        if start <= first < stop:
            groups.append(index)
    return groups
