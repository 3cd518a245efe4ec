"""Sources: what a connector implements to read records (Flink's FLIP-27 in Python).

A source divides its input into splits (a file, a partition, a range of numbers). The enumerator,
one per source and run by the coordinator, discovers splits and assigns them; readers, one per
subtask, read the splits given to them. A reader's snapshot is its unfinished splits, each with
the position reached; the enumerator's snapshot is what it has not assigned.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Protocol

from flott.core.batch import Batch
from flott.core.context import OperatorContext


class Boundedness(Enum):
    """Whether a source ends by itself."""

    BOUNDED = "bounded"
    CONTINUOUS_UNBOUNDED = "continuous-unbounded"


class SourceSplit(Protocol):
    """A part of the input; picklable, treated as immutable."""

    @property
    def split_id(self) -> str:
        """Tells the split from the others of its source."""


#: Side output that receives ``RejectedRecord`` values under ``flott.source.on-error: dead-letter``.
REJECTED_RECORDS_TAG: Final = "rejected-records"


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A part of the input that could not be read as a record.

    Attributes:
        source: The file, topic or address it came from.
        position: Where it begins there, in bytes or records.
        line: Its line number, counted from 1; ``None`` where there are no lines.
        reason: What is wrong with it.
        raw: The part itself, as it was found.
    """

    source: str
    position: int
    line: int | None
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class SplitBatch:
    """Records of one split, or of several that arrive together.

    Attributes:
        split_id: The split; of several, any of them.
        batch: The records; ``None`` when there are no further ones.
        finished: Whether nothing follows in the split ``split_id``.
        rejected: What could not be read; the source operator sends it to the side output
            ``REJECTED_RECORDS_TAG``.
        parts: Of several splits, each split and its number of records in the batch, whose records
            stand in this order; empty if all are of ``split_id``.
    """

    split_id: str
    batch: Batch | None
    finished: bool = False
    rejected: Sequence[RejectedRecord] = ()
    parts: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True)
class NoSplitsForNow:
    """What an enumerator may send to a reader as an event: there is nothing for it at the moment.
    Until it is given a split, a reader without one holds no watermark back. The operator around
    the reader sees to that."""


class SourceReader(ABC):
    """Reads the splits of one subtask; never blocks for long.

    The source operator asks for another split (``context.request_split``) whenever the reader has
    none left: at the start, if nothing was restored, and when a batch says ``finished``. A reader
    need not ask itself.
    """

    @abstractmethod
    def add_splits(self, splits: Sequence[Any]) -> None:
        """Read these too; after a restore they carry the position to go on from."""

    @abstractmethod
    def poll(self, rows_max: int) -> SplitBatch | None:
        """The next records of one split, about ``rows_max`` at most; ``None`` if there is nothing
        now. A reader without data calls ``context.wake()`` when that changes, from any thread,
        or asks for a turn with ``context.schedule``."""

    @abstractmethod
    def snapshot(self, checkpoint_id: int) -> list[Any]:
        """Unfinished splits, each with its position: all records up to it have been polled."""

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        """A checkpoint is complete; positions in it may be told to the outside system."""

    def handle_source_event(self, event: Any) -> None:
        """The enumerator sent ``event``."""

    def pause_splits(self, pause: Sequence[str], resume: Sequence[str]) -> None:
        """Stop and go on reading the named splits (watermark alignment)."""
        raise NotImplementedError(f"{type(self).__name__} cannot pause single splits")

    def describe_position(self, value: Any) -> str | None:
        """Where a just polled record came from, for error messages."""
        return None

    def close(self) -> None:
        """Release resources."""


class EnumeratorContext(ABC):
    """What an enumerator may ask of the coordinator.

    Attributes:
        parallelism: Number of readers.
    """

    parallelism: int

    @abstractmethod
    def assign(self, splits: Mapping[int, Sequence[Any]]) -> None:
        """Give splits to readers, by subtask index."""

    @abstractmethod
    def no_more_splits(self, subtask: int) -> None:
        """Reader ``subtask`` gets nothing further and may end when its splits are read."""

    @abstractmethod
    def send_event(self, subtask: int, event: Any) -> None:
        """Send a message to a reader."""

    @abstractmethod
    def call_periodically(
        self,
        call: Callable[[], Any],
        done: Callable[[Any | BaseException], None],
        delay_ms: int,
        period_ms: int | None,
    ) -> None:
        """Run ``call`` away from the loop after ``delay_ms`` (and then every ``period_ms``), each
        time followed by ``done`` in the loop with its result or exception."""


class SplitEnumerator(ABC):
    """Discovers and assigns splits. Called from one thread."""

    @abstractmethod
    def start(self) -> None:
        """Begin; all readers are registered soon after."""

    def add_reader(self, subtask: int) -> None:
        """Reader ``subtask`` is there, after a start or a restart."""

    @abstractmethod
    def handle_split_request(self, subtask: int) -> None:
        """Reader ``subtask`` has no split left and wants another."""

    def handle_source_event(self, subtask: int, event: Any) -> None:
        """A reader sent ``event``."""

    @abstractmethod
    def snapshot(self, checkpoint_id: int) -> Any:
        """State (picklable): what has not been assigned yet, and what discovery needs."""

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        """A checkpoint that includes this enumerator's state is complete."""

    def close(self) -> None:
        """Release resources."""


class Source(ABC):
    """A description of what to read; picklable."""

    @property
    @abstractmethod
    def boundedness(self) -> Boundedness:
        """Whether the source ends by itself."""

    @abstractmethod
    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        """The enumerator; ``restored`` is a snapshot of a former one, or ``None``."""

    @abstractmethod
    def create_reader(self, context: OperatorContext) -> SourceReader:
        """A reader for one subtask."""

    def record_count(self) -> int | None:
        """How many records there are in all, if that is known beforehand; shown as progress."""
        return None

    @property
    def name(self) -> str:
        """Default name of the source operator."""
        return type(self).__name__
