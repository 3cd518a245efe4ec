"""Rows that a job sends back to the program that started it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CollectedRows:
    """Rows of one collector.

    Attributes:
        collector_id: Which call of ``execute_and_collect`` they are for.
        position: How many rows the operator sent before these, since the start of the job.
        rows: The rows.
    """

    collector_id: str
    position: int
    rows: tuple[Any, ...]
