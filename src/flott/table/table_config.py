"""``TableConfig``: the options of a ``TableEnvironment`` while it lives."""

from __future__ import annotations

import datetime
import sys
import zoneinfo
from typing import Any

from flott.common.configuration import Configuration
from flott.common.errors import ConfigurationError, UnsupportedFeature
from flott.common.options import table as table_options
from flott.table.sql_dialect import SqlDialect

__all__ = ["TableConfig"]

_ZONE_KEY = "table.local-time-zone"
_TTL_KEY = "table.exec.state.ttl"


class TableConfig:
    """Options; a change counts for the statements after it.

    >>> config = TableConfig.get_default()
    >>> config.set("table.local-time-zone", "Europe/Berlin").get_local_timezone()
    'Europe/Berlin'
    """

    def __init__(self, configuration: Configuration | None = None) -> None:
        self._configuration = Configuration() if configuration is None else configuration

    def get(self, key: str, default_value: str) -> str:
        """The text of an option, or ``default_value`` if it is not set."""
        return self._configuration.get_string(key, default_value)

    def set(self, key: str, value: Any) -> TableConfig:
        """Set an option."""
        text = value if isinstance(value, str) else str(value)
        self._configuration.set_string(key, text)
        return self

    def get_local_timezone(self) -> str:
        """The zone that TIMESTAMP_LTZ is shown in."""
        zone = self._configuration.get_string(_ZONE_KEY, "default")
        return "UTC" if zone == "default" else zone

    def set_local_timezone(self, timezone_id: str) -> None:
        """Set the zone that TIMESTAMP_LTZ is shown in.

        Raises:
            ConfigurationError: There is no such zone.
        """
        if timezone_id[:1] not in "+-" and not timezone_id.upper().startswith(("GMT", "UTC")):
            try:
                zoneinfo.ZoneInfo(timezone_id)
            except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
                raise ConfigurationError(
                    f"There is no time zone {timezone_id!r}", key=_ZONE_KEY
                ) from error
        self.set(_ZONE_KEY, timezone_id)

    def get_max_generated_code_length(self) -> int:
        """A length of generated code; without effect, since no code is generated."""
        return int(self._configuration.get_string("table.generated-code.max-length", "4000"))

    def set_max_generated_code_length(self, max_generated_code_length: int) -> None:
        """Accepted without effect: no code is generated."""
        self.set("table.generated-code.max-length", str(max_generated_code_length))

    def set_idle_state_retention(self, duration: datetime.timedelta) -> None:
        """Set how long the state of a key is kept that no row changes; zero for ever."""
        self.set(_TTL_KEY, f"{duration // datetime.timedelta(milliseconds=1)} ms")

    def get_idle_state_retention(self) -> datetime.timedelta:
        """How long the state of a key is kept that no row changes; zero for ever."""
        return datetime.timedelta(
            milliseconds=self._configuration.get(table_options.STATE_TTL).to_millis()
        )

    def get_configuration(self) -> Configuration:
        """The options themselves."""
        return self._configuration

    def add_configuration(self, configuration: Configuration) -> None:
        """Add options."""
        self._configuration.add_all(configuration)

    def to_map(self) -> dict[str, str]:
        """All options that are set."""
        return self._configuration.to_dict()

    def get_sql_dialect(self) -> SqlDialect:
        """The dialect; always Flink's own."""
        return SqlDialect.DEFAULT

    def set_sql_dialect(self, sql_dialect: SqlDialect) -> None:
        """Choose the dialect.

        Raises:
            UnsupportedFeature: It is not Flink's own.
        """
        if sql_dialect is not SqlDialect.DEFAULT:
            raise UnsupportedFeature("the SQL dialect of Hive")

    def set_python_executable(self, python_exec: str) -> None:
        """Set the interpreter of Python functions: workers are the interpreter that runs this."""
        self.set("python.executable", python_exec)

    def get_python_executable(self) -> str:
        """The interpreter of Python functions."""
        return self._configuration.get_string("python.executable", sys.executable)

    @staticmethod
    def get_default() -> TableConfig:
        """Options with nothing set."""
        return TableConfig()
