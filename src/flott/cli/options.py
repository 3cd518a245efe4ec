"""Options as the command line takes them: ``-D key=value``."""

from __future__ import annotations

from collections.abc import Iterable

import typer


def parse_options(pairs: Iterable[str], flag: str = "-D") -> dict[str, str]:
    """Read ``key=value`` pairs, the values of a flag.

    Raises:
        BadParameter: One of them is none.

    >>> parse_options(["parallelism.default=2"])
    {'parallelism.default': '2'}
    """
    options = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{flag} takes key=value, not {pair!r}")
        options[key.strip()] = value.strip()
    return options
