"""Plans as text: a node a line, its inputs below it; a node met again stands by its number."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

Node = TypeVar("Node")


class TreeText(Generic[Node]):
    """Draws plans.

    Args:
        inputs: Gives the inputs of a node.
        title: Gives the line of a node.
        notes: Gives lines that stand below it.
        identity: Tells nodes apart; what is equal is one node.
    """

    def __init__(
        self,
        inputs: Callable[[Node], Sequence[Node]],
        title: Callable[[Node], str],
        notes: Callable[[Node], Sequence[str]] = lambda node: (),
        identity: Callable[[Node], Hashable] = id,
    ) -> None:
        self._inputs = inputs
        self._title = title
        self._notes = notes
        self._identity = identity

    def draw(self, roots: Sequence[Node]) -> str:
        """The plans below ``roots``, one after the other."""
        self._uses: dict[Hashable, int] = {}
        for root in roots:
            self._count(root)
        self._numbers: dict[Hashable, int] = {}
        texts = []
        for root in roots:
            lines: list[str] = []
            self._line(root, "", "", lines)
            texts.append("\n".join(lines))
        return "\n\n".join(texts)

    def _count(self, node: Node) -> None:
        key = self._identity(node)
        self._uses[key] = self._uses.get(key, 0) + 1
        if self._uses[key] == 1:
            for each in self._inputs(node):
                self._count(each)

    def _line(self, node: Node, head: str, indent: str, lines: list[str]) -> None:
        key = self._identity(node)
        inputs = self._inputs(node)
        if key in self._numbers:
            lines.append(f"{head}Reused(reference_id=[{self._numbers[key]}])")
            return
        shared = ""
        if self._uses[key] > 1 and inputs:
            self._numbers[key] = len(self._numbers) + 1
            shared = f"(reuse_id=[{self._numbers[key]}])"
        lines.append(f"{head}{self._title(node)}{shared}")
        rail = f"{indent}|    " if inputs else f"{indent}     "
        lines.extend(f"{rail}{note}" for note in self._notes(node))
        for place, each in enumerate(inputs):
            is_last = place == len(inputs) - 1
            below = "   " if is_last else ":  "
            mark = "+- " if is_last else ":- "
            self._line(each, f"{indent}{mark}", f"{indent}{below}", lines)
