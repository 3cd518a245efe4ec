"""VARIANT as text: JSON with the keys of objects in order, numbers as the type holds them.

A column of VARIANT holds such texts. Whole numbers of 64 bits and decimals of 38 digits are
exact, others are doubles; fractions lose their last zeros.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from flott.common.java_reals import java_double
from flott.sql.functions.json_text import RawJson

_LONG: Final = 1 << 63
_DIGITS: Final = 38


class WrongJson(ValueError):
    """A text that is not JSON, or has a key twice."""


def variant_of(text: str, allows_duplicates: bool = False) -> str:
    """The VARIANT a JSON text stands for.

    Args:
        text: A JSON document.
        allows_duplicates: Whether an object may have a key twice; the last value counts.

    Raises:
        WrongJson: It is not a document.

    >>> variant_of('{"b": 1.50, "a": [1e3, "x"]}')
    '{"a":[1000.0,"x"],"b":1.5}'
    """

    def members(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found and not allows_duplicates:
                raise WrongJson(f"the key '{key}' is there twice")
            found[key] = value
        return found

    try:
        value = json.loads(
            text,
            parse_constant=_refuse,
            parse_int=_number,
            parse_float=_number,
            object_pairs_hook=members,
        )
        # Half of a pair of surrogates is not a character; Java writes '?' for it, too.
        return write_variant(value).encode(errors="replace").decode()
    except RecursionError:
        raise WrongJson("it is nested too deeply") from None
    except ValueError as error:
        raise WrongJson(str(error)) from None


def _refuse(word: str) -> Any:
    raise WrongJson(f"{word} is not JSON")


def _number(text: str) -> RawJson:
    """A number as VARIANT prints it."""
    if "e" not in text and "E" not in text:
        if "." not in text and -_LONG <= int(text) < _LONG:
            return RawJson(str(int(text)))
        number = Decimal(text)
        _, digits, exponent = number.as_tuple()
        assert isinstance(exponent, int)
        if max(len(digits), -exponent) <= _DIGITS:
            shortest = number.normalize() if number else Decimal(0)
            return RawJson(format(shortest, "f"))
    return RawJson(java_double(float(text)))


def write_variant(value: Any) -> str:
    """A value whose numbers are written already, as text."""
    match value:
        case RawJson():
            return str(value)
        case dict():
            parts = (f"{write_variant(key)}:{write_variant(value[key])}" for key in sorted(value))
            return "{" + ",".join(parts) + "}"
        case list():
            return "[" + ",".join(map(write_variant, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def variant_part(text: str, key: str | int) -> str | None:
    """The member of an object, or the element of an array (from 1); ``None`` if there is none.

    >>> variant_part('{"a":[1,2]}', "a"), variant_part('[1,2]', 2), variant_part('[]', 1)
    ('[1,2]', '2', None)
    """
    value = json.loads(text, parse_int=RawJson, parse_float=RawJson)
    if isinstance(key, int):
        return write_variant(value[key - 1]) if 1 <= key <= len(value) else None
    return write_variant(value[key]) if key in value else None
