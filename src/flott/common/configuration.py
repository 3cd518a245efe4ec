"""``Configuration``: keys and values of a program, and the checks that catch a misspelt key.

Setting is free, so that a configuration can be carried anywhere; ``validate`` compares it with the
tables in ``common.options`` before a job starts. Values may be text or objects and are read by the
option that asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar, overload

from flott.common import option_values as values
from flott.common.config_options import ConfigOption
from flott.common.errors import ConfigurationError, UnknownOptionError

__all__ = ["Configuration"]

T = TypeVar("T")


class Configuration:
    """Keys with their values.

    >>> configuration = Configuration.from_dict({"parallelism.default": "4"})
    >>> configuration.get_integer("parallelism.default", 1)
    4

    Args:
        other: a configuration to copy.
    """

    __slots__ = ("_values",)

    def __init__(self, other: Configuration | None = None) -> None:
        self._values: dict[str, Any] = {} if other is None else dict(other._values)

    @classmethod
    def from_dict(cls, map: Mapping[str, Any]) -> Configuration:
        """Make a configuration from a dict."""
        configuration = cls()
        for key, value in map.items():
            configuration._set(key, value)
        return configuration

    @overload
    def get(self, option: ConfigOption[T]) -> T: ...
    @overload
    def get(self, option: ConfigOption[T], default: T) -> T: ...
    def get(self, option: ConfigOption[T], default: Any = None) -> Any:
        """Return the value of an option, read and checked; its default if it is not set.

        Args:
            option: the option; its fallback and deprecated keys are asked as well.
            default: takes the place of the option's own default.

        Raises:
            ConfigurationError: if the value set is not one of this option.
        """
        for key in option.all_keys():
            if key in self._values:
                return option.parse(self._values[key])
        return option.default if default is None else default

    def set(self, option: ConfigOption[T], value: Any) -> Configuration:
        """Set an option, checked at once; None removes it.

        Raises:
            ConfigurationError: if the value is not one of this option.
        """
        parsed = None if value is None else option.parse(value)
        for key in option.all_keys():
            self._values.pop(key, None)
        if parsed is not None:
            self._values[option.key] = parsed
        return self

    def contains(self, option: ConfigOption[Any]) -> bool:
        """Return whether an option is set, under any of its keys."""
        return any(key in self._values for key in option.all_keys())

    def get_string(self, key: str, default_value: str) -> str:
        """Return a value as text."""
        return values.parse_string(self._values[key]) if key in self._values else default_value

    def set_string(self, key: str, value: str) -> Configuration:
        """Set a value as text."""
        return self._set(key, value if isinstance(value, str) else values.format_value(value))

    def get_integer(self, key: str, default_value: int) -> int:
        """Return a whole number."""
        return self._read(key, values.parse_int, default_value)

    def set_integer(self, key: str, value: int) -> Configuration:
        """Set a whole number."""
        return self._set(key, _named(key, values.parse_int, value))

    def get_boolean(self, key: str, default_value: bool) -> bool:
        """Return true or false."""
        return self._read(key, values.parse_bool, default_value)

    def set_boolean(self, key: str, value: bool) -> Configuration:
        """Set true or false."""
        return self._set(key, _named(key, values.parse_bool, value))

    def get_float(self, key: str, default_value: float) -> float:
        """Return a floating point number."""
        return self._read(key, values.parse_float, float(default_value))

    def set_float(self, key: str, value: float) -> Configuration:
        """Set a floating point number."""
        return self._set(key, _named(key, values.parse_float, value))

    def get_bytearray(self, key: str, default_value: bytearray) -> bytearray:
        """Return a byte array."""
        return self._read(key, values.parse_bytes, bytearray(default_value))

    def set_bytearray(self, key: str, value: bytearray) -> Configuration:
        """Set a byte array."""
        return self._set(key, _named(key, values.parse_bytes, value))

    @staticmethod
    def parse_list_value(value: str) -> list[str]:
        """Read a list as options write it, ``a;b`` or ``[a, b]``.

        >>> Configuration.parse_list_value("[a, b]")
        ['a', 'b']
        """
        return values.parse_list(value) if value else []

    def key_set(self) -> AbstractSet[str]:
        """Return all keys."""
        return {*self._values}

    def contains_key(self, key: str) -> bool:
        """Return whether a key is set."""
        return key in self._values

    def to_dict(self) -> dict[str, str]:
        """Return all values as text."""
        return {key: values.format_value(value) for key, value in self._values.items()}

    def add_all_to_dict(self, target_dict: dict[str, Any]) -> None:
        """Put all values, of the types in which they were set, into a dict."""
        target_dict.update(self._values)

    def add_all(self, other: Configuration, prefix: str | None = None) -> Configuration:
        """Take over all values of another configuration, with a prefix before their keys."""
        for key, value in other._values.items():
            self._values[f"{prefix or ''}{key}"] = value
        return self

    def remove_config(self, key: str) -> bool:
        """Remove a key; tell whether it was there."""
        return self._values.pop(key, _ABSENT) is not _ABSENT

    def validate(self) -> list[str]:
        """Check all keys and values against the tables of options.

        Returns:
            What the user should hear once: keys without effect here, former keys.

        Raises:
            UnknownOptionError: if no option has a key, naming the nearest.
            ConfigurationError: if a value is not one of its option.

        >>> Configuration.from_dict({"paralelism.default": "4"}).validate()
        Traceback (most recent call last):
            ...
        flott.common.errors.UnknownOptionError: Unknown option 'paralelism.default'. \
Did you mean 'parallelism.default'?
        """
        from flott.common.options import find_family, find_option, nearest_key

        notes = []
        for key in sorted(self._values):
            option = find_option(key)
            if option is None:
                family = find_family(key)
                if family is None:
                    raise UnknownOptionError(key, nearest=nearest_key(key))
                if family.no_effect:
                    notes.append(f"'{key}' has no effect: {family.no_effect}")
                continue
            option.parse(self._values[key])
            if option.no_effect:
                notes.append(f"'{key}' has no effect: {option.no_effect}")
            elif key in option.deprecated_keys:
                notes.append(f"'{key}' is a former key; write '{option.key}'")
        return notes

    def _set(self, key: str, value: Any) -> Configuration:
        if not isinstance(key, str) or not key:
            raise ValueError(f"A configuration key must be a string that is not empty: {key!r}")
        if value is None:
            raise ConfigurationError(f"Option '{key}' cannot be set to None; remove it", key=key)
        self._values[key] = value
        return self

    def _read(self, key: str, parse: Any, default: T) -> T:
        return _named(key, parse, self._values[key]) if key in self._values else default

    def __copy__(self) -> Configuration:
        return Configuration(self)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Configuration:
        return Configuration(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return Configuration.from_dict, (self._values,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Configuration) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        # Mutable and yet hashable, as in PyFlink; don't change one that is a key of a dict.
        return hash(frozenset(self.to_dict().items()))

    def __str__(self) -> str:
        """Return all values, those of secret keys masked."""
        from flott.common.redaction import mask_mapping

        entries = mask_mapping(self.to_dict())
        return "{" + ", ".join(f"{key}={value}" for key, value in entries.items()) + "}"

    def __repr__(self) -> str:
        return f"Configuration({self})"


_ABSENT = object()


def _named(key: str, parse: Any, value: Any) -> Any:
    """Read a value, naming the key if it cannot be read."""
    try:
        return parse(value)
    except ConfigurationError as error:
        raise ConfigurationError(f"Option '{key}': {error}", key=key) from None
