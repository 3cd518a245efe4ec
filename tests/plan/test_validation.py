"""Programs that cannot run are refused with their place and the way out."""

from typing import Any

import pytest

from flott.common.errors import ProgramError
from flott.plan import StreamEdge
from flott.plan.stream_plan import StreamPlan
from tests.plan.sample_plans import Program, SampleSourceSpec


def refused(match: str, **settings: Any) -> None:
    """A map with these settings is refused with this message."""
    program = Program()
    program.add("map", program.source(), location="job.py:5", **settings)
    with pytest.raises(ProgramError, match=match):
        program.derive()


@pytest.mark.parametrize("parallelism", [0, -1])
def test_parallelism_must_be_positive(parallelism: int) -> None:
    refused(
        rf"of 'map' \(job.py:5\) is {parallelism}; it must be 1 or more", parallelism=parallelism
    )


def test_the_default_parallelism_must_be_positive_too() -> None:
    program = Program(**{"parallelism.default": "0"})
    program.add("map", program.source())
    with pytest.raises(ProgramError, match=r"of 'source' is 0.*'parallelism.default'"):
        program.derive()


@pytest.mark.parametrize("max_parallelism", [0, -5, 32769])
def test_max_parallelism_has_limits(max_parallelism: int) -> None:
    refused("must be between 1 and 32768", max_parallelism=max_parallelism)


def test_parallelism_may_not_exceed_max_parallelism() -> None:
    refused(
        "is 5, above its max parallelism of 4.*set_max_parallelism",
        parallelism=5,
        max_parallelism=4,
    )


def test_an_operator_that_is_not_parallel_stays_so() -> None:
    refused(
        "not parallel, so its parallelism must be 1, not 3", parallelism=3, fixed_parallelism=True
    )


def test_batch_mode_needs_bounded_sources() -> None:
    program = Program()
    program.add("sink", program.unbounded_source())
    assert program.derive().is_batch is False
    with pytest.raises(ProgramError, match="BATCH mode needs bounded sources, and 'endless'"):
        program.derive(is_batch=True)


def test_bounded_programs_run_in_batch_mode() -> None:
    program = Program()
    program.add("sink", program.source())
    assert program.derive(is_batch=True).is_batch is True


def test_a_source_cannot_have_inputs() -> None:
    plan = StreamPlan()
    first = plan.add(SampleSourceSpec(), [])
    plan.add(SampleSourceSpec(), [StreamEdge(first)], name="second")
    program = Program()
    with pytest.raises(ProgramError, match="'second' is a source and cannot have inputs"):
        program.derive(plan.nodes)


def test_inputs_may_not_have_gaps() -> None:
    program = Program()
    program.add("join", StreamEdge(program.source(), 1))
    with pytest.raises(ProgramError, match=r"'join' has streams on its inputs \[1\]"):
        program.derive()
