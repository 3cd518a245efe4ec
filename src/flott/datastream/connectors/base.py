"""What connectors are: sources, sinks, and how often a record may arrive.

``Source`` and ``Sink`` are the contracts a connector of your own implements; in PyFlink that takes
Java. Most sources need only a ``SplitCursor``, which reads one split and knows how far it is:
``SequentialReader`` and ``SplitQueueEnumerator`` do the rest.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.split_reader import SequentialReader, SplitCursor, SplitQueueEnumerator
from flott.core.batch import RowBatch
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

if TYPE_CHECKING:
    from flott.datastream.streams.base_stream import BaseStream

__all__ = [
    "Boundedness",
    "Committer",
    "DeliveryGuarantee",
    "EnumeratorContext",
    "OperatorContext",
    "RowBatch",
    "SequentialReader",
    "Sink",
    "SinkWriter",
    "Source",
    "SourceReader",
    "SplitBatch",
    "SplitCursor",
    "SplitEnumerator",
    "SplitQueueEnumerator",
    "StreamTransformer",
    "SupportsPreprocessing",
]


class StreamTransformer(ABC):
    """Changes a stream before it reaches a sink."""

    @abstractmethod
    def apply(self, ds: BaseStream) -> BaseStream:
        """Return the changed stream."""


class SupportsPreprocessing(ABC):
    """A sink that has its stream changed before."""

    @abstractmethod
    def get_transformer(self) -> StreamTransformer | None:
        """Return what changes the stream; None for nothing."""
