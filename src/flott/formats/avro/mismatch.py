"""The error of a schema that a table cannot be read or written by."""

from __future__ import annotations


class SchemaMismatch(ValueError):
    """A schema and the types of columns do not go together.

    Args:
        path: The field, from the outside in; empty for the record itself.
        reason: Why.
    """

    def __init__(self, path: tuple[str, ...], reason: str) -> None:
        super().__init__(f"field '{'.'.join(path)}': {reason}" if path else reason)
        self.path = path
        self.reason = reason
