"""Formats whose files hold groups of records that can be read by number, such as Parquet."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, BinaryIO

from flott.common.typeinfo import TypeInformation, Types


class BulkReader(ABC):
    """Reads the groups of one file that begin in a range of its bytes."""

    @property
    @abstractmethod
    def groups(self) -> list[int]:
        """Numbers of these groups, rising."""

    @abstractmethod
    def open_group(self, group: int, skip: int) -> None:
        """Go to record ``skip`` of a group."""

    @abstractmethod
    def read(self, rows_max: int) -> list[Any]:
        """Records of the open group, about ``rows_max`` at most; none at its end."""

    @abstractmethod
    def close(self) -> None:
        """Release the file."""


class BulkFormat(ABC):
    """How a file of groups becomes records."""

    @abstractmethod
    def open(self, stream: BinaryIO, start: int, stop: int) -> BulkReader:
        """A reader of the groups whose first byte lies from ``start`` up to ``stop``.

        Raises:
            ValueError: If this is not such a file, or its columns do not fit.
        """

    def get_produced_type(self) -> TypeInformation:
        """Return the type of the records."""
        return Types.PICKLED_BYTE_ARRAY()
