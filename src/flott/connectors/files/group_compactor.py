"""Puts files of row groups together: their rows are read and written once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import SEEK_END
from typing import BinaryIO

from flott.common.logical_types import RowField
from flott.core.column_batch import ColumnBatch
from flott.formats.columns.contract import ColumnFormat, FormatRequest


@dataclass(frozen=True)
class GroupCompactor:
    """Joins files of a format whose files cannot be put one behind the other.

    Attributes:
        column_format: The format.
        fields: The columns of the files.
    """

    column_format: ColumnFormat
    fields: tuple[RowField, ...]

    def compact(self, inputs: Sequence[BinaryIO], output: BinaryIO) -> None:
        """Write what ``inputs`` hold to ``output``, in order; leaves all of them open."""
        request = FormatRequest(self.fields, tuple(field.name for field in self.fields))
        writer = self.column_format.create_group_writer(self.fields, output)
        for stream in inputs:
            size = stream.seek(0, SEEK_END)
            stream.seek(0)
            reader = self.column_format.open_groups(request, stream, 0, size)
            for group in reader.groups:
                writer.write(ColumnBatch(reader.read(group)))
        writer.finish()
