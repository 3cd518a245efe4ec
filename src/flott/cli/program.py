"""Runs a user's program in this process as ``__main__``, and says what went wrong in it."""

from __future__ import annotations

import os
import runpy
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import typer

from flott.common.errors import FlottError, JobCancelledError, JobExecutionError

_ENGINE_FOLDER = str(Path(__file__).parents[1]) + os.sep


@dataclass(frozen=True, slots=True)
class ProgramCall:
    """What to run.

    Attributes:
        script: Path of the program; None for a module.
        module: Name of the module; None for a script.
        arguments: The program's own arguments.
        py_files: Files and folders to import from, separated by commas.
        is_pyflink: Whether ``import pyflink`` shall mean Flott.
    """

    script: str | None
    module: str | None = None
    arguments: Sequence[str] = ()
    py_files: str | None = None
    is_pyflink: bool = False


def run_program(call: ProgramCall) -> None:
    """Run it; what it raises goes on as it is.

    Raises:
        BadParameter: There is no such program.
    """
    for entry in (call.py_files or "").split(","):
        if entry:
            sys.path.insert(0, os.path.abspath(entry))
    if call.is_pyflink:
        from flott.cli.pyflink_imports import install

        install()
    if call.module is not None:
        sys.argv = [call.module, *call.arguments]
        sys.path.insert(0, os.getcwd())
        runpy.run_module(call.module, run_name="__main__", alter_sys=True)
        return
    path = _require_program(call.script)
    sys.argv = [str(path), *call.arguments]
    sys.path.insert(0, str(path.parent.resolve()))
    runpy.run_path(str(path), run_name="__main__")


@contextmanager
def saying_what_went_wrong() -> Iterator[None]:
    """Print errors as users want to see them, and end with an exit code.

    Errors of Flott speak for themselves; others are shown as Python would, beginning with the
    program's first line.
    """
    try:
        yield
    except JobCancelledError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(130) from None
    except KeyboardInterrupt:
        typer.echo("Cancelled.", err=True)
        raise typer.Exit(130) from None
    except FlottError as error:
        typer.echo(_text_of(error), err=True)
        raise typer.Exit(1) from None
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except Exception as error:
        error.with_traceback(_without_ours(error.__traceback__))
        typer.echo("".join(traceback.format_exception(error)).rstrip("\n"), err=True)
        raise typer.Exit(1) from None


def _text_of(error: FlottError) -> str:
    if isinstance(error, JobExecutionError):
        return str(error)
    frame = frame_of_program(error)
    where = f"\n  at {frame.filename}:{frame.lineno}: {frame.line}" if frame else ""
    return f"{type(error).__name__}: {error}{where}"


def frame_of_program(error: BaseException) -> traceback.FrameSummary | None:
    """The innermost line outside of the engine that an error has passed."""
    frames = traceback.extract_tb(_without_ours(error.__traceback__))
    for frame in reversed(frames):
        if not frame.filename.startswith((_ENGINE_FOLDER, "<")):
            return frame
    return None


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    """Leave out the frames from the command line's to the program's first."""
    last_of_runpy = trace
    current = trace
    while current is not None:
        if "runpy" in current.tb_frame.f_code.co_filename:
            last_of_runpy = current
        current = current.tb_next
    return None if last_of_runpy is None else last_of_runpy.tb_next


def _require_program(script: str | None) -> Path:
    if script is None:
        raise typer.BadParameter("name a program: flott run job.py, or -pym package.module")
    path = Path(script)
    if not path.is_file():
        raise typer.BadParameter(f"there is no program at {script!r}")
    return path
