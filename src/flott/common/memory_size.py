"""``MemorySize``: a number of bytes."""

from __future__ import annotations

from functools import total_ordering
from typing import Any, NoReturn

from flott.common.quantity_text import bytes_of_text

__all__ = ["MemorySize"]

_UNITS = (("tb", 1 << 40), ("gb", 1 << 30), ("mb", 1 << 20), ("kb", 1 << 10), ("bytes", 1))


@total_ordering
class MemorySize:
    """A number of bytes, viewable in units of 1024.

    >>> MemorySize.parse("64 mb").get_kibi_bytes()
    65536
    >>> print(MemorySize.of_mebi_bytes(64))
    64 mb

    Raises:
        ValueError: if the number is negative.
    """

    __slots__ = ("_bytes",)

    def __init__(self, bytes_size: int) -> None:
        if isinstance(bytes_size, bool) or not isinstance(bytes_size, int):
            raise TypeError(f"Expected a whole number of bytes, found {bytes_size!r}")
        if bytes_size < 0:
            raise ValueError(f"A memory size must not be negative, found {bytes_size}")
        self._bytes = bytes_size

    @staticmethod
    def of_mebi_bytes(mebi_bytes: int) -> MemorySize:
        """Make a size of units of 1,048,576 bytes."""
        return MemorySize(mebi_bytes << 20)

    @staticmethod
    def parse(text: str) -> MemorySize:
        """Read a size as options write it, for example ``64 mb``.

        Raises:
            ConfigurationError: if the text is not a size.
        """
        return MemorySize(bytes_of_text(text))

    def get_bytes(self) -> int:
        """Return the size in bytes."""
        return self._bytes

    def get_kibi_bytes(self) -> int:
        """Return the size in whole units of 1024 bytes."""
        return self._bytes >> 10

    def get_mebi_bytes(self) -> int:
        """Return the size in whole units of 1024 kibibytes."""
        return self._bytes >> 20

    def get_gibi_bytes(self) -> int:
        """Return the size in whole units of 1024 mebibytes."""
        return self._bytes >> 30

    def get_tebi_bytes(self) -> int:
        """Return the size in whole units of 1024 gibibytes."""
        return self._bytes >> 40

    def get_java_memory_size(self) -> NoReturn:
        """Refuse: there is no Java object."""
        from flott.common.utils import refuse_java

        refuse_java("MemorySize.get_java_memory_size")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MemorySize) and self._bytes == other._bytes

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, MemorySize):
            return NotImplemented
        return self._bytes < other._bytes

    def __hash__(self) -> int:
        return hash(self._bytes)

    def __reduce__(self) -> tuple[Any, ...]:
        return MemorySize, (self._bytes,)

    def __repr__(self) -> str:
        return f"MemorySize({self._bytes})"

    def __str__(self) -> str:
        for unit, factor in _UNITS:
            if self._bytes and self._bytes % factor == 0:
                return f"{self._bytes // factor} {unit}"
        return "0 bytes"
