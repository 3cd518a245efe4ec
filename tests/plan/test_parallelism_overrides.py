"""Another parallelism for single tasks, set aside from the program."""

import pytest

from flott.common.errors import ConfigurationError
from flott.core.partitioner import HashKey
from flott.plan.job_plan import JobPlan
from tests.plan.sample_plans import Program

KEY = "pipeline.jobvertex-parallelism-overrides"


def plan_with(overrides: str = "") -> JobPlan:
    program = Program(**({KEY: overrides} if overrides else {}))
    keyed = program.add("count", program.source(), via=HashKey(len), uid="count")
    program.add("sink", keyed)
    return program.derive()


def test_a_task_is_named_by_the_uid_of_its_head() -> None:
    assert [vertex.parallelism for vertex in plan_with("count:3").vertices] == [1, 3]


def test_a_task_is_named_by_the_id_of_its_head() -> None:
    operator_id = plan_with().vertices[1].head.operator_id
    assert [v.parallelism for v in plan_with(f"{operator_id}:2").vertices] == [1, 2]


def test_what_shares_the_task_follows() -> None:
    vertex = plan_with("count:3").vertices[1]
    assert [each.name for each in vertex.chain] == ["count", "sink"]


def test_ids_stay_as_they_were() -> None:
    before, after = plan_with(), plan_with("count:3")
    ids = [
        [each.operator_id for v in plan.vertices for each in v.chain] for plan in (before, after)
    ]
    assert ids[0] == ids[1]


def test_an_unknown_task_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="no task of the job begins with 'cuont'"):
        plan_with("cuont:3")


@pytest.mark.parametrize("number", ["0", "many", "-1"])
def test_a_parallelism_is_a_positive_number(number: str) -> None:
    with pytest.raises(ConfigurationError, match="must be a positive number"):
        plan_with(f"count:{number}")
