"""PyFlink's module path of ORC, which Flott does not have: its name says so when it is used."""

from flott.formats.unavailable import OrcBulkWriters

__all__ = ["OrcBulkWriters"]
