"""``flott run``: run a program with options from the command line; flags as in Flink's.

The program runs in this process as ``__main__``. Flags become default options of every
environment it makes; what the program sets itself wins over ``-D``, as in Flink.
"""

from __future__ import annotations

from typing import Annotated

import typer

from flott.cli.options import OptionFlag, ParallelismFlag, PyFilesFlag, PyFlinkFlag, parse_options
from flott.cli.program import ProgramCall, run_program, saying_what_went_wrong
from flott.common.default_options import set_default_options

_Program = Annotated[
    str | None, typer.Argument(help="The program, then its own arguments.", show_default=False)
]
_Target = Annotated[str | None, typer.Option("-t", "--target", help="embedded or processes.")]
_FromSavepoint = Annotated[
    str | None,
    typer.Option("-s", "--fromSavepoint", help="Savepoint or checkpoint to start from."),
]
_AllowNonRestoredState = Annotated[
    bool, typer.Option("-n", "--allowNonRestoredState", help="Start though state is left over.")
]
_ClaimMode = Annotated[
    str | None, typer.Option("-rm", "-cm", "--claimMode", help="CLAIM or NO_CLAIM.")
]
_Python = Annotated[str | None, typer.Option("-py", "--python", help="The program.")]
_Module = Annotated[str | None, typer.Option("-pym", "--pyModule", help="The program as a module.")]
_Verbose = Annotated[
    bool, typer.Option("--verbose", help="Show a table of operators while the job runs.")
]
_Quiet = Annotated[bool, typer.Option("--quiet", help="Show no status line.")]
_EngineFrames = Annotated[
    bool, typer.Option("--engine-frames", help="Show the engine's frames in tracebacks.")
]


def run(
    context: typer.Context,
    program: _Program = None,
    target: _Target = None,
    parallelism: ParallelismFlag = None,
    from_savepoint: _FromSavepoint = None,
    allow_non_restored_state: _AllowNonRestoredState = False,
    claim_mode: _ClaimMode = None,
    option: OptionFlag = None,
    python: _Python = None,
    module: _Module = None,
    py_files: PyFilesFlag = None,
    pyflink: PyFlinkFlag = False,
    verbose: _Verbose = False,
    quiet: _Quiet = False,
    engine_frames: _EngineFrames = False,
) -> None:
    """Run a program."""
    status_line = "table" if verbose else "off" if quiet else None
    flags = {
        "execution.target": target,
        "parallelism.default": parallelism,
        "execution.state-recovery.path": from_savepoint,
        "execution.state-recovery.claim-mode": claim_mode,
        "execution.state-recovery.ignore-unclaimed-state": allow_non_restored_state or None,
        "flott.errors.engine-frames": engine_frames or None,
        "flott.status-line": status_line,
    }
    given = {
        key: "true" if value is True else str(value)
        for key, value in flags.items()
        if value is not None
    }
    set_default_options({**parse_options(option or []), **given})
    arguments = list(context.args)
    if program is not None and (python is not None or module is not None):
        arguments.insert(0, program)
    with saying_what_went_wrong():
        run_program(ProgramCall(python or program, module, arguments, py_files, pyflink))
