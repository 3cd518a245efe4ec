"""Flags that several commands have; options as the command line takes them, ``-D key=value``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

ParallelismFlag = Annotated[
    int | None, typer.Option("-p", "--parallelism", help="Default parallelism.", min=1)
]
OptionFlag = Annotated[
    list[str] | None, typer.Option("-D", help="An option, key=value; may be repeated.")
]
BatchFlag = Annotated[bool, typer.Option("--batch", help="BATCH mode: final results only.")]
PyFilesFlag = Annotated[
    str | None, typer.Option("-pyfs", "--pyFiles", help="Files or folders to import from.")
]
PyFlinkFlag = Annotated[
    bool, typer.Option("--pyflink", help="The program imports pyflink: take it unchanged.")
]


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
