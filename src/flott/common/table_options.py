"""The options of a table, read with names, types and defaults; errors say which table and key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from flott.common.errors import ConfigurationError
from flott.common.option_values import parse_bool, parse_duration, parse_int

T = TypeVar("T")


class TableOptions:
    """Reads the options of one table.

    Args:
        options: What stands in WITH.
        place: Which table, for messages.
        prefix: Put before each key: the options of a format.

    >>> TableOptions({"csv.field-delimiter": ";"}, "t", "csv.").text("field-delimiter", ",")
    ';'
    """

    def __init__(self, options: Mapping[str, str], place: str, prefix: str = "") -> None:
        self._options = options
        self._place = place
        self._prefix = prefix

    def below(self, prefix: str) -> TableOptions:
        """The same with a further prefix."""
        return TableOptions(self._options, self._place, self._prefix + prefix)

    def given(self, key: str) -> bool:
        """Whether the option is set."""
        return self._prefix + key in self._options

    def read(self, key: str, default: T, parse: Callable[[str], T]) -> T:
        """The option's value.

        Raises:
            ConfigurationError: ``parse`` refuses it.
        """
        text = self._options.get(self._prefix + key)
        if text is None:
            return default
        try:
            return parse(text)
        except ValueError as error:
            raise self.error(key, str(error)) from None

    def text(self, key: str, default: str) -> str:
        """A text."""
        return self._options.get(self._prefix + key, default)

    def optional(self, key: str) -> str | None:
        """A text that may be missing."""
        return self._options.get(self._prefix + key)

    def required(self, key: str) -> str:
        """A text that must be there."""
        value = self._options.get(self._prefix + key)
        if value is None:
            raise ConfigurationError(
                f"Table {self._place} lacks the option '{self._prefix}{key}'.",
                key=self._prefix + key,
            )
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """``true`` or ``false``."""
        return self.read(key, default, parse_bool)

    def number(self, key: str, default: int, least: int = 0) -> int:
        """A whole number of at least ``least``."""
        return self.read(key, default, lambda text: parse_int(text, least))

    def duration_ms(self, key: str, default: int | None) -> int | None:
        """A span of time in milliseconds."""
        return self.read(key, default, lambda text: parse_duration(text).to_millis())

    def choice(self, key: str, default: str, choices: tuple[str, ...]) -> str:
        """One of ``choices``, in upper or lower case."""
        found = self.text(key, default)
        for each in choices:
            if each.lower() == found.lower():
                return each
        raise self.error(key, f"expected one of {', '.join(choices)}, found {found!r}")

    def character(self, key: str, default: str | None) -> str | None:
        """A single character."""
        found = self._options.get(self._prefix + key)
        if found is None:
            return default
        if len(found) != 1:
            raise self.error(key, f"expected a single character, found {found!r}")
        return found

    def matching(self, prefix: str) -> dict[str, str]:
        """The options whose keys begin with ``prefix``, without it."""
        whole = self._prefix + prefix
        return {
            key[len(whole) :]: value
            for key, value in self._options.items()
            if key.startswith(whole)
        }

    def error(self, key: str, reason: str) -> ConfigurationError:
        """The error that says what is wrong with an option."""
        full = self._prefix + key
        return ConfigurationError(f"Option '{full}' of table {self._place}: {reason}", key=full)
