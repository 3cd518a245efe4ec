"""From logical to physical nodes: one function for each kind of node, found in a table.

A planner is used for one statement. Equal logical nodes become one physical node, which is how
shared sub-plans run once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flott.sql.functions.settings import EvaluationSettings
from flott.sql.logical.nodes import LogicalNode
from flott.sql.physical.node import PhysicalNode
from flott.sql.physical.settings import PlannerSettings
from flott.sql.session import Session

Translator = Callable[["Planner", Any], PhysicalNode]


class Planner:
    """Plans the nodes of one statement.

    Args:
        session: The statement's session.
        translators: What plans which logical node; see ``translators.py``.

    Attributes:
        session: The statement's session.
        settings: The options that decide.
        evaluation: What the values of expressions depend on.
    """

    def __init__(
        self, session: Session, translators: Mapping[type[LogicalNode], Translator]
    ) -> None:
        self.session = session
        self.settings = PlannerSettings.of(session)
        self.evaluation = EvaluationSettings(
            time_zone=session.time_zone,
            is_streaming=session.is_streaming,
            current_database=session.catalog.current_database,
        )
        self._translators = translators
        #: By node or, where equal nodes are not one, by its identity; holds the node for that.
        self._planned: dict[Any, tuple[LogicalNode, PhysicalNode]] = {}

    @property
    def is_batch(self) -> bool:
        """Whether only final results are asked for."""
        return self.settings.is_batch

    def plan(self, node: LogicalNode) -> PhysicalNode:
        """The physical node for ``node``; the same one for an equal node."""
        key: Any = node if self.settings.reuses_sub_plans else id(node)
        found = self._planned.get(key)
        if found is None:
            found = self._planned[key] = node, self._translators[type(node)](self, node)
        return found[1]
