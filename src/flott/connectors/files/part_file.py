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
        can_go_on: Whether records may be added after a checkpoint.
    """

    can_go_on = False

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
        raise AssertionError("only files of rows go on after a checkpoint")

    def rest(self) -> bool:
        """Release the open file until it is needed again; false if that cannot be."""
        return False

    def abandon(self) -> None:
        """Close the file as it is."""
        self._stream.close()


class RowPartFile(PartFile):
    """Records encoded one after the other."""

    can_go_on = True

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
        # Whether something was written since it was made durable; a copied beginning was.
        self._is_dirty = True

    def write(self, values: list[Any], now_ms: int) -> None:
        encode_all = self._encode_all
        data = b"".join(map(self._encode, values)) if encode_all is None else encode_all(values)
        self._open_stream().write(data)
        self._is_dirty = True
        self.info.size += len(data)
        self.info.last_update_ms = now_ms

    def persist(self) -> int:
        if self._is_dirty:
            self._store.sync(self._open_stream())
            self._is_dirty = False
        return self.info.size

    def finish(self) -> int:
        length = self.persist()
        self._stream.close()
        return length

    def rest(self) -> bool:
        if not self._store.can_resume:
            return False
        self._stream.close()
        return True

    def _open_stream(self) -> BinaryIO:
        if self._stream.closed:
            self._stream = self._store.reopen(self.pending)
        return self._stream


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
