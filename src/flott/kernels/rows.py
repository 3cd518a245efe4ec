"""Rows of Python programs, whole batches at once.

Python's own loops take most of a program's time before its functions are called at all: an object
for each row, a list for its values, a comparison for each field. Here that is one call a batch.
Kernels know no class of ``common``, so the class of rows and its usual kind are given along.
"""

from __future__ import annotations

from flott.kernels._native import RowClass, RowForm, RowTexts

__all__ = ["BOOLEAN", "REAL", "TEXT", "WHOLE", "RowClass", "RowForm", "RowTexts"]

#: Kinds of fields that ``RowTexts`` writes.
BOOLEAN, WHOLE, REAL, TEXT = range(4)
