"""Table functions: values that become rows."""

from __future__ import annotations

from collections.abc import Sequence

from flott.common import logical_types as t
from flott.common.sql_errors import SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql.expressions import Expression
from flott.sql.functions.names import TABLE_FUNCTIONS

#: What makes rows, with what the binder resolves itself: windows and changelogs.
_NAMES = (
    *TABLE_FUNCTIONS, "CUMULATE", "FROM_CHANGELOG", "HOP", "SESSION", "TO_CHANGELOG", "TUMBLE",
)  # fmt: skip


def is_table_function(name: str) -> bool:
    """Whether ``name`` gives rows."""
    return name.upper() in TABLE_FUNCTIONS


def require_table_function(name: str) -> None:
    """Refuse a name that is not a table function.

    Raises:
        SqlValidationError: Names the nearest, or all there are.
    """
    if not is_table_function(name):
        hint = did_you_mean(name, _NAMES, "Table functions")
        raise SqlValidationError(f"No table function {name.upper()}", hint=hint)


def resolve_table_function(
    name: str, args: Sequence[Expression]
) -> tuple[tuple[t.RowField, ...], tuple[Expression, ...]]:
    """The columns of the rows ``name`` gives, and its operands with the types it computes with.

    UNNEST of an array of rows gives the rows' fields, of a map ``KEY`` and ``VALUE``, of others
    one column ``EXPR$0``.

    Raises:
        SqlValidationError: No such function, or it does not take these operands.
    """
    require_table_function(name)
    if len(args) != 1:
        raise SqlValidationError("UNNEST takes one ARRAY, MAP or MULTISET")
    given = args[0].data_type
    match given:
        case t.ArrayType() | t.MultisetType():
            element = given.element_type
            if isinstance(element, t.RowType):
                return element.fields, tuple(args)
            return (t.RowField("EXPR$0", element),), tuple(args)
        case t.MapType():
            fields = (t.RowField("KEY", given.key_type), t.RowField("VALUE", given.value_type))
            return fields, tuple(args)
    raise SqlValidationError(f"UNNEST takes an ARRAY, MAP or MULTISET, not {given.nullable_()}")
