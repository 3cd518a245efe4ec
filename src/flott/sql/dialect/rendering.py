"""Trees back to SQL, as Flink prints expressions: names in back-ticks, few parentheses.

Used where a catalog shows what it keeps (DESCRIBE, SHOW CREATE). It renders expressions;
``ddl.view_text`` renders queries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from flott.common.logical_types import IntType
from flott.sql.dialect.keywords import words
from flott.sql.dialect.types import data_type_of

#: How tightly operators bind, loosest first.
_OR, _AND, _NOT, _IS, _COMPARE, _RANGE, _SUM, _PRODUCT, _SIGN, _ATOM = range(10)

_BINARY: dict[type[exp.Expression], tuple[str, int]] = {
    exp.Or: ("OR", _OR),
    exp.And: ("AND", _AND),
    exp.EQ: ("=", _COMPARE),
    exp.NEQ: ("<>", _COMPARE),
    exp.LT: ("<", _COMPARE),
    exp.LTE: ("<=", _COMPARE),
    exp.GT: (">", _COMPARE),
    exp.GTE: (">=", _COMPARE),
    exp.NullSafeEQ: ("IS NOT DISTINCT FROM", _IS),
    exp.NullSafeNEQ: ("IS DISTINCT FROM", _IS),
    exp.Like: ("LIKE", _RANGE),
    exp.ILike: ("ILIKE", _RANGE),
    exp.SimilarTo: ("SIMILAR TO", _RANGE),
    exp.Escape: ("ESCAPE", _RANGE),
    exp.Add: ("+", _SUM),
    exp.Sub: ("-", _SUM),
    exp.Mul: ("*", _PRODUCT),
    exp.Div: ("/", _PRODUCT),
    exp.Mod: ("%", _PRODUCT),
    exp.DPipe: ("||", _PRODUCT),
}


def quote_name(name: str) -> str:
    """``name`` between back-ticks.

    >>> quote_name("a`b")
    '`a``b`'
    """
    return "`" + name.replace("`", "``") + "`"


def quote_text(text: str) -> str:
    """``text`` as a string literal.

    >>> print(quote_text("it's"))
    'it''s'
    """
    return "'" + text.replace("'", "''") + "'"


def render(tree: exp.Expression) -> str:
    """The SQL of an expression.

    >>> from flott.sql.dialect import parse_expression
    >>> render(parse_expression("upper( a.b )||'x' = (c+1)*2"))
    "UPPER(`a`.`b`) || 'x' = (`c` + 1) * 2"
    """
    return _render(tree)[0]


def _render(tree: exp.Expression) -> tuple[str, int]:
    operator = _BINARY.get(type(tree))
    if operator is not None:
        sign, level = operator
        left = _within(tree.this, level)
        right = _within(tree.expression, level + 1)
        return f"{left} {sign} {right}", level
    if isinstance(tree, exp.Not):
        inner = tree.this.unnest()
        if isinstance(inner, exp.Is):
            return _is(inner, "IS NOT"), _IS
        return f"NOT {_within(tree.this, _NOT)}", _NOT
    if isinstance(tree, exp.Neg):
        text = _within(tree.this, _SIGN)  # two signs in a row would begin a comment
        return f"-({text})" if text.startswith("-") else f"-{text}", _SIGN
    if isinstance(tree, exp.Paren):
        return _render(tree.this)
    if isinstance(tree, exp.Is):
        return _is(tree, "IS"), _IS
    if isinstance(tree, exp.Between):
        word = "BETWEEN SYMMETRIC" if tree.args.get("symmetric") else "BETWEEN ASYMMETRIC"
        low, high = _within(tree.args["low"], _SUM), _within(tree.args["high"], _SUM)
        return f"{_within(tree.this, _RANGE)} {word} {low} AND {high}", _RANGE
    if isinstance(tree, exp.In):
        items = ", ".join(render(each) for each in tree.expressions)
        return f"{_within(tree.this, _RANGE)} IN ({items})", _RANGE
    rule = _ATOMS.get(type(tree))
    if rule is not None:
        return rule(tree), _ATOM
    return tree.sql(), _OR


def _is(tree: exp.Is, words: str) -> str:
    value = "UNKNOWN" if tree.meta.get("unknown") else render(tree.expression)
    return f"{_within(tree.this, _IS)} {words} {value}"


def _within(tree: exp.Expression, level: int) -> str:
    text, own = _render(tree)
    return text if own >= level else f"({text})"


def _column(tree: Any) -> str:
    return ".".join("*" if isinstance(each, exp.Star) else quote_name(each.name)
                    for each in tree.parts)  # fmt: skip


def _literal(tree: Any) -> str:
    return quote_text(tree.this) if tree.is_string else str(tree.this).upper()


def _call(tree: Any) -> str:
    name = str(tree.this).upper()
    settings = dict(tree.meta.get("settings", ()))
    items = [render(each) for each in tree.expressions]
    if name == "IS JSON":
        return f"{items[0]} IS JSON {settings['kind']}"
    if name in ("ARRAY", "MAP") and items:
        return f"{name}[{', '.join(items)}]"
    if name in ("TIMESTAMPADD", "TIMESTAMPDIFF"):
        return f"{name}({', '.join([settings['unit'], *items])})"
    if name == "EXTRACT":
        return f"EXTRACT({settings['unit']} FROM {items[0]})"
    if name in ("CEIL", "FLOOR", "CEILING") and "unit" in settings:
        return f"{name}({items[0]} TO {settings['unit']})"
    if name == "TRIM":
        chars = items[1] if len(items) > 1 else "' '"
        return f"TRIM({settings['mode']} {chars} FROM {items[0]})"
    if name == "POSITION":
        return f"POSITION({items[0]} IN {items[1]})"
    if name == "SUBSTRING" and len(items) > 1:
        tail = f" FOR {items[2]}" if len(items) > 2 else ""
        return f"SUBSTRING({items[0]} FROM {items[1]}{tail})"
    if name in _BARE and not items:
        return name
    if name in _QUOTED:
        name = quote_name(name)
    return f"{name}({', '.join(items)}{_json_tail(settings)})"


def _json_tail(settings: dict[str, Any]) -> str:
    parts = []
    if "returning" in settings:
        parts.append(f"RETURNING {settings['returning']}")
    if "wrapper" in settings:
        word = settings["wrapper"]
        parts.append("WITHOUT ARRAY WRAPPER" if word == "WITHOUT" else f"WITH {word} ARRAY WRAPPER")
    for event in ("empty", "error"):
        value = settings.get(f"on_{event}")
        if value == "DEFAULT":
            value = f"DEFAULT {render(settings[f'default_on_{event}'])}"
        if value is not None:
            parts.append(f"{value} ON {event.upper()}")
    if "on_null" in settings:
        parts.append(f"{settings['on_null']} ON NULL")
    return " " + " ".join(parts) if parts else ""


#: Functions whose names Flink prints between back-ticks: those not made for its planner first.
_QUOTED = words(
    """
    ARRAY_APPEND ARRAY_CONCAT ARRAY_CONTAINS ARRAY_DISTINCT ARRAY_EXCEPT ARRAY_INTERSECT ARRAY_JOIN
    ARRAY_MAX ARRAY_MIN ARRAY_POSITION ARRAY_PREPEND ARRAY_REMOVE ARRAY_REVERSE ARRAY_SLICE
    ARRAY_SORT ARRAY_UNION BTRIM ELT ENDSWITH GREATEST IFNULL INET_ATON INET_NTOA JSON_QUOTE
    JSON_UNQUOTE LEAST MAP_ENTRIES MAP_FROM_ARRAYS MAP_KEYS MAP_UNION MAP_VALUES PARSE_JSON
    PERCENTILE PRINTF REGEXP_COUNT REGEXP_EXTRACT_ALL REGEXP_INSTR REGEXP_SUBSTR
    SOURCE_WATERMARK SPLIT STARTSWITH TO_TIMESTAMP_LTZ TRANSLATE
    TYPEOF UNHEX URL_DECODE URL_ENCODE
    """
)
_BARE = ("CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP")


def _cast(tree: Any) -> str:
    data_type = data_type_of(tree.args["to"])
    if tree.meta.get("literal"):
        return f"{data_type.root} {render(tree.this)}"
    word = "TRY_CAST" if isinstance(tree, exp.TryCast) else "CAST"
    shown = "INTEGER" if isinstance(data_type, IntType) else str(data_type)
    return f"{word}({render(tree.this)} AS {shown})"


def _case(tree: Any) -> str:
    parts = ["CASE"]
    if tree.this is not None:
        parts.append(render(tree.this))
    for branch in tree.args["ifs"]:
        parts += ["WHEN", render(branch.this), "THEN", render(branch.args["true"])]
    default = tree.args.get("default")
    if default is not None:
        parts += ["ELSE", render(default)]
    return " ".join([*parts, "END"])


def _interval(tree: Any) -> str:
    value = tree.this
    sign, text = "", render(value)
    if isinstance(value, exp.Literal) and value.is_string and value.this.startswith("-"):
        sign, text = "-", quote_text(value.this[1:])
    unit = tree.args["unit"]
    precision = tree.meta.get("precision")
    digits = f"({precision})" if precision is not None else ""
    if isinstance(unit, exp.IntervalSpan):
        return f"INTERVAL {sign}{text} {unit.this.name}{digits} TO {unit.expression.name}"
    return f"INTERVAL {sign}{text} {unit.name}{digits}"


def _boolean(tree: Any) -> str:
    return "TRUE" if tree.this else "FALSE"


def _null(tree: Any) -> str:
    return "UNKNOWN" if tree.meta.get("unknown") else "NULL"


_ATOMS: dict[type[exp.Expression], Callable[[Any], str]] = {
    exp.Anonymous: _call,
    exp.Boolean: _boolean,
    exp.Bracket: lambda tree: f"{_within(tree.this, _ATOM)}[{render(tree.expressions[0])}]",
    exp.Case: _case,
    exp.Cast: _cast,
    exp.Column: _column,
    exp.Dot: lambda tree: f"{_within(tree.this, _ATOM)}.{render(tree.expression)}",
    exp.HexString: lambda tree: f"X'{tree.this.upper()}'",
    exp.Identifier: lambda tree: quote_name(tree.this),
    exp.Interval: _interval,
    exp.Literal: _literal,
    exp.Null: _null,
    exp.Star: lambda tree: "*",
    exp.TryCast: _cast,
    exp.Tuple: lambda tree: f"({', '.join(render(each) for each in tree.expressions)})",
    exp.Var: lambda tree: str(tree.this),
}
