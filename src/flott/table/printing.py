"""Results as tables of text, as Flink prints them.

The columns of a query are as wide as their types need, since rows come one by one; those of SHOW
and DESCRIBE as wide as their contents.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from flott.common import logical_types as t
from flott.common.types import Row
from flott.table.value_text import NULL_TEXT, value_text

#: Columns of longer values are cut, unless ``table.display.max-column-width`` says otherwise.
MAX_COLUMN_WIDTH = 30
_KIND_TITLE = "op"
_DIGITS = {t.TinyIntType: 4, t.SmallIntType: 6, t.IntType: 11, t.BigIntType: 20}


def table_lines(
    names: Sequence[str],
    types: Sequence[t.DataType],
    rows: Iterable[Row],
    *,
    shows_kinds: bool,
    max_width: int = MAX_COLUMN_WIDTH,
) -> Iterator[str]:
    """The lines of a table whose rows come one by one; the last tells how many they were.

    >>> lines = table_lines(["a"], [t.IntType()], [Row(1)], shows_kinds=False)
    >>> print("\\n".join(lines))
    +-------------+
    |           a |
    +-------------+
    |           1 |
    +-------------+
    1 row in set
    """
    pairs = zip(names, types, strict=True)
    widths = [_type_width(name, each, max_width) for name, each in pairs]
    kinds = [len(_KIND_TITLE)] if shows_kinds else []
    border = _border([*kinds, *widths])
    count = 0
    for row in rows:
        if count == 0:
            yield border
            yield _line([_KIND_TITLE] if shows_kinds else [], names, widths)
            yield border
        count += 1
        cells = [value_text(value, each) for value, each in zip(row, types, strict=True)]
        yield _line([str(row.get_row_kind())] if shows_kinds else [], cells, widths)
    if count:
        yield border
    yield count_text(count)


def fitted_lines(
    names: Sequence[str], types: Sequence[t.DataType], rows: Sequence[Row]
) -> Iterator[str]:
    """The lines of a table of few rows: as wide as what stands in it; NULLs are blank."""
    cells = [
        [_text_or_blank(value, each) for value, each in zip(row, types, strict=True)]
        for row in rows
    ]
    widths = [
        max(text_width(text) for text in column) for column in zip(names, *cells, strict=True)
    ]
    if not rows:
        yield count_text(0)
        return
    border = _border(widths)
    yield border
    yield _line([], names, widths)
    yield border
    for each in cells:
        yield _line([], each, widths)
    yield border
    yield count_text(len(rows))


def _text_or_blank(value: object, data_type: t.DataType) -> str:
    return "" if value is None else value_text(value, data_type)


def count_text(count: int) -> str:
    """The line under a table."""
    if count == 0:
        return "Empty set"
    return f"{count} row in set" if count == 1 else f"{count} rows in set"


def text_width(text: str) -> int:
    """How many columns of a terminal ``text`` fills."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def _type_width(name: str, data_type: t.DataType, max_width: int) -> int:
    return max(_value_width(data_type, max_width), len(NULL_TEXT), text_width(name))


def _value_width(data_type: t.DataType, max_width: int) -> int:
    """How wide values of ``data_type`` get, if it says so; ``max_width`` of the others."""
    match data_type:
        case t.BooleanType():
            return len("FALSE")
        case t.IntegralType():
            return _DIGITS[type(data_type)]
        case t.DecimalType():
            return data_type.precision + len("-.")
        case t.DateType():
            return 10
        case t.TimeType():
            return 8 if data_type.precision == 0 else data_type.precision + 9
        case t.TimestampType() | t.LocalZonedTimestampType():
            return 19 if data_type.precision == 0 else 20 + -(-data_type.precision // 3) * 3
    return max_width


def _border(widths: Sequence[int]) -> str:
    return "+" + "".join("-" * (width + 2) + "+" for width in widths)


def _line(first: Sequence[str], cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [each.rjust(len(_KIND_TITLE)) for each in first]
    padded += [_cell(text, width) for text, width in zip(cells, widths, strict=True)]
    return "|" + "".join(f" {each} |" for each in padded)


def _cell(text: str, width: int) -> str:
    text = text.replace("\n", "\\n")
    if text_width(text) > width:
        room = width - len("...")
        kept = ""
        for char in text:
            if text_width(kept) + text_width(char) > room:
                break
            kept += char
        text = kept + "..."
    return " " * (width - text_width(text)) + text
