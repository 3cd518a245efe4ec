"""``ResultKind``: whether a statement just succeeded or also tells something."""

from __future__ import annotations

from enum import Enum

__all__ = ["ResultKind"]


class ResultKind(Enum):
    """What ``TableResult`` holds."""

    SUCCESS = 0
    """The statement succeeded; the only row says ``OK``."""
    SUCCESS_WITH_CONTENT = 1
    """The statement succeeded and gives rows."""
