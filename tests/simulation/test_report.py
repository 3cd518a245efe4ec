"""The report: figures of many runs, and the way back to those that failed."""

from collections import Counter

from flott.testing.simulation.report import Summary, render_failures, render_figures, render_page
from flott.testing.simulation.run import RunResult


def result(seed: int, *violations: str) -> RunResult:
    faults = Counter({"worker crash": 2, "killed drained": 1, "slow turn": 3})
    return RunResult(seed, "totals", (1, 2), violations, "abc", faults, 4, 3, 1500.0, 100, 10)


def summary(*results: RunResult) -> Summary:
    total = Summary()
    for each in results:
        total.add(each)
    return total


def test_figures_add_up() -> None:
    total = summary(result(0), result(1))
    assert (total.runs, total.checkpoints, total.restores, total.rescaled) == (2, 8, 6, 2)
    assert total.crashes == 6
    assert total.runs_with["slow turn"] == 2
    assert "| checkpoints completed" in "\n".join(render_figures(total))


def test_a_failed_run_is_shown_with_the_way_to_see_it_again() -> None:
    lines = render_failures(summary(result(0), result(7, "the output is wrong")))
    assert lines == [
        "seed 7 (totals, log abc):",
        "  the output is wrong",
        "  python -m flott.testing.simulation --replay 7",
    ]


def test_the_page_says_what_is_checked_and_what_is_not() -> None:
    page = render_page(summary(result(0)))
    assert page.startswith("# Simulation\n")
    assert "## Not covered yet" in page
    assert "Broken invariants" not in page
    assert "Broken invariants" in render_page(summary(result(0, "wrong")))
