"""Encodings: Base64, hexadecimal digits, character sets, URLs, addresses, printf."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final
from urllib.parse import quote_plus, unquote_to_bytes, urlsplit

import polars as pl

from flott.common import logical_types as t
from flott.sql.functions.calls.site import Site
from flott.sql.functions.entry import Arguments, FunctionEntry, Resolution
from flott.sql.functions.java_format import java_format
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
    "UTF-32": "utf-32-be",
}  # fmt: skip
#: What follows the host of a URL.
_PORT = re.compile(r":([^:\]]+)$")
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_STRING_OR_BYTES = first_of(signature(TEXT, returns=STRING), signature(BINARY, returns=STRING))


def _charset(name: str) -> str | None:
    """Python's name of a character set; ``None`` if there is none such."""
    found = _CHARSETS.get(name.upper())
    if found is not None:
        return found
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return None


def _encode(text: str, charset: str) -> bytes | None:
    name = _charset(charset)
    if name is None:
        return None
    if name == "utf-16":
        return b"\xfe\xff" + text.encode("utf-16-be") if text else b""
    return text.encode(name, "replace")


def _decode(data: bytes, charset: str) -> str | None:
    name = _charset(charset)
    if name is None:
        return None
    if name == "utf-16":
        if data[:2] == b"\xff\xfe":
            return data[2:].decode("utf-16-le", "replace")
        return data.removeprefix(b"\xfe\xff").decode("utf-16-be", "replace")
    return data.decode(name, "replace")


def _coded(function: Callable[[Any, str], Any]) -> Callable[[Site], pl.Expr]:
    def evaluate(site: Site) -> pl.Expr:
        value = in_python(function)(site)
        given = site.arg(0).is_not_null() & site.arg(1).is_not_null()
        unknown = given & value.is_null()
        site.fail_where(unknown, lambda name: f"Unknown character set '{name}'", site.arg(1))
        return value

    return evaluate


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
    # An odd first digit is dropped, and a zero byte put in its place.
    return bytes.fromhex(text if len(text) % 2 == 0 else "00" + text[1:])


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
    except ValueError:
        return None
    port = _PORT.search(parts.netloc)
    if port is not None and not port[1].isdigit():
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
        "HOST": parts.netloc.rpartition("@")[2].removesuffix(port[0] if port else ""),
        "PATH": parts.path,
        "QUERY": parts.query or None,
        "REF": parts.fragment or None,
        "PROTOCOL": parts.scheme,
        "FILE": parts.path + whole_query,
        "AUTHORITY": parts.netloc if url.startswith("//", len(parts.scheme) + 1) else None,
        "USERINFO": user,
    }
    return values.get(part)


def _inet_aton(text: str) -> int | None:
    parts = text.split(".")
    if not 1 <= len(parts) <= 4 or not all(re.fullmatch(r"[0-9]+", each) for each in parts):
        return None
    numbers = [int(each) for each in parts]
    if any(each > 255 for each in numbers):
        return None
    total = numbers[-1]
    for index, each in enumerate(numbers[:-1]):
        total += each << (24 - 8 * index)
    return total


def _inet_ntoa(number: int) -> str | None:
    if not 0 <= number < 2**32:
        return None
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def _java_value(value: Any, data_type: t.DataType) -> Any:
    """What Flink hands to Java's formatter: its own form of a value."""
    if value is None:
        return None
    match data_type:
        case t.DateType():
            return value.toordinal() - _EPOCH_DAY
        case t.TimeType():
            return (value.hour * 3600 + value.minute * 60 + value.second) * 1000 + (
                value.microsecond // 1000
            )
        case t.TimestampType() | t.LocalZonedTimestampType():
            seconds = value.second or value.microsecond
            text = value.isoformat(timespec="auto" if seconds else "minutes")
            return text.rstrip("0") if value.microsecond else text
        case t.DecimalType():
            return format(value, "f")
    return value


def _infer_printf(call: Arguments) -> Resolution | None:
    if not len(call) or not isinstance(call.types[0], (t.CharType, t.VarCharType, t.NullType)):
        return None
    return Resolution(STRING.nullable_(), call.types)


def _size_of(data_type: t.DataType) -> int:
    """How many bits a number has."""
    if isinstance(data_type, t.IntegralType):
        return data_type.bits
    return 64 if isinstance(data_type, t.DoubleType) else 32


def _printf(site: Site) -> pl.Expr:
    types = site.types[1:]
    sizes = tuple(map(_size_of, types))

    def build(template: str | None, *values: Any) -> str | None:
        if template is None:
            return None
        shown = map(_java_value, values, types)
        return java_format(template, *shown, sizes=sizes)

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
    FunctionEntry("ENCODE", signature(TEXT, TEXT, returns=BYTES), _coded(_encode),
                  "The bytes of a string in a character set.", "string, character set",
                  [("ENCODE('hi', 'UTF-16BE')", "00680069")]),
    FunctionEntry("DECODE", signature(BINARY, TEXT, returns=STRING), _coded(_decode),
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
