"""``flott plan``: show the plans of a program's jobs without running them; compare two of them.

The program itself runs, so that it makes its streams; each job it would start is shown instead,
and the program goes on as if the job had read nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flott.cli.options import OptionFlag, ParallelismFlag, PyFilesFlag, PyFlinkFlag, parse_options
from flott.cli.program import ProgramCall, run_program, saying_what_went_wrong
from flott.common.default_options import set_default_options
from flott.deploy.job_hooks import HOOKS
from flott.plan.diff import derive_plan_diff, format_plan_diff
from flott.plan.explain import explain_json, explain_mermaid, explain_text
from flott.plan.job_plan import JobPlan

_FORMATS = {"text": explain_text, "mermaid": explain_mermaid, "json": explain_json}


def plan(
    context: typer.Context,
    program: Annotated[
        str, typer.Argument(help="The program, then its own arguments; or: diff OLD NEW.")
    ],
    form: Annotated[
        str, typer.Option("--format", help="text, mermaid or json (Flink's form).")
    ] = "text",
    parallelism: ParallelismFlag = None,
    option: OptionFlag = None,
    py_files: PyFilesFlag = None,
    pyflink: PyFlinkFlag = False,
) -> None:
    """Show how a program would run: operators, types, what is divided how. Nothing is run.

    ``flott plan diff OLD.py NEW.py`` tells for each operator whether its state would be kept.
    """
    if form not in _FORMATS:
        raise typer.BadParameter(f"there is no format {form!r}; take one of {', '.join(_FORMATS)}")
    options = parse_options(option or [])
    if parallelism is not None:
        options["parallelism.default"] = str(parallelism)
    set_default_options(options)
    arguments = list(context.args)
    if program == "diff" and not Path(program).exists():
        _print_diff(arguments, py_files, pyflink)
        return
    call = ProgramCall(program, None, arguments, py_files, pyflink)
    plans = collect_plans(call)
    typer.echo("\n".join(_FORMATS[form](each).rstrip("\n") for each in plans))


def collect_plans(call: ProgramCall) -> list[JobPlan]:
    """Run a program without its jobs; the plans of the jobs."""
    plans: list[JobPlan] = []
    HOOKS.plan_reader = plans.append
    try:
        with saying_what_went_wrong():
            run_program(call)
    finally:
        HOOKS.plan_reader = None
    if not plans:
        typer.echo(f"{call.script} starts no job", err=True)
        raise typer.Exit(1)
    return plans


def _print_diff(programs: list[str], py_files: str | None, is_pyflink: bool) -> None:
    if len(programs) != 2:
        raise typer.BadParameter("name two programs: flott plan diff OLD.py NEW.py")
    old, new = (
        collect_plans(ProgramCall(program, None, (), py_files, is_pyflink)) for program in programs
    )
    if len(old) != len(new):
        typer.echo(f"{programs[0]} starts {len(old)} jobs, {programs[1]} {len(new)}", err=True)
        raise typer.Exit(1)
    for before, after in zip(old, new, strict=True):
        typer.echo(f"Job {after.name!r}")
        typer.echo(format_plan_diff(derive_plan_diff(before, after)), nl=False)
