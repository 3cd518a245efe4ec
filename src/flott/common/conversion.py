"""``Conversion``: how values become what their declared type says, in the fewest steps.

Most values are right already. So each conversion names the class its values usually have; if that
is all there is to know (``exact``), the caller compares classes itself and calls nothing. Where a
value of that class may still be wrong (a number out of range, a tuple with a wrong field) ``check``
tells; only what fails it is converted field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from flott.common.errors import TypeMismatchError
from flott.common.type_information import TypeInformation

__all__ = ["Conversion", "refuse"]

_NONE = type(None)


class Conversion:
    """Converts values to one declared type. None always passes, as a missing value.

    Args:
        type_info: the declared type.
        usual: the class values usually have.
        convert: gives the value as the type wants it; the same object if it is right already.
        check: tells whether a value of the usual class is right; None if each one is.
        check_all: the same for a list of such values that is not empty.
        bounds: the least and the most of whole numbers, where these are all that ``check`` asks.
        row: the names of a row, and the conversions of its fields.

    Attributes:
        exact: values of exactly this class pass untouched; None if every value must be converted.
        convert: converts one value.

            Raises:
                TypeMismatchError: naming the declared type, what was found, and the way to it.
    """

    __slots__ = ("bounds", "check", "check_all", "convert", "exact", "row", "type_info", "usual")

    def __init__(
        self,
        type_info: TypeInformation,
        usual: type,
        convert: Callable[[Any], Any],
        *,
        check: Callable[[Any], bool] | None = None,
        check_all: Callable[[Sequence[Any]], bool] | None = None,
        bounds: tuple[int, int] | None = None,
        row: tuple[tuple[str, ...], tuple[Conversion | None, ...]] | None = None,
    ) -> None:
        self.type_info = type_info
        self.usual = usual
        self.convert = convert
        self.check = check
        self.check_all = check_all
        self.bounds = bounds
        self.row = row
        self.exact: type | None = usual if check is None else None

    def is_right(self, value: Any) -> bool:
        """Return whether ``convert`` would give back the very same object."""
        if type(value) is self.usual:
            return self.check is None or self.check(value)
        return value is None

    def convert_batch(self, values: list[Any]) -> list[Any]:
        """Convert a list of values; the same list if all are right.

        Raises:
            TypeMismatchError: with the index of the first wrong value in ``record_index``.
        """
        kinds = set(map(type, values))
        if kinds <= {self.usual, _NONE} and self._are_right(values, _NONE in kinds):
            return values
        convert = self.convert
        converted: list[Any] = []
        append = converted.append
        try:
            for value in values:
                append(convert(value))
        except TypeMismatchError as error:
            error.record_index = len(converted)
            raise
        return converted

    def _are_right(self, values: list[Any], has_none: bool) -> bool:
        """Return whether values of the usual class (or None) are right."""
        if self.check is None or not values:
            return True
        if has_none:
            return all(value is None or self.check(value) for value in values)
        return (
            self.check_all(values) if self.check_all is not None else all(map(self.check, values))
        )

    def __repr__(self) -> str:
        return f"Conversion({self.type_info})"


def refuse(type_info: TypeInformation, value: Any, reason: str = "") -> NoReturn:
    """Say that a value does not fit its declared type.

    Raises:
        TypeMismatchError: always.
    """
    from flott.common.redaction import shorten_record

    found = f"{type(value).__name__} {shorten_record(value, 80)}"
    raise TypeMismatchError(str(type_info), found, reason=reason)
