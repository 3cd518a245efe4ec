"""Avro schemas as objects: names are looked up once, logical types stand beside what holds them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

_PRIMITIVE: Final = frozenset(
    {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
)
_NAMED: Final = frozenset({"record", "error", "enum", "fixed"})


@dataclass(frozen=True, slots=True)
class SchemaField:
    """A field of a record.

    Attributes:
        name: Its name.
        schema: What it holds.
        aliases: Further names under which data may have it.
        has_default: Whether data may lack it.
        default: What it is then, as JSON.
    """

    name: str
    schema: Schema
    aliases: frozenset[str] = frozenset()
    has_default: bool = False
    default: Any = None


@dataclass(eq=False, slots=True)
class Schema:
    """A schema; one that names itself is a cycle.

    Attributes:
        kind: ``record``, ``long``, ``union`` and the like; errors are records.
        logical: The logical type, if it is one that fits the kind.
        name: The full name of a record, enum or fixed.
        fields: Of a record.
        parts: The branches of a union; the element of an array, the value of a map.
        symbols: Of an enum.
        size: Bytes of a fixed.
        precision: Digits of a decimal.
        scale: Digits of a decimal behind the point.
    """

    kind: str
    logical: str | None = None
    name: str = ""
    fields: tuple[SchemaField, ...] = ()
    parts: tuple[Schema, ...] = ()
    symbols: tuple[str, ...] = ()
    size: int = 0
    precision: int = 0
    scale: int = 0

    def __str__(self) -> str:
        if self.kind == "union":
            return f"union of {', '.join(map(str, self.parts))}"
        return self.logical or (f"{self.kind} {self.name}" if self.name else self.kind)


def parse_schema(text: str, known: dict[str, Schema] | None = None) -> Schema:
    """The schema that JSON describes; ``known`` has schemas it may name.

    Raises:
        ValueError: It is not one; says what is wrong with it.

    >>> parse_schema('{"type": "array", "items": "long"}').parts[0].kind
    'long'
    """
    try:
        declared = json.loads(text)
    except json.JSONDecodeError:
        # A primitive schema may be given as its bare name.
        if text.strip() not in _PRIMITIVE:
            raise ValueError(f"no Avro schema: {text[:80]!r} is not JSON") from None
        declared = text.strip()
    return build_schema(declared, known)


def build_schema(declared: Any, known: dict[str, Schema] | None = None) -> Schema:
    """The schema that parsed JSON describes; ``known`` has schemas it may name, and is added to.

    Raises:
        ValueError: It is not one.
    """
    return _Builder({} if known is None else known).build(declared, "")


@dataclass(slots=True)
class _Builder:
    names: dict[str, Schema] = field(default_factory=dict)

    def build(self, declared: Any, namespace: str) -> Schema:
        if isinstance(declared, str):
            return self._named(declared, namespace)
        if isinstance(declared, list):
            return Schema("union", parts=tuple(self.build(each, namespace) for each in declared))
        if not isinstance(declared, dict) or "type" not in declared:
            raise ValueError(f"no Avro schema: {str(declared)[:80]}")
        kind = declared["type"]
        if not isinstance(kind, str):
            return self.build(kind, namespace)
        if kind in _NAMED:
            return self._define(declared, kind, namespace)
        if kind == "array":
            return Schema(kind, parts=(self.build(_need(declared, "items"), namespace),))
        if kind == "map":
            return Schema(kind, parts=(self.build(_need(declared, "values"), namespace),))
        if kind not in _PRIMITIVE:
            return self._named(kind, namespace)
        return _with_logical(Schema(kind), declared)

    def _named(self, name: str, namespace: str) -> Schema:
        if name in _PRIMITIVE:
            return Schema(name)
        found = self.names.get(_full_name(name, namespace)) or self.names.get(name)
        if found is None:
            raise ValueError(f"the Avro schema names {name!r} and does not define it")
        return found

    def _define(self, declared: dict[str, Any], kind: str, namespace: str) -> Schema:
        name = _full_name(str(_need(declared, "name")), str(declared.get("namespace", namespace)))
        schema = Schema("record" if kind == "error" else kind, name=name)
        self.names[name] = schema
        if kind == "enum":
            schema.symbols = tuple(_need(declared, "symbols"))
        elif kind == "fixed":
            schema.size = int(_need(declared, "size"))
            _with_logical(schema, declared)
        else:
            inner = name.rpartition(".")[0]
            fields = _need(declared, "fields")
            schema.fields = tuple(self._field(each, inner) for each in fields)
        return schema

    def _field(self, declared: dict[str, Any], namespace: str) -> SchemaField:
        return SchemaField(
            _need(declared, "name"),
            self.build(_need(declared, "type"), namespace),
            frozenset(declared.get("aliases", ())),
            "default" in declared,
            declared.get("default"),
        )


def _need(declared: dict[str, Any], key: str) -> Any:
    if key not in declared:
        raise ValueError(f"no Avro schema: {str(declared)[:80]} has no {key!r}")
    return declared[key]


def _full_name(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"


_LOGICAL: Final = {
    "date": ("int",),
    "time-millis": ("int",),
    "time-micros": ("long",),
    "timestamp-millis": ("long",),
    "timestamp-micros": ("long",),
    "timestamp-nanos": ("long",),
    "local-timestamp-millis": ("long",),
    "local-timestamp-micros": ("long",),
    "local-timestamp-nanos": ("long",),
    "decimal": ("bytes", "fixed"),
    "uuid": ("string", "fixed"),
}


def _with_logical(schema: Schema, declared: dict[str, Any]) -> Schema:
    """Logical types that do not fit what holds them are passed over, as the specification says."""
    logical = declared.get("logicalType")
    if logical not in _LOGICAL or schema.kind not in _LOGICAL[logical]:
        return schema
    if logical == "decimal":
        precision, scale = declared.get("precision"), declared.get("scale", 0)
        if not isinstance(precision, int) or not isinstance(scale, int):
            return schema
        if not precision > 0 or not 0 <= scale <= precision:
            return schema
        schema.precision, schema.scale = precision, scale
    schema.logical = logical
    return schema
