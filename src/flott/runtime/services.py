"""What the runtime needs from outside, handed in where a worker is put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flott.core.blocking import BlockingCalls
from flott.core.clock import Clock
from flott.core.context import OperatorContext
from flott.core.keyed_store import KeyedStore
from flott.core.operator_store import OperatorStore
from flott.core.snapshot import StatePart
from flott.core.storage import CheckpointStorage
from flott.core.timer import TimerCallback, TimerService

if TYPE_CHECKING:
    from flott.metrics.registry import InProcessMetricGroup

Schedule = Callable[[int, Callable[[], None]], None]
TimerServiceFactory = Callable[
    [KeyedStore, str, Clock, TimerCallback, TimerCallback, Schedule], TimerService
]


@dataclass(frozen=True, slots=True)
class RuntimeServices:
    """The outside world of a worker.

    Attributes:
        clock: Processing time.
        blocking: Runs blocking calls beside the loop.
        storage: Where checkpoints go.
        keyed_store: Makes the keyed store of an operator.
        operator_store: Makes the operator store of an operator.
        timer_service: Makes timers on a keyed store.
        metric_group: Makes the metric group of an operator.
        open_storage: Opens the storage of a savepoint by its URI.
        compact: Merges a chain of parts of keyed state into one.
        isolate: Copies the operators of a task, so that tasks share nothing.
        wake: Makes the loop take a turn soon; allowed from any thread.
    """

    clock: Clock
    blocking: BlockingCalls
    storage: CheckpointStorage
    keyed_store: Callable[[OperatorContext], KeyedStore]
    operator_store: Callable[[OperatorContext], OperatorStore]
    timer_service: TimerServiceFactory
    metric_group: Callable[[OperatorContext], InProcessMetricGroup]
    open_storage: Callable[[str], CheckpointStorage]
    compact: Callable[[Sequence[StatePart], int], StatePart]
    isolate: Callable[[Any], Any]
    wake: Callable[[], None]
