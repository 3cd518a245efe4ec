"""Writes the reference page of all SQL functions from their entries.

Run ``python -m flott.sql.functions.reference > docs/reference/sql-functions.md`` after a change; a
test compares the page with the entries.
"""

from __future__ import annotations

from typing import Any, Final

from flott.sql.functions.aggregate_entries import AGGREGATES
from flott.sql.functions.entry import FunctionEntry
from flott.sql.functions.registry import FAMILIES

_INTRODUCTION = """\
# SQL functions

Every function and operator of Flott's SQL, with one example each. They take and give what Apache
Flink's do: whole numbers wrap around, division of whole numbers truncates and fails the job on
zero, decimals that overflow are NULL, most functions of NULL are NULL. `CAST` fails the job on a
value that does not fit and names it; `TRY_CAST` gives NULL.

This page is generated from the entries in `flott.sql.functions`.
"""
_OVER: Final = {
    "ROW_NUMBER": "The number of the row, from 1.",
    "RANK": "The number of rows before it that sort lower, plus 1.",
    "DENSE_RANK": "The number of different values up to its own.",
    "PERCENT_RANK": "(rank - 1) / (rows - 1).",
    "CUME_DIST": "The part of the rows that do not sort higher.",
    "NTILE": "The number of its part when the rows are cut into n equal parts.",
    "LAG": "The value of an earlier row; the one before by default.",
    "LEAD": "The value of a later row; the one after by default.",
}


def render_markdown() -> str:
    """Return the whole page."""
    parts = [_INTRODUCTION]
    for family in FAMILIES:
        parts.append(f"## {_title(family.__name__)}\n")
        parts.append(_render_entries(family.ENTRIES))
    parts.append("## Aggregates\n")
    aggregates = {
        name: entry.doc
        for name, entry in AGGREGATES.items()
        if name == entry.name or entry.name not in AGGREGATES
    }
    parts.append(_render_pairs(aggregates))
    parts.append("## Only with OVER\n")
    parts.append(_render_pairs(_OVER))
    return "\n".join(parts)


def _title(module: str) -> str:
    return module.rpartition(".")[2].capitalize()


def _render_entries(entries: tuple[FunctionEntry, ...]) -> str:
    lines = ["| function | takes | gives | example |", "|---|---|---|---|"]
    for entry in entries:
        others = f"<br>also {', '.join(f'`{name}`' for name in entry.aliases)}"
        name = f"`{_cell(entry.name)}`{others if entry.aliases else ''}"
        lines.append(f"| {name} | {_cell(entry.takes)} | {_cell(entry.doc)} | {_example(entry)} |")
    return "\n".join(lines) + "\n"


def _example(entry: FunctionEntry) -> str:
    if not entry.examples:
        return ""
    text, value = entry.examples[0]
    return f"`{_cell(text)}` → `{_cell(_shown(value))}`"


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
    return str(value)


def _render_pairs(pairs: dict[str, str]) -> str:
    lines = ["| function | gives |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(doc)} |" for name, doc in pairs.items()]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    import sys

    sys.stdout.write(render_markdown())
