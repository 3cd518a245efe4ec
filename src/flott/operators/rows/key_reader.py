"""The keys of a batch, all at once, with a clear error for a key that cannot be one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flott.common.errors import ProgramError
from flott.core.operator import Operator

__all__ = ["KeyReader"]


class KeyReader(Operator):
    """Part of operators with keyed inputs."""

    def keys_of(self, values: list[Any], key_of: Callable[[Any], Any]) -> list[Any]:
        """Return the keys of a batch, each checked to be hashable.

        Raises:
            ProgramError: if a key cannot be hashed.
        """
        try:
            # Two passes in C; a loop that asks for the hash of each key takes twice as long.
            keys = list(map(key_of, values))
            hash(tuple(keys))
        except Exception:
            self._raise_key_error(values, key_of)
            raise
        return keys

    def _raise_key_error(self, values: list[Any], key_of: Callable[[Any], Any]) -> None:
        """Go through the batch again, so that the error names the record."""
        for value in values:
            key = key_of(value)
            try:
                hash(key)
            except TypeError:
                raise ProgramError(
                    f"The key selector of operator '{self.context.operator_name}' gave {key!r}; "
                    f"a {type(key).__name__} is not hashable and cannot be a key. "
                    "Give a string, a number or a tuple of such."
                ) from None
