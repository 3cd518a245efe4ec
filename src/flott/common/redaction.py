"""Show values in messages without showing secrets, and without flooding the screen.

A key counts as secret by its name alone (``password``, ``client_secret``, ``sasl.jaas.config``):
better to hide one harmless value too many than to print one credential. Values are walked with
limits on depth, width and length, so cycles and huge records cost nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

__all__ = ["MASK", "is_secret_key", "mask_mapping", "mask_text", "shorten_record"]

MASK = "******"

_DEPTH_MAX = 6
_ITEMS_MAX = 20

# As pieces of longer names ("db_password2"), except for the short ones, which must be whole words.
_SECRET_NAME = re.compile(
    r"password|passwd|passphrase|secret|credential|private.?key|api.?key|access.?key|account.?key"
    r"|sasl|ssl[._-]?key|jaas|authorization|(?:^|[^a-z])(?:token|pwd|auth)s?(?:$|[^a-z])",
    re.IGNORECASE,
)
# camelCase becomes snake_case first, so that "accessToken" contains the word "token".
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What looks like a name before ":" or "=", in text of any kind: name=, "name":, \\"name\\": ...
_NAME = re.compile(r"""([\w.-]{2,64})(?:\\*["'])?\s*[:=]\s*""")
# A value after it: quoted, quoted with backslashes as within a string, or up to a separator. Quotes
# may be missing at the end, since the text may have been cut.
_VALUE = re.compile(
    r"""(?P<quote>["'])(?:(?!(?P=quote)|\\).|\\.)*(?P=quote)?"""
    r"""|(?P<escaped>\\+["']).*?(?:(?P=escaped)|$)"""
    r"""|(?:(?:Bearer|Basic)\s+)?[^\s,;&)}\]"']+""",
    re.DOTALL,
)


def is_secret_key(name: object) -> bool:
    """Return whether a key or field of this name holds a secret.

    >>> is_secret_key("ssl.key.password"), is_secret_key("accessToken"), is_secret_key("tokenizer")
    (True, True, False)
    """
    return isinstance(name, str) and _SECRET_NAME.search(_CAMEL.sub("_", name)) is not None


def mask_text(text: str) -> str:
    """Hide what follows a secret name in free text.

    >>> mask_text('{"user": "ada", "password": "enigma"}')
    '{"user": "ada", "password": "******"}'
    """

    parts: list[str] = []
    end = 0
    for name in _NAME.finditer(text):
        if name.start() < end or not is_secret_key(name[1]):
            continue
        value = _VALUE.match(text, name.end())
        if value is not None:
            quote = value["quote"] or value["escaped"] or ""
            parts += (text[end : name.end()], quote, MASK, quote)
            end = value.end()
    parts.append(text[end:])
    return "".join(parts)


def mask_mapping(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a flat mapping with the values of secret keys hidden."""
    return {key: MASK if is_secret_key(key) else value for key, value in mapping.items()}


def shorten_record(obj: object, limit: int = 200) -> str:
    """Describe a record in at most ``limit`` characters, with secrets masked.

    Never raises, whatever the record's own ``__repr__`` does.

    >>> shorten_record({"user": "ada", "password": "enigma"})
    "{'user': 'ada', 'password': ******}"
    >>> shorten_record("x" * 1000, limit=20)
    "'xxxxxxxxxxxxxxxx..."
    """
    # Room for twice the limit, since masking may shorten the text again.
    pieces: list[str] = []
    length = 0
    for piece in _walk(obj, limit, _DEPTH_MAX):
        pieces.append(piece)
        length += len(piece)
        if length > 2 * limit:
            break
    text = "".join(pieces)
    return text if len(text) <= limit else text[: max(limit - 3, 0)] + "..."


def _walk(obj: object, limit: int, depth: int) -> Iterator[str]:
    """Yield the description piece by piece, so that the caller can stop at any length."""
    if depth == 0:
        yield "..."
        return
    if isinstance(obj, (str, bytes)):
        yield mask_text(repr(obj[: limit + 1]))
        return
    named = _named_fields(obj)
    if isinstance(obj, Mapping):
        yield from _walk_fields("{", "}", ": ", _pairs(obj), limit, depth)
    elif named is not None:
        start = f"{type(obj).__name__}("
        yield from _walk_fields(start, ")", "=", named, limit, depth)
    elif type(obj) in (list, tuple, set, frozenset):
        yield from _walk_items(obj, limit, depth)  # type: ignore[arg-type]
    else:
        yield mask_text(_safe_repr(obj)[: 2 * limit])


def _walk_fields(
    start: str, end: str, link: str, pairs: Iterator[tuple[Any, Any]], limit: int, depth: int
) -> Iterator[str]:
    yield start
    for number, (key, value) in enumerate(pairs):
        if number:
            yield ", "
        if number >= _ITEMS_MAX:
            yield "..."
            break
        yield (key if link == "=" and isinstance(key, str) else _safe_repr(key)[:limit]) + link
        if is_secret_key(key):
            yield MASK
        else:
            yield from _walk(value, limit, depth - 1)
    yield end


def _walk_items(items: Iterable[Any], limit: int, depth: int) -> Iterator[str]:
    brackets = "[]" if type(items) is list else "()" if type(items) is tuple else "{}"
    yield brackets[0]
    for number, item in enumerate(items):
        if number:
            yield ", "
        if number >= _ITEMS_MAX:
            yield "..."
            break
        yield from _walk(item, limit, depth - 1)
    yield brackets[1]


def _pairs(mapping: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    try:
        yield from mapping.items()
    except Exception as error:  # a broken mapping must not hide the failure being reported
        yield "...", _Raw(f"<{type(error).__name__} while listing items>")


def _named_fields(obj: object) -> Iterator[tuple[Any, Any]] | None:
    """Return names and values of a Row, NamedTuple or dataclass instance; None for other values."""
    if isinstance(obj, type):
        return None
    cls = type(obj)
    if hasattr(cls, "__dataclass_fields__"):
        names: Any = list(cls.__dataclass_fields__)
        return ((name, getattr(obj, name, _Raw("<unset>"))) for name in names)
    names = getattr(obj, "_fields", None) if hasattr(obj, "__iter__") else None
    if isinstance(names, (list, tuple)):
        return zip(names, iter(obj))  # type: ignore[call-overload]
    return None


class _Raw:
    """Text to be shown as it is."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _safe_repr(obj: object) -> str:
    try:
        return repr(obj)
    except Exception as error:  # the record's own repr is user code and may fail in any way
        return f"<{type(obj).__name__}, whose repr raised {type(error).__name__}>"
