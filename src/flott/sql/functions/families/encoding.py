"""Encodings: Base64, hexadecimal digits, character sets, URLs, addresses, printf."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote_plus, unquote_to_bytes, urlsplit

import polars as pl

from flott.common import logical_types as t
from flott.common.sql_errors import SqlValidationError
from flott.sql.functions.calls.site import Site
from flott.sql.functions.casting.to_text import java_float
from flott.sql.functions.entry import Arguments, FunctionEntry, Resolution
from flott.sql.functions.rows import in_python
from flott.sql.functions.signatures import (
    BIGINT,
    BINARY,
    BYTES,
    STRING,
    TEXT,
    first_of,
    signature,
    to,
)

_CHARSETS = {
    "US-ASCII": "ascii", "ASCII": "ascii", "ISO-8859-1": "latin-1", "UTF-8": "utf-8",
    "UTF-16BE": "utf-16-be", "UTF-16LE": "utf-16-le", "UTF-16": "utf-16",
}  # fmt: skip
_STRING_OR_BYTES = first_of(signature(TEXT, returns=STRING), signature(BINARY, returns=STRING))


def _charset(name: str) -> str:
    found = _CHARSETS.get(name.upper())
    if found is None:
        raise SqlValidationError(
            f"Unknown character set '{name}'", hint=f"There are {', '.join(_CHARSETS)}."
        )
    return found


def _encode(text: str, charset: str) -> bytes:
    name = _charset(charset)
    if name == "utf-16":
        return b"\xfe\xff" + text.encode("utf-16-be")
    return text.encode(name, "replace")


def _decode(data: bytes, charset: str) -> str:
    name = _charset(charset)
    if name == "utf-16":
        if data[:2] == b"\xff\xfe":
            return data[2:].decode("utf-16-le", "replace")
        return data.removeprefix(b"\xfe\xff").decode("utf-16-be", "replace")
    return data.decode(name, "replace")


def _to_base64(site: Site) -> pl.Expr:
    return site.arg(0).cast(pl.Binary).bin.encode("base64")


def _from_base64(text: str | bytes) -> str | None:
    data = text.encode() if isinstance(text, str) else text
    data = data.rstrip(b"=")
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4), validate=True).decode(
            "utf-8", "replace"
        )
    except (binascii.Error, ValueError):
        return None


def _from_base64_site(site: Site) -> pl.Expr:
    value = in_python(_from_base64)(site)
    site.fail_where(
        site.arg(0).is_not_null() & value.is_null(), "FROM_BASE64 of text that is not Base64"
    )
    return value


def _unhex(text: str) -> bytes | None:
    if re.fullmatch(r"[0-9A-Fa-f]*", text) is None:
        return None
    return bytes.fromhex(text if len(text) % 2 == 0 else "0" + text)


def _url_encode(text: str) -> str:
    return quote_plus(text, safe="*-._").replace("~", "%7E")


def _url_decode(text: str) -> str | None:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        return None
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")


def parse_url(url: str, part: str, key: str | None = None) -> str | None:
    """A part of a URL.

    >>> parse_url("http://example.com/p?k=v", "QUERY", "k")
    'v'
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https", "ftp", "file", "jar", "mailto"):
        return None
    if part == "QUERY" and key is not None:
        found = re.search(rf"(?:&|^){re.escape(key)}=([^&]*)", parts.query)
        return found[1] if found else None
    if key is not None:
        return None
    user = parts.netloc.rpartition("@")[0] or None
    whole_query = f"?{parts.query}" if parts.query else ""
    values: dict[str, str | None] = {
        "HOST": parts.netloc.rpartition("@")[2].removesuffix(f":{port}"),
        "PATH": parts.path,
        "QUERY": parts.query or None,
        "REF": parts.fragment or None,
        "PROTOCOL": parts.scheme,
        "FILE": parts.path + whole_query,
        "AUTHORITY": parts.netloc,
        "USERINFO": user,
    }
    return values.get(part)


def _inet_aton(text: str) -> int | None:
    parts = text.split(".")
    if not 1 <= len(parts) <= 4 or not all(re.fullmatch(r"[0-9]+", each) for each in parts):
        return None
    numbers = [int(each) for each in parts]
    last_room = 256 ** (5 - len(parts))
    if any(each > 255 for each in numbers[:-1]) or numbers[-1] >= last_room:
        return None
    total = numbers[-1]
    for index, each in enumerate(numbers[:-1]):
        total += each << (24 - 8 * index)
    return total


def _inet_ntoa(number: int) -> str | None:
    if not 0 <= number < 2**32:
        return None
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


_DIRECTIVE = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")


def java_format(template: str, *values: Any) -> str | None:
    """``String.format`` of Java; ``None`` for a template that does not fit its values.

    >>> java_format("%05d|%-4s|%.2f|%,d", 42, "ab", 1.005, 1234567)
    '00042|ab  |1.01|1,234,567'
    """
    used = iter(values)

    def one(found: re.Match[str]) -> str:
        position, flags, width, precision, letter = found.groups()
        if letter == "%":
            return "%"
        if letter == "n":
            return "\n"
        value = values[int(position) - 1] if position else next(used)
        text = _converted(letter, flags, precision, value)
        size = int(width or 0)
        if "-" in flags:
            return text.ljust(size)
        if "0" in flags and value is not None:
            sign = text[0] if text[:1] in ("-", "+") else ""
            return sign + text[len(sign) :].rjust(size - len(sign), "0")
        return text.rjust(size)

    try:
        return _DIRECTIVE.sub(one, template)
    except (StopIteration, IndexError, TypeError, ValueError):
        return None


