"""Write files that readers see complete or not at all, and every record in exactly one of them.

>>> from flott.common.serialization import Encoder
>>> sink = FileSink.for_row_format("/data/out", Encoder.simple_string_encoder()).build()
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from typing import Any, BinaryIO, Final

from flott.common.errors import ConfigurationError
from flott.common.serialization import BulkWriterFactory, Encoder
from flott.connectors.files.bucket_assigner import BucketAssigner
from flott.connectors.files.cleanup import start_cleanup
from flott.connectors.files.committer import FileCommitter
from flott.connectors.files.compaction import (
    Compaction,
    FileCompactor,
    FileCompactStrategy,
)
from flott.connectors.files.open_store import open_store
from flott.connectors.files.output_file_config import OutputFileConfig
from flott.connectors.files.part_file import BulkPartFile, RowPartFile
from flott.connectors.files.rolling_policy import OnCheckpointRollingPolicy, PartInfo, RollingPolicy
from flott.connectors.files.store import FileStore, is_local, local_path
from flott.connectors.files.writer import FileWriter, PartFactory
from flott.core.context import OperatorContext
from flott.core.sink import Committer, Sink, SinkWriter

_CHECK_INTERVAL_MS: Final = 60_000


class FileSink(Sink):
    """Writes records to part files in folders (buckets) below a base path; made by a builder.

    Exactly once: a part file is hidden until the checkpoint that covers it is complete, and then
    gets its final name. Without checkpoints all files appear at the end of the job. In an object
    store, where files cannot be continued, each checkpoint closes the open files.
    """

    def __init__(self, builder: FileSink.BaseBuilder, create_part: PartFactory) -> None:
        self._create_part = create_part
        self._base_path = builder._base_path
        self._assigner = builder._assigner
        self._policy = builder._policy
        self._names = builder._names
        self._check_interval_ms = builder._check_interval_ms
        self._compaction = builder._compaction

    def get_transformer(self) -> None:
        """Return what changes the stream before it is written: nothing."""
        return None

    @staticmethod
    def for_row_format(base_path: str, encoder: Encoder) -> FileSink.RowFormatBuilder:
        """Begin a sink that encodes one record after the other.

        Args:
            base_path: The folder; it is made if it is not there.
            encoder: Gives the bytes of a record.
        """
        if not callable(getattr(encoder, "encode", None)):
            raise TypeError(f"Expected an Encoder, found {encoder!r}")
        return FileSink.RowFormatBuilder(base_path, encoder)

    @staticmethod
    def for_bulk_format(
        base_path: str, writer_factory: BulkWriterFactory
    ) -> FileSink.BulkFormatBuilder:
        """Begin a sink for a format that is written in bulk, such as Parquet.

        Args:
            base_path: The folder; it is made if it is not there.
            writer_factory: Makes the writer of each file.
        """
        if not callable(getattr(writer_factory, "create", None)):
            raise TypeError(f"Expected a BulkWriterFactory, found {writer_factory!r}")
        return FileSink.BulkFormatBuilder(base_path, writer_factory)

    def for_text(self, to_text: Callable[[Any], str]) -> FileSink:
        """The same sink for records whose text, where they are written as text, is not that of
        ``str``."""
        create_part = self._create_part
        if not isinstance(create_part, _CreateRowPart):
            return self
        sink = copy.copy(self)
        sink._create_part = _CreateRowPart(create_part.encoder.for_text(to_text))
        return sink

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        store = self.open_store()
        start_cleanup(context, store, self._base_path)
        return FileWriter(
            context,
            store,
            self._base_path,
            self._create_part,
            self._assigner,
            self._policy,
            self._names,
            self._check_interval_ms,
            restored,
            self._compaction,
        )

    def create_committer(self, context: OperatorContext) -> Committer:
        store = self.open_store()
        compactor = None if self._compaction is None else self._compaction.compactor
        return FileCommitter(store, self._base_path, context.restored_checkpoint_id, compactor)

    def open_store(self) -> FileStore:
        """The store that holds the base path."""
        return open_store(self._base_path)

    class BaseBuilder:
        """Settings that all file sinks share."""

        def __init__(self, base_path: str, policy: RollingPolicy) -> None:
            self._base_path = _checked_path(base_path)
            self._policy = policy
            self._assigner = BucketAssigner.date_time_bucket_assigner()
            self._names = OutputFileConfig()
            self._check_interval_ms = _CHECK_INTERVAL_MS
            self._compaction: Compaction | None = None

        def with_bucket_check_interval(self, interval: int) -> Any:
            """Set how often to look for files that are old enough to close.

            Args:
                interval: Milliseconds.

            Raises:
                ConfigurationError: If it is not positive.
            """
            if interval <= 0:
                raise ConfigurationError(f"The bucket check interval must be positive: {interval}")
            self._check_interval_ms = interval
            return self

        def with_bucket_assigner(self, bucket_assigner: BucketAssigner) -> Any:
            """Choose the folder of each record; by default one for each hour."""
            if not callable(getattr(bucket_assigner, "get_bucket_id", None)):
                raise TypeError(f"Expected a BucketAssigner, found {bucket_assigner!r}")
            self._assigner = bucket_assigner
            return self

        def with_output_file_config(self, output_file_config: OutputFileConfig) -> Any:
            """Choose how files are called."""
            self._names = output_file_config
            return self

        def enable_compact(self, strategy: FileCompactStrategy, compactor: FileCompactor) -> Any:
            """Put small files together before they are published.

            Each subtask holds its finished files back, folder by folder, until ``strategy`` says
            that there are enough; readers then see one file in their place, called
            ``compacted-part-...``. Results appear later by that.

            Args:
                strategy: When.
                compactor: How; what the format is made of must bear being joined like that.
            """
            if not isinstance(strategy, FileCompactStrategy):
                raise TypeError(f"Expected a FileCompactStrategy, found {strategy!r}")
            if not callable(getattr(compactor, "compact", None)):
                raise TypeError(f"Expected a FileCompactor, found {compactor!r}")
            self._compaction = Compaction(strategy, compactor)
            return self

        def disable_compact(self) -> Any:
            """Publish files as they were written, as by default; what a restored job still held
            back comes as it is."""
            self._compaction = None
            return self

    class RowFormatBuilder(BaseBuilder):
        """Settings of a sink that encodes records one by one."""

        def __init__(self, base_path: str, encoder: Encoder) -> None:
            super().__init__(base_path, RollingPolicy.default_rolling_policy())
            self._encoder = encoder

        def with_rolling_policy(self, rolling_policy: RollingPolicy) -> FileSink.RowFormatBuilder:
            """Choose when a file is closed; by default at 128 MB, a minute's age, or a minute
            without records."""
            if not isinstance(rolling_policy, RollingPolicy):
                raise TypeError(f"Expected a RollingPolicy, found {rolling_policy!r}")
            self._policy = rolling_policy
            return self

        def build(self) -> FileSink:
            """Make the sink."""
            return FileSink(self, _CreateRowPart(self._encoder))

    class BulkFormatBuilder(BaseBuilder):
        """Settings of a sink that writes in bulk; files are closed at every checkpoint."""

        def __init__(self, base_path: str, writer_factory: BulkWriterFactory) -> None:
            super().__init__(base_path, RollingPolicy.on_checkpoint_rolling_policy())
            self._writer_factory = writer_factory

        def with_rolling_policy(
            self, rolling_policy: OnCheckpointRollingPolicy
        ) -> FileSink.BulkFormatBuilder:
            """Choose when a file is closed.

            Raises:
                ValueError: If the policy would keep a file open across checkpoints.
            """
            if not isinstance(rolling_policy, OnCheckpointRollingPolicy):
                raise ValueError(
                    "rolling_policy must be OnCheckpointRollingPolicy for bulk formats"
                )
            self._policy = rolling_policy
            return self

        def build(self) -> FileSink:
            """Make the sink."""
            return FileSink(self, _CreateBulkPart(self._writer_factory))


class _CreateRowPart:
    """Makes part files for rows; a class, so that plain pickle can carry it."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    def __call__(
        self, store: FileStore, stream: BinaryIO, pending: str, final: str, info: PartInfo
    ) -> RowPartFile:
        return RowPartFile(store, stream, pending, final, info, self.encoder)


class _CreateBulkPart:
    """Makes part files for bulk formats."""

    def __init__(self, factory: BulkWriterFactory) -> None:
        self._factory = factory

    def __call__(
        self, store: FileStore, stream: BinaryIO, pending: str, final: str, info: PartInfo
    ) -> BulkPartFile:
        return BulkPartFile(store, stream, pending, final, info, self._factory)


def _checked_path(path: Any) -> str:
    text = os.fspath(path)
    if not isinstance(text, str) or not text:
        raise TypeError(f"Expected a path, found {path!r}")
    return os.path.abspath(local_path(text)) if is_local(text) else text.rstrip("/")
