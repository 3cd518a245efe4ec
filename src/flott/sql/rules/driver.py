"""Runs rules: inputs first, again and again until no rule has anything left to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flott.sql.logical.nodes import LogicalNode, transform

#: A rule gives the node that takes a node's place, or ``None`` where it does not apply.
Rule = Callable[[LogicalNode], LogicalNode | None]

#: More rounds than any plan needs; what would go on for ever is an error of ours.
_ROUNDS_MAX = 200


def run_rules(plan: LogicalNode, rules: Sequence[Rule]) -> LogicalNode:
    """``plan`` after all ``rules``."""

    def apply(node: LogicalNode) -> LogicalNode:
        for rule in rules:
            changed = rule(node)
            if changed is not None:
                node = changed
        return node

    for _ in range(_ROUNDS_MAX):
        changed = transform(plan, apply)
        if changed is plan:
            return plan
        plan = changed
    raise AssertionError(f"rules do not come to an end: {[rule.__name__ for rule in rules]}")
