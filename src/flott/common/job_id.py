"""``JobID``: tells jobs apart, all over the world."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["JobID"]


class JobID:
    """The identifier of a job, 32 hexadecimal digits.

    Args:
        text: the digits; random ones if not given.

    Raises:
        ValueError: if the text is not an identifier.

    >>> str(JobID("00000000000000000000000000000001"))
    '00000000000000000000000000000001'
    """

    __slots__ = ("_text",)

    def __init__(self, text: str | None = None) -> None:
        if text is None:
            import secrets

            text = secrets.token_hex(16)
        if not isinstance(text, str) or not re.fullmatch(r"[0-9a-fA-F]{32}", text):
            raise ValueError(f"A job id has 32 hexadecimal digits, found {text!r}")
        self._text = text.lower()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JobID) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[Any, ...]:
        return JobID, (self._text,)

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"JobID({self._text!r})"
