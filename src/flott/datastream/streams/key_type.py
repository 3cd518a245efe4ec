"""Key selectors with a declared key type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flott.common.type_conversion import conversion_for
from flott.common.typeinfo import BasicTypeInfo, TypeInformation

__all__ = ["typed_key_selector"]


def typed_key_selector(
    key_selector: Callable[[Any], Any], key_type: TypeInformation | None
) -> Callable[[Any], Any]:
    """Return a selector whose keys have the declared type.

    Numbers and strings are left as they are, which costs nothing: equal ones are the same key
    whatever their type is called. Rows, tuples and lists are converted, so that a list may stand
    for a tuple and rows get their names.
    """
    if key_type is None or isinstance(key_type, BasicTypeInfo):
        return key_selector
    conversion = conversion_for(key_type)
    return key_selector if conversion is None else _ConvertedKey(key_selector, key_type)


class _ConvertedKey:
    """Converts what a key selector gives."""

    __slots__ = ("_convert", "_exact", "_key_selector", "_key_type")

    def __init__(self, key_selector: Callable[[Any], Any], key_type: TypeInformation) -> None:
        conversion = conversion_for(key_type)
        assert conversion is not None, "a type without conversion needs no converted keys"
        self._key_selector = key_selector
        self._key_type = key_type
        self._convert, self._exact = conversion.convert, conversion.exact

    def __call__(self, value: Any) -> Any:
        key = self._key_selector(value)
        return key if type(key) is self._exact else self._convert(key)

    def __reduce__(self) -> tuple[Any, ...]:
        return _ConvertedKey, (self._key_selector, self._key_type)
