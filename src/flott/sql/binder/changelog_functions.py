"""FROM_CHANGELOG and TO_CHANGELOG: rows that tell the kind of a change, and changes as rows."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from flott.common.logical_types import STRING, CharType, VarCharType
from flott.common.suggestions import did_you_mean
from flott.sql.binder.context import BindContext
from flott.sql.binder.relations import Source
from flott.sql.binder.scope import Scope
from flott.sql.binder.table_arguments import Arguments, arguments_of, column_of
from flott.sql.logical.nodes import Field, FromChangelog, ToChangelog

#: The kinds of changes by their names.
KINDS: Final = ("INSERT", "UPDATE_BEFORE", "UPDATE_AFTER", "DELETE")
_DEFAULT: Final = tuple((kind, kind) for kind in KINDS)
_OP: Final = "op"
_HANDLING: Final = ("FAIL", "LOG", "SKIP")
_PARAMETERS: Final = {
    "FROM_CHANGELOG": ("INPUT", "OP", "OP_MAPPING", "INVALID_OP_HANDLING", "UID"),
    "TO_CHANGELOG": ("INPUT", "OP", "OP_MAPPING", "PRODUCES_FULL_DELETES", "UID"),
}


def is_changelog_function(name: str) -> bool:
    """Whether ``name`` is one of the two."""
    return name.upper() in _PARAMETERS


def changelog_arguments(call: exp.Anonymous, context: BindContext) -> Arguments:
    """The arguments of a changelog function.

    Raises:
        SqlValidationError: In BATCH mode, where there are no changes.
    """
    name = str(call.this).upper()
    if not context.is_streaming:
        raise context.invalid(call, f"{name} works in STREAMING mode only")
    return arguments_of(call, _PARAMETERS[name], 1, context)


def bind_from_changelog(arguments: Arguments, source: Source) -> Source:
    """``FROM_CHANGELOG(input => TABLE t, op => DESCRIPTOR(op), op_mapping => MAP[...])``.

    Raises:
        SqlValidationError: The column of codes is missing or no string, or the mapping is wrong.
    """
    context, node = arguments.context, source.node
    table = arguments.table("INPUT")
    if table.args.get("partition_by"):
        raise context.invalid(
            table, "FROM_CHANGELOG takes no PARTITION BY: it looks at each row alone"
        )
    op = _op_column(arguments, source)
    if not isinstance(node.fields[op].data_type, (CharType, VarCharType)):
        raise context.invalid(
            arguments.by_name.get("OP", arguments.call),
            f"The column '{node.fields[op].name}' of codes must be a string, "
            f"but is {node.fields[op].data_type.nullable_()}",
        )
    mapping = _DEFAULT
    if "OP_MAPPING" in arguments.by_name:
        pairs = _mapping(arguments)
        mapping = tuple((code, kind) for codes, kind in pairs for code in _split(codes))
        _check_kinds([kind for _, kind in mapping], arguments)
        _check_once([code for code, _ in mapping], arguments)
    handling = _word(arguments, "INVALID_OP_HANDLING", _HANDLING)
    fields = tuple(each for index, each in enumerate(node.fields) if index != op)
    settings = (("invalid_op_handling", handling),)
    made = FromChangelog(fields, node, op, mapping, (), settings)
    return Source(made, Scope.of((), fields))


def bind_to_changelog(arguments: Arguments, source: Source) -> Source:
    """``TO_CHANGELOG(input => TABLE t [PARTITION BY k], op => DESCRIPTOR(op), ...)``: partition
    keys, the code, the other columns.

    Raises:
        SqlValidationError: The mapping names an unknown kind.
    """
    context, node = arguments.context, source.node
    table = arguments.table("INPUT")
    keys = tuple(
        column_of(each, source.scope, context) for each in table.args.get("partition_by") or ()
    )
    mapping = _DEFAULT
    if "OP_MAPPING" in arguments.by_name:
        mapping = tuple(
            (kind, code) for kinds, code in _mapping(arguments) for kind in _split(kinds)
        )
        _check_kinds([kind for kind, _ in mapping], arguments)
        _check_once([kind for kind, _ in mapping], arguments)
    rest = tuple(each for index, each in enumerate(node.fields) if index not in keys)
    op = _op_name(arguments)
    if any(each.name == op for each in node.fields):
        raise context.invalid(
            arguments.by_name.get("OP", arguments.call),
            f"The input has a column '{op}' already",
            "Name another one by op => DESCRIPTOR(name).",
        )
    fields = (*(node.fields[key] for key in keys), Field(op, STRING), *rest)
    made = ToChangelog(fields, node, mapping, keys)
    return Source(made, Scope.of((), fields))


def _op_name(arguments: Arguments) -> str:
    tree = arguments.by_name.get("OP")
    if tree is None:
        return _OP
    if not isinstance(tree, exp.Anonymous) or len(tree.expressions) != 1:
        raise arguments.context.invalid(tree, "The argument op must be DESCRIPTOR(column)")
    return str(tree.expressions[0].name)


def _op_column(arguments: Arguments, source: Source) -> int:
    name = _op_name(arguments)
    names = [each.name for each in source.node.fields]
    if name not in names:
        raise arguments.context.invalid(
            arguments.by_name.get("OP", arguments.call),
            f"The input of FROM_CHANGELOG has no column '{name}'",
            did_you_mean(name, names, "Columns") or "op => DESCRIPTOR(column) names another one.",
        )
    return names.index(name)


def _mapping(arguments: Arguments) -> list[tuple[str, str]]:
    tree = arguments.required("OP_MAPPING")
    is_map = isinstance(tree, exp.Anonymous) and str(tree.this).upper() == "MAP"
    parts = tree.expressions if is_map else []
    texts = [each.this for each in parts if isinstance(each, exp.Literal) and each.is_string]
    if not texts or len(texts) != len(parts) or len(texts) % 2:
        raise arguments.context.invalid(
            tree, "The argument op_mapping must be MAP['...', '...', ...] of constant strings"
        )
    return list(zip(texts[::2], texts[1::2], strict=True))


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _check_kinds(kinds: list[str], arguments: Arguments) -> None:
    tree, context = arguments.required("OP_MAPPING"), arguments.context
    for kind in kinds:
        if kind not in KINDS:
            hint = did_you_mean(kind, KINDS, "Kinds")
            raise context.invalid(tree, f"Unknown kind of change '{kind}' in op_mapping", hint)
    if (
        arguments.name == "FROM_CHANGELOG"
        and "UPDATE_AFTER" in kinds
        and "UPDATE_BEFORE" not in kinds
    ):
        raise context.invalid(
            tree,
            "op_mapping has a code for UPDATE_AFTER but none for UPDATE_BEFORE",
            "FROM_CHANGELOG reads changes that tell the row before an update as well.",
        )


def _check_once(names: list[str], arguments: Arguments) -> None:
    for name in names:
        if names.count(name) > 1:
            raise arguments.context.invalid(
                arguments.required("OP_MAPPING"), f"op_mapping names '{name}' twice"
            )


def _word(arguments: Arguments, name: str, words: tuple[str, ...]) -> str:
    """An argument that is one of ``words``; the first of them if it is missing."""
    if name not in arguments.by_name:
        return words[0]
    value = arguments.constant(name).value
    if value not in words:
        raise arguments.context.invalid(
            arguments.required(name),
            f"The argument {name.lower()} is one of {', '.join(words)}, not '{value}'",
        )
    return str(value)
