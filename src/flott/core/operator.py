"""Operators: an immutable description for the plan, and a worker object for the data.

``OperatorSpec`` is what plans are made of: comparable, picklable (with cloudpickle), without
state. ``build`` makes the ``Operator`` that one subtask runs. The runtime calls an operator from
one thread only:

    open -> { process_batch | process_watermark | process_status | prepare_snapshot | ... }
         -> end_input(i) for each input -> finish -> close

State lives in the context's stores, and the runtime snapshots these itself after
``prepare_snapshot``; an operator never serialises anything.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from flott.core.batch import Batch
from flott.core.context import OperatorContext
from flott.core.element import Barrier
from flott.core.output import Output
from flott.core.source import Source

if TYPE_CHECKING:
    from flott.common.watermark_strategy import WatermarkAlignment

#: Counter of records that an operator dropped for being behind the watermark, which the runtime
#: reports; Flink's name.
LATE_RECORDS_METRIC: Final = "numLateRecordsDropped"


class RowStepKind(Enum):
    """What a fused row function does with its result."""

    MAP = "map"
    """``function(value)`` is the one result."""
    FILTER = "filter"
    """``value`` passes if ``function(value)`` is true."""
    FLAT_MAP = "flat_map"
    """``function(value)`` is an iterable of results, or ``None`` for none."""


class Conversion(Protocol):
    """A declared result type: values of class ``exact`` pass, others go through ``convert``."""

    exact: type | None
    convert: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class RowStep:
    """An operator's work as one plain function of one record, for fusing neighbours into a loop.

    Attributes:
        kind: What the result means.
        function: The function; bound methods are fine.
        conversion: Applied to every result; ``None`` if any object passes.
    """

    kind: RowStepKind
    function: Callable[[Any], Any]
    conversion: Conversion | None = None


class PendingOutput(NamedTuple):
    """What an operator waits for before it emits again.

    Attributes:
        event_time_ms: The earliest watermark at which it would emit.
        clock_ms: The earliest time by the clock at which it would emit.
        is_window: Whether windows close then, rather than timers fire.
    """

    event_time_ms: int | None
    clock_ms: int | None = None
    is_window: bool = False


class Operator(ABC):
    """Processes batches for one subtask. Subclasses call ``super().open`` first."""

    context: OperatorContext
    output: Output

    def open(self, context: OperatorContext, output: Output) -> None:
        """Get ready. State is already restored when this is called."""
        self.context = context
        self.output = output

    @abstractmethod
    def process_batch(self, batch: Batch, input_index: int) -> None:
        """Process a batch of input ``input_index`` (0 unless the operator has several)."""

    def process_watermark(self, timestamp: int) -> None:
        """The combined watermark of all inputs has risen. Emit what it completes, then pass it."""
        self.output.emit_watermark(timestamp)

    def process_status(self, idle: bool) -> None:
        """All inputs have become idle, or one is active again."""
        self.output.emit_status(idle)

    def prepare_snapshot(self, barrier: Barrier) -> None:
        """The barrier has arrived: put into state what is not there yet, flush what must be."""

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        """The checkpoint can be restored from now on: commit. May be called again or not at all."""

    def notify_checkpoint_aborted(self, checkpoint_id: int) -> None:
        """The checkpoint will never complete."""

    def end_input(self, input_index: int) -> None:
        """Nothing more comes on this input."""

    def finish(self) -> None:
        """All inputs have ended: emit what is left. A last checkpoint may follow."""

    def handle_coordinator_event(self, event: Any) -> None:
        """The half at the coordinator (an enumerator, a result buffer) sent ``event``."""

    def has_pending_work(self) -> bool:
        """Whether ``finish`` must wait for work in flight (asynchronous calls)."""
        return False

    def is_blocked(self) -> bool:
        """Whether the task must take no further input for now: too much is in flight, such as
        asynchronous calls. Who unblocks it calls ``context.wake`` or ``run_in_task``."""
        return False

    def pending_output(self) -> PendingOutput | None:
        """What the operator waits for; asked now and then, so that users can be told. Must be
        cheap: the head of a queue."""
        return None

    def close(self) -> None:
        """Release resources; called once, also after a failure."""

    def row_step(self) -> RowStep | None:
        """The operator as a row function, after ``open``; ``None`` if it is more than that."""
        return None


class SourcePoll(Enum):
    """How a source's turn went."""

    EMITTED = "emitted"
    NOTHING_YET = "nothing yet"
    """The source will call ``context.wake`` when there is something."""
    END = "end"


class SourceOperator(Operator):
    """An operator without inputs: asked for records when its outputs have room.

    Attributes:
        records_read: How many records it has emitted since it was opened.
    """

    records_read: int = 0

    @abstractmethod
    def poll(self, rows_max: int) -> SourcePoll:
        """Emit up to about ``rows_max`` rows."""

    @abstractmethod
    def add_splits(self, splits: list[Any]) -> None:
        """The enumerator assigned these splits."""

    @abstractmethod
    def no_more_splits(self) -> None:
        """The enumerator will assign no further split."""

    def align_watermark(self, group: str, max_watermark: int) -> None:
        """Splits of alignment group ``group`` ahead of ``max_watermark`` must pause."""

    def describe_position(self, value: Any) -> str | None:
        """Where in the outside world a just emitted record came from, for error messages."""
        return None

    def slowest_split(self) -> str | None:
        """The split that keeps the source's watermark from rising, if splits have their own."""
        return None

    @property
    def alignment_progress(self) -> tuple[WatermarkAlignment, int | None] | None:
        """The alignment group, if there is one, and the watermark reached; None while idle."""
        return None

    def process_batch(self, batch: Batch, input_index: int) -> None:
        raise AssertionError("a source has no input")


@dataclass(frozen=True)
class OperatorSpec(ABC):
    """An operator as the plan sees it."""

    @abstractmethod
    def build(self) -> Operator:
        """A new operator; called in the process that will run it, once per subtask."""

    @property
    def kind(self) -> str:
        """The default name, e.g. ``Map``; part of derived operator ids."""
        return type(self).__name__.removesuffix("Spec")

    @property
    def meaning(self) -> str:
        """Text that tells this operator from others of its kind, stable between runs of the
        program, e.g. the qualified name of the user's function; part of derived ids."""
        return ""

    @property
    def is_stateless(self) -> bool:
        """Whether the operator keeps no state, so that derived ids may look through it."""
        return False

    @property
    def source(self) -> Source | None:
        """The source whose enumerator the coordinator runs for this operator, if it is one."""
        return None
