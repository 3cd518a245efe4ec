"""``StreamExecutionEnvironment``: where a program begins and where it is run.

Its families of methods are in ``environment``, one module each.
"""

from __future__ import annotations

from flott.common.configuration import Configuration
from flott.common.default_options import default_options
from flott.datastream.environment.checkpointing import Checkpointing
from flott.datastream.environment.dependencies import Dependencies
from flott.datastream.environment.execution import Execution
from flott.datastream.environment.settings import Settings
from flott.datastream.environment.sources import Sources

__all__ = ["StreamExecutionEnvironment"]


class StreamExecutionEnvironment(Sources, Execution, Settings, Checkpointing, Dependencies):
    """Collects a program, holds its options and runs it.

    >>> env = StreamExecutionEnvironment.get_execution_environment()
    >>> numbers = env.set_parallelism(1).from_collection([1, 2, 3])
    >>> list(numbers.map(lambda n: n * n).execute_and_collect())
    [1, 4, 9]
    """

    @staticmethod
    def get_execution_environment(
        configuration: Configuration | None = None,
    ) -> StreamExecutionEnvironment:
        """Make an environment.

        Args:
            configuration: options of the program; they come on top of those of the command line.
        """
        options = Configuration.from_dict(default_options())
        if configuration is not None:
            options.add_all(configuration)
        return StreamExecutionEnvironment(options)
