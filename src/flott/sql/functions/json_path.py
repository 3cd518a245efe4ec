"""JSON paths: ``$.a[0]['b c'].*`` and the modes ``lax`` and ``strict``.

Without a mode a path is strict: what is not there is an error, while lax finds nothing. A path
with a wildcard, a slice, a filter or ``..`` may find several values and gives them as an array.
The syntax is Goessner's (https://goessner.net/articles/JsonPath/), as Flink has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

#: A step gives the values it finds in one; a strict path that finds none has an error.
Step = Callable[[Any], "list[Any]"]

_MODE = re.compile(r"(?:\s*(lax|strict)\s+)?(.*)", re.IGNORECASE | re.DOTALL)
_TOKEN = re.compile(
    r"""
    \.\.(?P<deep>\*|[^.\[\s()]+)
  | \.(?P<name>\*|[^.\[\s()]+)
  | \[\s*\?\s*\((?P<filter>.*?)\)\s*\]
  | \[\s*(?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*\]
  | \[\s*(?P<star>\*)\s*\]
  | \[\s*(?P<slice>-?\d*\s*:\s*-?\d*)\s*\]
  | \[\s*(?P<indexes>-?\d+(?:\s*,\s*-?\d+)*)\s*\]
    """,
    re.VERBOSE,
)
_COMPARISON = re.compile(r"\s*@([^\s=!<>]*)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*$", re.DOTALL)
#: Nothing found, where a strict path must find something.
MISSING: Final = object()


class JsonPathError(ValueError):
    """The text is not a path."""


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A compiled path.

    Attributes:
        is_lax: Whether what is missing is nothing rather than an error.
        single_steps: How many steps from the start find one value at most.
        steps: From a value to the values below it.
    """

    is_lax: bool
    single_steps: int
    steps: tuple[Step, ...]

    def find(self, document: Any) -> Any:
        """The value found; an array of all values of an indefinite path; ``MISSING`` for none."""
        found = [document]
        for step in self.steps[: self.single_steps]:
            found = step(found[0])
            if not found:
                return MISSING
        if self.single_steps == len(self.steps):
            return found[0]
        for step in self.steps[self.single_steps :]:
            found = [value for each in found for value in step(each)]
        return found


@lru_cache(maxsize=512)
def parse_path(text: str) -> JsonPath:
    """Compile ``text``.

    Raises:
        JsonPathError: It is not a path.

    >>> parse_path("lax $.a[1]").find({"a": [1, 2]})
    2
    >>> parse_path("$..b").find({"a": {"b": 1}, "b": 2})
    [2, 1]
    """
    found = _MODE.fullmatch(text)
    assert found is not None
    mode, path = found.group(1), found.group(2).rstrip()
    if path[:1].isspace():
        raise JsonPathError("A JSON path does not begin with a blank")
    if not path:
        raise JsonPathError("A JSON path is not empty")
    if not path.startswith("$"):
        path = f"$.{path}"
    steps: list[Step] = []
    has_length = path.endswith((".length()", ".size()"))
    path = path.removesuffix(".length()").removesuffix(".size()")
    single_steps = 0
    position = 1
    while position < len(path):
        token = _TOKEN.match(path, position)
        if token is None:
            raise JsonPathError(f"Unexpected {path[position:]!r} in the JSON path {text!r}")
        step, is_single = _step(token)
        if is_single and single_steps == len(steps):
            single_steps += 1
        steps.append(step)
        position = token.end()
    if has_length:
        single_steps += single_steps == len(steps)
        steps.append(_length)
    return JsonPath((mode or "").lower() == "lax", single_steps, tuple(steps))


def _step(token: re.Match[str]) -> tuple[Step, bool]:
    kind = token.lastgroup
    text = token.group(kind or 0)
    match kind:
        case "name" if text != "*":
            return _member(text), True
        case "quoted":
            return _member(re.sub(r"\\(.)", r"\1", text[1:-1])), True
        case "indexes" if "," not in text:
            return _element(int(text)), True
        case "indexes":
            picks = [_element(int(each)) for each in text.split(",")]
            return (lambda value: [hit for pick in picks for hit in pick(value)]), False
        case "slice":
            start, stop = (int(part) if part.strip() else None for part in text.split(":"))
            return (lambda value: value[start:stop] if isinstance(value, list) else []), False
        case "filter":
            return _filter(text), False
        case "deep":
            below = _everything if text == "*" else _member(text)
            return (lambda value: [hit for each in _descend(value) for hit in below(each)]), False
    return _everything, False


def _member(name: str) -> Step:
    def step(value: Any) -> list[Any]:
        return [value[name]] if isinstance(value, dict) and name in value else []

    return step


def _element(index: int) -> Step:
    def step(value: Any) -> list[Any]:
        inside = isinstance(value, list) and -len(value) <= index < len(value)
        return [value[index]] if inside else []

    return step


def _everything(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _length(value: Any) -> list[Any]:
    return [len(value)] if isinstance(value, dict | list) else []


def _descend(value: Any) -> Iterator[Any]:
    yield value
    for each in _everything(value):
        yield from _descend(each)


def _filter(text: str) -> Step:
    parts = [_condition(part) for part in text.split("&&")]

    def step(value: Any) -> list[Any]:
        candidates = value if isinstance(value, list) else [value]
        return [each for each in candidates if all(holds(each) for holds in parts)]

    return step


def _condition(text: str) -> Callable[[Any], bool]:
    found = _COMPARISON.fullmatch(text)
    if found is None:
        raise JsonPathError(f"Unsupported filter ({text}) in a JSON path")
    path = parse_path(f"$ {found.group(1)}".replace("$ ", "$"))
    sign, other = found.group(2), found.group(3)
    if sign is None:
        return lambda value: path.find(value) is not MISSING
    constant = _constant(other)
    compare = _COMPARISONS[sign]

    def holds(value: Any) -> bool:
        mine = path.find(value)
        try:
            return mine is not MISSING and bool(compare(mine, constant))
        except TypeError:
            return False

    return holds


_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_WORDS: Final = {"true": True, "false": False, "null": None}


def _constant(text: str) -> Any:
    if text[:1] in "'\"" and text[-1:] == text[:1]:
        return text[1:-1]
    if text in _WORDS:
        return _WORDS[text]
    try:
        return Decimal(text) if any(letter in text for letter in ".eE") else int(text)
    except (ValueError, InvalidOperation):
        raise JsonPathError(f"Unsupported constant {text} in a JSON path") from None
