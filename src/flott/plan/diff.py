"""What becomes of each operator's state when one plan takes the place of another.

State is found by operator id. So an operator of the new plan keeps its state if the old plan has
the same id with the same kind of operator and the same number of key groups. At another
parallelism the state is dealt out anew, which is safe. In every other case it starts empty; where
an operator of the old plan looks like the one meant, the reason says how to hold on to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from flott.plan.job_plan import ChainedOperator, JobPlan, JobVertex


class StateFate(Enum):
    """What happens to an operator's state."""

    KEEP = "keep"
    """It goes on as it is."""
    MIGRATE = "migrate"
    """It is restored in another form, for example at another parallelism."""
    REBUILD = "rebuild"
    """The operator starts empty."""
    DROP = "drop"
    """The operator is gone and its state is left behind."""


@dataclass(frozen=True, slots=True)
class OperatorChange:
    """The fate of one operator's state.

    Attributes:
        name: Name of the operator, in the new plan unless it is gone.
        operator_id: Its id, likewise.
        fate: What happens.
        reason: Why, in words.
        location: ``file:line`` in the user's program.
    """

    name: str
    operator_id: str
    fate: StateFate
    reason: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class _Placed:
    """An operator and the chain it is in."""

    operator: ChainedOperator
    vertex: JobVertex


def derive_plan_diff(old: JobPlan, new: JobPlan) -> list[OperatorChange]:
    """Compare two plans of one job.

    Returns:
        The operators of the new plan in its order, then those of the old plan that are gone.
        Operators without state are left out when they are gone.
    """
    before, after = _by_id(old), _by_id(new)
    gone = [each for key, each in before.items() if key not in after]
    changes = [_compare(before.get(key), each, gone) for key, each in after.items()]
    changes.extend(
        OperatorChange(
            each.operator.name,
            each.operator.operator_id,
            StateFate.DROP,
            "not in the new plan; to start without its state, allow non-restored state",
            each.operator.location,
        )
        for each in gone
        if not each.operator.spec.is_stateless
    )
    return changes


def format_plan_diff(changes: Sequence[OperatorChange]) -> str:
    """The changes as lines of text, the fate first."""
    width = max((len(each.name) for each in changes), default=0)
    lines = []
    for each in changes:
        line = f"{each.fate.value:<8} {each.name:<{width}}  {each.reason}"
        lines.append(f"{line} ({each.location})" if each.location else line)
    return "".join(f"{line}\n" for line in lines)


def _by_id(plan: JobPlan) -> dict[str, _Placed]:
    return {
        operator.operator_id: _Placed(operator, vertex)
        for vertex in plan.vertices
        for operator in vertex.chain
    }


def _compare(before: _Placed | None, after: _Placed, gone: Sequence[_Placed]) -> OperatorChange:
    fate, reason = _decide_fate(before, after, gone)
    operator = after.operator
    return OperatorChange(operator.name, operator.operator_id, fate, reason, operator.location)


def _decide_fate(
    before: _Placed | None, after: _Placed, gone: Sequence[_Placed]
) -> tuple[StateFate, str]:
    spec = after.operator.spec
    if spec.is_stateless:
        return StateFate.KEEP, "has no state"
    if before is None:
        return StateFate.REBUILD, _why_not_found(after, gone)
    former = before.operator.spec
    if former.kind != spec.kind:
        return StateFate.REBUILD, f"was {former.kind}, whose state {spec.kind} cannot read"
    groups, groups_before = after.vertex.max_parallelism, before.vertex.max_parallelism
    if groups != groups_before:
        return StateFate.REBUILD, (
            f"max parallelism was {groups_before} and is {groups}; "
            f"set_max_parallelism({groups_before}) keeps the state"
        )
    parallelism, parallelism_before = after.vertex.parallelism, before.vertex.parallelism
    if parallelism != parallelism_before:
        return StateFate.MIGRATE, f"parallelism was {parallelism_before} and is {parallelism}"
    if former.meaning != spec.meaning:
        return StateFate.KEEP, f"same id; '{former.meaning}' became '{spec.meaning}'"
    return StateFate.KEEP, "same id"


def _why_not_found(after: _Placed, gone: Sequence[_Placed]) -> str:
    """Say that an operator is new, or which one of the old plan it may have been."""
    operator = after.operator
    for each in gone:
        former = each.operator
        if (former.name, former.spec.kind) != (operator.name, operator.spec.kind):
            continue
        if operator.uid is not None and former.uid is not None:
            return f"uid was '{former.uid}' and is '{operator.uid}'"
        if operator.uid is not None:
            return (
                f"had no uid before; set_uid_hash('{former.operator_id}') instead keeps the state"
            )
        if former.uid is not None:
            return f"uid('{former.uid}') is missing"
        return (
            "what it reads or does has changed; "
            f"set_uid_hash('{former.operator_id}') keeps the state"
        )
    return "new"
