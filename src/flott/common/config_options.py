"""``ConfigOption``: one option as data; ``ConfigOptions`` builds options in PyFlink's way.

An option knows its key, how to read its value, its default and what it means. Setters' checks, the
refusal of unknown keys and the reference page are all derived from these entries (see
``common.options``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, Generic, TypeVar

from flott.common import option_values as values
from flott.common.errors import ConfigurationError

__all__ = ["ConfigOption", "ConfigOptions", "OptionType"]

T = TypeVar("T")


class OptionType(Enum):
    """What kind of value an option holds, with the word the reference page uses."""

    BOOLEAN = "Boolean"
    INT = "Integer"
    LONG = "Long"
    FLOAT = "Float"
    DOUBLE = "Double"
    STRING = "String"
    DURATION = "Duration"
    MEMORY_SIZE = "MemorySize"
    ENUM = "Enum"
    LIST = "List"
    MAP = "Map"


_PARSERS: dict[OptionType, Callable[[Any], Any]] = {
    OptionType.BOOLEAN: values.parse_bool,
    OptionType.INT: lambda value: values.parse_int(value, -(2**31), 2**31 - 1),
    OptionType.LONG: values.parse_int,
    OptionType.FLOAT: values.parse_float,
    OptionType.DOUBLE: values.parse_float,
    OptionType.STRING: values.parse_string,
    OptionType.DURATION: values.parse_duration,
    OptionType.MEMORY_SIZE: values.parse_memory_size,
    OptionType.LIST: values.parse_list,
    OptionType.MAP: values.parse_map,
}


# Types whose defaults may be written as something else than what is read from them.
_OBJECT_TYPES = frozenset(
    {OptionType.DURATION, OptionType.MEMORY_SIZE, OptionType.LIST, OptionType.MAP, OptionType.ENUM}
)


class ConfigOption(Generic[T]):
    """An option: immutable, equal if key and meaning are.

    Args:
        key: the key, words joined by dots and hyphens.
        option_type: the kind of value.
        default: the value if none is set, as text or object; None for none.
        description: what the option does, in sentences.
        choices: for an ENUM, the class or the words it is chosen from.
        fallback_keys: other keys that mean the same, asked in this order.
        deprecated_keys: former keys, accepted with a note.
        no_effect: why the option has no effect here, for keys that are accepted so that existing
            configurations can be used; empty for options that work.
        least: the smallest value allowed, for numbers and durations.

    >>> option = ConfigOption("job.retries", OptionType.INT, 3, "How often to try.", least=0)
    >>> option.default, option.parse("5")
    (3, 5)
    """

    __slots__ = (
        "_default",
        "choices",
        "deprecated_keys",
        "description",
        "fallback_keys",
        "key",
        "least",
        "no_effect",
        "option_type",
    )

    def __init__(
        self,
        key: str,
        option_type: OptionType = OptionType.STRING,
        default: Any = None,
        description: str = "",
        *,
        choices: type[Enum] | tuple[str, ...] | None = None,
        fallback_keys: tuple[str, ...] = (),
        deprecated_keys: tuple[str, ...] = (),
        no_effect: str = "",
        least: Any = None,
    ) -> None:
        self.key = key
        self.option_type = option_type
        self.description = description
        self.choices = choices
        self.fallback_keys = fallback_keys
        self.deprecated_keys = deprecated_keys
        self.no_effect = no_effect
        self.least = least
        # Read when first asked for, so that importing a table of options reads nothing.
        self._default = default

    @property
    def default(self) -> T | None:
        """The value if none is set; None for none."""
        if isinstance(self._default, str) or self.option_type in _OBJECT_TYPES:
            self._default = None if self._default is None else self.parse(self._default)
        return self._default  # type: ignore[no-any-return]

    def parse(self, value: Any) -> T:
        """Read a value of this option from text, or check a value given as object.

        Raises:
            ConfigurationError: if it is not one, naming the key and what was expected.
        """
        try:
            if self.option_type is OptionType.ENUM:
                assert self.choices is not None, f"{self.key} is an ENUM without choices"
                parsed = values.parse_enum(value, self.choices)
            else:
                parsed = _PARSERS[self.option_type](value)
            if self.least is not None and parsed < _PARSERS[self.option_type](self.least):
                raise ConfigurationError(f"Expected at least {self.least}, found {value!r}")
        except ConfigurationError as error:
            raise ConfigurationError(f"Option '{self.key}': {error}", key=self.key) from None
        return parsed  # type: ignore[no-any-return]

    def all_keys(self) -> Iterable[str]:
        """Return every key that sets this option, the right one first."""
        return (self.key, *self.fallback_keys, *self.deprecated_keys)

    def with_description(self, description: str) -> ConfigOption[T]:
        """Return the same option with another description."""
        return ConfigOption(
            self.key,
            self.option_type,
            self.default,
            description,
            choices=self.choices,
            fallback_keys=self.fallback_keys,
            deprecated_keys=self.deprecated_keys,
            no_effect=self.no_effect,
            least=self.least,
        )

    def _identity(self) -> tuple[Any, ...]:
        return (self.key, self.option_type, self.choices, self.fallback_keys, self.deprecated_keys)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ConfigOption):
            return False
        return self._identity() == other._identity() and self.default == other.default

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        default = "" if self.default is None else f", default {values.format_value(self.default)}"
        return f"ConfigOption({self.key!r}, {self.option_type.value}{default})"


class ConfigOptions:
    """Builds options step by step.

    >>> ConfigOptions.key("application.retries").int_type().default_value(3)
    ConfigOption('application.retries', Integer, default 3)
    """

    @staticmethod
    def key(key: str) -> OptionBuilder:
        """Begin an option with this key.

        Raises:
            ValueError: if the key is empty.
        """
        if not isinstance(key, str) or not key:
            raise ValueError(f"An option needs a key, found {key!r}")
        return OptionBuilder(key)


class OptionBuilder:
    """An option of which only the key is known."""

    def __init__(self, key: str) -> None:
        self._key = key

    def boolean_type(self) -> TypedConfigOptionBuilder[bool]:
        """Let the value be true or false."""
        return TypedConfigOptionBuilder(self._key, OptionType.BOOLEAN)

    def int_type(self) -> TypedConfigOptionBuilder[int]:
        """Let the value be an integer of 32 bits."""
        return TypedConfigOptionBuilder(self._key, OptionType.INT)

    def long_type(self) -> TypedConfigOptionBuilder[int]:
        """Let the value be an integer of 64 bits."""
        return TypedConfigOptionBuilder(self._key, OptionType.LONG)

    def float_type(self) -> TypedConfigOptionBuilder[float]:
        """Let the value be a floating point number."""
        return TypedConfigOptionBuilder(self._key, OptionType.FLOAT)

    def double_type(self) -> TypedConfigOptionBuilder[float]:
        """Let the value be a floating point number of 64 bits."""
        return TypedConfigOptionBuilder(self._key, OptionType.DOUBLE)

    def string_type(self) -> TypedConfigOptionBuilder[str]:
        """Let the value be text."""
        return TypedConfigOptionBuilder(self._key, OptionType.STRING)

    def duration_type(self) -> TypedConfigOptionBuilder[Any]:
        """Let the value be a duration such as ``200 ms``; goes beyond PyFlink."""
        return TypedConfigOptionBuilder(self._key, OptionType.DURATION)

    def memory_type(self) -> TypedConfigOptionBuilder[Any]:
        """Let the value be a memory size such as ``64 mb``; goes beyond PyFlink."""
        return TypedConfigOptionBuilder(self._key, OptionType.MEMORY_SIZE)

    def enum_type(self, choices: type[Enum] | tuple[str, ...]) -> TypedConfigOptionBuilder[Any]:
        """Let the value be one of these words; goes beyond PyFlink."""
        return TypedConfigOptionBuilder(self._key, OptionType.ENUM, choices)

    def list_type(self) -> TypedConfigOptionBuilder[list[str]]:
        """Let the value be a list such as ``a;b;c``; goes beyond PyFlink."""
        return TypedConfigOptionBuilder(self._key, OptionType.LIST)

    def map_type(self) -> TypedConfigOptionBuilder[dict[str, str]]:
        """Let the value be a map such as ``key:value,key:value``; goes beyond PyFlink."""
        return TypedConfigOptionBuilder(self._key, OptionType.MAP)


class TypedConfigOptionBuilder(Generic[T]):
    """An option of which key and type are known."""

    def __init__(
        self, key: str, option_type: OptionType, choices: type[Enum] | tuple[str, ...] | None = None
    ) -> None:
        self._key = key
        self._type = option_type
        self._choices = choices

    def default_value(self, value: T) -> ConfigOption[T]:
        """Finish the option with a default.

        Raises:
            ConfigurationError: if the default is not a value of the option's type.
        """
        return ConfigOption(self._key, self._type, value, choices=self._choices)

    def no_default_value(self) -> ConfigOption[T]:
        """Finish the option without a default."""
        return ConfigOption(self._key, self._type, choices=self._choices)


ConfigOptions.OptionBuilder = OptionBuilder  # type: ignore[attr-defined]
ConfigOptions.TypedConfigOptionBuilder = TypedConfigOptionBuilder  # type: ignore[attr-defined]
