"""``EvaluationSettings``: what the value of an expression depends on besides its operands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """Around an expression.

    Attributes:
        time_zone: The session's zone: an IANA name, ``UTC`` or an offset like ``+08:00``.
        is_streaming: Whether functions of the present give the moment of each batch; in BATCH
            they give ``now_us`` for the whole query.
        now_us: The start of a BATCH query in epoch microseconds; ``None``: when it is opened.
        current_database: What CURRENT_DATABASE() gives.
    """

    time_zone: str = "UTC"
    is_streaming: bool = True
    now_us: int | None = None
    current_database: str = "default_database"
