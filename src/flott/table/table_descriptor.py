"""``TableDescriptor`` and ``FormatDescriptor``: CREATE TABLE from Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from flott.common.config_options import ConfigOption
from flott.table.schema import Schema

__all__ = ["FormatDescriptor", "TableDescriptor"]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _key(key: str | ConfigOption[Any]) -> str:
    return key.key if isinstance(key, ConfigOption) else key


@dataclass(frozen=True)
class FormatDescriptor:
    """A format with its options.

    >>> FormatDescriptor.for_format("json").option("ignore-parse-errors", True).build()
    json[{ignore-parse-errors=true}]
    """

    _format: str
    _options: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def for_format(format: str) -> FormatDescriptor.Builder:
        """Begin the description of a format."""
        return FormatDescriptor.Builder(format)

    def get_format(self) -> str:
        """The name of the format."""
        return self._format

    def get_options(self) -> dict[str, str]:
        """The options of the format, without its name before them."""
        return dict(self._options)

    def __repr__(self) -> str:
        options = ",".join(f"{key}={value}" for key, value in self._options.items())
        return f"{self._format}[{{{options}}}]"

    __str__ = __repr__

    class Builder:
        """Collects options."""

        def __init__(self, format: str) -> None:
            self._format = format
            self._options: dict[str, str] = {}

        def option(self, key: str | ConfigOption[Any], value: Any) -> Self:
            """Set an option."""
            self._options[_key(key)] = _text(value)
            return self

        def build(self) -> FormatDescriptor:
            """The description."""
            return FormatDescriptor(self._format, self._options)


@dataclass(frozen=True)
class TableDescriptor:
    """A table: schema, connector and options."""

    _schema: Schema | None
    _options: Mapping[str, str]
    _partition_keys: tuple[str, ...] = ()
    _comment: str | None = None

    @staticmethod
    def for_connector(connector: str) -> TableDescriptor.Builder:
        """Begin the description of a table of a connector.

        >>> TableDescriptor.for_connector("datagen").option("number-of-rows", 3).build(
        ...     ).get_options()
        {'connector': 'datagen', 'number-of-rows': '3'}
        """
        return TableDescriptor.Builder(connector)

    def get_schema(self) -> Schema | None:
        """The schema."""
        return self._schema

    def get_options(self) -> dict[str, str]:
        """The options, the connector among them."""
        return dict(self._options)

    def get_partition_keys(self) -> list[str]:
        """Names of the partition columns."""
        return list(self._partition_keys)

    def get_comment(self) -> str | None:
        """The comment."""
        return self._comment

    def __str__(self) -> str:
        parts = ["" if self._schema is None else str(self._schema)]
        if self._comment:
            parts.append(f"COMMENT '{self._comment}'")
        if self._partition_keys:
            parts.append("PARTITIONED BY (" + ", ".join(self._partition_keys) + ")")
        options = ",\n  ".join(f"'{key}' = '{value}'" for key, value in self._options.items())
        parts.append("WITH (\n  " + options + "\n)")
        return "\n".join(parts)

    class Builder:
        """Collects the parts."""

        def __init__(self, connector: str) -> None:
            self._options = {"connector": connector}
            self._schema: Schema | None = None
            self._partition_keys: tuple[str, ...] = ()
            self._comment: str | None = None

        def schema(self, schema: Schema) -> Self:
            """Set the schema."""
            self._schema = schema
            return self

        def option(self, key: str | ConfigOption[Any], value: Any) -> Self:
            """Set an option."""
            self._options[_key(key)] = _text(value)
            return self

        def format(
            self,
            format: str | FormatDescriptor,
            format_option: ConfigOption[str] | None = None,
        ) -> Self:
            """Set the format, by name or with its options; ``format_option`` is its key."""
            key = "format" if format_option is None else format_option.key
            if isinstance(format, str):
                self._options[key] = format
                return self
            self._options[key] = format.get_format()
            prefix = key.removesuffix("format") + format.get_format()
            for name, value in format.get_options().items():
                self._options[f"{prefix}.{name}"] = value
            return self

        def partitioned_by(self, *partition_keys: str) -> Self:
            """Set the partition columns."""
            self._partition_keys = partition_keys
            return self

        def comment(self, comment: str) -> Self:
            """Set the comment."""
            self._comment = comment
            return self

        def build(self) -> TableDescriptor:
            """The description."""
            return TableDescriptor(self._schema, self._options, self._partition_keys, self._comment)
