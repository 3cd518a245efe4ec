"""Proposals within CREATE TABLE: options of the connector, their values, columns of a topic."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from flott.cli.shell.outside import Outside
from flott.cli.shell.proposals import Proposal, matching
from flott.common.errors import FlottError
from flott.connectors.tables.options import COMMON_OPTIONS
from flott.connectors.tables.registry import connector_names, find_factory
from flott.formats.columns.registry import format_names

_CREATE: Final = re.compile(
    r"\bCREATE\s+(?:TEMPORARY\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?[\w`.$]+\s*\((?P<body>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_WITH: Final = re.compile(r"\bWITH\s*\([^)]*$", re.IGNORECASE)
#: A value that is being written, with its option.
_VALUE: Final = re.compile(r"'([\w.-]+)'\s*=\s*'([^']*)$")
_KEY: Final = re.compile(r"[(,]\s*'([\w.-]*)$")
_CONNECTOR: Final = re.compile(r"'connector'\s*=\s*'([\w-]+)'")
_ITEM: Final = re.compile(r"(?:^|,)\s*(`?[\w$]*)$")
_FORMATS: Final = frozenset({"format", "key.format", "value.format"})


def propose_options(before: str, whole: str, outside: Outside | None) -> Iterator[Proposal]:
    """Ways to go on within quotes in WITH.

    Args:
        before: the statement up to the cursor.
        whole: the whole statement.
        outside: knows topics.
    """
    if not _WITH.search(before):
        return
    if value := _VALUE.search(before):
        key, text = value.groups()
        yield from matching(text, _values(key, whole, outside), key)
    elif key_part := _KEY.search(before):
        yield from matching(key_part[1], _keys(whole), "option")


def _values(key: str, whole: str, outside: Outside | None) -> Sequence[str]:
    if key == "connector":
        return connector_names()
    if key in _FORMATS:
        return format_names()
    if key == "topic" and outside is not None:
        return outside.topics(whole)
    return ()


def _keys(whole: str) -> list[str]:
    connector = _CONNECTOR.search(whole)
    if connector is None:
        return ["connector"]
    try:
        options = find_factory(connector[1]).options
    except FlottError:  # half a name
        return []
    written = set(re.findall(r"'([\w.-]+)'\s*=", whole))
    keys = [key for key in (*options, *COMMON_OPTIONS) if not key.endswith(".*")]
    if connector[1].endswith("kafka"):
        keys.append("properties.bootstrap.servers")
    return sorted(set(keys) - written)


def in_columns(before: str) -> bool:
    """Whether a column, or something beside it, could be declared at the cursor.

    >>> in_columns("CREATE TABLE t (id INT, "), in_columns("CREATE TABLE t (id "), in_columns("")
    (True, False, False)
    """
    found = _CREATE.search(before)
    if found is None:
        return False
    depth = 0
    for char in found["body"]:
        depth += (char in "(<") - (char in ")>")
        if depth < 0:
            return False
    return depth == 0 and _ITEM.search(found["body"]) is not None


def propose_columns(before: str, whole: str, outside: Outside) -> Iterator[Proposal]:
    """The columns of the topic that the statement names, with their types."""
    found = _ITEM.search(before[before.rfind("(") + 1 :]) or _ITEM.search(before)
    word = found[1] if found else ""
    declared = [line for line in outside.columns(whole) if line not in before]
    yield from matching(word, declared, "of the topic")
