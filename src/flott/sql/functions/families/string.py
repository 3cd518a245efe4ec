"""Functions of strings. Positions and lengths count code points, from 1."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import polars as pl

from flott.common import logical_types as t
from flott.kernels.columns.text_parts import count_parts, lower, split_parts
from flott.sql.expressions import Call, Literal
from flott.sql.functions.calls.site import Site
from flott.sql.functions.casting.conversion import by_series
from flott.sql.functions.coercion import common_type
from flott.sql.functions.entry import NOT_CONSTANT, Arguments, FunctionEntry, Resolution
from flott.sql.functions.java_format import java_characters
from flott.sql.functions.rows import in_python
from flott.sql.functions.signatures import (
    AS_BIGINT,
    AS_INT,
    BINARY,
    BOOLEAN,
    INT,
    STRING,
    TEXT,
    first_of,
    same_as,
    signature,
)

_TEXT = (t.CharType, t.VarCharType)
_BYTES = (t.BinaryType, t.VarBinaryType)


def _cased(compute: Callable[[pl.Expr], pl.Expr]) -> Callable[[Site], pl.Expr]:
    """A constant stays as long as it is, though letters may become two."""

    def evaluate(site: Site) -> pl.Expr:
        value = compute(site.arg(0))
        kind = site.data_type
        if isinstance(kind, t.CharType) and site.constant(0) is not NOT_CONSTANT:
            return value.str.head(kind.length)
        return value

    return evaluate


def _char_length(site: Site) -> pl.Expr:
    """Of a REPLACE by constants: counted, without making the string."""
    operand = site.operands[0]
    if isinstance(operand, Call) and operand.function == "REPLACE":
        old, new = (each.value if isinstance(each, Literal) else None for each in operand.args[1:])
        if isinstance(old, str) and old and isinstance(new, str):
            word, grown = old, len(new) - len(old)
            text = site.compile(operand.args[0])
            count = by_series(text, lambda texts: count_parts(texts, word), pl.Int32())
            return text.str.len_chars().cast(pl.Int32) + count * grown
    return site.arg(0).str.len_chars().cast(pl.Int32)


def _stripped(mode: str) -> Callable[[Site], pl.Expr]:
    """Without blanks, or the characters of the second operand, at the ends ``mode`` names."""

    def evaluate(site: Site) -> pl.Expr:
        which = str(site.keywords.get("mode") or mode).upper()
        value = site.arg(0)
        given: Any = " " if len(site) < 2 else site.constant(1)
        if given is None:
            return pl.lit(None, dtype=pl.String())
        if given is not NOT_CONSTANT:
            return _strip(value, given, which)
        characters = site.arg(1)
        stripped = _strip(value, characters, which)
        return pl.when(characters.is_not_null()).then(stripped)

    return evaluate


def _strip(value: pl.Expr, characters: Any, mode: str) -> pl.Expr:
    match mode:
        case "LEADING":
            return value.str.strip_chars_start(characters)
        case "TRAILING":
            return value.str.strip_chars_end(characters)
    return value.str.strip_chars(characters)


def _substring(site: Site) -> pl.Expr:
    value = site.arg(0)
    start, length = site.constant(1), site.constant(2)
    is_simple = isinstance(start, int) and start > 0 and (len(site) == 2 or isinstance(length, int))
    if is_simple and (len(site) == 2 or length >= 0):
        return value.str.slice(start - 1, None if len(site) == 2 else length)
    position = site.arg(1)
    count = value.str.len_chars().cast(pl.Int64)
    offset = (
        pl.when(position > 0).then(position - 1).when(position < 0).then(count + position)
        .otherwise(0 * position)
    )  # fmt: skip
    if len(site) == 2:
        found = value.str.slice(offset)
        return pl.when(offset < 0).then(pl.lit("")).otherwise(found)
    size = site.arg(2)
    found = value.str.slice(offset, pl.when(size >= 0).then(size).otherwise(0))
    found = pl.when(offset < 0).then(pl.lit("")).otherwise(found)
    return pl.when((size >= 0) & offset.is_not_null()).then(found)


def _left(site: Site) -> pl.Expr:
    count = site.arg(1)
    head = site.arg(0).str.head(pl.when(count > 0).then(count).otherwise(0))
    return pl.when(count.is_not_null()).then(head)


def _right(site: Site) -> pl.Expr:
    count = site.arg(1)
    tail = site.arg(0).str.tail(pl.when(count > 0).then(count).otherwise(0))
    return pl.when(count.is_not_null()).then(tail)


def pad(text: str, length: int, filling: str, is_left: bool) -> str | None:
    """``text`` filled or cut to ``length`` UTF-16 units, as Java counts.

    >>> pad("hi", 5, "?!", True)
    '?!?hi'
    """
    if length < 0 or not filling:
        return None
    units, extra = text.encode("utf-16-le"), filling.encode("utf-16-le")
    missing = 2 * length - len(units)
    if missing <= 0:
        return _from_units(units[: 2 * length])
    padding = (extra * (missing // len(extra) + 1))[:missing]
    return _from_units(padding + units if is_left else units + padding)


def _from_units(units: bytes) -> str:
    """Halves of characters become question marks."""
    return units.decode("utf-16-le", "replace").replace("\ufffd", "?")


def initcap(text: str) -> str:
    """Words with a capital first; words are of ASCII letters and digits.

    >>> initcap("hello wORLD-5x")
    'Hello World-5x'
    """
    result, inside = [], False
    for char in text:
        known = char.isascii() and char.isalnum()
        if known:
            result.append(char.lower() if inside else char.upper())
        else:
            result.append(char)
        inside = known
    return "".join(result)


def _concat_ws(site: Site) -> pl.Expr:
    if isinstance(site.constant(0), str) and len(site) > 1:
        parts = site.args()[1:]
        return pl.concat_str(parts, separator=site.constant(0), ignore_nulls=True)
    return in_python(_joined, keeps_null=True)(site)


def _joined(separator: str | None, *parts: str | None) -> str | None:
    return None if separator is None else separator.join(x for x in parts if x is not None)


def _infer_joined(call: Arguments) -> Resolution | None:
    """``||``: lengths of CHAR add up."""
    if len(call) < 2 or not all(isinstance(each, (*_TEXT, t.NullType)) for each in call.types):
        return None
    kinds = [each for each in call.types if isinstance(each, _TEXT)]
    total = min(sum(each.length for each in kinds), t.MAX_LENGTH)
    all_char = all(isinstance(each, t.CharType) for each in call.types)
    result: t.DataType = t.CharType(total) if all_char else t.VarCharType(total)
    arguments = tuple(STRING if isinstance(x, t.NullType) else x for x in call.types)
    return Resolution(result.with_nullable(call.any_nullable()), arguments)


def _position(site: Site) -> pl.Expr:
    return _find(site.arg(1), site.arg(0))


def _find(text: pl.Expr, needle: pl.Expr) -> pl.Expr:
    """The position of ``needle`` in ``text`` in code points, from 1; 0 if it is not there."""
    before = text.str.find(needle, literal=True)
    chars = text.cast(pl.Binary).bin.head(before).cast(pl.String).str.len_chars() + 1
    found = pl.when(before.is_null()).then(0).otherwise(chars)
    known = text.is_not_null() & needle.is_not_null()
    return pl.when(known).then(found).cast(pl.Int32)


def _locate(needle: str, text: str, start: int = 1) -> int:
    return text.find(needle, max(start - 1, 0)) + 1 if needle else 1


def _instr(text: str, needle: str, start: int = 1, occurrence: int = 1) -> int | None:
    if occurrence <= 0:
        return None
    if start < 0:
        found = _instr(text[::-1], needle[::-1], -start, occurrence)
        return len(text) + 2 - found - len(needle) if found else 0
    if not start or not needle:
        return min(start, 1)
    position = start - 2
    for _ in range(occurrence):
        position = text.find(needle, position + 1)
        if position < 0:
            return 0
    return position + 1


def _instr_site(site: Site) -> pl.Expr:
    if len(site) == 4:
        given = pl.all_horizontal(each.is_not_null() for each in site.args())
        site.fail_where(given & (site.arg(3) <= 0), "INSTR of an occurrence below 1")
    return in_python(_instr)(site)


def overlay(text: str, replacement: str, start: int, length: int | None = None) -> str:
    """``text`` with ``length`` characters from ``start`` replaced.

    Characters are UTF-16 units, as in Java.

    >>> overlay("xxxxxtest", "xxxx", 6)
    'xxxxxxxxx'
    """
    units, new = text.encode("utf-16-le"), replacement.encode("utf-16-le")
    if start <= 0 or 2 * start > len(units):
        return text
    size = len(new) // 2 if length is None else length
    rest = units[2 * (start - 1 + size) :] if size > 0 else b""
    return _from_units(units[: 2 * (start - 1)] + new + rest)


def _infer_translate(call: Arguments) -> Resolution | None:
    """Only the string decides whether the result may be NULL."""
    found = signature(TEXT, TEXT, TEXT, returns=STRING)(call)
    if found is None:
        return None
    return Resolution(STRING.with_nullable(call.types[0].nullable), found.arg_types)


def _translate(text: str | None, source: str | None, target: str | None) -> str | None:
    if not source or text is None:
        return text
    table: dict[int, str | None] = {}
    for index, char in enumerate(source):
        table.setdefault(ord(char), target[index] if target and index < len(target) else None)
    return text.translate(table)


def _split_index(text: str, separator: str | int, index: int) -> str | None:
    if not text or (isinstance(separator, int) and not 1 <= separator <= 255):
        return None
    word = chr(separator) if isinstance(separator, int) else separator
    parts = text.split(word) if word else re.split(r"\s", text)
    return parts[index] if 0 <= index < len(parts) else None


def _split_index_site(site: Site) -> pl.Expr:
    separator, index = site.constant(1), site.constant(2)
    is_code = isinstance(separator, int) and 1 <= separator <= 255
    word = chr(separator) if is_code else separator
    if not (isinstance(word, str) and word and isinstance(index, int) and index >= 0):
        return in_python(_split_index)(site)
    return by_series(site.arg(0), lambda texts: split_parts(texts, word, index), pl.String())


def _ascii(site: Site) -> pl.Expr:
    first = site.arg(0).cast(pl.Binary).bin.head(1)

    def codes(values: pl.Series) -> pl.Series:
        found = [None if x is None else int.from_bytes(x, signed=True) for x in values.to_list()]
        return pl.Series(values.name, found, dtype=pl.Int32)

    return first.map_batches(codes, return_dtype=pl.Int32(), is_elementwise=True)


def _chr(number: int) -> str:
    return "" if number < 0 else chr(number & 0xFF)


def _infer_elt(call: Arguments) -> Resolution | None:
    if len(call) < 2 or not isinstance(call.types[0], t.IntegralType):
        return None
    index = call.constant(0)
    if isinstance(index, int) and index < 0:
        return None
    values = call.types[1:]
    if not any(
        all(isinstance(each, (*kind, t.NullType)) for each in values) for kind in (_TEXT, _BYTES)
    ):
        return None
    result = common_type(values)
    assert result is not None
    return Resolution(result.nullable_(), (call.types[0], *(result for _ in values)))


def _elt(site: Site) -> pl.Expr:
    index, *values = site.args()
    result = pl.lit(None, dtype=site.result_type)
    for position, value in reversed(list(enumerate(values, 1))):
        result = pl.when(index == position).then(value).otherwise(result)
    return result


def _affix(at_end: bool) -> Callable[[Site], pl.Expr]:
    def evaluate(site: Site) -> pl.Expr:
        text, part = site.args()
        space: Any = (
            text.bin if isinstance(site.types[0], (t.BinaryType, t.VarBinaryType)) else text.str
        )
        result: pl.Expr = space.ends_with(part) if at_end else space.starts_with(part)
        return result

    return evaluate


def _repeat(site: Site) -> pl.Expr:
    times = site.constant(1)
    if isinstance(times, int) and times is not NOT_CONSTANT and 0 < times <= 64:
        return pl.concat_str([site.arg(0)] * times)
    return in_python(lambda text, n: text * max(n, 0))(site)


def _replace(site: Site) -> pl.Expr:
    old, new = site.constant(1), site.constant(2)
    if isinstance(old, str) and old and isinstance(new, str):
        return site.arg(0).str.replace_all(old, new, literal=True)
    return in_python(_replaced)(site)


def _replaced(text: str, old: str, new: str) -> str:
    """Nothing stands between all characters of Java's, and at both ends."""
    return text.replace(old, new) if old else new.join(["", *java_characters(text), ""])


