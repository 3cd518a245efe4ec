"""``SqlDialect``: which SQL is spoken."""

from __future__ import annotations

from enum import Enum

__all__ = ["SqlDialect"]


class SqlDialect(Enum):
    """A dialect of SQL; only ``DEFAULT`` is executed."""

    DEFAULT = 0
    """Flink's own."""
    HIVE = 1
    """Hive's; refused."""
