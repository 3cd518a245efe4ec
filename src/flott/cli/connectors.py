"""``flott connectors``: which connectors and formats can be used here, and what the others need."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from flott.core.table import TableDescription

#: The modules that extras of the package bring.
EXTRA_MODULES: Final[Mapping[str, Sequence[str]]] = {
    "avro": ("fastavro",),
    "kafka": ("confluent_kafka",),
    "protobuf": ("google.protobuf",),
    "schema-registry": ("confluent_kafka", "authlib", "cachetools"),
}
#: The extras that connectors and formats need; the others need none.
EXTRAS_NEEDED: Final[Mapping[str, str]] = {
    "avro-confluent": "schema-registry",
    "debezium-avro-confluent": "schema-registry",
    "kafka": "kafka",
    "protobuf": "protobuf",
    "upsert-kafka": "kafka",
}


#: So wide a terminal takes every line as it is.
_WIDTH_MIN: Final = 120


@dataclass(frozen=True, slots=True)
class Ability:
    """What a connector or format can do.

    Attributes:
        name: The value of the option ``connector`` or ``format``.
        does: What it can do, by the title of the column.
        extra: The extra that has to be installed for it; empty if it is usable.
    """

    name: str
    does: Mapping[str, str]
    extra: str


def connectors() -> None:
    """List connectors and formats, what they can do, and which extra the missing ones need."""
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout, highlight=False)
    console.width = max(console.width, _WIDTH_MIN)
    for title, found in (("connector", list_connectors()), ("format", list_formats())):
        columns = list(found[0].does)
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in (title, *columns, "usable"):
            table.add_column(name, no_wrap=True)
        for each in found:
            need = f"[yellow]after pip install 'flott\\[{each.extra}]'[/yellow]"
            row = [each.does[column] or "-" for column in columns]
            table.add_row(each.name, *row, need if each.extra else "[green]yes[/green]")
        console.print(table, crop=False)
        console.print()


def list_connectors() -> list[Ability]:
    """What tables can name as ``connector``."""
    from flott.connectors.tables.registry import connector_names, find_factory
    from flott.core.table import LookupTableSource

    found = []
    for name in connector_names():
        factory = find_factory(name)
        does = {
            "source": _yes(_can(factory.create_source, name)),
            "sink": _yes(_can(factory.create_sink, name)),
            "lookup": _yes(any(_classes_beside(type(factory), LookupTableSource))),
        }
        found.append(Ability(name, does, missing_extra(name)))
    return found


def _yes(can: bool) -> str:
    return "yes" if can else ""


def _can(create: Callable[[TableDescription], object], name: str) -> bool:
    """Whether a factory makes something, whatever options that would take."""
    from flott.common.errors import ConfigurationError, UnsupportedFeature
    from flott.common.logical_types import STRING, RowField
    from flott.connectors.tables.options import refuse_read, refuse_write
    from flott.core.table import TableDescription

    table = ("default_catalog", "default_database", "anything")
    try:
        create(TableDescription(table, (RowField("text", STRING),), {"connector": name}))
    except UnsupportedFeature:
        return False
    except ConfigurationError as error:
        return str(error) not in (str(refuse_read(name)), str(refuse_write(name)))
    return True


def list_formats() -> list[Ability]:
    """What tables can name as ``format``."""
    from flott.formats.columns.contract import ColumnFormat
    from flott.formats.columns.registry import find_format, format_names

    found = []
    for name in format_names():
        kinds = [
            kind
            for kind in _classes_beside(type(find_format(name)), ColumnFormat)
            if getattr(kind, "identifier", None) == name
        ]

        def able(*methods: str, kinds: Sequence[type] = kinds) -> bool:
            return any(_overrides(kind, ColumnFormat, methods) for kind in kinds)

        does = {
            "files": _said(
                able("create_stream_format", "open_groups"),
                able("create_encoder", "create_group_writer"),
            ),
            "messages": _said(able("create_message_decoder"), able("create_message_encoder")),
            "rows are": "changes" if able("changelog_mode") else "new",
        }
        found.append(Ability(name, does, missing_extra(name)))
    return found


def _said(reads: bool, writes: bool) -> str:
    return ", ".join(word for word, can in (("read", reads), ("write", writes)) if can)


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package that it is in
        return False


def missing_extra(name: str, is_installed: Callable[[str], bool] = _is_installed) -> str:
    """The extra that a connector or format needs and that is not installed; empty if none.

    >>> missing_extra("kafka", lambda module: False)
    'kafka'
    """
    extra = EXTRAS_NEEDED.get(name, "")
    is_there = all(map(is_installed, EXTRA_MODULES.get(extra, ())))
    return "" if is_there else extra


def _overrides(kind: type, base: type, methods: Iterable[str]) -> bool:
    return any(getattr(kind, name) is not getattr(base, name) for name in methods)


def _classes_beside(factory: type, base: type) -> list[type[Any]]:
    """The classes of a kind in the module of a factory."""
    return [
        each
        for each in vars(sys.modules[factory.__module__]).values()
        if isinstance(each, type) and issubclass(each, base) and each is not base
    ]
