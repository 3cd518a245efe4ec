"""JSON functions: values out of documents, documents out of values.

Documents are strings. A text is parsed once for each distinct value; what is not JSON, and what a
strict path does not find, is an error, which gives NULL unless ``ON ERROR`` says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import polars as pl

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature
from flott.common.sql_errors import SqlValidationError
from flott.sql.expressions import Call, Literal
from flott.sql.functions.calls.site import Site
from flott.sql.functions.entry import Arguments, FunctionEntry, Resolution
from flott.sql.functions.json_path import MISSING, JsonPathError, parse_path
from flott.sql.functions.json_text import (
    BROKEN,
    RawJson,
    has_json,
    read_beginning,
    read_json,
    to_json_value,
    write_json,
)
from flott.sql.functions.rows import in_python, of_rows
from flott.sql.functions.signatures import BOOLEAN, STRING, TEXT, signature

_TEXT = (t.CharType, t.VarCharType, t.NullType)
_STAMPS = (t.TimestampType, t.LocalZonedTimestampType)
_MICROSECONDS: Final = 6


class _QueryError(Exception):
    """What ``ON ERROR`` is about."""


class _Mismatch(Exception):
    """A value of another kind than asked for: fails the job, whatever ``ON ERROR`` says."""


class _Empty(Exception):
    """What ``ON EMPTY`` is about."""


def _found(text: str, path_text: str) -> tuple[Any, bool]:
    """The value at a path, and whether the path is lax."""
    try:
        path = parse_path(path_text)
    except JsonPathError as error:
        raise _QueryError(str(error)) from None
    document = read_beginning(text)
    if document is BROKEN and path.is_lax:
        raise _Empty
    if document is BROKEN or document is None:
        raise _QueryError(f"'{text:.80}' is not a document to look into")
    value = path.find(document)
    if value is MISSING:
        if path.is_lax:
            raise _Empty
        raise _QueryError(f"The path {path_text} finds nothing")
    return value, path.is_lax


@dataclass(frozen=True, slots=True)
class _Behaviour:
    """What ``ON EMPTY`` or ``ON ERROR`` asks for."""

    word: str
    default: Any = None

    @classmethod
    def of(cls, keywords: dict[str, Any], name: str, usual: str) -> _Behaviour:
        default = keywords.get(f"default_{name}")
        value = default.value if isinstance(default, Literal) else default
        return cls(str(keywords.get(name) or usual).upper(), value)


@dataclass(frozen=True, slots=True)
class _Query:
    """A function of a document and a path, with its ``ON EMPTY`` and ``ON ERROR``."""

    compute: Callable[[Any, bool], Any]
    answer: Callable[[_Behaviour], Any]
    on_empty: _Behaviour
    on_error: _Behaviour
    may_mismatch: bool = False

    def value(self, text: str, path: str) -> Any:
        """The result; NULL where the job is to fail."""
        try:
            return self._value(text, path)
        except (_Empty, _QueryError, _Mismatch):
            return None

    def problem(self, text: str, path: str) -> str | None:
        """Why the job is to fail."""
        try:
            self._value(text, path)
        except _Empty:
            return "The path finds nothing"
        except (_QueryError, _Mismatch) as error:
            return str(error)
        return None

    def _value(self, text: str, path: str) -> Any:
        try:
            return self.compute(*_found(text, path))
        except _Empty:
            if self.on_empty.word == "ERROR":
                raise
            return self.answer(self.on_empty)
        except _QueryError:
            if self.on_error.word == "ERROR":
                raise
            return self.answer(self.on_error)

    def evaluate(self, site: Site) -> pl.Expr:
        """The call compiled; it fails the job only where ``ERROR`` is asked for."""
        fails = "ERROR" in (self.on_empty.word, self.on_error.word)
        if fails or self.may_mismatch:
            problem = in_python(self.problem, pl.String())(site)
            name = site.call.function if isinstance(site.call, Call) else "JSON"
            site.fail_where(problem.is_not_null(), lambda text: f"{name}: {text}", problem)
        return in_python(self.value)(site)


# -- JSON_VALUE, JSON_QUERY, JSON_EXISTS


def _refuse_empty_objects(call: Arguments) -> None:
    for key in ("on_empty", "on_error"):
        if str(call.settings.get(key)).upper() == "EMPTY OBJECT":
            kind = key.replace("_", " ")
            raise SqlValidationError(f"Illegal {kind} behavior 'EMPTY OBJECT' for an array")


def _infer_query(default: t.DataType) -> Callable[[Arguments], Resolution | None]:
    def infer(call: Arguments) -> Resolution | None:
        document = len(call) == 2 and isinstance(call.types[0], (*_TEXT, t.VariantType))
        if not document or not isinstance(call.types[1], _TEXT):
            return None
        returning = call.settings.get("returning") or default
        if isinstance(returning, t.ArrayType) and not isinstance(returning.element_type, _TEXT):
            raise SqlValidationError(
                f"Unsupported array element type '{returning.element_type.nullable_()}' "
                f"for RETURNING ARRAY in {call.name}()"
            )
        if isinstance(returning, t.ArrayType):
            _refuse_empty_objects(call)
        defaults = (call.settings.get(f"default_{each}") for each in ("on_empty", "on_error"))
        if any(isinstance(each, Literal) and each.value is None for each in defaults):
            raise SqlValidationError("Illegal use of 'NULL'", hint="NULL ON EMPTY gives NULL.")
        return Resolution(returning.nullable_(), call.types)

    return infer


def _check_returning(site: Site, *classes: type[t.DataType]) -> None:
    """Flink takes other types while it validates, but makes no code for them."""
    if not isinstance(site.data_type, (t.CharType, t.VarCharType, *classes)):
        assert isinstance(site.call, Call)
        raise UnsupportedFeature(f"{site.call.function} RETURNING {site.data_type.nullable_()}")


def _json_value(site: Site) -> pl.Expr:
    target = site.data_type
    _check_returning(site, t.BooleanType, t.IntType, t.DoubleType)

    def compute(value: Any, is_lax: bool) -> Any:
        if isinstance(value, dict | list):
            if is_lax:
                raise _Empty
            raise _QueryError("The path finds an array or object, not a value")
        if value is None:
            if is_lax:
                raise _Empty
            raise _QueryError("The path finds null, not a value")
        return _as_value(value, target)

    keywords = site.keywords
    query = _Query(
        compute,
        lambda behaviour: _converted(behaviour.default, target),
        _Behaviour.of(keywords, "on_empty", "NULL"),
        _Behaviour.of(keywords, "on_error", "NULL"),
        may_mismatch=not isinstance(target, t.CharType | t.VarCharType),
    )
    return query.evaluate(site)


#: What Flink's RETURNING takes for each type.
_KINDS_OF_VALUES: Final[dict[type[t.DataType], type]] = {
    t.BooleanType: bool,
    t.IntType: int,
    t.DoubleType: Decimal,
}


def _as_value(value: Any, target: t.DataType) -> Any:
    """A value of a document as one of the type asked for; of another kind it is an error."""
    if isinstance(target, t.CharType | t.VarCharType):
        return value if isinstance(value, str) else write_json(value)
    wanted = _KINDS_OF_VALUES[type(target)]
    is_long = isinstance(value, int) and not -(2**31) <= value < 2**31
    if type(value) is not wanted or is_long:
        raise _Mismatch(f"{write_json(value):.80} is not {target.summary}")
    return _converted(value, target)


def _converted(value: Any, target: t.DataType) -> Any:
    if value is None:
        return None
    if isinstance(target, t.FloatType | t.DoubleType):
        return float(value)
    if isinstance(target, t.CharType | t.VarCharType) and not isinstance(value, str):
        return write_json(value)
    return value


def _json_query(site: Site) -> pl.Expr:
    keywords, target = site.keywords, site.data_type
    _check_returning(site, t.ArrayType)
    wrapper = str(keywords.get("wrapper") or "WITHOUT").upper()

    def compute(value: Any, is_lax: bool) -> Any:
        wraps = wrapper == "UNCONDITIONAL"
        wraps = wraps or (wrapper == "CONDITIONAL" and not isinstance(value, list))
        found = [value] if wraps and value is not None else value
        if not isinstance(found, dict | list):
            if is_lax:
                raise _Empty
            raise _QueryError("The path finds a value, not an array or object")
        return _as_document(found, target)

    def answer(behaviour: _Behaviour) -> Any:
        if behaviour.word == "EMPTY ARRAY":
            return _as_document([], target)
        return _as_document({}, target) if behaviour.word == "EMPTY OBJECT" else None

    query = _Query(
        compute,
        answer,
        _Behaviour.of(keywords, "on_empty", "NULL"),
        _Behaviour.of(keywords, "on_error", "NULL"),
    )
    return query.evaluate(site)


def _as_document(found: Any, target: t.DataType) -> Any:
    found = _in_order(found)
    if not isinstance(target, t.ArrayType):
        return write_json(found)
    if not isinstance(found, list):
        raise _QueryError("The path finds no array")
    return [each if each is None or isinstance(each, str) else write_json(each) for each in found]


def _in_order(value: Any) -> Any:
    """A value whose objects have their keys in order, as JSON_QUERY of Flink gives them."""
    if isinstance(value, dict):
        return {key: _in_order(value[key]) for key in sorted(value)}
    return [_in_order(each) for each in value] if isinstance(value, list) else value


def _json_exists(site: Site) -> pl.Expr:
    on_error = _Behaviour.of(site.keywords, "on_error", "FALSE")
    answers = {"TRUE": True, "FALSE": False}
    query = _Query(
        lambda value, is_lax: value is not None,
        lambda behaviour: answers.get(behaviour.word),
        _Behaviour("FALSE"),
        on_error,
    )
    return query.evaluate(site)


# -- tests and quoting

_KINDS: Final[dict[str, Callable[[Any], bool]]] = {
    "VALUE": lambda value: True,
    "OBJECT": lambda value: isinstance(value, dict),
    "ARRAY": lambda value: isinstance(value, list),
    "SCALAR": lambda value: not isinstance(value, dict | list),
}


def _is_json(site: Site) -> pl.Expr:
    holds = _KINDS[str(site.keywords.get("kind") or "VALUE").upper()]

    def test(text: str) -> bool:
        document = read_json(text)
        return document is not BROKEN and holds(document)

    return in_python(test)(site).fill_null(False)


_ESCAPES: Final = {
    '"': '\\"',
    "\\": "\\\\",
    "/": "\\/",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


def quote(text: str) -> str:
    """``text`` as a JSON string of ASCII characters.

    Of a character beyond 16 bits Flink writes its whole code, then its second half.

    >>> quote('a"é'), quote("🙂")
    ('"a\\\\"\\\\u00e9"', '"\\\\u1f642\\\\ude42"')
    """
    parts = []
    for char in text:
        if char in _ESCAPES:
            parts.append(_ESCAPES[char])
        elif 0x20 <= ord(char) < 0x7F:
            parts.append(char)
        else:
            parts.append(f"\\u{ord(char):04x}")
            if ord(char) > 0xFFFF:
                parts.append(f"\\u{0xDC00 | ord(char) & 0x3FF:04x}")
    return f'"{"".join(parts)}"'


def unquote(text: str) -> str:
    """The text in a JSON string; anything else stays as it is.

    >>> unquote('"a\\\\n"'), unquote("a")
    ('a\\n', 'a')
    """
    if len(text) >= 2 and text[0] == text[-1] == '"':
        document = read_json(text)
        if document is BROKEN and isinstance(read_beginning(text), str):
            # A string at the start is enough: quotes within are kept.
            document = read_json('"' + re.sub(r'(?<!\\)"', r'\\"', text[1:-1]) + '"')
        if isinstance(document, str):
            # Half a character of Java's two becomes a question mark.
            whole = document.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            return document if whole == document else whole.replace("\ufffd", "?")
    return text


# -- constructors


def _is_json_call(site: Site, index: int) -> bool:
    """Whether an operand is a document rather than a string: made by a constructor."""
    arg = site.operands[index]
    return isinstance(arg, Call) and arg.function in ("JSON_OBJECT", "JSON_ARRAY", "JSON")


def _members(site: Site, indexes: range, build: Callable[[list[Any]], str]) -> pl.Expr:
    """``build`` of the operands at ``indexes`` as values of a document."""
    if any(isinstance(site.types[index], t.NullType) for index in indexes):
        raise UnsupportedFeature("NULL without a type in a JSON document")
    raw = [_is_json_call(site, index) for index in indexes]
    given = [_member(site, index) for index in indexes]
    operands, kinds = [value for value, _ in given], [kind for _, kind in given]

    def compute(*values: Any) -> str:
        members = [
            RawJson(value) if is_raw and value is not None else to_json_value(value, kind)
            for value, kind, is_raw in zip(values, kinds, raw, strict=True)
        ]
        return build(members)

    return of_rows(operands, compute, pl.String(), keeps_null=True)


def _member(site: Site, index: int) -> tuple[pl.Expr, t.DataType]:
    """An operand and its type; a moment of more digits than Python's have is written already."""
    value, kind = site.arg(index), site.types[index]
    if not isinstance(kind, _STAMPS) or kind.precision <= _MICROSECONDS:
        return value, kind
    text = value.dt.to_string("%Y-%m-%dT%H:%M:%S%.9f").str.strip_chars_end("0")
    text = text.str.strip_suffix(".")
    return text + ("Z" if isinstance(kind, t.LocalZonedTimestampType) else ""), STRING


