"""Find the files to read, divide them into splits, and give the splits to readers.

Files are listed away from the loop; readers that ask meanwhile wait. A source that monitors its
paths lists them again and again and remembers every path it has seen: a file is read once, so it
must appear complete (written elsewhere and moved in).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from flott.common.errors import SourceError
from flott.connectors.files.compression import is_compressed
from flott.connectors.files.open_store import open_store
from flott.connectors.files.split import FileSplit
from flott.connectors.files.store import shown_path
from flott.core.source import EnumeratorContext, SplitEnumerator

#: Ranges of a file shorter than this are not worth a split.
SPLIT_BYTES: Final = 32 << 20


def is_visible(name: str) -> bool:
    """Whether a file or folder of this name is read.

    >>> is_visible("part-0"), is_visible(".part-0.inprogress"), is_visible("_SUCCESS")
    (True, False, False)
    """
    return not name.startswith((".", "_"))


@dataclass(frozen=True)
class FileEnumeratorProvider:
    """Lists files and divides them into splits. Subclass it, or give other arguments, to read other
    files.

    Args:
        splits_files: Whether large files are divided, if their format allows.
        accept: Whether files and folders of a name are read; not asked for paths the user gave.
        split_bytes: Size of a split, in bytes.
    """

    splits_files: bool = True
    accept: Callable[[str], bool] = is_visible
    split_bytes: int = SPLIT_BYTES

    @staticmethod
    def default_splittable_file_enumerator() -> FileEnumeratorProvider:
        """Goes into folders, passes over names that begin with ``.`` or ``_``, divides large files
        that are not compressed."""
        return FileEnumeratorProvider()

    @staticmethod
    def default_non_splittable_file_enumerator() -> FileEnumeratorProvider:
        """The same, but each file is one split."""
        return FileEnumeratorProvider(splits_files=False)

    def enumerate_splits(self, paths: Sequence[str], is_splittable: bool) -> list[FileSplit]:
        """All splits of the files at or below ``paths``; called beside the loop.

        Raises:
            SourceError: If nothing is at one of the paths.
        """
        splits: list[FileSplit] = []
        for path in paths:
            try:
                for info in open_store(path).list_files(path, self.accept):
                    splits += self._divide(info.path, info.size, is_splittable)
            except FileNotFoundError:
                raise SourceError(
                    f"There is no file or folder {shown_path(path)!r}. "
                    "Paths are read where the workers run."
                ) from None
            except PermissionError as error:
                place = error.filename or shown_path(path)
                raise SourceError(f"May not read {place!r}: {error}") from error
        return splits

    def _divide(self, path: str, size: int, is_splittable: bool) -> Iterable[FileSplit]:
        if not (self.splits_files and is_splittable) or is_compressed(path):
            return [FileSplit.of(path, 0, size, size)]
        count = max(size // self.split_bytes, 1)
        bounds = [size * index // count for index in range(count + 1)]
        return [FileSplit.of(path, start, stop, size) for start, stop in pairwise(bounds)]


class SplitAssigner:
    """Decides which split a reader gets next: here, the oldest. Subclass it for another order."""

    def __init__(self) -> None:
        self._splits: deque[FileSplit] = deque()

    def add_splits(self, splits: Iterable[FileSplit]) -> None:
        """Take splits that were found."""
        self._splits.extend(splits)

    def next_split(self, subtask: int) -> FileSplit | None:
        """The next split for reader ``subtask``; ``None`` if there is none for it."""
        return self._splits.popleft() if self._splits else None

    def remaining_splits(self) -> list[FileSplit]:
        """Splits that nobody has."""
        return list(self._splits)


@dataclass(frozen=True)
class FileSplitAssignerProvider:
    """Makes the assigner of a source.

    Args:
        create: Makes it.
    """

    create: Callable[[], SplitAssigner] = SplitAssigner

    @staticmethod
    def locality_aware_split_assigner() -> FileSplitAssignerProvider:
        """Gives splits in the order in which they were found: here every file is as near to one
        worker as to another."""
        return FileSplitAssignerProvider()


@dataclass(frozen=True, slots=True)
class FileEnumeratorState:
    """What the enumerator of a file source keeps in a checkpoint.

    Attributes:
        splits: Splits that nobody has.
        seen: Paths already found; ``None`` before the first listing is done.
    """

    splits: tuple[FileSplit, ...]
    seen: frozenset[str] | None


class FileSourceEnumerator(SplitEnumerator):
    """Runs at the coordinator.

    Args:
        context: The coordinator.
        paths: Files and folders to read.
        provider: Lists them.
        assigner: Orders the splits.
        is_splittable: Whether the format can begin in the middle of a file.
        interval_ms: How often to look for new files; ``None`` to look once.
        restored: State to go on from.
    """

    def __init__(
        self,
        context: EnumeratorContext,
        paths: Sequence[str],
        provider: FileEnumeratorProvider,
        assigner: SplitAssigner,
        is_splittable: bool,
        interval_ms: int | None,
        restored: FileEnumeratorState | None,
    ) -> None:
        self._context = context
        self._paths = paths
        self._provider = provider
        self._assigner = assigner
        self._is_splittable = is_splittable
        self._interval_ms = interval_ms
        self._seen: set[str] | None = None
        self._waiting: dict[int, None] = {}
        if restored is not None:
            self._assigner.add_splits(restored.splits)
            self._seen = None if restored.seen is None else set(restored.seen)

    def start(self) -> None:
        if self._seen is None or self._interval_ms is not None:
            self._context.call_periodically(self._list, self._listed, 0, self._interval_ms)

    def handle_split_request(self, subtask: int) -> None:
        split = self._assigner.next_split(subtask)
        if split is not None:
            self._context.assign({subtask: [split]})
        elif self._seen is not None and self._interval_ms is None:
            self._context.no_more_splits(subtask)
        else:
            self._waiting[subtask] = None

    def snapshot(self, checkpoint_id: int) -> FileEnumeratorState:
        seen = None if self._seen is None else frozenset(self._seen)
        return FileEnumeratorState(tuple(self._assigner.remaining_splits()), seen)

    def _list(self) -> list[FileSplit]:
        return self._provider.enumerate_splits(self._paths, self._is_splittable)

    def _listed(self, result: list[FileSplit] | BaseException) -> None:
        if isinstance(result, BaseException):
            raise result
        seen = self._seen or set()
        self._assigner.add_splits(split for split in result if split.path not in seen)
        # A bounded source lists once and never asks again what it has seen.
        self._seen = seen if self._interval_ms is None else seen | {each.path for each in result}
        waiting, self._waiting = self._waiting, {}
        for subtask in waiting:
            self.handle_split_request(subtask)
