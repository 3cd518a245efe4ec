"""The arguments of table functions: by position or by name, tables and descriptors among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from flott.common.sql_errors import SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql.binder.context import BindContext
from flott.sql.binder.errors import placed
from flott.sql.binder.expressions import Environment, bind
from flott.sql.binder.expressions.names import resolve_name
from flott.sql.binder.scope import Scope
from flott.sql.dialect.nodes import TableArgument
from flott.sql.expressions import Expression, InputRef, Literal


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call in FROM.

    Attributes:
        call: The call.
        name: The function in upper case.
        by_name: The arguments by the names of the parameters.
        context: Around it.
    """

    call: exp.Anonymous
    name: str
    by_name: dict[str, exp.Expression]
    context: BindContext

    def table(self, name: str) -> TableArgument:
        """The argument that is a table.

        Raises:
            SqlValidationError: It is missing, or no table.
        """
        found = self.required(name)
        if isinstance(found, exp.Subquery):
            return TableArgument(this=found)
        if not isinstance(found, TableArgument):
            raise self.context.invalid(
                found, f"{self.name} takes a table as {name}", "Write TABLE name, or (SELECT ...)."
            )
        return found

    def required(self, name: str) -> exp.Expression:
        """An argument that must be there."""
        found = self.by_name.get(name)
        if found is None:
            raise self.context.invalid(self.call, f"{self.name} needs the argument {name}")
        return found

    def columns(self, name: str, scope: Scope) -> tuple[int, ...]:
        """The columns of ``DESCRIPTOR(a, b)``."""
        return columns_of(self.required(name), scope, self.context, name)

    def constant(self, name: str) -> Literal:
        """An argument that is a constant.

        Raises:
            SqlValidationError: It is missing, or varies.
        """
        tree = self.required(name)
        found = bind(tree, Environment(self.context, clause=self.name))
        if not isinstance(found, Literal):
            raise self.context.invalid(
                tree, f"The argument {name} of {self.name} is not a constant"
            )
        return found


def arguments_of(
    call: exp.Anonymous, parameters: Sequence[str], required: int, context: BindContext
) -> Arguments:
    """The arguments of ``call``, whose parameters have these names.

    Args:
        call: The call.
        parameters: Names in order.
        required: How many must be there.
        context: Around it.

    Raises:
        SqlValidationError: There are too few or too many, or a name is unknown.
    """
    name = str(call.this).upper()
    found: dict[str, exp.Expression] = {}
    for index, tree in enumerate(call.expressions):
        if isinstance(tree, exp.Kwarg):
            key, value = tree.this.name.upper(), tree.expression
            if key not in parameters:
                hint = did_you_mean(key, parameters, "Arguments")
                raise context.invalid(tree, f"{name} has no argument {key}", hint)
        elif index >= len(parameters):
            raise _wrong_count(call, name, required, context)
        else:
            key, value = parameters[index], tree
        if key in found:
            raise context.invalid(tree, f"The argument {key} of {name} is given twice")
        if not (isinstance(value, exp.Var) and value.name == "DEFAULT"):
            found[key] = value
    if any(each not in found for each in parameters[:required]):
        raise _wrong_count(call, name, required, context)
    return Arguments(call, name, found, context)


def _wrong_count(
    call: exp.Anonymous, name: str, required: int, context: BindContext
) -> SqlValidationError:
    return context.invalid(
        call,
        f"Invalid number of arguments to function '{name}'. Was expecting {required} arguments",
    )


def columns_of(
    tree: exp.Expression, scope: Scope, context: BindContext, name: str = "DESCRIPTOR"
) -> tuple[int, ...]:
    """The positions of the columns that a descriptor names.

    Raises:
        SqlValidationError: It is not a descriptor, or a column is unknown.
    """
    if not isinstance(tree, exp.Anonymous) or str(tree.this).upper() != "DESCRIPTOR":
        raise context.invalid(tree, f"The argument {name} must be DESCRIPTOR(column)")
    return tuple(column_of(each, scope, context) for each in tree.expressions)


def column_of(tree: exp.Expression, scope: Scope, context: BindContext) -> int:
    """The position of the column that ``tree`` names."""
    with placed(tree, context.text):
        parts = [each.name for each in tree.parts] if isinstance(tree, exp.Column) else [tree.name]
        found: Expression = resolve_name(parts, (scope,))
    if not isinstance(found, InputRef):
        raise context.invalid(tree, f"'{'.'.join(parts)}' is not a column")
    return found.index
