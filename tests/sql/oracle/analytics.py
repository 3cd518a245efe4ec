"""Random queries that number, frame or regroup the rows of another query.

Rows are ordered by all of their columns, so that only equal rows may change places.
"""

from __future__ import annotations

from hypothesis import strategies as st

from tests.sql.oracle.queries import Draw, query, relation


def numbered(draw: Draw, alias: str) -> str:
    """The first rows of each group."""
    text, kinds = query(draw, 1, alias + "6")
    columns = [f"c{i}" for i in range(len(kinds))]
    keys = draw(st.lists(st.sampled_from(columns), max_size=1))
    partition = f"PARTITION BY {keys[0]} " if keys else ""
    function = draw(st.sampled_from(["ROW_NUMBER", "ROW_NUMBER", "RANK", "DENSE_RANK"]))
    outer = draw(st.sampled_from([", ".join(columns), ", ".join([*columns, "n"])]))
    return (
        f"SELECT {outer} FROM (SELECT *, {function}() OVER ({partition}{_order(draw, columns)}) "
        f"AS n FROM ({text}) AS w) AS x WHERE n <= {draw(st.integers(1, 3))}"
    )


def framed(draw: Draw, alias: str) -> str:
    """Values computed over rows around each row."""
    text, kinds = query(draw, 1, alias + "7")
    columns = [f"c{i}" for i in range(len(kinds))]
    calls = ["COUNT(*)", "ROW_NUMBER()", "RANK()", "DENSE_RANK()", f"LAG({columns[0]})"]
    calls += [f"LEAD({columns[-1]}, 2)", f"FIRST_VALUE({columns[0]})", f"MAX({columns[-1]})"]
    calls += [f"SUM(c{i})" for i, kind in enumerate(kinds) if kind in ("number", "money")]
    call = draw(st.sampled_from(calls))
    partition = draw(st.sampled_from(["", f"PARTITION BY {columns[0]} "]))
    frame = ""
    if call.startswith(("COUNT", "SUM", "MAX", "FIRST")):
        frame = draw(st.sampled_from(["", *_FRAMES]))
    window = f"{partition}{_order(draw, columns)}{frame}"
    return f"SELECT {', '.join(columns)}, {call} OVER ({window}) AS v FROM ({text}) AS w"


def regrouped(draw: Draw, alias: str) -> str:
    """One query grouped in several ways."""
    source = relation(draw, 1, alias + "8")
    keys = [name for name, kind in source.columns if kind != "truth"][:3]
    if len(keys) < 2:
        return f"SELECT {keys[0] if keys else 1} AS c0 FROM {source.text}"
    first, second = keys[:2]
    sets = draw(
        st.sampled_from(
            [
                f"({first}), ({second})",
                f"({first}, {second}), ({first})",
                f"({second}), ({first}, {second})",
            ]
        )
    )
    last = keys[-1]
    return (
        f"SELECT {first} AS c0, {second} AS c1, COUNT(*) AS n, COUNT(DISTINCT {last}) AS u, "
        f"MAX({last}) AS m FROM {source.text} GROUP BY GROUPING SETS ({sets})"
    )


_FRAMES = (
    " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW",
    " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING",
    " ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING",
    " RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
)


def _order(draw: Draw, columns: list[str]) -> str:
    ways = ["ASC NULLS FIRST", "DESC NULLS LAST", "ASC NULLS LAST", "DESC NULLS FIRST"]
    parts = [f"{column} {draw(st.sampled_from(ways))}" for column in columns]
    return f"ORDER BY {', '.join(parts)}"


@st.composite
def analytic_queries(draw: Draw, is_batch: bool) -> str:
    """A random query of one of these kinds; frames over whole inputs in BATCH only."""
    kinds = [numbered, regrouped, *([framed, framed] if is_batch else [])]
    return draw(st.sampled_from(kinds))(draw, "o")
