"""Operators: arithmetic, comparison, logic, IS, LIKE, BETWEEN, subscripts.

Rows are compared column by column here, so that the library of functions need not know rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from flott.common.logical_types import NullType, RowType
from flott.common.sql_errors import SqlValidationError
from flott.sql import functions
from flott.sql.binder.expressions.dispatch import bind, bind_all, binds
from flott.sql.binder.expressions.environment import Environment
from flott.sql.binder.expressions.literals import number
from flott.sql.expressions import Call, Expression, Literal
from flott.sql.functions.families.patterns import like_pieces

_BINARY: Final[dict[type[exp.Expression], str]] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.DPipe: "||",
}
#: Signs of comparisons; ``subqueries`` binds them, for ANY and ALL.
COMPARISONS: Final[dict[type[exp.Expression], str]] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}
_PATTERNS: Final[dict[type[exp.Expression], str]] = {
    exp.Like: "LIKE",
    exp.ILike: "ILIKE",
    exp.SimilarTo: "SIMILAR TO",
}


@binds(*_BINARY)
def bind_arithmetic(tree: exp.Expression, env: Environment) -> Expression:
    """``a + b`` and its like."""
    args = bind_all((tree.this, tree.expression), env)
    for arg, operand in zip(args, (tree.this, tree.expression), strict=True):
        if isinstance(tree, exp.DPipe) and isinstance(arg.data_type, NullType):
            raise env.invalid(operand, "Illegal use of 'NULL'", "Write CAST(NULL AS STRING).")
    return functions.resolve_call(_BINARY[type(tree)], args, origin=env.written(tree))


@binds(exp.Neg)
def bind_minus(tree: exp.Neg, env: Environment) -> Expression:
    """``-a``; the minus of a number belongs to the number."""
    this = tree.this
    if isinstance(this, exp.Literal) and not this.is_string:
        return number("-" + this.this)
    return functions.resolve_call("-", (bind(this, env),), origin=env.written(tree))


@binds(exp.Paren)
def bind_parentheses(tree: exp.Paren, env: Environment) -> Expression:
    """``(a)``."""
    return bind(tree.this, env)


def compare(sign: str, left: Expression, right: Expression, origin: str = "") -> Expression:
    """``left sign right``, rows column by column.

    Raises:
        SqlValidationError: Their types are not comparable.
    """
    pairs = _row_pairs(sign, left, right)
    if pairs is None:
        return functions.resolve_call(sign, (left, right), origin=origin)
    parts = [compare(sign, one, two, origin) for one, two in pairs]
    joined = "OR" if sign in ("<>", "IS DISTINCT FROM") else "AND"
    return logical(joined, parts, origin)


def _row_pairs(
    sign: str, left: Expression, right: Expression
) -> list[tuple[Expression, Expression]] | None:
    rows = [isinstance(each, Call) and each.function == "ROW" for each in (left, right)]
    if not any(rows) or sign in ("<", "<=", ">", ">="):
        return None
    one, two = row_parts(left), row_parts(right)
    if one is None or two is None:
        return None
    if len(one) != len(two):
        raise SqlValidationError(f"Rows of {len(one)} and {len(two)} columns cannot be compared")
    return list(zip(one, two, strict=True))


def row_parts(value: Expression) -> list[Expression] | None:
    """The columns of a row; ``None`` if ``value`` is not a row."""
    if isinstance(value, Call) and value.function == "ROW":
        return list(value.args)
    if not isinstance(value.data_type, RowType):
        return None
    return [
        functions.resolve_call("FIELD", (value,), (("name", name),))
        for name in value.data_type.field_names()
    ]


def logical(function: str, args: Sequence[Expression], origin: str = "") -> Expression:
    """``args`` joined by AND or OR."""
    if len(args) == 1:
        return args[0]
    return functions.resolve_call(function, tuple(args), origin=origin)


@binds(exp.And, exp.Or)
def bind_logical(tree: exp.Expression, env: Environment) -> Expression:
    """``a AND b AND c``, flat however deep the tree is."""
    kind = type(tree)
    operands: list[exp.Expression] = []
    pending: list[exp.Expression] = [tree]
    while pending:
        part = pending.pop()
        if type(part) is kind:
            pending += (part.expression, part.this)
        else:
            operands.append(part)
    name = "AND" if kind is exp.And else "OR"
    return logical(name, bind_all(operands, env), env.written(tree))


@binds(exp.Is)
def bind_is(tree: exp.Is, env: Environment) -> Expression:
    """``a IS NULL``, ``a IS TRUE``, ..."""
    return _is(tree, env, "IS ", env.written(tree))


def _is(tree: exp.Is, env: Environment, prefix: str, origin: str) -> Expression:
    what = tree.expression
    while isinstance(what, exp.Not):
        what, prefix = what.this, "IS NOT "
    if isinstance(what, exp.Boolean):
        word = "TRUE" if what.this else "FALSE"
    else:
        word = "UNKNOWN" if what.meta.get("unknown") or tree.meta.get("unknown") else "NULL"
    return functions.resolve_call(prefix + word, (bind(tree.this, env),), origin=origin)


@binds(*_PATTERNS)
def bind_pattern(tree: exp.Expression, env: Environment) -> Expression:
    """``a LIKE b``."""
    return _pattern(tree, (), env, env.written(tree))


@binds(exp.Escape)
def bind_escape(tree: exp.Escape, env: Environment) -> Expression:
    """``a LIKE b ESCAPE c``."""
    return _pattern(tree.this, (tree.expression,), env, env.written(tree))


def _pattern(
    tree: exp.Expression, escape: tuple[exp.Expression, ...], env: Environment, origin: str
) -> Expression:
    args = bind_all((tree.this, tree.expression, *escape), env)
    texts = [each.value for each in args[1:] if isinstance(each, Literal)]
    if isinstance(tree, exp.Like) and len(texts) == 2 and None not in texts:
        like_pieces(*texts)  # a wrong ESCAPE is refused here, before anything runs
    return functions.resolve_call(_PATTERNS[type(tree)], args, origin=origin)


@binds(exp.Between)
def bind_between(tree: exp.Between, env: Environment) -> Expression:
    """``a BETWEEN b AND c``."""
    args = bind_all((tree.this, tree.args["low"], tree.args["high"]), env)
    settings = (("symmetric", True),) if tree.args.get("symmetric") else ()
    return functions.resolve_call("BETWEEN", args, settings, env.written(tree))


@binds(exp.Bracket)
def bind_subscript(tree: exp.Bracket, env: Environment) -> Expression:
    """``array[1]``, ``map['key']``, ``row['field']``."""
    if len(tree.expressions) != 1:
        raise env.invalid(tree, "A subscript has one index")
    args = bind_all((tree.this, tree.expressions[0]), env)
    return functions.resolve_call("ITEM", args, origin=env.written(tree))
