"""Which factory makes the tables of which connector: a table of names, loaded when asked for.

Connectors of other packages are found by their entry points: group ``flott.connectors``, the name
that of the connector, the object its ``TableFactory``.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from flott.common.errors import ConfigurationError
from flott.connectors.tables.options import check_options
from flott.core.table import TableDescription, TableFactory

_FACTORIES: Final = {
    "blackhole": "flott.connectors.tables.blackhole:BlackholeTableFactory",
    "datagen": "flott.connectors.tables.datagen:DatagenTableFactory",
    "filesystem": "flott.connectors.tables.filesystem:FilesystemTableFactory",
    "kafka": "flott.connectors.tables.kafka:KafkaTableFactory",
    "nexmark": "flott.connectors.tables.nexmark:NexmarkTableFactory",
    "print": "flott.connectors.tables.print:PrintTableFactory",
    "upsert-kafka": "flott.connectors.tables.kafka:UpsertKafkaTableFactory",
}

#: The group of entry points by which packages give their connectors.
ENTRY_POINTS: Final = "flott.connectors"


def connector_names() -> tuple[str, ...]:
    """The names ``connector`` can have, in order."""
    return tuple(sorted({*_FACTORIES, *installed_connectors()}))


@cache
def installed_connectors() -> Mapping[str, EntryPoint]:
    """The connectors that other packages bring, by name.

    Raises:
        ConfigurationError: Two packages bring the same one.
    """
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=ENTRY_POINTS):
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            raise ConfigurationError(
                f"Two packages bring a connector {point.name!r}: {_package(other)} and "
                f"{_package(point)}. Uninstall one of them.",
                key="connector",
            )
    return found


@cache
def find_factory(identifier: str) -> TableFactory:
    """The factory of a connector.

    Args:
        identifier: The value of the option ``connector``.

    Raises:
        ConfigurationError: There is no such connector; names the nearest. Or the package that
            brings it cannot be loaded.

    >>> find_factory("blakhole")
    Traceback (most recent call last):
    ...
    flott.common.errors.ConfigurationError: There is no connector 'blakhole'. Did you mean \
'blackhole'?
    """
    place = _FACTORIES.get(identifier)
    if place is None:
        return _load_installed(identifier)
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


def _load_installed(identifier: str) -> TableFactory:
    point = installed_connectors().get(identifier)
    if point is None:
        raise _unknown(identifier)
    brings = f"The connector {identifier!r} of the package {_package(point)}"
    try:
        factory = point.load()()
    except Exception as error:  # whatever the package raises when it is imported
        raise ConfigurationError(
            f"{brings} cannot be loaded: {type(error).__name__}: {error}", key="connector"
        ) from error
    if not isinstance(factory, TableFactory):
        raise ConfigurationError(
            f"{brings} is not a TableFactory: its entry point is {point.value}.", key="connector"
        )
    return factory


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


def _unknown(identifier: str) -> ConfigurationError:
    names = connector_names()
    nearest = get_close_matches(identifier.lower(), names, 1)
    hint = f"Did you mean {nearest[0]!r}?" if nearest else f"There are {', '.join(names)}."
    return ConfigurationError(f"There is no connector {identifier!r}. {hint}", key="connector")
