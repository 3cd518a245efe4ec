"""Two values that stand for something absent: a removed entry, and a key that is not set.

``NO_KEY`` costs nothing where keys are set: it is an ordinary object in the place of a key, and
the first dict that is asked for it has it raise.
"""

from __future__ import annotations

from typing import Final, NoReturn

from flott.common.errors import StateAccessError


class Tombstone:
    """Stands in changes and in bytes for an entry that was removed; there is one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "TOMBSTONE"

    def __reduce__(self) -> str:
        return "TOMBSTONE"


class NoKey:
    """Stands for the current key where there is none; any look-up by it raises."""

    __slots__ = ()

    def __hash__(self) -> NoReturn:
        raise StateAccessError(
            "Keyed state was used where no key is current. It can be read and written while a "
            "record or a timer of a keyed stream is processed, not in open() or close(); and "
            "without key_by there is no keyed state."
        )

    def __eq__(self, other: object) -> bool:
        return self is other

    def __repr__(self) -> str:
        return "NO_KEY"


TOMBSTONE: Final = Tombstone()
NO_KEY: Final = NoKey()
