"""Records of a stream in files of a folder, written by one job and read by later ones.

Each subtask writes a file of pickled batches, one after the other; a later job reads a file from
its beginning to its end. A job that starts again writes its files anew, which is right in BATCH
mode, where it starts from the beginning.
"""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cloudpickle

from flott.connectors.split_reader import SequentialReader, SplitCursor, SplitQueueEnumerator
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.sink import Committer, Sink, SinkWriter
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)

__all__ = ["CacheSink", "CacheSource"]

_PREFIX: Final = "part-"


class CacheSink(Sink):
    """Writes records to a folder.

    Args:
        folder: the folder; it exists.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        return _CacheWriter(os.path.join(self._folder, f"{_PREFIX}{context.subtask_index}"))


class _CacheWriter(SinkWriter):
    def __init__(self, path: str) -> None:
        self._file = Path(path).open("wb")  # noqa: SIM115 open until close

    def write(self, batch: Batch) -> None:
        # By value where needed: classes of the program's own script are known in this job only.
        cloudpickle.dump(batch, self._file, protocol=5)

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True, slots=True)
class CacheSplit:
    """The rest of a file from ``offset`` on, in bytes."""

    split_id: str
    path: str
    offset: int = 0


class CacheSource(Source):
    """Reads the records in a folder.

    Args:
        folder: the folder that a CacheSink filled.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    @property
    def boundedness(self) -> Boundedness:
        return Boundedness.BOUNDED

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        if restored is None:
            paths = sorted(Path(self._folder).glob(f"{_PREFIX}*"))
            restored = [CacheSplit(path.name, str(path)) for path in paths]
        return SplitQueueEnumerator(context, restored)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        return SequentialReader(_CacheCursor, context.wake)


class _CacheCursor(SplitCursor):
    def __init__(self, split: CacheSplit) -> None:
        self._split = split
        self._file = Path(split.path).open("rb")  # noqa: SIM115 open until close
        self._file.seek(split.offset)

    def read(self, rows_max: int) -> SplitBatch:
        try:
            batch = pickle.load(self._file)
        except EOFError:
            return SplitBatch(self._split.split_id, None, finished=True)
        assert isinstance(batch, RowBatch)
        return SplitBatch(self._split.split_id, batch)

    def split(self) -> CacheSplit:
        return CacheSplit(self._split.split_id, self._split.path, self._file.tell())

    def close(self) -> None:
        self._file.close()
