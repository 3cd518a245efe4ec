"""PyFlink's module path of files as source and sink."""

from __future__ import annotations

from typing import Any

from flott.common.errors import UnsupportedFeature
from flott.connectors.files.bucket_assigner import BucketAssigner
from flott.connectors.files.compaction import FileCompactor, FileCompactStrategy
from flott.connectors.files.enumerator import FileEnumeratorProvider, FileSplitAssignerProvider
from flott.connectors.files.output_file_config import OutputFileConfig
from flott.connectors.files.rolling_policy import (
    DefaultRollingPolicy,
    OnCheckpointRollingPolicy,
    RollingPolicy,
)
from flott.connectors.files.sink import FileSink
from flott.connectors.files.source import FileSource, FileSourceBuilder
from flott.formats.bulk_format import BulkFormat
from flott.formats.stream_format import StreamFormat

__all__ = [
    "BucketAssigner",
    "BulkFormat",
    "DefaultRollingPolicy",
    "FileCompactStrategy",
    "FileCompactor",
    "FileEnumeratorProvider",
    "FileSink",
    "FileSource",
    "FileSourceBuilder",
    "FileSplitAssignerProvider",
    "OnCheckpointRollingPolicy",
    "OutputFileConfig",
    "RollingPolicy",
    "StreamFormat",
    "StreamingFileSink",
]


class StreamingFileSink:
    """The file sink before Flink 1.14.

    Raises:
        UnsupportedFeature: always; ``FileSink`` took its place.
    """

    def __init__(self, j_obj: Any = None) -> None:
        raise UnsupportedFeature("StreamingFileSink", successor="FileSink")

    @staticmethod
    def for_row_format(base_path: str, encoder: Any) -> Any:
        """Removed: ``FileSink.for_row_format`` has the same arguments."""
        raise UnsupportedFeature(
            "StreamingFileSink.for_row_format", successor="FileSink.for_row_format"
        )

    @staticmethod
    def for_bulk_format(base_path: str, writer_factory: Any) -> Any:
        """Removed: ``FileSink.for_bulk_format`` has the same arguments."""
        raise UnsupportedFeature(
            "StreamingFileSink.for_bulk_format", successor="FileSink.for_bulk_format"
        )
