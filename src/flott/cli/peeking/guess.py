"""What a guess about keys or values says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flott.cli.peeking.texts import EpochField
from flott.common.logical_types import DataType

#: A format fits if so many of the messages can be read by it: a few may be broken.
FITTING_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class Guess:
    """How messages are written, and what they hold.

    Attributes:
        format: The value of the option ``format``.
        fields: The columns and their types.
        options: Options of the format, without its name.
        epochs: Columns of numbers that are moments.
        rows: What each message holds, by column; ``None`` where it cannot be told.
        has_changes: Whether messages are changes of rows.
        broken: How many messages could not be read.
        missing: What would have to be known to tell the columns; empty if nothing.
        note: What whoever reads the table must know; empty if nothing.
    """

    format: str
    fields: Mapping[str, DataType]
    options: Mapping[str, str] = field(default_factory=dict)
    epochs: Sequence[EpochField] = ()
    rows: Sequence[Mapping[str, Any] | None] = ()
    has_changes: bool = False
    broken: int = 0
    missing: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Messages:
    """Keys or values to guess from.

    Attributes:
        texts: Those that are there.
        column: The name of the column, if there is but one.
        near_ms: When they were written, in the median; ``None`` if unknown.
        registry: The address of a schema registry.
    """

    texts: Sequence[bytes]
    column: str
    near_ms: int | None = None
    registry: str | None = None


def fits(found: int, messages: Messages) -> bool:
    """Whether a format that can read ``found`` messages is theirs."""
    return found > 0 and found >= FITTING_SHARE * len(messages.texts)
