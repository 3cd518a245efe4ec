"""What a type is: the base of all type information, and the basic types.

A TypeInformation is an immutable description. It carries no serializer: values are converted by
``common.type_conversion`` and stored by the state backends, which both read it. Equal descriptions
compare and hash equal, so they can be keys of caches.

``to_internal_type`` and ``from_internal_type`` give the plain values that PyFlink exchanges with
its other half; programs that call them find the same numbers here.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, NoReturn

from flott.common.time import Instant

__all__ = [
    "BasicType",
    "BasicTypeInfo",
    "InstantTypeInfo",
    "PickledBytesTypeInfo",
    "TypeInformation",
]


class TypeInformation:
    """Describes the type of the values in a stream, in state or in a field.

    Optional everywhere: without it Flott looks at type hints, then at the first values.
    """

    __slots__ = ()

    def need_conversion(self) -> bool:
        """Return whether ``to_internal_type`` changes values of this type."""
        return False

    def to_internal_type(self, obj: Any) -> Any:
        """Turn a Python value into the plain value that stands for it inside."""
        return obj

    def from_internal_type(self, obj: Any) -> Any:
        """Turn a plain inner value back into the Python value."""
        return obj

    def get_java_type_info(self) -> NoReturn:
        """Refuse: there is no Java object."""
        from flott.common.utils import refuse_java

        refuse_java("TypeInformation.get_java_type_info")

    def _parts(self) -> tuple[Any, ...]:
        """Return what two descriptions of this class must share to be equal."""
        return ()

    def _children(self) -> Iterator[TypeInformation]:
        """Iterate over the types this one is made of."""
        return iter(())

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return type(self) is type(other) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((type(self), self._parts()))

    def __repr__(self) -> str:
        return type(self).__name__


class BasicType(Enum):
    """The basic types, with the names Flink prints for them."""

    STRING = "String"
    BYTE = "Byte"
    BOOLEAN = "Boolean"
    SHORT = "Short"
    INT = "Integer"
    LONG = "Long"
    FLOAT = "Float"
    DOUBLE = "Double"
    CHAR = "Char"
    BIG_INT = "BigInteger"
    BIG_DEC = "BigDecimal"
    INSTANT = "Instant"


class BasicTypeInfo(TypeInformation):
    """A basic type: numbers, strings, booleans."""

    __slots__ = ("_basic_type",)

    def __init__(self, basic_type: BasicType) -> None:
        if not isinstance(basic_type, BasicType):
            raise TypeError(f"Expected a BasicType, found {basic_type!r}")
        self._basic_type = basic_type

    def _parts(self) -> tuple[Any, ...]:
        return (self._basic_type,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BasicTypeInfo) and self._basic_type is other._basic_type

    def __hash__(self) -> int:
        return hash(self._basic_type)

    def __repr__(self) -> str:
        return self._basic_type.value

    @staticmethod
    def STRING_TYPE_INFO() -> BasicTypeInfo:
        """Text; None is allowed."""
        return _BASIC[BasicType.STRING]

    @staticmethod
    def BOOLEAN_TYPE_INFO() -> BasicTypeInfo:
        """True or False."""
        return _BASIC[BasicType.BOOLEAN]

    @staticmethod
    def BYTE_TYPE_INFO() -> BasicTypeInfo:
        """Integers from -128 to 127."""
        return _BASIC[BasicType.BYTE]

    @staticmethod
    def SHORT_TYPE_INFO() -> BasicTypeInfo:
        """Integers from -32,768 to 32,767."""
        return _BASIC[BasicType.SHORT]

    @staticmethod
    def INT_TYPE_INFO() -> BasicTypeInfo:
        """Integers of 32 bits."""
        return _BASIC[BasicType.INT]

    @staticmethod
    def LONG_TYPE_INFO() -> BasicTypeInfo:
        """Integers of 64 bits."""
        return _BASIC[BasicType.LONG]

    @staticmethod
    def FLOAT_TYPE_INFO() -> BasicTypeInfo:
        """Floating point numbers of 32 bits."""
        return _BASIC[BasicType.FLOAT]

    @staticmethod
    def DOUBLE_TYPE_INFO() -> BasicTypeInfo:
        """Floating point numbers of 64 bits, Python's float."""
        return _BASIC[BasicType.DOUBLE]

    @staticmethod
    def CHAR_TYPE_INFO() -> BasicTypeInfo:
        """A character, as a string."""
        return _BASIC[BasicType.CHAR]

    @staticmethod
    def BIG_INT_TYPE_INFO() -> BasicTypeInfo:
        """Integers of any size."""
        return _BASIC[BasicType.BIG_INT]

    @staticmethod
    def BIG_DEC_TYPE_INFO() -> BasicTypeInfo:
        """Decimal numbers of any precision."""
        return _BASIC[BasicType.BIG_DEC]

    @staticmethod
    def INSTANT_TYPE_INFO() -> BasicTypeInfo:
        """Points on the time line, :class:`flott.common.Instant`."""
        return _BASIC[BasicType.INSTANT]


class InstantTypeInfo(BasicTypeInfo):
    """The type of :class:`flott.common.Instant`; inside, microseconds since the epoch."""

    __slots__ = ()

    def __init__(self, basic_type: BasicType = BasicType.INSTANT) -> None:
        super().__init__(basic_type)

    def need_conversion(self) -> bool:
        return True

    def to_internal_type(self, obj: Any) -> Any:
        return None if obj is None else obj.to_epoch_milli() * 1000

    def from_internal_type(self, obj: Any) -> Any:
        return None if obj is None else Instant.of_epoch_milli(obj // 1000)


class PickledBytesTypeInfo(TypeInformation):
    """Any Python object that can be pickled; what PyFlink assumes where nothing is declared."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "PickledByteArrayTypeInfo"


# One instance of each is enough: they have no state, and identical objects compare fastest.
_BASIC = {
    kind: InstantTypeInfo() if kind is BasicType.INSTANT else BasicTypeInfo(kind)
    for kind in BasicType
}
