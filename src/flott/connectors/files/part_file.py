"""A part file that is being written, row by row or in bulk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, BinaryIO

from flott.common.serialization import BulkWriter, BulkWriterFactory, Encoder
from flott.connectors.files.rolling_policy import PartInfo
from flott.connectors.files.store import FileStore


class PartFile(ABC):
    """An open part file.

    Attributes:
        pending: Where it is.
        final: Where it goes.
        info: What the rolling policy looks at.
        is_listed: Whether a checkpoint may hold it; if not, nobody misses it.
    """

    def __init__(
        self, store: FileStore, stream: BinaryIO, pending: str, final: str, info: PartInfo
    ) -> None:
        self._store = store
        self._stream = stream
        self.pending = pending
        self.final = final
        self.info = info
        self.is_listed = False

    @abstractmethod
    def write(self, values: list[Any], now_ms: int) -> None:
        """Append records."""

    @abstractmethod
    def finish(self) -> int:
        """Complete the file, make it durable and close it; gives its length."""

    def persist(self) -> int:
        """Make what was written so far durable; gives its length."""
        self._store.sync(self._stream)
        return self.info.size

    def abandon(self) -> None:
        """Close the file as it is."""
        self._stream.close()


class RowPartFile(PartFile):
    """Records encoded one after the other."""

    def __init__(
        self,
        store: FileStore,
        stream: BinaryIO,
        pending: str,
        final: str,
        info: PartInfo,
        encoder: Encoder,
    ) -> None:
        super().__init__(store, stream, pending, final, info)
        self._encode = encoder.encode
        self._encode_all = getattr(encoder.encode, "encode_all", None)

    def write(self, values: list[Any], now_ms: int) -> None:
        encode_all = self._encode_all
        data = b"".join(map(self._encode, values)) if encode_all is None else encode_all(values)
        self._stream.write(data)
        self.info.size += len(data)
        self.info.last_update_ms = now_ms

    def finish(self) -> int:
        self._store.sync(self._stream)
        self._stream.close()
        return self.info.size


class BulkPartFile(PartFile):
    """Records handed to a writer that keeps some back; its size is known when it is finished."""

    def __init__(
        self,
        store: FileStore,
        stream: BinaryIO,
        pending: str,
        final: str,
        info: PartInfo,
        factory: BulkWriterFactory,
    ) -> None:
        super().__init__(store, stream, pending, final, info)
        self._writer: BulkWriter = factory.create(stream)

    def write(self, values: list[Any], now_ms: int) -> None:
        self._writer.add_elements(values)
        self.info.size = self._stream.tell()
        self.info.last_update_ms = now_ms

    def finish(self) -> int:
        self._writer.finish()
        length = self.info.size = self._stream.tell()
        self._store.sync(self._stream)
        self._stream.close()
        return length
