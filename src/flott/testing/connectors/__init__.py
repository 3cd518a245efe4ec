"""What every connector must do, as tests that any source or sink can run.

``check_source`` and ``check_sink`` run a connector as a job does, without an engine, while somebody
chooses what happens: checkpoints that complete or do not, crashes between any two calls, restarts
with more or fewer subtasks. Who chooses is a seed, or Hypothesis, which then shows the shortest run
that fails. ``SourceJob`` and ``SinkJob`` take the same steps by hand.

>>> from flott.connectors.number_sequence import NumberSequenceSource
>>> for seed in range(20):
...     job = check_source(seed, NumberSequenceSource(1, 30), range(1, 31))
"""

from flott.testing.connectors.context import RecordedCoordinator, SubtaskContext, travel
from flott.testing.connectors.sink_suite import Crash, Fuse, SinkJob, check_sink
from flott.testing.connectors.source_suite import SourceJob, check_source

__all__ = [
    "Crash",
    "Fuse",
    "RecordedCoordinator",
    "SinkJob",
    "SourceJob",
    "SubtaskContext",
    "check_sink",
    "check_source",
    "travel",
]
