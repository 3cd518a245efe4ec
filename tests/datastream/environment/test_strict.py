"""Options that do nothing are warned of once, or refused."""

import pytest

from flott.common import Configuration
from flott.common.errors import ConfigurationError
from flott.datastream import StreamExecutionEnvironment


def plan_with(**options: str) -> None:
    configuration = Configuration.from_dict({k.replace("_", "."): v for k, v in options.items()})
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.from_collection([1]).print()
    env.get_job_plan()


def test_an_option_without_effect_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="'execution.attached' has no effect: the command line"):
        plan_with(execution_attached="true")


def test_strict_programs_refuse_it() -> None:
    with pytest.raises(ConfigurationError, match=r"has no effect.*flott.strict refuses that"):
        plan_with(execution_attached="true", flott_strict="true")
