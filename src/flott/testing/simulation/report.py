"""Many runs added up: a table of what was tried, and how to see a failing run again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from flott.testing.simulation.run import RunResult

#: Injected faults that are the death of a process.
_CRASHES = ("worker crash", "coordinator crash", "early death")


@dataclass(slots=True)
class Summary:
    """Figures of many runs.

    Attributes:
        first: The first seed.
        runs: How many runs there were.
        cpu_s: How much processor time they took; runs use one core.
        virtual_ms: How long they took by their own clocks.
        faults: How often each fault was injected.
        runs_with: In how many runs each fault was injected.
        workloads: How often each kind of job was run.
        failed: The runs that broke an invariant.
    """

    first: int = 0
    runs: int = 0
    cpu_s: float = 0.0
    virtual_ms: float = 0.0
    events: int = 0
    rows: int = 0
    checkpoints: int = 0
    restores: int = 0
    rescaled: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    runs_with: Counter[str] = field(default_factory=Counter)
    workloads: Counter[str] = field(default_factory=Counter)
    failed: list[RunResult] = field(default_factory=list)

    def add(self, result: RunResult) -> None:
        """Take a run into account."""
        self.runs += 1
        self.virtual_ms += result.virtual_ms
        self.events += result.events
        self.rows += result.rows
        self.checkpoints += result.checkpoints
        self.restores += result.restores
        self.rescaled += len(set(result.parallelisms)) > 1
        self.faults.update(result.injected)
        self.runs_with.update(result.injected.keys())
        self.workloads[result.workload] += 1
        if result.violations:
            self.failed.append(result)

    @property
    def crashes(self) -> int:
        """Deaths of processes, at random moments and at named points."""
        return sum(
            count
            for kind, count in self.faults.items()
            if kind in _CRASHES or kind.startswith("killed ")
        )


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """A table in Markdown, its columns as wide as they need to be.

    >>> table(("what", "how many"), [("seeds", "500")])
    ['| what  | how many |', '|-------|----------|', '| seeds | 500      |']
    """
    lines = [header, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    padded = [[cell.ljust(widths[i]) for i, cell in enumerate(line)] for line in lines]
    shown = [f"| {' | '.join(line)} |" for line in padded]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return [shown[0], rule, *shown[1:]]


def render_figures(summary: Summary) -> list[str]:
    """What was run."""
    virtual_s = summary.virtual_ms / 1000
    rows = [
        ("seeds", f"{summary.first} to {summary.first + summary.runs - 1}"),
        ("runs that broke an invariant", f"{len(summary.failed)}"),
        *((f"jobs of kind {kind}", f"{n}") for kind, n in sorted(summary.workloads.items())),
        ("runs with a change of parallelism", f"{summary.rescaled}"),
        ("faults injected", f"{summary.faults.total():,}"),
        ("kinds of fault", f"{len(_merged(summary.faults))}"),
        ("deaths of processes", f"{summary.crashes:,}"),
        ("checkpoints completed", f"{summary.checkpoints:,}"),
        ("restores", f"{summary.restores:,}"),
        ("rows committed", f"{summary.rows:,}"),
        ("events", f"{summary.events:,}"),
        ("virtual time", f"{virtual_s:,.1f} s"),
        ("processor time", f"{summary.cpu_s:,.1f} s"),
        ("virtual time to processor time", f"{virtual_s / max(summary.cpu_s, 1e-9):.1f}"),
        ("seeds per second on one core", f"{summary.runs / max(summary.cpu_s, 1e-9):.1f}"),
    ]
    return table(("figure", "value"), rows)


def render_faults(summary: Summary) -> list[str]:
    """How often each fault struck."""
    rows = [
        (kind, f"{count:,}", f"{summary.runs_with[kind]:,}")
        for kind, count in sorted(summary.faults.items(), key=lambda item: (-item[1], item[0]))
    ]
    return table(("fault", "times", "runs"), rows)


def render_failures(summary: Summary) -> list[str]:
    """The runs that broke an invariant, and how to see them again."""
    lines = []
    for result in summary.failed:
        lines.append(f"seed {result.seed} ({result.workload}, log {result.log_hash}):")
        lines.extend(f"  {violation}" for violation in result.violations)
        lines.append(f"  python -m flott.testing.simulation --replay {result.seed}")
    return lines


_ABOUT = """\
# Simulation

Whole jobs run under one seeded scheduler with virtual time: real workers and the real coordinator,
with a simulated clock, network, disk and blocking calls, in one process and one thread. Which
faults strike a run, when and how hard is drawn from its seed; each run ends with a time without
faults in which the job has to recover and finish.

Checked in each run:

- what is committed outside equals the right answer, computed without a run: nothing is missing,
  nothing is there twice, totals of keyed state are right, each timer and window fired once;
- rows of a key are committed in order (unless the job was rescaled);
- only complete checkpoints are committed, and a transaction never with different rows;
- the newest complete checkpoint can be restored at all times, and no file it needs is replaced;
- watermarks rise on each channel, and channels hold no more batches than their credit;
- messages of a former attempt change nothing;
- where bits of checkpoints flip, an older checkpoint is restored (what was committed in between
  comes once more, and nothing else), or the job fails and says that nothing whole is left;
- a job that was drained has given the answer for what it had read, however often it died on its
  way to the end;
- only injected faults make the job fail: an assertion of the engine that breaks is a violation;
- once faults have stopped the job ends within two checkpoint intervals and ten seconds.

`tests/simulation/test_mutants.py` shows that the simulator notices broken engines: alignment off,
commit before the manifest, acknowledgement before the upload, timers dropped on restore, key
groups off by one, watermarks not merged, and more.

Run it with `python -m flott.testing.simulation --seeds 500 --first 0`; the same seed gives the same
events, `--replay SEED` shows them. This page is written by the same command with
`--write docs/simulation.md`.
"""

_NOT_COVERED = """\
## Not covered yet

Two coordinators that write to the storage of one job at the same time: there is no leader
election, and each start of a job has a storage of its own. Stale listings, which the contract of
storage rules out; processing-time timers, whose results depend on the schedule; asynchronous
functions; watermark alignment and idleness; file sources and sinks.
"""


def render_page(summary: Summary) -> str:
    """The page about the simulator with the figures of these runs."""
    lines = [
        _ABOUT,
        "## The last seeds run\n",
        *render_figures(summary),
        "",
        "## Faults injected\n",
        *render_faults(summary),
        "",
        _NOT_COVERED.rstrip(),
    ]
    failures = render_failures(summary)
    if failures:
        lines += ["", "## Broken invariants\n", "```", *failures, "```"]
    return "\n".join(lines) + "\n"


def _merged(faults: Counter[str]) -> set[str]:
    """Kinds of fault, deaths at named points counted as one."""
    return {k.split()[0] if k.startswith(("killed ", "given up ")) else k for k in faults}
