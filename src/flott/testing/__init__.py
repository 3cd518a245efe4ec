"""Tools for testing jobs: harnesses for users' code, and the simulator for the engine's own.

OneInputHarness, KeyedHarness, TwoInputHarness, BroadcastHarness   one function or operation
JobHarness                                                         a whole job, by hand
run                                                                a bounded job, by itself
run_query                                                          a bounded query, by itself
ManualSource, RecordingSink                                        its ends
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flott.testing.harness.bounded_run import RunSummary, run
from flott.testing.harness.clock import ManualClock
from flott.testing.harness.function_harness import (
    BroadcastHarness,
    KeyedHarness,
    OneInputHarness,
    TwoInputHarness,
)
from flott.testing.harness.inspection import PendingTimer
from flott.testing.harness.job_harness import JobHarness, Snapshot
from flott.testing.harness.manual_source import ManualSource
from flott.testing.harness.memory_storage import MemoryStorage
from flott.testing.harness.recording_sink import RecordingSink

if TYPE_CHECKING:
    from flott.testing.harness.query_run import QueryRun, run_query

__all__ = [
    "BroadcastHarness",
    "JobHarness",
    "KeyedHarness",
    "ManualClock",
    "ManualSource",
    "MemoryStorage",
    "OneInputHarness",
    "PendingTimer",
    "QueryRun",
    "RecordingSink",
    "RunSummary",
    "Snapshot",
    "TwoInputHarness",
    "run",
    "run_query",
]


def __getattr__(name: str) -> Any:
    if name in ("QueryRun", "run_query"):  # SQL loads Polars, which programs of rows do not need
        from flott.testing.harness import query_run

        return getattr(query_run, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
