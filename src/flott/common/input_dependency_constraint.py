"""When a task of a batch job may start; a name that PyFlink keeps."""

from __future__ import annotations

from enum import Enum

__all__ = ["InputDependencyConstraint"]


class InputDependencyConstraint(Enum):
    """Which inputs must be ready before a task starts."""

    ANY = 0
    """One of them."""

    ALL = 1
    """All of them."""
