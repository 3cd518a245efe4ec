"""Random queries over random tables, in the SQL that Flink and DuckDB share.

Values are small and columns few, so that joins meet, groups repeat and NULLs are everywhere.
Whatever the two define differently (integer division, float formatting, overflow) is left out.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]

DAYS = [datetime.date(2024, 2, 29), datetime.date(2023, 12, 31), datetime.date(1969, 7, 20)]
MOMENTS = [datetime.datetime.combine(day, datetime.time(23, 30, 5)) for day in DAYS]

#: Columns of every random table: name, SQL type, values.
COLUMNS: tuple[tuple[str, str, st.SearchStrategy[Any]], ...] = (
    ("a", "INT", st.none() | st.integers(-3, 5)),
    ("b", "BIGINT", st.none() | st.integers(0, 3)),
    ("s", "STRING", st.none() | st.sampled_from(["", "x", "y", "xy", "Zoë", "a b"])),
    ("d", "DOUBLE", st.none() | st.sampled_from([0.0, 0.5, 1.25, -2.0, 3.0])),
    ("p", "BOOLEAN", st.none() | st.booleans()),
    (
        "m",
        "DECIMAL(8, 2)",
        st.none() | st.sampled_from([Decimal("0.00"), Decimal("1.25"), Decimal("-2.50")]),
    ),
    ("e", "DATE", st.none() | st.sampled_from(DAYS)),
    ("ts", "TIMESTAMP", st.none() | st.sampled_from(MOMENTS)),
)
KINDS = {
    "INT": "number",
    "BIGINT": "number",
    "DOUBLE": "double",
    "STRING": "text",
    "BOOLEAN": "truth",
    "DECIMAL(8, 2)": "money",
    "DATE": "day",
    "TIMESTAMP": "moment",
}

#: What queries select; numbers twice as often.
CHOSEN = ("number", "number", "text", "double", "money", "day", "moment")

rows = st.lists(st.tuples(*(values for _, _, values in COLUMNS)), max_size=9)


@dataclass(frozen=True)
class Relation:
    """Something to select from: its text, and its columns as (reference, kind)."""

    text: str
    columns: tuple[tuple[str, str], ...]

    def of(self, kind: str) -> list[str]:
        return [name for name, its in self.columns if its == kind]


def _literal(draw: Draw, kind: str) -> str:
    match kind:
        case "number":
            return str(draw(st.integers(0, 4)))
        case "double":
            return f"CAST({draw(st.sampled_from(['0.5', '2.0', '1.25']))} AS DOUBLE)"
        case "money":
            return f"CAST({draw(st.sampled_from(['0', '1.25', '3.10']))} AS DECIMAL(8, 2))"
        case "day":
            return f"DATE '{draw(st.sampled_from(DAYS))}'"
        case "moment":
            return f"TIMESTAMP '{draw(st.sampled_from(MOMENTS))}'"
        case "text":
            # A bare literal is CHAR(n) in Flink, and pads.
            return f"CAST('{draw(st.sampled_from(['x', 'xy', '', 'b']))}' AS STRING)"
        case _:
            return draw(st.sampled_from(["TRUE", "FALSE"]))


def expression(draw: Draw, relation: Relation, kind: str, depth: int) -> str:
    """A random expression of ``kind`` over the columns of ``relation``."""
    leaves = relation.of(kind)
    if depth <= 0 or draw(st.integers(0, 3)) == 0:
        if leaves and draw(st.integers(0, 4)) > 0:
            return draw(st.sampled_from(leaves))
        return _literal(draw, kind)

    def sub(its: str) -> str:
        return expression(draw, relation, its, depth - 1)

    common = [
        lambda: f"CASE WHEN {sub('truth')} THEN {sub(kind)} ELSE {sub(kind)} END",
        lambda: f"CASE WHEN {sub('truth')} THEN {sub(kind)} END",
        lambda: f"COALESCE({sub(kind)}, {sub(kind)})",
        lambda: f"NULLIF({sub(kind)}, {sub(kind)})",
    ]
    own: dict[str, list[Callable[[], str]]] = {
        "number": [
            lambda: f"({sub('number')} + {sub('number')})",
            lambda: f"({sub('number')} - {sub('number')})",
            lambda: f"(- {sub('number')})",
            lambda: f"ABS({sub('number')})",
            lambda: f"CHAR_LENGTH({sub('text')})",
            lambda: f"EXTRACT({_part(draw, ['YEAR', 'MONTH', 'DAY'])} FROM {sub('day')})",
            lambda: f"EXTRACT({_part(draw, ['HOUR', 'MINUTE'])} FROM {sub('moment')})",
        ],
        "double": [
            lambda: f"({sub('double')} + {sub('double')})",
            lambda: f"({sub('double')} * {sub('number')})",
            lambda: f"CAST({sub('number')} AS DOUBLE)",
        ],
        "money": [
            lambda: f"CAST({sub('money')} + {sub('money')} AS DECIMAL(8, 2))",
            lambda: f"CAST({sub('money')} - {sub('money')} AS DECIMAL(8, 2))",
            lambda: f"ABS({sub('money')})",
            lambda: f"CAST({sub('number')} AS DECIMAL(8, 2))",
        ],
        "day": [
            lambda: f"CAST({sub('moment')} AS DATE)",
            lambda: f"CAST({sub('day')} + INTERVAL '1' DAY AS DATE)",
            lambda: f"CAST({sub('day')} - INTERVAL '1' MONTH AS DATE)",
        ],
        "moment": [
            lambda: f"CAST({sub('day')} AS TIMESTAMP)",
            lambda: f"({sub('moment')} + INTERVAL '1' HOUR)",
            lambda: f"({sub('moment')} - INTERVAL '1' YEAR)",
        ],
        "text": [
            lambda: f"UPPER({sub('text')})",
            lambda: f"({sub('text')} || {sub('text')})",
            lambda: f"SUBSTRING({sub('text')} FROM 1 FOR 2)",
            lambda: f"REPLACE({sub('text')}, 'x', 'q')",
            lambda: f"CAST({sub('number')} AS STRING)",
        ],
        "truth": [
            lambda: _comparison(draw, sub),
            lambda: f"({sub('truth')} AND {sub('truth')})",
            lambda: f"({sub('truth')} OR {sub('truth')})",
            lambda: f"(NOT {sub('truth')})",
            lambda: f"({sub('number')} IS NULL)",
            lambda: f"({sub('text')} IS NOT NULL)",
            lambda: f"({sub('truth')} IS TRUE)",
            lambda: f"({sub('number')} BETWEEN {sub('number')} AND {sub('number')})",
            lambda: f"({sub('number')} IN (0, 1, {sub('number')}))",
            lambda: f"({sub('text')} LIKE '%x%')",
            lambda: f"({sub('number')} IS NOT DISTINCT FROM {sub('number')})",
        ],
    }
    choices = own[kind] + (common if kind != "truth" else common[:1])
    return draw(st.sampled_from(choices))()


def _part(draw: Draw, parts: list[str]) -> str:
    return draw(st.sampled_from(parts))


def _comparison(draw: Draw, sub: Callable[[str], str]) -> str:
    kind = draw(st.sampled_from(["number", "number", "text", "double", "money", "day", "moment"]))
    sign = draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]))
    return f"({sub(kind)} {sign} {sub(kind)})"


def table(name: str, alias: str) -> Relation:
    """A stored table under ``alias``."""
    columns = tuple((f"{alias}.{column}", KINDS[its]) for column, its, _ in COLUMNS)
    return Relation(f"{name} AS {alias}", columns)


def relation(draw: Draw, depth: int, alias: str, *, may_join: bool = True) -> Relation:
    """A table, a sub-query or a join."""
    shapes = ["table", "table", "query", *(["join", "join"] if may_join else [])]
    shape = draw(st.sampled_from(shapes)) if depth else "table"
    if shape == "table":
        return table(draw(st.sampled_from(["t1", "t2"])), alias)
    if shape == "query":
        text, kinds = query(draw, depth - 1, alias + "3")
        columns = tuple((f"{alias}.c{i}", kind) for i, kind in enumerate(kinds))
        return Relation(f"({text}) AS {alias}", columns)
    left = relation(draw, depth - 1, alias + "1")
    right = relation(draw, depth - 1, alias + "2", may_join=False)
    both = Relation("", left.columns + right.columns)
    kind = draw(st.sampled_from(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN"]))
    if kind == "CROSS JOIN":
        return Relation(f"{left.text} CROSS JOIN {right.text}", both.columns)
    return Relation(
        f"{left.text} {kind} {right.text} ON {_join_condition(draw, left, right)}", both.columns
    )


def _join_condition(draw: Draw, left: Relation, right: Relation) -> str:
    pairs = []
    for kind in draw(st.sampled_from([["number"], ["text"], ["number", "text"]])):
        if left.of(kind) and right.of(kind):
            mine, other = (
                draw(st.sampled_from(left.of(kind))),
                draw(st.sampled_from(right.of(kind))),
            )
            pairs.append(f"{mine} = {other}")
    if not pairs:
        return "TRUE"
    if draw(st.integers(0, 3)) == 0:
        both = Relation("", left.columns + right.columns)
        pairs.append(expression(draw, both, "truth", 1))
    return " AND ".join(pairs)


def query(
    draw: Draw, depth: int, alias: str, *, is_batch: bool = False
) -> tuple[str, tuple[str, ...]]:
    """A query with columns c0, c1, ... and their kinds."""
    shape = draw(st.sampled_from(["plain", "plain", "group", "group", "set", "distinct"]))
    if shape == "set" and depth:
        return _set_operation(draw, depth, alias)
    source = relation(draw, depth, alias)
    where = _where(draw, source, depth)
    if shape == "group":
        return _grouped(draw, source, where, needs_key=not is_batch)
    full = tuple(draw(st.lists(st.sampled_from(CHOSEN), min_size=1, max_size=3)))
    chosen = [f"{expression(draw, source, kind, 2)} AS c{i}" for i, kind in enumerate(full)]
    word = "DISTINCT " if shape == "distinct" else ""
    return f"SELECT {word}{', '.join(chosen)} FROM {source.text}{where}", full


def _where(draw: Draw, source: Relation, depth: int) -> str:
    choice = draw(st.integers(0, 5))
    if choice <= 2:
        return ""
    if choice == 3 and depth and source.of("number"):
        return f" WHERE {_subquery_predicate(draw, source)}"
    return f" WHERE {expression(draw, source, 'truth', 2)}"


def _subquery_predicate(draw: Draw, source: Relation) -> str:
    outer = draw(st.sampled_from(source.of("number")))
    inner = table(draw(st.sampled_from(["t1", "t2"])), "sub")
    extra = expression(draw, inner, "truth", 1)
    match draw(st.integers(0, 4)):
        case 0:
            return f"{outer} IN (SELECT sub.a FROM {inner.text} WHERE {extra})"
        case 1:
            return f"{outer} NOT IN (SELECT sub.a FROM {inner.text} WHERE {extra})"
        case 2:
            return f"EXISTS (SELECT sub.a FROM {inner.text} WHERE sub.b = {outer} AND {extra})"
        case 3:
            return f"NOT EXISTS (SELECT sub.a FROM {inner.text} WHERE sub.b = {outer} AND {extra})"
        case _:
            return f"{outer} > (SELECT MIN(sub.a) FROM {inner.text} WHERE sub.b = {outer})"


AGGREGATES: tuple[tuple[str, str, str], ...] = (
    ("COUNT(*)", "", "number"),
    ("COUNT({})", "number", "number"),
    ("COUNT(DISTINCT {})", "text", "number"),
    ("COUNT(DISTINCT {})", "number", "number"),
    ("SUM({})", "number", "number"),
    ("SUM({})", "double", "double"),
    ("MIN({})", "number", "number"),
    ("MAX({})", "text", "text"),
    ("MAX({})", "double", "double"),
    ("AVG({})", "double", "double"),
    ("SUM({})", "money", "sum of money"),
    ("MIN({})", "money", "money"),
    ("MAX({})", "day", "day"),
    ("MIN({})", "moment", "moment"),
    ("COUNT(DISTINCT {})", "moment", "number"),
)


def _grouped(
    draw: Draw, source: Relation, where: str, *, needs_key: bool
) -> tuple[str, tuple[str, ...]]:
    """A grouped query; without keys only in BATCH, for streaming says nothing about nothing."""
    possible = [(name, kind) for name, kind in source.columns if kind != "truth"]
    if not possible:
        return f"SELECT 1 AS c0 FROM {source.text}{where}", ("number",)
    least = 1 if needs_key else 0
    keys = draw(st.lists(st.sampled_from(possible), min_size=least, max_size=2, unique=True))
    calls = draw(st.lists(st.sampled_from(AGGREGATES), min_size=1, max_size=3))
    parts, kinds = [name for name, _ in keys], [kind for _, kind in keys]
    for pattern, argument, kind in calls:
        text = pattern.format(expression(draw, source, argument, 1)) if argument else pattern
        if draw(st.integers(0, 4)) == 0:
            text += f" FILTER (WHERE {expression(draw, source, 'truth', 1)})"
        parts.append(text)
        kinds.append(kind)
    chosen = ", ".join(f"{part} AS c{i}" for i, part in enumerate(parts))
    text = f"SELECT {chosen} FROM {source.text}{where}"
    if keys:
        text += f" GROUP BY {', '.join(name for name, _ in keys)}"
        if draw(st.integers(0, 3)) == 0:
            text += " HAVING COUNT(*) > 1"
    return text, tuple(kinds)


def _set_operation(draw: Draw, depth: int, alias: str) -> tuple[str, tuple[str, ...]]:
    word = draw(
        st.sampled_from(
            ["UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"]
        )
    )
    left, right = relation(draw, depth - 1, alias + "4"), relation(draw, depth - 1, alias + "5")
    kinds = ("number", "text")

    def side(source: Relation) -> str:
        chosen = ", ".join(
            f"{expression(draw, source, kind, 1)} AS c{i}" for i, kind in enumerate(kinds)
        )
        return f"SELECT {chosen} FROM {source.text}{_where(draw, source, 0)}"

    return f"{side(left)} {word} {side(right)}", kinds


@st.composite
def queries(draw: Draw, is_batch: bool) -> str:
    """A whole random query."""
    text, kinds = query(draw, 2, "o", is_batch=is_batch)
    if draw(st.integers(0, 4)) == 0:
        order = ", ".join(f"c{i} NULLS FIRST" for i in range(len(kinds)))
        return f"SELECT * FROM ({text}) AS w ORDER BY {order} LIMIT {draw(st.integers(1, 4))}"
    return text
