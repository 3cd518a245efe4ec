"""What DESCRIBE FUNCTION EXTENDED tells of a function of the library."""

from __future__ import annotations

from flott.sql.functions.aggregate_entries import AGGREGATES
from flott.sql.functions.names import TABLE_FUNCTIONS
from flott.sql.functions.over_entries import OVER_ONLY
from flott.sql.functions.registry import entries


def traits(name: str) -> list[tuple[str, str]]:
    """Kind, signature and the like of a function, as far as they are known.

    >>> traits("upper")[0], traits("upper")[-1]
    (('kind', 'SCALAR'), ('description', 'Capital letters.'))
    """
    name = name.upper()
    scalar = entries().get(name)
    if scalar is not None:
        return [
            ("kind", "SCALAR"),
            ("requirements", "[]"),
            ("is deterministic", _word(scalar.is_deterministic)),
            ("supports constant folding", _word(scalar.is_folded)),
            ("signature", f"{name}({scalar.takes})"),
            ("description", scalar.doc),
        ]
    if name in AGGREGATES:
        return [*_fixed("AGGREGATE"), ("description", AGGREGATES[name].doc)]
    if name in OVER_ONLY:
        return [("kind", "AGGREGATE"), ("requirements", "[OVER_WINDOW_ONLY]")]
    assert name in TABLE_FUNCTIONS, f"no function {name}"
    return _fixed("TABLE")


def _fixed(kind: str) -> list[tuple[str, str]]:
    """What is the same for all functions of a kind."""
    return [
        ("kind", kind),
        ("requirements", "[]"),
        ("is deterministic", "true"),
        ("supports constant folding", "true"),
    ]


def _word(value: bool) -> str:
    return str(value).lower()
