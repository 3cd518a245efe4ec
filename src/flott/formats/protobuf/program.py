"""What the kernel is told of messages: their fields, and which columns these are.

The numbers of kinds and flags are those of ``native/include/flott/protobuf.h``. Types go together
as in Flink; numbers of 32 bits without sign can also be BIGINT, which holds all of them.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final

from flott.common import logical_types as t
from flott.formats.avro.columns import column_specs
from flott.kernels import _native

_REPEATED, _PACKED, _PRESENCE, _REQUIRED, _CLOSED, _READS_DEFAULT, _MAP, _WIDE = (
    1 << bit for bit in range(8)
)
_ENUM_NAME, _ENUM_NUMBER, _MESSAGE = 15, 16, 17
_ENUM_TYPE, _GROUP_TYPE, _MESSAGE_TYPE = 14, 10, 11
_TEXTS: Final = (t.CharType, t.VarCharType)
_BINARIES: Final = (t.BinaryType, t.VarBinaryType)
#: The kernel's kind and the types of columns, by the number of a type in descriptors.
_KINDS: Final[dict[int, tuple[int, tuple[type[t.DataType], ...]]]] = {
    5: (0, (t.IntType,)),  # int32
    17: (1, (t.IntType,)),  # sint32
    13: (2, (t.IntType, t.BigIntType)),  # uint32
    7: (3, (t.IntType, t.BigIntType)),  # fixed32
    15: (4, (t.IntType,)),  # sfixed32
    3: (5, (t.BigIntType,)),  # int64
    18: (6, (t.BigIntType,)),  # sint64
    4: (7, (t.BigIntType,)),  # uint64
    6: (8, (t.BigIntType,)),  # fixed64
    16: (9, (t.BigIntType,)),  # sfixed64
    8: (10, (t.BooleanType,)),  # bool
    2: (11, (t.FloatType,)),  # float
    1: (12, (t.DoubleType,)),  # double
    9: (13, _TEXTS),  # string
    12: (14, _BINARIES),  # bytes
    _ENUM_TYPE: (_ENUM_NAME, (*_TEXTS, t.IntType)),
    _MESSAGE_TYPE: (_MESSAGE, (t.RowType,)),
}
_ZIGZAG: Final = (17, 18)

Field = tuple[Any, ...]


def make_reader(
    message: Any, columns: Sequence[t.RowField], reads_defaults: bool
) -> _native.ProtobufReader:
    """The kernel that reads messages into columns, which are fields by their names.

    Args:
        message: The descriptor.
        columns: The columns.
        reads_defaults: Whether fields that are not there are their defaults.

    Raises:
        ValueError: A column is not a field, or of another type.
    """
    program = _Program(reads_defaults)
    program.add(message, columns, ())
    return _native.ProtobufReader(program.nodes, column_specs([c.data_type for c in columns]))


def make_writer(
    message: Any, columns: Sequence[t.RowField], null_text: str
) -> _native.ProtobufWriter:
    """The kernel that writes columns as messages; raises as ``make_reader`` does."""
    program = _Program(False)
    program.add(message, columns, ())
    return _native.ProtobufWriter(program.nodes, null_text)


class _Program:
    def __init__(self, reads_defaults: bool) -> None:
        self.nodes: list[list[Field]] = []
        self._reads_defaults = _READS_DEFAULT if reads_defaults else 0

    def add(self, message: Any, columns: Sequence[t.RowField], path: tuple[str, ...]) -> int:
        """Add the node of a message whose fields become the parts of a row."""
        places = {column.name: index for index, column in enumerate(columns)}
        fields = []
        for field in message.fields:
            place = places.pop(field.name, -1)
            if place >= 0:
                inner = (*path, field.name)
                fields.append(self._field(field, columns[place].data_type, place, inner))
            elif _is_required(field) or field.containing_oneof is not None:
                fields.append(_plain(field, _unseen_kind(field), _flags(field), -1))
        if places:
            missing = ".".join((*path, next(iter(places))))
            names = [field.name for field in message.fields]
            raise ValueError(f"{message.full_name} has no field '{missing}'; it has {names}")
        self.nodes.append(fields)
        return len(self.nodes) - 1

    def _field(self, field: Any, data_type: t.DataType, place: int, path: tuple[str, ...]) -> Field:
        flags = _flags(field) | self._reads_defaults
        if not _is_repeated(field):
            return self._value(field, data_type, flags, place, path)
        if _is_map(field):
            if not isinstance(data_type, t.MapType):
                raise _mismatch(field, data_type, path)
            node = self._entry(field.message_type, data_type, path)
            return _plain(field, _MESSAGE, flags | _MAP, place, node)
        if not isinstance(data_type, t.ArrayType):
            raise _mismatch(field, data_type, path)
        return self._value(field, data_type.element_type, flags, place, path)

    def _value(
        self, field: Any, data_type: t.DataType, flags: int, place: int, path: tuple[str, ...]
    ) -> Field:
        if field.type == _GROUP_TYPE:
            raise ValueError(f"field '{'.'.join(path)}' is a group, which no column can be")
        kind, types = _KINDS[field.type]
        if not isinstance(data_type, types):
            raise _mismatch(field, data_type, path, is_element=True)
        node = -1
        if isinstance(data_type, t.RowType):
            node = self.add(field.message_type, data_type.fields, path)
        elif field.type == _ENUM_TYPE and isinstance(data_type, t.IntType):
            kind = _ENUM_NUMBER
        elif isinstance(data_type, t.BigIntType) and kind in (2, 3):
            flags |= _WIDE
        return _plain(field, kind, flags, place, node)

    def _entry(self, entry: Any, data_type: t.MapType, path: tuple[str, ...]) -> int:
        """The node of a map's entries; their parts are always there, as defaults else."""
        key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
        types = (data_type.key_type, data_type.value_type)
        fields = [
            self._value(field, kind, _flags(field) | _READS_DEFAULT | _PRESENCE, place, path)
            for place, (field, kind) in enumerate(zip((key, value), types, strict=True))
        ]
        self.nodes.append(fields)
        return len(self.nodes) - 1


