"""What Flink's reader of JSON sees of an object in which a value has other columns' structure.

It reads tokens one after the other, and where a column of single values meets an object or an
array, it stays where it is: what is inside is taken for further fields of the row, and the end of
an inner object for the row's. So fields behind such a value may be lost, and inner ones found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple


class _Token(NamedTuple):
    text: Any
    value: Any
    size: int
    """How many tokens from this one to the end of the value."""


_OBJECT_END, _ARRAY_END = _Token("}", None, 1), _Token("]", None, 1)


def fields_seen(value: dict[str, Any], wanted: Collection[str], single: Collection[str]) -> Any:
    """The fields of an object that are found.

    Args:
        value: The object.
        wanted: The columns.
        single: Those of them that hold neither rows, arrays nor maps, nor texts.

    Raises:
        ValueError: The end of the message is met inside of the row.

    >>> fields_seen({"a": {"b": 1}, "c": 2}, ["a", "b", "c"], ["a", "b", "c"])
    {'a': {'b': 1}, 'b': 1}
    >>> fields_seen({"a": [1], "c": 2}, ["a", "c"], ["a", "c"])
    {'a': [1], 'c': 2}
    """
    tokens = list(_tokens(value))
    found: dict[str, Any] = {}
    count, at = 0, 1
    while count < len(wanted) and tokens[at] is not _OBJECT_END:
        name = tokens[at].text
        if at + 2 >= len(tokens):
            raise ValueError("the message ends inside of a row")
        token = tokens[at + 1]
        is_known = isinstance(name, str) and name in wanted
        if is_known:
            found[name] = token.value
            count += 1
        at += 2 if is_known and name in single else 1 + token.size
        if at >= len(tokens):
            raise ValueError("the message ends inside of a row")
    return found


def _tokens(value: Any) -> Iterator[_Token]:
    if isinstance(value, dict):
        inner = []
        for name, each in value.items():
            inner += [_Token(name, name, 1), *_tokens(each)]
        yield _Token("{", value, len(inner) + 2)
        yield from inner
        yield _OBJECT_END
    elif isinstance(value, list):
        inner = [token for each in value for token in _tokens(each)]
        yield _Token("[", value, len(inner) + 2)
        yield from inner
        yield _ARRAY_END
    else:
        yield _Token(value, value, 1)