_NUMBER_TEXT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?|[+-]?(NaN|Infinity)")


def _is_decimal(text: str) -> bool:
    """Whether Java's ``Double.parseDouble`` takes the text."""
    return _NUMBER_TEXT.fullmatch(text.strip()) is not None


def _text_test(
    name: str, test: Callable[[str], bool], of_numbers: bool, doc: str, example: str
) -> FunctionEntry:
    """A test of texts; numbers are answered by their type."""

    def infer(call: Arguments) -> Resolution | None:
        fits = len(call) == 1 and isinstance(call.types[0], (*_TEXT, t.NumericType, t.NullType))
        return Resolution(BOOLEAN.not_null(), call.types) if fits else None

    def evaluate(site: Site) -> pl.Expr:
        if isinstance(site.types[0], t.NumericType):
            return pl.when(site.arg(0).is_not_null()).then(of_numbers).otherwise(False)
        return in_python(test, pl.Boolean())(site).fill_null(False)

    return FunctionEntry(name, infer, evaluate, doc, "string", [(f"{name}('{example}')", True)])


def _at_most(*indexes: int) -> Callable[[Arguments], t.DataType]:
    """A string that is as long as those operands together, at most."""

    def infer(call: Arguments) -> t.DataType:
        lengths = [each.length for i in indexes if isinstance(each := call.types[i], _TEXT)]
        return t.VarCharType(min(sum(lengths), t.MAX_LENGTH) if lengths else t.MAX_LENGTH)

    return infer


