"""Where a node of a tree stands in the text: ``line``, ``col``, ``length`` in its ``meta``."""

from __future__ import annotations

from typing import TypeVar

from sqlglot import exp

from flott.sql.dialect.tokens import Token

NodeT = TypeVar("NodeT", bound=exp.Expression)


def mark(node: NodeT, first: Token, last: Token) -> NodeT:
    """``node``, told that it stands from the token ``first`` up to ``last``."""
    meta = node.meta
    meta["line"] = first.line
    meta["col"] = first.column
    meta["start"] = first.start
    meta["end"] = last.end
    meta["length"] = last.end - first.start
    return node


def place_of(node: exp.Expression) -> tuple[int, int, int] | None:
    """(line, column, length) of ``node``, else of the first part of it that has a place."""
    for part in node.walk(bfs=False):
        meta = part._meta
        if meta and "line" in meta:
            return meta["line"], meta["col"], meta["length"]
    return None


def text_of(node: exp.Expression, text: str) -> str:
    """What stands in ``text`` where ``node`` was parsed; empty if that is unknown."""
    meta = node._meta
    return text[meta["start"] : meta["end"]] if meta and "start" in meta else ""
