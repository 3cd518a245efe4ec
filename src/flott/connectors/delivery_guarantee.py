"""What a sink promises about records when something fails."""

from __future__ import annotations

from enum import Enum


class DeliveryGuarantee(Enum):
    """How often a record arrives in the outside system when something fails."""

    EXACTLY_ONCE = 0
    """Once; visible after the checkpoint that covers it."""

    AT_LEAST_ONCE = 1
    """Once or more often."""

    NONE = 2
    """Perhaps not at all, or more often."""
