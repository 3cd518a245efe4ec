"""Formats of tables: bytes to columns and back, found by the name in ``'format' = '...'``."""

from __future__ import annotations

from flott.formats.columns.registry import find_format, format_names

__all__ = ["find_format", "format_names"]
