"""The functions that only exist with OVER, as a table."""

from __future__ import annotations

from typing import Final

from flott.common import logical_types as t

_BIGINT: Final = t.BigIntType(nullable=False)
_DOUBLE: Final = t.DoubleType(nullable=False)

#: Functions that only exist with OVER, and the types of those without operands.
OVER_ONLY: Final[dict[str, t.DataType | None]] = {
    "ROW_NUMBER": _BIGINT,
    "RANK": _BIGINT,
    "DENSE_RANK": _BIGINT,
    "PERCENT_RANK": _DOUBLE,
    "CUME_DIST": _DOUBLE,
    "NTILE": _BIGINT,
    "LAG": None,
    "LEAD": None,
}