def _json_object(site: Site) -> pl.Expr:
    keeps_null = str(site.keywords.get("on_null") or "NULL").upper() != "ABSENT"

    def build(members: list[Any]) -> str:
        pairs = dict(zip(members[::2], members[1::2], strict=True))
        kept = {key: pairs[key] for key in sorted(pairs) if keeps_null or pairs[key] is not None}
        return write_json(kept)

    return _members(site, range(len(site)), build)


def _json_array(site: Site) -> pl.Expr:
    keeps_null = str(site.keywords.get("on_null") or "ABSENT").upper() == "NULL"

    def build(members: list[Any]) -> str:
        return write_json([each for each in members if keeps_null or each is not None])

    return _members(site, range(len(site)), build)


def _infer_object(call: Arguments) -> Resolution | None:
    keys, values = call.types[::2], call.types[1::2]
    if len(call) % 2 or not all(isinstance(key, _TEXT) for key in keys):
        return None
    if any(key.nullable for key in keys):
        raise SqlValidationError(
            "A key of JSON_OBJECT must not be NULL", hint="Write COALESCE(key, '')."
        )
    return _document(call) if all(map(has_json, values)) else None


def _infer_array(call: Arguments) -> Resolution | None:
    return _document(call) if all(map(has_json, call.types)) else None


