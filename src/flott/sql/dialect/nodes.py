"""Nodes that sqlglot has no class for."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp


class TableArgument(exp.Expression):
    """A table handed to a table function: ``TABLE t [PARTITION BY a] [ORDER BY b]``.

    ``this`` is a ``Table`` or a ``Subquery``, ``partition_by`` a list of expressions, ``order_by``
    a list of ``Ordered``.
    """

    arg_types: ClassVar[dict[str, Any]] = {"this": True, "partition_by": False, "order_by": False}
