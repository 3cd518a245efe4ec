"""Casts: which there are, and how each is computed."""

from flott.sql.functions.casting.compile import compile_cast
from flott.sql.functions.casting.rules import can_cast

__all__ = ["can_cast", "compile_cast"]
