"""``Session``: what the binding and planning of one statement depend on besides its tree.

The catalog with its search path, the configuration, the mode, the zone and the text that errors
quote. A session is a value; every statement gets its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flott.common.configuration import Configuration

if TYPE_CHECKING:
    from flott.sql.catalog.manager import CatalogManager

#: The option for the zone that TIMESTAMP_LTZ is shown in.
_TIME_ZONE_KEY = "table.local-time-zone"
#: Its value for the zone of the machine.
_DEFAULT_ZONE = "default"


@dataclass(frozen=True, slots=True)
class Session:
    """Around one statement.

    Attributes:
        catalog: Finds tables, views and functions; holds the current catalog and database.
        configuration: The options in force (``table.exec.*``, ``table.optimizer.*``, ...).
        is_streaming: Whether the statement runs continuously; ``False`` in BATCH mode.
        time_zone: The session's zone, an IANA name or an offset (``+08:00``).
        text: The statement's text, for errors that show the place.
    """

    catalog: CatalogManager
    configuration: Configuration
    is_streaming: bool = True
    time_zone: str = "UTC"
    text: str = ""

    @classmethod
    def create(cls, catalog: CatalogManager, configuration: Configuration) -> Session:
        """A session whose mode and zone are those of the configuration."""
        mode = configuration.get_string("execution.runtime-mode", "STREAMING")
        zone = configuration.get_string(_TIME_ZONE_KEY, _DEFAULT_ZONE)
        return cls(
            catalog,
            configuration,
            is_streaming=mode.upper() != "BATCH",
            time_zone="UTC" if zone == _DEFAULT_ZONE else zone,
        )

    def of(self, text: str) -> Session:
        """The session for a statement of this ``text``."""
        return replace(self, text=text)
