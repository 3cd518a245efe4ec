"""What tests of DataStream programs share."""

import pytest

from flott.datastream import StreamExecutionEnvironment


@pytest.fixture
def env() -> StreamExecutionEnvironment:
    """An environment with parallelism 1."""
    return StreamExecutionEnvironment.get_execution_environment().set_parallelism(1)
