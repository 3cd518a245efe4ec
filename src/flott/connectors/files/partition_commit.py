"""When a partition of a table of files is complete, and what is done then.

``partition-time``: when the watermark has passed the time of the partition and the delay.
``process-time``: when the delay has passed since its first files. Both are looked at when a
checkpoint begins, and take effect when it is complete: then every file of before is in its place.
Records that come later make the partition complete once more.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from flott.connectors.files.partition_time import PartitionTime
from flott.connectors.files.store import FileStore
from flott.core.element import MAX_WATERMARK


@dataclass(frozen=True)
class CommitTrigger:
    """Says when a partition is complete.

    Attributes:
        delay_ms: How long after its time, or its first file.
        time: Finds the time of a partition; ``None``: by the clock.
    """

    delay_ms: int
    time: PartitionTime | None = None

    def is_due(self, folder: str, since_ms: int, watermark: int, now_ms: int) -> bool:
        """Whether a partition is complete.

        Args:
            folder: Its folder, below the table's.
            since_ms: When its first files came.
            watermark: How far event time is.
            now_ms: What the clock says.
        """
        if watermark == MAX_WATERMARK:
            return True
        if self.time is not None:
            return watermark >= self.time.find(folder) + self.delay_ms
        return self.delay_ms == 0 or now_ms > since_ms + self.delay_ms


@dataclass(frozen=True, slots=True)
class CommittedPartition:
    """A partition that is complete.

    Attributes:
        table_path: The table's folder.
        path: The partition's folder.
        values: The values of the partition columns, as the folder has them; ``None`` for NULL.
    """

    table_path: str
    path: str
    values: Mapping[str, str | None]


class PartitionCommitPolicy(ABC):
    """What is done with a partition that is complete.

    One of your own is named ``module:class`` in the option ``sink.partition-commit.policy.class``.
    It is called once more for a partition that gets late records, and may be after a restart.
    """

    @abstractmethod
    def commit(self, partition: CommittedPartition) -> None:
        """Do it.

        Raises:
            Exception: The job fails, and tries again from its last checkpoint.
        """


@dataclass(frozen=True)
class SuccessFile:
    """Puts an empty file into the partition.

    Attributes:
        name: What the file is called.
    """

    name: str

    def announce(self, store: FileStore, partition: CommittedPartition) -> None:
        """Put it there, unless it is there already."""
        path = store.join(partition.path, self.name)
        if store.size(path) is not None:
            return
        stream = store.create(path)
        try:
            store.sync(stream)
        finally:
            stream.close()
        store.sync_folder(partition.path)


@dataclass(frozen=True)
class CustomPolicy:
    """Calls a policy of the user's.

    Attributes:
        name: Its class, as ``module:class``.
        arguments: Given to the class, as texts.
    """

    name: str
    arguments: tuple[str, ...] = ()

    def announce(self, store: FileStore, partition: CommittedPartition) -> None:
        """Call it."""
        self.load().commit(partition)

    def load(self) -> PartitionCommitPolicy:
        """Make the policy.

        Raises:
            ValueError: There is no such class, or it is not a policy.
        """
        policy = load_object(self.name)(*self.arguments)
        if not isinstance(policy, PartitionCommitPolicy):
            raise ValueError(f"{self.name!r} is not a PartitionCommitPolicy")
        return policy


def load_object(name: str) -> Any:
    """What ``module:object`` names.

    Raises:
        ValueError: There is none.

    >>> load_object("flott.connectors.files.partition_commit:SuccessFile").__name__
    'SuccessFile'
    """
    module, separator, path = name.partition(":")
    if not separator:
        raise ValueError(f"expected module:class in Python, found {name!r}")
    try:
        found: Any = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"cannot find {name!r}: {error}") from error
    return found
