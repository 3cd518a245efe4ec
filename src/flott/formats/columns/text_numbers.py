"""Numbers as Java writes them: ``1.0E7``, the shortest text of a FLOAT, decimals without zeros."""

from __future__ import annotations

import math
import struct
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import polars as pl

#: No decimal has more digits.
_EXACT: Final = Context(prec=100)
_FLOAT: Final = struct.Struct("f")
#: So many tell any two FLOATs apart.
_FLOAT_DIGITS: Final = 9


def real_text(value: float) -> str:
    """A floating-point number.

    >>> [real_text(each) for each in (1.5, 1e7, 0.001, -1.25e-4, float("nan"))]
    ['1.5', '1.0E7', '0.001', '-1.25E-4', 'NaN']
    """
    return _text_of(value, repr(value))


def short_real_texts(column: pl.Series) -> list[str | None]:
    """FLOATs by the shortest texts that mean them, which are not those of the same DOUBLEs.

    >>> import polars as pl
    >>> short_real_texts(pl.Series([0.1, None], dtype=pl.Float32))
    ['0.1', None]
    """
    texts = column.cast(str).to_list()
    return [
        None if value is None else _text_of(value, text)
        for value, text in zip(column.to_list(), texts, strict=True)
    ]


def short_real_text(value: float) -> str:
    """One FLOAT, likewise.

    >>> short_real_text(0.1), short_real_text(16777216.0)
    ('0.1', '1.6777216E7')
    """
    packed = _FLOAT.pack(value)
    for digits in range(1, _FLOAT_DIGITS):
        text = f"{value:.{digits}g}"
        if _FLOAT.pack(float(text)) == packed:
            return _text_of(value, text)
    return _text_of(value, f"{value:.{_FLOAT_DIGITS}g}")


def decimal_text(value: Decimal, is_plain: bool) -> str:
    """A decimal without zeros at its end; with an exponent where Java writes one.

    >>> decimal_text(Decimal("100.00"), False), decimal_text(Decimal("100.00"), True)
    ('1E+2', '100')
    """
    if not value:
        return "0"
    short = value.normalize(_EXACT)
    return f"{short:f}" if is_plain else str(short)


def _text_of(value: float, digits: str) -> str:
    if not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0.0" if math.copysign(1, value) < 0 else "0.0"
    if 1e-3 <= abs(value) < 1e7:
        plain = f"{Decimal(digits):f}"
        return plain if "." in plain else plain + ".0"
    return _exponent_text(digits)


def _exponent_text(text: str) -> str:
    """One digit, a point, at least one digit, an exponent."""
    sign, digits, exponent = Decimal(text).as_tuple()
    shown = "".join(map(str, digits)).rstrip("0") or "0"
    power = len(digits) - 1 + int(exponent)
    return f"{'-' if sign else ''}{shown[0]}.{shown[1:] or '0'}E{power}"
