"""Aggregates in plain Python: what the kernels must agree with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Row = tuple[Any, ...]


def wrapped(value: int, bits: int) -> int:
    """``value`` as a signed number of ``bits``."""
    return (value + (1 << (bits - 1))) % (1 << bits) - (1 << (bits - 1))


def truncated(total: int, count: int) -> int:
    """``total / count`` towards zero."""
    return abs(total) // count * (1 if total >= 0 else -1)


@dataclass
class Group:
    """The rows of a group, in the order in which they came."""

    rows: list[Row] = field(default_factory=list)
    ordered: dict[int, list[Any]] = field(default_factory=dict)

    def change(self, row: Row, weight: int) -> None:
        """A row comes, or one like it goes; one that never came is passed over."""
        if weight > 0:
            self.rows.append(row)
        elif row in self.rows:
            self.rows.remove(row)
        for column, value in enumerate(row):
            values = self.ordered.setdefault(column, [])
            if value is not None and weight > 0:
                values.append(value)
            elif value in values:
                values.remove(value)  # the first, whatever else stood in its row

    def values(self, column: int, filter_column: int | None = None) -> list[Any]:
        """The values of a column that are not NULL."""
        return [
            row[column]
            for row in self.rows
            if row[column] is not None and (filter_column is None or row[filter_column])
        ]


def aggregate(function: str, values: Sequence[Any], bits: int = 64) -> Any:
    """``function`` of values without NULL."""
    if function == "COUNT":
        return len(values)
    if function == "COLLECT":
        return [{"key": key, "value": count} for key, count in Counter(values).items()]
    if not values:
        return 0 if function == "SUM0" else None
    match function:
        case "SUM" | "SUM0":
            return wrapped(sum(values), bits)
        case "AVG":
            return wrapped(truncated(wrapped(sum(values), 64), len(values)), bits)
        case "MIN":
            return min(values)
        case "MAX":
            return max(values)
        case "FIRST_VALUE":
            return values[0]
        case "LAST_VALUE":
            return values[-1]
        case "LIST":
            return list(values)
    raise AssertionError(function)
