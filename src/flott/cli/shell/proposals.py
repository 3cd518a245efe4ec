"""A way to go on with what was typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proposal:
    """A way to go on.

    Attributes:
        text: What to write.
        length: How many characters before the cursor it replaces.
        kind: What it is, shown beside it.
    """

    text: str
    length: int
    kind: str


def matching(
    word: str, names: Iterable[str], kind: str, follows_case: bool = False
) -> Iterator[Proposal]:
    """The names that begin with a word and are longer."""
    folded = word.casefold()
    lower = follows_case and word.islower()
    for name in names:
        if name.casefold().startswith(folded) and name.casefold() != folded:
            yield Proposal(name.lower() if lower else name, len(word), kind)