def _infer_string(call: Arguments) -> Resolution | None:
    if len(call) != 1 or not has_json(call.types[0]):
        return None
    return Resolution(STRING.with_nullable(call.types[0].nullable), call.types)


def _document(call: Arguments) -> Resolution:
    return Resolution(STRING.not_null(), call.types)


def _json_string(site: Site) -> pl.Expr:
    if _is_json_call(site, 0):
        return site.arg(0)
    operand, kind = _member(site, 0)
    return of_rows([operand], lambda value: write_json(to_json_value(value, kind)), pl.String())


def _json(site: Site) -> pl.Expr:
    def compute(text: str) -> str | None:
        document = read_json(text)
        return None if document is BROKEN else write_json(document)

    result = in_python(compute)(site)
    value = site.arg(0)
    site.fail_where(
        value.is_not_null() & result.is_null(), lambda text: f"'{text:.80}' is not JSON", value
    )
    return result


ENTRIES: Final = (
    FunctionEntry("JSON_VALUE", _infer_query(STRING), _json_value, "A value of a document.",
                  "string, path", [("""JSON_VALUE('{"a":1}', '$.a')""", "1")]),
    FunctionEntry("JSON_QUERY", _infer_query(STRING), _json_query,
                  "An array or object of a document.", "string, path",
                  [("""JSON_QUERY('{"a":[1]}', '$.a')""", "[1]")]),
    FunctionEntry("JSON_EXISTS", _infer_query(BOOLEAN), _json_exists,
                  "Whether a path finds something.", "string, path",
                  [("""JSON_EXISTS('{"a":1}', '$.a')""", True)]),
    FunctionEntry("IS JSON", signature(TEXT, returns=BOOLEAN, nullable=False), _is_json,
                  "Whether a string is JSON.", "string", [("'[1]' IS JSON", True)]),
    FunctionEntry("JSON_QUOTE", signature(TEXT, returns=STRING), in_python(quote),
                  "A string as JSON string.", "string", [("JSON_QUOTE('a')", '"a"')]),
    FunctionEntry("JSON_UNQUOTE", signature(TEXT, returns=STRING), in_python(unquote),
                  "The text in a JSON string.", "string", [("JSON_UNQUOTE('\"a\"')", "a")]),
    FunctionEntry("JSON_STRING", _infer_string, _json_string, "A value as JSON.", "a value",
                  [("JSON_STRING(TRUE)", "true")]),
    FunctionEntry("JSON", signature(TEXT, returns=STRING), _json,
                  "A document, for other constructors.", "string",
                  [("JSON_ARRAY(JSON('[1]'))", "[[1]]")], is_folded=False),
    FunctionEntry("JSON_OBJECT", _infer_object, _json_object, "An object.", "key, value ...",
                  [("JSON_OBJECT(KEY 'a' VALUE 1)", '{"a":1}')], is_folded=False),
    FunctionEntry("JSON_ARRAY", _infer_array, _json_array, "An array.", "value ...",
                  [("JSON_ARRAY(1, 'a')", '[1,"a"]')], is_folded=False),
)  # fmt: skip
