"""``flott run``: run a program with options from the command line; flags as in Flink's.

The program runs in this process as ``__main__``. Flags become default options of every
environment it makes; what the program sets itself wins over ``-D``, as in Flink.
"""

from __future__ import annotations

from typing import Annotated

import typer

from flott.cli.options import parse_options
from flott.cli.program import ProgramCall, run_program, saying_what_went_wrong
from flott.common.default_options import set_default_options


def run(
    context: typer.Context,
    program: Annotated[
        str | None, typer.Argument(help="The program, then its own arguments.", show_default=False)
    ] = None,
    target: Annotated[
        str | None, typer.Option("-t", "--target", help="embedded or processes.")
    ] = None,
    parallelism: Annotated[
        int | None, typer.Option("-p", "--parallelism", help="Default parallelism.", min=1)
    ] = None,
    from_savepoint: Annotated[
        str | None,
        typer.Option("-s", "--fromSavepoint", help="Savepoint or checkpoint to start from."),
    ] = None,
    allow_non_restored_state: Annotated[
        bool,
        typer.Option("-n", "--allowNonRestoredState", help="Start though state is left over."),
    ] = False,
    claim_mode: Annotated[
        str | None, typer.Option("-rm", "-cm", "--claimMode", help="CLAIM or NO_CLAIM.")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option("-D", help="An option, key=value; may be repeated.")
    ] = None,
    python: Annotated[str | None, typer.Option("-py", "--python", help="The program.")] = None,
    module: Annotated[
        str | None, typer.Option("-pym", "--pyModule", help="The program as a module.")
    ] = None,
    py_files: Annotated[
        str | None, typer.Option("-pyfs", "--pyFiles", help="Files or folders to import from.")
    ] = None,
    pyflink: Annotated[
        bool, typer.Option("--pyflink", help="The program imports pyflink: run it unchanged.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show a table of operators while the job runs.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no status line.")] = False,
    engine_frames: Annotated[
        bool, typer.Option("--engine-frames", help="Show the engine's frames in tracebacks.")
    ] = False,
) -> None:
    """Run a program."""
    options = parse_options(option or [])
    _put(options, "execution.target", target)
    _put(options, "parallelism.default", parallelism)
    _put(options, "execution.state-recovery.path", from_savepoint)
    _put(options, "execution.state-recovery.claim-mode", claim_mode)
    if allow_non_restored_state:
        options["execution.state-recovery.ignore-unclaimed-state"] = "true"
    if engine_frames:
        options["flott.errors.engine-frames"] = "true"
    if verbose or quiet:
        options["flott.status-line"] = "table" if verbose else "off"
    set_default_options(options)
    arguments = list(context.args)
    script = python or program
    if program is not None and (python is not None or module is not None):
        arguments.insert(0, program)
    with saying_what_went_wrong():
        run_program(ProgramCall(script, module, arguments, py_files, pyflink))


def _put(options: dict[str, str], key: str, value: object) -> None:
    if value is not None:
        options[key] = str(value)