_LENGTH = signature(TEXT, returns=INT)
_SAME_TEXT = signature(TEXT, returns=same_as(0))
_PAD = signature(TEXT, AS_INT, TEXT, returns=STRING)
_TRIMMED = signature(TEXT, optional=(TEXT,), returns=_at_most(0))
_WITHOUT_ENDS = signature(TEXT, optional=(TEXT,), returns=STRING)
_END = signature(TEXT, AS_INT, returns=_at_most(0), nullable=True)

ENTRIES: Final = (
    FunctionEntry("CHAR_LENGTH", _LENGTH, _char_length,
                  "The number of characters.", "string", [("CHAR_LENGTH('abc')", 3)],
                  aliases=("CHARACTER_LENGTH",)),
    FunctionEntry("UPPER", _SAME_TEXT, _cased(lambda x: x.str.to_uppercase()), "Capital letters.",
                  "string", [("UPPER('aB')", "AB")]),
    FunctionEntry("LOWER", _SAME_TEXT, _cased(lambda x: by_series(x, lower, pl.String())),
                  "Small letters.", "string", [("LOWER('aB')", "ab")]),
    FunctionEntry("INITCAP", _SAME_TEXT, in_python(initcap),
                  "Words with a capital first letter.", "string", [("INITCAP('ab cD')", "Ab Cd")]),
    FunctionEntry("TRIM", _TRIMMED, _stripped("BOTH"),
                  "Without blanks, or other characters, at its ends.",
                  "string, [characters]", [("TRIM('  a ')", "a")]),
    FunctionEntry("LTRIM", _TRIMMED, _stripped("LEADING"), "Without blanks at its start.",
                  "string, [characters]", [("LTRIM(' a ')", "a ")]),
    FunctionEntry("RTRIM", _TRIMMED, _stripped("TRAILING"), "Without blanks at its end.",
                  "string, [characters]", [("RTRIM(' a ')", " a")]),
    FunctionEntry("BTRIM", _WITHOUT_ENDS, _stripped("BOTH"), "Without blanks at its ends.",
                  "string, [characters]", [("BTRIM(' a ')", "a")]),
    FunctionEntry("SUBSTRING", signature(TEXT, AS_INT, optional=(AS_INT,),
                                         returns=_at_most(0), nullable=True),
                  _substring, "A part of a string; a negative start counts from the end.",
                  "string, start, [length]",
                  [("SUBSTRING('hello' FROM 2 FOR 3)", "ell"), ("SUBSTRING('hello', -2)", "lo")],
                  aliases=("SUBSTR",)),
    FunctionEntry("LEFT", _END, _left, "The first characters.",
                  "string, count", [("LEFT('hello', 2)", "he")]),
    FunctionEntry("RIGHT", _END, _right, "The last characters.",
                  "string, count", [("RIGHT('hello', 2)", "lo")]),
    FunctionEntry("LPAD", _PAD, in_python(lambda a, n, p: pad(a, n, p, True)),
                  "Filled at its start, or cut, to a length.", "string, length, filling",
                  [("LPAD('hi', 4, '??')", "??hi"), ("LPAD('hi', 1, '??')", "h")]),
    FunctionEntry("RPAD", _PAD, in_python(lambda a, n, p: pad(a, n, p, False)),
                  "Filled at its end, or cut, to a length.", "string, length, filling",
                  [("RPAD('hi', 4, '??')", "hi??")]),
    FunctionEntry("REPEAT", signature(TEXT, AS_INT, returns=STRING), _repeat,
                  "A string several times.", "string, count", [("REPEAT('ab', 2)", "abab")]),
    FunctionEntry("REPLACE", signature(TEXT, TEXT, TEXT, returns=STRING), _replace,
                  "With every occurrence of one string replaced by another.",
                  "string, old, new", [("REPLACE('hello', 'l', 'L')", "heLLo")]),
    FunctionEntry("REVERSE", signature(TEXT, returns=STRING, nullable=True),
                  lambda site: site.arg(0).str.reverse(), "The other way round.", "string",
                  [("REVERSE('abc')", "cba")]),
    FunctionEntry("CONCAT", signature(TEXT, rest=TEXT, returns=STRING),
                  lambda site: pl.concat_str(site.args()), "Strings joined; NULL if one is.",
                  "string, string ...", [("CONCAT('a', 'b')", "ab")]),
    FunctionEntry("CONCAT_WS", signature(TEXT, rest=TEXT, returns=STRING), _concat_ws,
                  "Strings joined by a separator; NULLs are left out.",
                  "separator, string ...", [("CONCAT_WS('-', 'a', 'b')", "a-b")]),
    FunctionEntry("||", _infer_joined, lambda site: pl.concat_str(site.args()), "Strings joined.",
                  "string, string", [("'a' || 'b'", "ab")]),
    FunctionEntry("POSITION", signature(TEXT, TEXT, returns=INT), _position,
                  "Where the first string is in the second; 0 if it is not.",
                  "string IN string", [("POSITION('l' IN 'hello')", 3)]),
    FunctionEntry("LOCATE", signature(TEXT, TEXT, optional=(AS_INT,), returns=INT),
                  in_python(_locate), "Where the first string is in the second, from a position.",
                  "string, string, [start]", [("LOCATE('l', 'hello', 4)", 4)]),
    FunctionEntry("INSTR", signature(TEXT, TEXT, optional=(AS_INT, AS_INT), returns=INT),
                  _instr_site, "Where the second string is in the first.",
                  "string, string, [start, [occurrence]]", [("INSTR('hello', 'l')", 3)]),
    FunctionEntry("OVERLAY", signature(TEXT, TEXT, AS_INT, optional=(AS_INT,),
                                       returns=_at_most(0, 1)),
                  in_python(overlay), "With a part replaced.", "string, string, start, [length]",
                  [("OVERLAY('xxxxxtest' PLACING 'xxxx' FROM 6)", "xxxxxxxxx")]),
    FunctionEntry("TRANSLATE", _infer_translate,
                  in_python(_translate, keeps_null=True),
                  "With characters replaced one by one.", "string, from, to",
                  [("TRANSLATE('www.apache.org', 'wapcheorg', ' APCHEcom')", "   .APACHE.com")]),
    FunctionEntry("SPLIT_INDEX",
                  first_of(signature(TEXT, TEXT, AS_INT, returns=STRING, nullable=True),
                           signature(TEXT, AS_INT, AS_INT, returns=STRING, nullable=True)),
                  _split_index_site, "One of the parts between separators, from 0.",
                  "string, separator, index", [("SPLIT_INDEX('a,b', ',', 1)", "b")]),
    FunctionEntry("ASCII", signature(TEXT, returns=INT), _ascii, "The code of the first byte.",
                  "string", [("ASCII('abc')", 97)]),
    FunctionEntry("CHR", signature(AS_BIGINT, returns=STRING, nullable=True),
                  in_python(_chr), "The character of a code, modulo 256.", "whole number",
                  [("CHR(97)", "a")]),
    FunctionEntry("ELT", _infer_elt, _elt, "One of several strings, by number.",
                  "index from 1, string ...", [("ELT(2, 'a', 'b')", "b")]),
    FunctionEntry("STARTSWITH",
                  first_of(signature(TEXT, TEXT, returns=BOOLEAN),
                           signature(BINARY, BINARY, returns=BOOLEAN)),
                  _affix(False), "Whether a string begins with another.", "string, string",
                  [("STARTSWITH('hello', 'he')", True)]),
    FunctionEntry("ENDSWITH",
                  first_of(signature(TEXT, TEXT, returns=BOOLEAN),
                           signature(BINARY, BINARY, returns=BOOLEAN)),
                  _affix(True), "Whether a string ends with another.", "string, string",
                  [("ENDSWITH('hello', 'lo')", True)]),
    _text_test("IS_ALPHA", str.isalpha, False, "Whether all characters are letters.", "abc"),
    _text_test("IS_DIGIT", str.isdecimal, True, "Whether all characters are digits.", "12"),
    _text_test("IS_DECIMAL", _is_decimal, True, "Whether a string reads as a number.", "1.5"),
)  # fmt: skip
