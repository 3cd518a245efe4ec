"""Compares the options of connectors with Flink's, for docs/compatibility.md."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flott.connectors.kafka.records.record_metadata import RECORD_METADATA
from flott.connectors.tables.options import COMMON_OPTIONS
from flott.connectors.tables.registry import find_factory

_FLINK = Path(__file__).parent / "flink_connectors.toml"


def flink_connectors() -> Mapping[str, Any]:
    """What Flink's connectors have, by name."""
    with _FLINK.open("rb") as stream:
        return tomllib.load(stream)


def missing_options(name: str) -> list[str]:
    """Options of Flink that a connector refuses as unknown."""
    known = {**COMMON_OPTIONS, **find_factory(name).options}
    prefixes = tuple(key[:-1] for key in known if key.endswith("*"))
    options = flink_connectors()[name]["options"]
    return [each for each in options if each not in known and not each.startswith(prefixes)]


def render_connectors() -> str:
    """The section."""
    lines = [
        "## Connectors of tables",
        "",
        "| connector | options of Flink | missing | more than Flink's |",
        "|---|---|---|---|",
    ]
    for name, flink in flink_connectors().items():
        own = [
            key
            for key in find_factory(name).options
            if key not in flink["options"] and not key.endswith("*")
        ]
        lines.append(
            f"| `{name}` | {len(flink['options'])} | {_listed(missing_options(name))} "
            f"| {_listed(own)} |"
        )
    beyond = sorted(RECORD_METADATA.keys() - set(flink_connectors()["kafka"]["metadata"]))
    lines += [
        "",
        f"Metadata of records are Flink's, and {_listed(beyond)}. A record without key gives NULL "
        "in its columns, where Flink leaves the record out without a word. A custom "
        "`sink.partitioner` is written in Python. Properties of clients may have the names of the "
        "Java client; those that need Java are refused, with what does the same.",
    ]
    return "\n".join(lines) + "\n"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)
