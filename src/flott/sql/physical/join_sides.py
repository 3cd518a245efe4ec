"""The two inputs of a join, with its keys as columns and rows of equal keys in one subtask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flott.core.expression import Predicate
from flott.sql.expressions import Expression, InputRef
from flott.sql.functions import compile_predicate
from flott.sql.logical.nodes import Field, LogicalNode
from flott.sql.physical.calcs import project
from flott.sql.physical.exchanges import by_columns
from flott.sql.physical.join_keys import EqualPair, with_key_columns
from flott.sql.physical.node import PhysicalNode
from flott.sql.physical.planner import Planner
from flott.sql.physical.texts import scalar_text
from flott.sql.rules.conditions import all_of, renumbered


@dataclass(frozen=True)
class Sides:
    """What a join operator reads.

    Attributes:
        left: The left input; columns computed for keys follow its own.
        right: The right input.
        left_keys: The key columns ...
        right_keys: ... pair by pair.
        null_safe: For each pair, whether NULL equals NULL.
        left_width: How many columns the left input has of its own.
    """

    left: PhysicalNode
    right: PhysicalNode
    left_keys: tuple[int, ...]
    right_keys: tuple[int, ...]
    null_safe: tuple[bool, ...]
    left_width: int

    @property
    def types(self) -> tuple[object, ...]:
        """The types of both sides' columns."""
        return (*self.left.types, *self.right.types)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of both sides' columns."""
        return (*self.left.names, *self.right.names)

    def place(self, column: int) -> int:
        """Where a column of the logical join is among those of both inputs."""
        if column < self.left_width:
            return column
        return column - self.left_width + len(self.left.fields)

    def condition(self, parts: Sequence[Expression]) -> Expression | None:
        """Conditions of the logical join over the columns of both inputs."""
        return all_of(renumbered(each, self.place) for each in parts)

    def predicate(self, planner: Planner, parts: Sequence[Expression]) -> Predicate | None:
        """The same, compiled."""
        condition = self.condition(parts)
        if condition is None:
            return None
        types = (*self.left.types, *self.right.types)
        names = (*self.left.names, *self.right.names)
        return compile_predicate(condition, types, planner.evaluation, names)

    def key_text(self, parts: Sequence[Expression] = ()) -> str:
        """The keys and other conditions as text."""
        texts = [
            f"{self.left.names[left]} {'IS NOT DISTINCT FROM' if safe else '='} "
            f"{self.right.names[right]}"
            for left, right, safe in zip(
                self.left_keys, self.right_keys, self.null_safe, strict=True
            )
        ]
        texts += [scalar_text(renumbered(each, self.place), self.names) for each in parts]
        return " AND ".join(texts) if texts else "true"

    @property
    def output_fields(self) -> tuple[Field, ...]:
        """The columns of both inputs."""
        return (*self.left.fields, *self.right.fields)

    def trimmed(
        self, planner: Planner, operator: PhysicalNode, fields: Sequence[Field]
    ) -> PhysicalNode:
        """``operator`` without the columns computed for keys."""
        columns = [
            (InputRef(operator.fields[self.place(column)].data_type, self.place(column)), field)
            for column, field in enumerate(fields)
        ]
        return project(planner, operator, columns)


def join_sides(
    planner: Planner, left: LogicalNode, right: LogicalNode, pairs: Sequence[EqualPair]
) -> Sides:
    """Both inputs planned and exchanged by the keys of ``pairs``."""
    left_columns, left_keys = with_key_columns(left, [pair.left for pair in pairs])
    right_columns, right_keys = with_key_columns(right, [pair.right for pair in pairs])
    return Sides(
        by_columns(project(planner, planner.plan(left), left_columns), left_keys),
        by_columns(project(planner, planner.plan(right), right_columns), right_keys),
        left_keys,
        right_keys,
        tuple(pair.is_null_safe for pair in pairs),
        len(left.fields),
    )
