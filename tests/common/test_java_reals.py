"""Texts of floats: those that Java 17 gave, and what must hold for all."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flott.common.java_reals import java_double, java_single

#: What ``Double.toString`` of Java 17 gives.
DOUBLES = [
    (0.0, "0.0"),
    (-0.0, "-0.0"),
    (0.001, "0.001"),
    (9999999.999, "9999999.999"),
    (1e7, "1.0E7"),
    (12345678.5, "1.23456785E7"),
    (9e7, "9.0E7"),
    (9e-5, "9.0E-5"),
    (-1.25e-4, "-1.25E-4"),
    (1e300, "1.0E300"),
    (2.0**60, "1.15292150460684698E18"),
    (9007199254740993.0, "9.007199254740992E15"),
    (2.0**-44, "5.6843418860808015E-14"),
    (8.41e21, "8.409999999999999E21"),
    (7e22, "7.0000000000000004E22"),
    (1.6e24, "1.5999999999999999E24"),
    (5e-324, "4.9E-324"),
    (1.7976931348623157e308, "1.7976931348623157E308"),
    (math.inf, "Infinity"),
    (-math.inf, "-Infinity"),
    (math.nan, "NaN"),
]
#: What ``Float.toString`` gives.
SINGLES = [
    (0.1, "0.1"),
    (1.5, "1.5"),
    (16777216.0, "1.6777216E7"),
    (123456792.0, "1.23456792E8"),
    (1e10, "1.0E10"),
    (1.9088023552e10, "1.90880236E10"),
    (3.4028234663852886e38, "3.4028235E38"),
    (3.637978807091713e-12, "3.6379788E-12"),
    (1e-45, "1.4E-45"),
    (-math.inf, "-Infinity"),
]


@pytest.mark.parametrize(("value", "text"), DOUBLES)
def test_a_double_has_the_text_that_java_gives(value: float, text: str) -> None:
    assert java_double(value) == text


@pytest.mark.parametrize(("value", "text"), SINGLES)
def test_a_float_has_the_text_that_java_gives(value: float, text: str) -> None:
    assert java_single(struct.unpack("f", struct.pack("f", value))[0]) == text


@given(st.floats(allow_nan=False))
@example(2.0**53)
@example(2.0**63)
def test_the_text_of_a_double_reads_as_the_double(value: float) -> None:
    assert float(java_double(value).replace("Infinity", "inf")) == value


@given(st.floats(allow_nan=False, width=32))
@example(2.0**24)
def test_the_text_of_a_float_reads_as_the_float(value: float) -> None:
    read = float(java_single(value).replace("Infinity", "inf"))
    assert struct.pack("f", read) == struct.pack("f", value)
