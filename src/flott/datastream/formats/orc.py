"""PyFlink's module path of ORC."""

from flott.formats.orc_write import OrcBulkWriters

__all__ = ["OrcBulkWriters"]
