"""What names mean at one place: the tables of a FROM clause and their columns.

A scope numbers the columns of the node it stands for. Columns that USING or NATURAL merge are
found by their bare name as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flott.common.logical_types import DataType
from flott.common.sql_errors import SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql.binder.rewriting import renullable
from flott.sql.expressions import Expression, InputRef, OuterRef, shift_inputs, transform
from flott.sql.logical.nodes import Field


@dataclass(frozen=True, slots=True)
class Relation:
    """A table of a FROM clause.

    Attributes:
        names: What may stand before the dot: the alias, or the parts of the table's path.
        fields: Its columns.
        start: The position of the first of them.
    """

    names: tuple[str, ...]
    fields: tuple[Field, ...]
    start: int

    def is_called(self, parts: Sequence[str]) -> bool:
        """Whether ``parts`` mean this table: its name, or the end of its path."""
        return bool(self.names) and tuple(parts) == self.names[len(self.names) - len(parts) :]

    def position(self, name: str) -> int | None:
        """The position of the column called ``name``.

        Raises:
            SqlValidationError: There are several.
        """
        found = [index for index, field in enumerate(self.fields) if field.name == name]
        if len(found) > 1:
            raise SqlValidationError(f"Column '{name}' is ambiguous", hint="Rename one of them.")
        return self.start + found[0] if found else None


@dataclass(frozen=True, slots=True)
class Merged:
    """A column that USING or NATURAL made of one of each side.

    Attributes:
        name: Its name.
        expression: Its value, over the columns of the scope.
        hidden: The columns that a star and a bare name no longer mean.
    """

    name: str
    expression: Expression
    hidden: frozenset[int]


@dataclass(frozen=True, slots=True)
class Scope:
    """The columns of one node, by name.

    Attributes:
        fields: All columns.
        relations: The tables they belong to.
        merged: Columns of USING and NATURAL.
    """

    fields: tuple[Field, ...] = ()
    relations: tuple[Relation, ...] = ()
    merged: tuple[Merged, ...] = ()

    @classmethod
    def of(cls, names: tuple[str, ...], fields: tuple[Field, ...]) -> Scope:
        """The scope of a single table."""
        return cls(fields, (Relation(names, fields, 0),))

    def ref(self, index: int) -> InputRef:
        """The column at ``index``."""
        return InputRef(self.fields[index].data_type, index)

    def beside(self, right: Scope, fields: tuple[Field, ...]) -> Scope:
        """The scope of a join whose output is ``fields``: this one's columns, then ``right``'s.

        Raises:
            SqlValidationError: Tables on both sides have the same name.
        """
        taken = {each.names[-1] for each in self.relations if each.names}
        for each in right.relations:
            if each.names and each.names[-1] in taken:
                raise SqlValidationError(
                    f"Two tables of FROM are called '{each.names[-1]}'",
                    hint="Give each an alias of its own.",
                )
        shift = len(self.fields)
        moved = [
            replace(each, start=each.start + shift, fields=_part(fields, each, shift))
            for each in right.relations
        ]
        kept = [replace(each, fields=_part(fields, each, 0)) for each in self.relations]
        merged = [_moved(each, 0, fields) for each in self.merged]
        merged += [_moved(each, shift, fields) for each in right.merged]
        return Scope(fields, (*kept, *moved), tuple(merged))

    @property
    def hidden(self) -> frozenset[int]:
        """Columns that only a qualified name means."""
        return frozenset(index for each in self.merged for index in each.hidden)

    def relation(self, parts: Sequence[str]) -> Relation | None:
        """The table that ``parts`` mean.

        Raises:
            SqlValidationError: Several tables have this name.
        """
        found = [each for each in self.relations if each.is_called(parts)]
        if len(found) > 1:
            raise SqlValidationError(
                f"Table '{'.'.join(parts)}' is ambiguous",
                hint="Give each table of the query an alias of its own.",
            )
        return found[0] if found else None

    def column(self, name: str) -> Expression | None:
        """The column that a bare ``name`` means; ``None`` if there is none.

        Raises:
            SqlValidationError: Several tables have such a column.
        """
        hidden = self.hidden
        found: list[Expression] = [each.expression for each in self.merged if each.name == name]
        for relation in self.relations:
            index = relation.position(name)
            if index is not None and index not in hidden:
                found.append(self.ref(index))
        if len(found) > 1:
            owners = [each.names[-1] for each in self.relations if each.names]
            raise SqlValidationError(
                f"Column '{name}' is ambiguous",
                hint=f"Write the table before it, as in {owners[0]}.{name}." if owners else None,
            )
        return found[0] if found else None

    def visible(self, relation: Relation | None = None) -> Iterator[tuple[str, Expression]]:
        """The columns of a star, of all tables or of one, with their names."""
        if relation is not None:
            for index, field in enumerate(relation.fields):
                yield field.name, self.ref(relation.start + index)
            return
        hidden = self.hidden
        for each in self.merged:
            yield each.name, each.expression
        for relation in self.relations:
            for index, field in enumerate(relation.fields, relation.start):
                if index not in hidden:
                    yield field.name, self.ref(index)

    def names(self) -> Iterator[str]:
        """Everything a column may be called here."""
        for each in self.relations:
            for field in each.fields:
                yield field.name


def _part(fields: tuple[Field, ...], relation: Relation, shift: int) -> tuple[Field, ...]:
    start = relation.start + shift
    return tuple(
        replace(new, name=old.name)
        for new, old in zip(fields[start:], relation.fields, strict=False)
    )


def _moved(merged: Merged, shift: int, fields: tuple[Field, ...]) -> Merged:
    expression = shift_inputs(merged.expression, lambda index: index + shift)
    expression = renullable(retyped(expression, [each.data_type for each in fields]))
    return Merged(merged.name, expression, frozenset(each + shift for each in merged.hidden))


def retyped(expression: Expression, types: Sequence[DataType]) -> Expression:
    """``expression`` with the types of its columns taken from ``types``."""

    def rule(part: Expression) -> Expression:
        if isinstance(part, InputRef) and part.data_type != types[part.index]:
            return replace(part, data_type=types[part.index])
        return part

    return transform(expression, rule)


def outer(expression: Expression, depth: int) -> Expression:
    """``expression`` over the columns of a query ``depth`` levels around."""
    if depth == 0:
        return expression

    def rule(part: Expression) -> Expression:
        return OuterRef(part.data_type, part.index, depth) if isinstance(part, InputRef) else part

    return transform(expression, rule)


def unknown_column(name: str, scopes: Sequence[Scope]) -> SqlValidationError:
    """The error that no table has a column called ``name``."""
    known = [each for scope in scopes for each in scope.names()]
    hint = did_you_mean(name, known, "Columns")
    return SqlValidationError(f"Column '{name}' not found in any table", hint=hint)
