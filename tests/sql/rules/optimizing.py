"""Plans of statements after the rules, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from flott.sql.logical.nodes import LogicalNode, walk
from flott.sql.rules import optimize
from flott.sql.session import Session
from tests.sql.binder.catalogs import TABLES, bind, session_with

NodeT = TypeVar("NodeT", bound=LogicalNode)


def optimized(
    text: str, *, is_streaming: bool = True, options: Mapping[str, str] | None = None
) -> LogicalNode:
    """The plan of a statement over ``TABLES``."""
    around = session(is_streaming=is_streaming, options=options)
    return optimize(bind(text, around), around)


def session(*, is_streaming: bool = True, options: Mapping[str, str] | None = None) -> Session:
    """A session with ``TABLES``."""
    return session_with(TABLES, is_streaming=is_streaming, options=options)


def kinds(node: LogicalNode) -> list[str]:
    """The classes of a plan's nodes, the consumer first."""
    return [type(each).__name__ for each in walk(node)]


def every(node: LogicalNode, kind: type[NodeT]) -> list[NodeT]:
    """All nodes of a class."""
    return [each for each in walk(node) if isinstance(each, kind)]
