"""Options as connectors see them: common to all tables, checked for unknown keys."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from flott.common.errors import ConfigurationError
from flott.common.table_options import TableOptions
from flott.core.table import TableDescription

#: Options of every table, whatever its connector.
COMMON_OPTIONS: Final[Mapping[str, str]] = {
    "connector": "The name of the connector.",
    "property-version": "Without effect; there is one version.",
    "scan.parallelism": "How many subtasks read the table.",
    "sink.parallelism": "How many subtasks write the table.",
    "scan.watermark.emit.strategy": "When watermarks are sent: `on-periodic` unless given, by the "
    "clock as well; or `on-event`, behind each row that raises them.",
    "scan.watermark.emit.on-event.gap": "On how many rows at least a watermark follows, under "
    "`on-event`; 1 unless given.",
    "scan.watermark.idle-timeout": "After how long without rows a table, or one of its partitions, "
    "no longer holds the watermark back; `table.exec.source.idle-timeout` unless given.",
    "scan.watermark.alignment.group": "Tables of one group wait for each other, where they have "
    "partitions that can wait.",
    "scan.watermark.alignment.max-drift": "How far a partition may be ahead of its group.",
    "scan.watermark.alignment.update-interval": "How often that is looked at; 1 s unless given.",
}


def options_of(table: TableDescription, prefix: str = "") -> TableOptions:
    """The options of ``table`` whose keys begin with ``prefix``."""
    return TableOptions(table.options, ".".join(table.path), prefix)


def check_options(table: TableDescription, known: Mapping[str, str]) -> None:
    """Refuse options that nobody knows.

    Args:
        table: The table.
        known: The options of its connector; a key that ends in ``*`` stands for all that begin so.

    Raises:
        ConfigurationError: Names the option, and the nearest that exists.
    """
    names = {*COMMON_OPTIONS, *known}
    prefixes = tuple(name[:-1] for name in names if name.endswith("*"))
    for key in table.options:
        if key in names or key.startswith(prefixes):
            continue
        nearest = get_close_matches(key, [name for name in names if not name.endswith("*")], 1)
        hint = f" Did you mean '{nearest[0]}'?" if nearest else ""
        raise ConfigurationError(
            f"Connector '{table.options.get('connector')}' has no option '{key}' "
            f"(table {'.'.join(table.path)}).{hint}",
            key=key,
        )


def refuse_read(identifier: str) -> ConfigurationError:
    """The error about a connector that only writes."""
    return ConfigurationError(f"Connector '{identifier}' can only be written to, not read.")


def refuse_write(identifier: str) -> ConfigurationError:
    """The error about a connector that only reads."""
    return ConfigurationError(f"Connector '{identifier}' can only be read, not written to.")
