"""Floating-point numbers as Java writes them: ``1.5``, ``1.0E7``, ``1.23456792E8``.

The digits are those that users of Apache Flink see, which are Java's up to version 18: free-format
printing after Steele and White, "How to Print Floating-Point Numbers Accurately" (1990), except
that whole numbers wider than the mantissa keep all their digits, and that a number with an exponent
has a second digit where one would do.
"""

from __future__ import annotations

import math
import struct
from typing import Final, NamedTuple

#: What ``Double.toString`` writes without an exponent.
PLAIN_MIN: Final = 1e-3
PLAIN_MAX: Final = 1e7
_WHOLE_MAX: Final = 2**63


class _Form(NamedTuple):
    """A binary format."""

    mantissa_bits: int  # the leading one included
    exponent_min: int  # that of the last bit of the smallest numbers


_DOUBLE: Final = _Form(53, -1074)
_SINGLE: Final = _Form(24, -149)
_PACKED_SINGLE: Final = struct.Struct("f")
#: So many digits tell any two FLOATs apart.
_SINGLE_DIGITS: Final = 9


def java_double(value: float) -> str:
    """A DOUBLE.

    >>> [java_double(each) for each in (1.5, 1e7, 0.001, -1.25e-4, 5e-324, math.inf)]
    ['1.5', '1.0E7', '0.001', '-1.25E-4', '4.9E-324', 'Infinity']
    """
    if PLAIN_MIN <= abs(value) < PLAIN_MAX or value == 0:
        return repr(value)
    return _scientific(value, _DOUBLE)


def java_single(value: float) -> str:
    """A FLOAT, whose digits are not those of the same DOUBLE.

    >>> java_single(0.10000000149011612), java_single(123456792.0)
    ('0.1', '1.23456792E8')
    """
    if value == 0:
        return repr(value)
    if PLAIN_MIN <= abs(value) < PLAIN_MAX:
        return _shortest_single(value)
    return _scientific(value, _SINGLE)


def _shortest_single(value: float) -> str:
    packed = _PACKED_SINGLE.pack(value)
    for digits in range(1, _SINGLE_DIGITS):
        short = float(f"{value:.{digits}g}")
        if _PACKED_SINGLE.pack(short) == packed:
            return repr(short)
    return repr(float(f"{value:.{_SINGLE_DIGITS}g}"))


def _scientific(value: float, form: _Form) -> str:
    if not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    digits, exponent = _digits(abs(value), form)
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def _digits(value: float, form: _Form) -> tuple[str, int]:
    """The digits of a number, the first before the point, and the exponent of ten."""
    fraction, power = math.frexp(value)
    ulp = max(power - form.mantissa_bits, form.exponent_min)
    if ulp >= 0 and value < _WHOLE_MAX:
        return _whole_digits(int(value), ulp)
    mantissa = int(math.ldexp(value, -ulp))
    # Four times what is needed, so that a quarter of the last bit is whole: the next number below a
    # power of two is only half as far away.
    scale = 4 << max(-ulp, 0)
    rest = mantissa << (max(ulp, 0) + 2)
    margin = (1 if fraction == 0.5 else 2) << max(ulp, 0)
    exponent = math.floor(math.log10(value))
    if exponent >= 0:
        scale *= 10**exponent
    else:
        rest, margin = rest * 10**-exponent, margin * 10**-exponent
    if rest >= 10 * scale:  # the logarithm was rounded
        scale, exponent = scale * 10, exponent + 1
    elif rest < scale:
        rest, margin, exponent = rest * 10, margin * 10, exponent - 1
    return _generate(rest, scale, margin, exponent)


def _generate(rest: int, scale: int, margin: int, exponent: int) -> tuple[str, int]:
    """Digits until what is left is less than the margin, and at least two."""
    digits = 0
    count = 0
    while True:
        digit, rest = divmod(rest, scale)
        digits, count = digits * 10 + digit, count + 1
        is_low, is_high = rest < margin, rest + margin > scale
        # From 1e7 to 1e8 one digit may do, though there is an exponent.
        if (is_low or is_high) and (count > 1 or exponent == 7):
            break
        rest, margin = rest * 10, margin * 10
    if is_high and (not is_low or 2 * rest > scale or (2 * rest == scale and digits % 2)):
        digits += 1
    text = str(digits)
    return text.rstrip("0"), exponent + len(text) - count


def _whole_digits(value: int, ulp: int) -> tuple[str, int]:
    """All digits of a whole number but those that its last bit does not tell."""
    unknown = len(str(1 << max(ulp - 2, 0))) - 1
    text = str((value + 10**unknown // 2) // 10**unknown)
    return text.rstrip("0"), len(text) - 1 + unknown