def _converted(letter: str, flags: str, precision: str | None, value: Any) -> str:
    if value is None:
        text = "false" if letter in "bB" else "null"
    elif letter in "sS":
        text = _shown(value)
        text = text[: int(precision)] if precision else text
    elif letter == "d":
        text = format(int(value), "," if "," in flags else "")
    elif letter in "feEgG":
        text = _float_text(letter, flags, precision, value)
    elif letter in "xXo":
        base = {"x": "x", "X": "x", "o": "o"}[letter]
        text = format(value & (2**64 - 1 if not -(2**31) <= value < 2**31 else 2**32 - 1), base)
    elif letter in "cC":
        text = chr(value) if isinstance(value, int) else str(value)[:1]
    elif letter in "bB":
        text = str(value is not False).lower()
    else:
        raise ValueError(letter)
    if letter in "dfeEgG" and value is not None and value >= 0:
        text = ("+" if "+" in flags else " " if " " in flags else "") + text
    return text.upper() if letter.isupper() else text


def _float_text(letter: str, flags: str, precision: str | None, value: Any) -> str:
    from decimal import ROUND_HALF_UP, Decimal

    places = int(precision) if precision is not None else 6
    if letter == "f":
        rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        return format(rounded, ",f" if "," in flags else "f")
    return format(float(value), f".{places}{letter.lower()}")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return java_float(repr(value)) if isinstance(value, float) else str(value)


def _infer_printf(call: Arguments) -> Resolution | None:
    if not len(call) or not isinstance(call.types[0], (t.CharType, t.VarCharType)):
        return None
    return Resolution(STRING.nullable_(), call.types)


def _printf(site: Site) -> pl.Expr:
    def build(template: str | None, *values: Any) -> str | None:
        return None if template is None else java_format(template, *values)

    return in_python(build, keeps_null=True)(site)


def _text_function(
    name: str, compute: Callable[..., Any], doc: str, *examples: tuple[str, Any]
) -> FunctionEntry:
    infer = signature(TEXT, returns=STRING, nullable=True)
    return FunctionEntry(name, infer, in_python(compute), doc, "string", examples)


ENTRIES: Final = (
    FunctionEntry("TO_BASE64", _STRING_OR_BYTES, _to_base64, "In Base64.", "string",
                  [("TO_BASE64('hello')", "aGVsbG8=")]),
    FunctionEntry("FROM_BASE64", _STRING_OR_BYTES, _from_base64_site, "From Base64.", "string",
                  [("FROM_BASE64('aGVsbG8=')", "hello")]),
    FunctionEntry("ENCODE", signature(TEXT, TEXT, returns=BYTES), in_python(_encode),
                  "The bytes of a string in a character set.", "string, character set",
                  [("ENCODE('hi', 'UTF-16BE')", "00680069")]),
    FunctionEntry("DECODE", signature(BINARY, TEXT, returns=STRING), in_python(_decode),
                  "The string of bytes in a character set.", "bytes, character set",
                  [("DECODE(x'c3a9', 'UTF-8')", "é")]),
    FunctionEntry("UNHEX", signature(TEXT, returns=BYTES, nullable=True), in_python(_unhex),
                  "The bytes of hexadecimal digits; NULL for others.", "string",
                  [("DECODE(UNHEX('466C696E6B'), 'UTF-8')", "Flink")]),
    _text_function("URL_ENCODE", _url_encode, "Escaped for a form or a query of a URL.",
                   ("URL_ENCODE('a b&c')", "a+b%26c")),
    _text_function("URL_DECODE", _url_decode, "Without the escapes of URL_ENCODE.",
                   ("URL_DECODE('a+b%26c')", "a b&c")),
    FunctionEntry("PARSE_URL", signature(TEXT, TEXT, optional=(TEXT,), returns=STRING,
                                         nullable=True),
                  in_python(parse_url), "A part of a URL: HOST, PATH, QUERY, REF, PROTOCOL, "
                  "AUTHORITY, FILE or USERINFO.", "string, part, [key]",
                  [("PARSE_URL('http://a.b/c?k=v', 'QUERY', 'k')", "v")]),
    FunctionEntry("INET_NTOA", signature(to("number", BIGINT, t.IntegralType), returns=STRING,
                                         nullable=True),
                  in_python(_inet_ntoa), "An IPv4 address from its number.", "number",
                  [("INET_NTOA(2130706433)", "127.0.0.1")]),
    FunctionEntry("INET_ATON", signature(TEXT, returns=BIGINT, nullable=True),
                  in_python(_inet_aton), "The number of an IPv4 address.", "string",
                  [("INET_ATON('127.0.0.1')", 2130706433)]),
    FunctionEntry("PRINTF", _infer_printf, _printf, "Values printed by a template of Java's.",
                  "string, value ...", [("PRINTF('%d-%s', 1, 'a')", "1-a")]),
)  # fmt: skip
