"""Tools for testing jobs: harnesses for users' code, and the simulator for the engine's own.

OneInputHarness, KeyedHarness, TwoInputHarness, BroadcastHarness   one function or operation
JobHarness                                                         a whole job, by hand
run                                                                a bounded job, by itself
ManualSource, RecordingSink                                        its ends
"""

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

__all__ = [
    "BroadcastHarness",
    "JobHarness",
    "KeyedHarness",
    "ManualClock",
    "ManualSource",
    "MemoryStorage",
    "OneInputHarness",
    "PendingTimer",
    "RecordingSink",
    "RunSummary",
    "Snapshot",
    "TwoInputHarness",
    "run",
]
