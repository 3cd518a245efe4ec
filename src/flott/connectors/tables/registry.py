"""Which factory makes the tables of which connector: a table of names, loaded when asked for."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import Final

from flott.common.errors import ConfigurationError
from flott.connectors.tables.options import check_options
from flott.core.table import TableDescription, TableFactory

_FACTORIES: Final = {
    "blackhole": "flott.connectors.tables.blackhole:BlackholeTableFactory",
    "datagen": "flott.connectors.tables.datagen:DatagenTableFactory",
    "filesystem": "flott.connectors.tables.filesystem:FilesystemTableFactory",
    "nexmark": "flott.connectors.tables.nexmark:NexmarkTableFactory",
    "print": "flott.connectors.tables.print:PrintTableFactory",
}


def connector_names() -> tuple[str, ...]:
    """The names ``connector`` can have, in order."""
    return tuple(sorted(_FACTORIES))


@cache
def find_factory(identifier: str) -> TableFactory:
    """The factory of a connector.

    Args:
        identifier: The value of the option ``connector``.

    Raises:
        ConfigurationError: There is no such connector; names the nearest.

    >>> find_factory("blakhole")
    Traceback (most recent call last):
    ...
    flott.common.errors.ConfigurationError: There is no connector 'blakhole'. Did you mean \
'blackhole'?
    """
    place = _FACTORIES.get(identifier)
    if place is None:
        raise _unknown(identifier)
    module, _, name = place.partition(":")
    factory: TableFactory = getattr(import_module(module), name)()
    return factory


def find_table_factory(table: TableDescription) -> TableFactory:
    """The factory for a table, its options checked.

    Raises:
        ConfigurationError: The table names no connector, or one that does not exist, or an option
            the connector does not know.
    """
    identifier = table.options.get("connector")
    if identifier is None:
        raise ConfigurationError(
            f"Table {'.'.join(table.path)} has no option 'connector'. Add one of "
            f"{', '.join(connector_names())} to WITH.",
            key="connector",
        )
    factory = find_factory(identifier)
    check_options(table, factory.options)
    return factory


def _unknown(identifier: str) -> ConfigurationError:
    nearest = get_close_matches(identifier.lower(), _FACTORIES, 1)
    hint = (
        f"Did you mean {nearest[0]!r}?" if nearest else f"There are {', '.join(connector_names())}."
    )
    return ConfigurationError(f"There is no connector {identifier!r}. {hint}", key="connector")
