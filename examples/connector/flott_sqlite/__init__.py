"""A connector to tables of SQLite: reads what is appended to them, and writes exactly once."""

from flott_sqlite.sink import SqliteSink
from flott_sqlite.source import SqliteSource

__all__ = ["SqliteSink", "SqliteSource"]