def _plain(field: Any, kind: int, flags: int, place: int, node: int = -1) -> Field:
    oneof = -1 if field.containing_oneof is None else field.containing_oneof.index
    bits, data = _default(field)
    names = {}
    if field.type == _ENUM_TYPE:
        # Of several names for a number, the first declared is the one.
        names = {each.number: each.name for each in reversed(field.enum_type.values)}
    return (field.number, kind, flags, place, oneof, node, field.name, bits, data, names)


def _flags(field: Any) -> int:
    flags = 0
    if _is_repeated(field):
        flags |= _REPEATED | (_PACKED if field.is_packed else 0)
    elif field.has_presence:
        flags |= _PRESENCE
    if _is_required(field):
        flags |= _REQUIRED
    if field.type == _ENUM_TYPE and field.enum_type.is_closed:
        flags |= _CLOSED
    return flags


def _unseen_kind(field: Any) -> int:
    """The kind of a field without column, of which only its being there counts."""
    return _MESSAGE if field.type == _GROUP_TYPE else _KINDS[field.type][0]


def _default(field: Any) -> tuple[int, bytes]:
    """What a field is that is not there: as it is on the wire, or bytes."""
    if _is_repeated(field) or field.type in (_MESSAGE_TYPE, _GROUP_TYPE):
        return 0, b""
    value = field.default_value
    if isinstance(value, str):
        return 0, value.encode()
    if isinstance(value, bytes):
        return 0, value
    if field.type == 1:
        return int(struct.unpack("<q", struct.pack("<d", value))[0]), b""
    if field.type == 2:
        return int(struct.unpack("<I", struct.pack("<f", value))[0]), b""
    number = int(value)
    if field.type in _ZIGZAG:
        number = number << 1 if number >= 0 else (-number << 1) - 1
    return number - (1 << 64) if number >= 1 << 63 else number, b""


def _is_repeated(field: Any) -> bool:
    # Older libraries have labels only, newer ones do not have them any more.
    return bool(field.is_repeated) if hasattr(field, "is_repeated") else field.label == 3


def _is_required(field: Any) -> bool:
    return bool(field.is_required) if hasattr(field, "is_required") else field.label == 2


def _is_map(field: Any) -> bool:
    is_message = field.type == _MESSAGE_TYPE
    return is_message and bool(field.message_type.GetOptions().map_entry)


def _mismatch(
    field: Any, data_type: t.DataType, path: tuple[str, ...], is_element: bool = False
) -> ValueError:
    if _is_map(field):
        expected = "a MAP"
    else:
        expected = " or ".join(sorted({kind.root for kind in _KINDS[field.type][1]}))
        if _is_repeated(field) and not is_element:
            expected = f"an ARRAY of {expected}"
    return ValueError(f"field '{'.'.join(path)}' is {expected} as a column, not {data_type}")
