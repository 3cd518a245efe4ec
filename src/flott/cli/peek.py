"""``flott peek``: show records of a topic or a file, and the CREATE TABLE for them."""

from __future__ import annotations

from typing import Annotated

import typer

from flott.cli.options import parse_options
from flott.cli.program import saying_what_went_wrong


def peek(
    where: Annotated[
        str, typer.Argument(help="kafka://HOST:PORT/TOPIC, or the path of a file or folder.")
    ],
    rows: Annotated[int, typer.Option("-n", "--rows", help="How many records.", min=1)] = 10,
    start: Annotated[
        str, typer.Option("--from", help="latest: the last records; earliest: the first.")
    ] = "latest",
    properties: Annotated[
        list[str] | None,
        typer.Option("--property", help="A property of the client, key=value; may be repeated."),
    ] = None,
    registry: Annotated[
        str | None, typer.Option("--registry", help="Address of the schema registry.")
    ] = None,
    form: Annotated[
        str | None, typer.Option("--format", help="The format of values, if it is known.")
    ] = None,
    key_form: Annotated[
        str | None, typer.Option("--key-format", help="The format of keys, if it is known.")
    ] = None,
    only_table: Annotated[
        bool, typer.Option("--table", help="Print the CREATE TABLE and nothing else.")
    ] = False,
) -> None:
    """Show some records of a topic or a file, and a CREATE TABLE for it.

    Formats and types are guessed from the records; nothing is written, and no group is joined.
    """
    from flott.cli.peeking.seeing import Wanted, peek_at

    if start not in ("latest", "earliest"):
        raise typer.BadParameter(f"--from takes latest or earliest, not {start!r}")
    wanted = Wanted(
        where,
        rows,
        start == "latest",
        parse_options(properties or [], "--property"),
        registry,
        form,
        key_form,
        only_table,
    )
    with saying_what_went_wrong():
        peek_at(wanted)
