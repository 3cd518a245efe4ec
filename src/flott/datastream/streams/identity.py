"""A function that does nothing, for operations that only convert."""

from __future__ import annotations

from typing import Any

__all__ = ["identity"]


def identity(value: Any) -> Any:
    """Return the value itself."""
    return value
