"""Decimals as Java writes them, without the zeros at their end."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Final

#: No decimal has more digits.
_EXACT: Final = Context(prec=100)


def decimal_text(value: Decimal, is_plain: bool) -> str:
    """A decimal without zeros at its end; with an exponent where Java writes one.

    >>> decimal_text(Decimal("100.00"), False), decimal_text(Decimal("100.00"), True)
    ('1E+2', '100')
    """
    if not value:
        return "0"
    short = value.normalize(_EXACT)
    return f"{short:f}" if is_plain else str(short)
