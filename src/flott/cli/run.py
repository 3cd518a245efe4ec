"""``flott run``: run a program with options from the command line; flags as in Flink's.

The program runs in this process as ``__main__``. Flags become default options of every
environment it makes; what the program sets itself wins over ``-D``, as in Flink.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import Annotated

import typer

from flott.common.default_options import set_default_options
from flott.common.errors import FlottError, JobCancelledError, JobExecutionError


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
    options = _parse_options(option or [])
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
    if python is not None and program is not None:
        arguments.insert(0, program)
    if module is not None and program is not None and python is None:
        arguments.insert(0, program)
    for entry in (py_files or "").split(","):
        if entry:
            sys.path.insert(0, os.path.abspath(entry))
    if pyflink:
        from flott.cli.pyflink_imports import install

        install()
    _execute(script, module, arguments)


def _execute(script: str | None, module: str | None, arguments: list[str]) -> None:
    try:
        if module is not None:
            sys.argv = [module, *arguments]
            sys.path.insert(0, os.getcwd())
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        else:
            path = _require_program(script)
            sys.argv = [str(path), *arguments]
            sys.path.insert(0, str(path.parent.resolve()))
            runpy.run_path(str(path), run_name="__main__")
    except JobCancelledError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(130) from None
    except KeyboardInterrupt:
        typer.echo("Cancelled.", err=True)
        raise typer.Exit(130) from None
    except FlottError as error:
        typer.echo(_text_of(error), err=True)
        raise typer.Exit(1) from None


def _text_of(error: FlottError) -> str:
    """A failed job speaks for itself; of other mistakes it helps to know the kind."""
    return str(error) if isinstance(error, JobExecutionError) else f"{type(error).__name__}: {error}"


def _require_program(script: str | None) -> Path:
    if script is None:
        raise typer.BadParameter("name a program: flott run job.py, or -pym package.module")
    path = Path(script)
    if not path.is_file():
        raise typer.BadParameter(f"there is no program at {script!r}")
    return path


def _parse_options(pairs: list[str]) -> dict[str, str]:
    options = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"-D takes key=value, not {pair!r}")
        options[key.strip()] = value.strip()
    return options


def _put(options: dict[str, str], key: str, value: object) -> None:
    if value is not None:
        options[key] = str(value)
