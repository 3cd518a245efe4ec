"""``EnvironmentSettings``: how a ``TableEnvironment`` begins."""

from __future__ import annotations

from typing import Self

from flott.common.configuration import Configuration
from flott.common.default_options import default_options
from flott.common.execution_mode import RuntimeExecutionMode
from flott.common.options import pipeline
from flott.common.options import table as table_options

__all__ = ["EnvironmentSettings"]


class EnvironmentSettings:
    """Options of a new environment: streaming or batch, the names of its catalog.

    >>> EnvironmentSettings.in_batch_mode().is_streaming_mode()
    False
    """

    class Builder:
        """Collects settings."""

        def __init__(self) -> None:
            self._configuration = Configuration.from_dict(default_options())

        def with_configuration(self, config: Configuration) -> Self:
            """Add options."""
            self._configuration.add_all(config)
            return self

        def in_batch_mode(self) -> Self:
            """Run bounded queries that give final results only."""
            self._configuration.set(pipeline.RUNTIME_MODE, RuntimeExecutionMode.BATCH)
            return self

        def in_streaming_mode(self) -> Self:
            """Run continuous queries; the default."""
            self._configuration.set(pipeline.RUNTIME_MODE, RuntimeExecutionMode.STREAMING)
            return self

        def with_built_in_catalog_name(self, built_in_catalog_name: str) -> Self:
            """Name the catalog that is there from the beginning; ``default_catalog`` if not."""
            self._configuration.set(table_options.BUILT_IN_CATALOG, built_in_catalog_name)
            return self

        def with_built_in_database_name(self, built_in_database_name: str) -> Self:
            """Name the database that is there from the beginning; ``default_database`` if not."""
            self._configuration.set(table_options.BUILT_IN_DATABASE, built_in_database_name)
            return self

        def build(self) -> EnvironmentSettings:
            """The settings."""
            return EnvironmentSettings(self._configuration)

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = Configuration(configuration)

    def get_built_in_catalog_name(self) -> str:
        """The name of the catalog that is there from the beginning."""
        return str(self._configuration.get(table_options.BUILT_IN_CATALOG))

    def get_built_in_database_name(self) -> str:
        """The name of the database that is there from the beginning."""
        return str(self._configuration.get(table_options.BUILT_IN_DATABASE))

    def is_streaming_mode(self) -> bool:
        """Whether queries run continuously."""
        mode = self._configuration.get(pipeline.RUNTIME_MODE)
        return mode is not RuntimeExecutionMode.BATCH

    def get_configuration(self) -> Configuration:
        """The options; changes do not come back."""
        return Configuration(self._configuration)

    @staticmethod
    def new_instance() -> EnvironmentSettings.Builder:
        """Begin to collect settings."""
        return EnvironmentSettings.Builder()

    @staticmethod
    def in_streaming_mode() -> EnvironmentSettings:
        """Settings for continuous queries."""
        return EnvironmentSettings.new_instance().in_streaming_mode().build()

    @staticmethod
    def in_batch_mode() -> EnvironmentSettings:
        """Settings for bounded queries."""
        return EnvironmentSettings.new_instance().in_batch_mode().build()
