"""Hints for names that do not exist: the nearest that does, or what there is to choose from."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: More names than this are not listed in a hint.
_LISTED = 8


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name most like ``name``, upper and lower case alike; ``None`` if nothing is near.

    >>> nearest("ordres", ["orders", "users"])
    'orders'
    """
    by_folded = {each.casefold(): each for each in sorted(set(names), reverse=True)}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[near[0]] if near else None


def did_you_mean(name: str, names: Iterable[str], title: str = "Known names") -> str | None:
    """A hint about an unknown ``name``: the nearest of ``names``, else all if they are few.

    >>> did_you_mean("ordres", ["orders", "users"])
    "Did you mean 'orders'?"
    >>> did_you_mean("x", ["orders", "users"], "Tables")
    'Tables: orders, users.'
    """
    known = sorted(set(names))
    near = nearest(name, known)
    if near is not None:
        return f"Did you mean '{near}'?"
    if not known or len(known) > _LISTED:
        return None
    return f"{title}: {', '.join(known)}."
