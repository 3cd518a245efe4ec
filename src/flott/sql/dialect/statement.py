"""What all statements are: values with their text and their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str, ...]
Options = Mapping[str, str]
#: Values of partition columns, by name in the order written.
PartitionSpec = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Place:
    """Where something stands in the text: line and column from 1, length in characters."""

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Base of all statements.

    Attributes:
        text: The statement as written.
        place: Where its object's name stands, else where it begins.
    """

    text: str = ""
    place: Place | None = None
