"""JSON schemas as types, as far as Flink reads them: objects, arrays, tuples, plain values and
references within the document."""

from __future__ import annotations

import json
from typing import Any, Final

from flott.common.typeinfo import TypeInformation, Types

_DEPTH_MAX: Final = 64
_FORMATS: Final = {
    "date": Types.SQL_DATE,
    "time": Types.SQL_TIME,
    "date-time": Types.SQL_TIMESTAMP,
}


def parse_json_schema(text: str) -> TypeInformation:
    """The type that a JSON schema describes.

    Raises:
        ValueError: If it is not a schema, or uses what has no type here.

    >>> parse_json_schema('{"type": "object", "properties": {"id": {"type": "integer"}}}')
    RowTypeInfo(id: BigDecimal)
    """
    try:
        root = json.loads(text)
    except ValueError as error:
        raise ValueError(f"The JSON schema is not JSON: {error}") from None
    return _convert("<root>", root, root, 0)


def _convert(place: str, node: Any, root: Any, depth: int) -> TypeInformation:
    if not isinstance(node, dict):
        raise ValueError(f"{place} of the JSON schema: expected an object, found {node!r}")
    if depth > _DEPTH_MAX:
        raise ValueError(f"{place} of the JSON schema refers to itself")
    if "$ref" in node:
        return _convert(place, _resolve(place, node["$ref"], root), root, depth + 1)
    if "type" in node:
        return _convert_type(place, node, root, depth)
    if "oneOf" in node:
        return _convert_one_of(place, node["oneOf"], root, depth)
    for word in ("allOf", "anyOf", "not"):
        if word in node:
            raise ValueError(f"{place} of the JSON schema: {word!r} has no type here")
    raise ValueError(f"{place} of the JSON schema says no type")


def _convert_type(place: str, node: dict[str, Any], root: Any, depth: int) -> TypeInformation:
    names = node["type"] if isinstance(node["type"], list) else [node["type"]]
    wanted = [name for name in names if name != "null"]
    if len(wanted) > 1:
        raise ValueError(f"{place} of the JSON schema has more than one type: {wanted}")
    match wanted[0] if wanted else "null":
        case "boolean":
            return Types.BOOLEAN()
        case "string":
            return _convert_string(node)
        case "number" | "integer":
            return Types.BIG_DEC()
        case "object":
            return _convert_object(place, node, root, depth)
        case "array":
            return _convert_array(place, node, root, depth)
        case "null":
            return Types.PICKLED_BYTE_ARRAY()
        case other:
            raise ValueError(f"{place} of the JSON schema: there is no type {other!r}")


def _convert_string(node: dict[str, Any]) -> TypeInformation:
    if node.get("contentEncoding") == "base64":
        return Types.PRIMITIVE_ARRAY(Types.BYTE())
    return _FORMATS.get(node.get("format", ""), Types.STRING)()


def _convert_object(place: str, node: dict[str, Any], root: Any, depth: int) -> TypeInformation:
    properties = node.get("properties") or {}
    types = [
        _convert(f"{place}/{name}", each, root, depth + 1) for name, each in properties.items()
    ]
    return Types.ROW_NAMED(list(properties), types)


def _convert_array(place: str, node: dict[str, Any], root: Any, depth: int) -> TypeInformation:
    items = node.get("items")
    if isinstance(items, list):
        if node.get("additionalItems"):
            raise ValueError(f"{place} of the JSON schema: additional items have no type here")
        return Types.ROW(
            [_convert(f"{place}[{i}]", e, root, depth + 1) for i, e in enumerate(items)]
        )
    return Types.OBJECT_ARRAY(_convert(f"{place}/items", items, root, depth + 1))


def _convert_one_of(place: str, choices: Any, root: Any, depth: int) -> TypeInformation:
    wanted = [each for each in choices if each.get("type") != "null"]
    if len(wanted) != 1:
        raise ValueError(f"{place} of the JSON schema: 'oneOf' must be one type and null")
    return _convert(place, wanted[0], root, depth + 1)


def _resolve(place: str, reference: str, root: Any) -> Any:
    if not reference.startswith("#"):
        raise ValueError(f"{place} of the JSON schema refers to another document: {reference!r}")
    node = root
    for name in filter(None, reference[1:].split("/")):
        if not isinstance(node, dict) or name not in node:
            raise ValueError(f"{place} of the JSON schema has no {reference!r}")
        node = node[name]
    return node
