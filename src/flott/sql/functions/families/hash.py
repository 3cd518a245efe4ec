"""Hash functions: of strings (as UTF-8) or bytes, as hexadecimal text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

import polars as pl

from flott.common import logical_types as t
from flott.sql.functions.calls.site import Site
from flott.sql.functions.entry import FunctionEntry
from flott.sql.functions.rows import in_python
from flott.sql.functions.signatures import AS_INT, BINARY, TEXT, first_of, signature

_SIZES: Final = {224: "sha224", 256: "sha256", 384: "sha384", 512: "sha512"}


def _digest(algorithm: str) -> Callable[[Site], pl.Expr]:
    def compute(value: str | bytes) -> str:
        return _hashed(algorithm, value)

    return in_python(compute)


def _hashed(algorithm: str, value: str | bytes) -> str:
    data = value.encode() if isinstance(value, str) else value
    return hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


def _sha2(value: str | bytes, bits: int) -> str | None:
    algorithm = _SIZES.get(bits)
    return None if algorithm is None else _hashed(algorithm, value)


#: Digits of each hash.
_DIGITS: Final = {"MD5": 32, "SHA1": 40, "SHA224": 56, "SHA256": 64, "SHA384": 96, "SHA512": 128}


def _sha2_site(site: Site) -> pl.Expr:
    value = in_python(_sha2)(site)
    given = site.arg(0).is_not_null() & site.arg(1).is_not_null()
    site.fail_where(given & value.is_null(), "SHA2 has 224, 256, 384 or 512 bits")
    return value


def _entry(name: str, example: str) -> FunctionEntry:
    result = t.CharType(_DIGITS[name])
    return FunctionEntry(
        name,
        first_of(signature(TEXT, returns=result), signature(BINARY, returns=result)),
        _digest(name.lower()),
        f"The {name} hash in hexadecimal.",
        "string",
        [(f"SUBSTRING({name}('a') FROM 1 FOR 8)", example)],
    )


ENTRIES: Final = (
    _entry("MD5", "0cc175b9"),
    _entry("SHA1", "86f7e437"),
    _entry("SHA224", "abd37534"),
    _entry("SHA256", "ca978112"),
    _entry("SHA384", "54a59b9f"),
    _entry("SHA512", "1f40fc92"),
    FunctionEntry(
        "SHA2",
        first_of(
            signature(TEXT, AS_INT, returns=t.VarCharType(128)),
            signature(BINARY, AS_INT, returns=t.VarCharType(128)),
        ),
        _sha2_site,
        "The SHA-2 hash of 224, 256, 384 or 512 bits in hexadecimal.",
        "string, bits",
        [("SUBSTRING(SHA2('a', 256) FROM 1 FOR 8)", "ca978112")],
    ),
)
