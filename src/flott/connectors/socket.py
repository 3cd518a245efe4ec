"""Lines of text from a TCP socket, as ``nc -lk 9999`` sends them: for trying things out.

At most once: a socket cannot be read again, so what was read but not yet processed when the job
fails is lost. A thread receives into a queue of limited size; when it is full, the thread stops
receiving and TCP holds the sender back.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flott.common.errors import SourceError
from flott.common.typeinfo import TypeInformation, Types
from flott.connectors.split_reader import SequentialReader, SplitCursor, SplitQueueEnumerator
from flott.core.batch import RowBatch
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)

_CHUNKS_MAX: Final = 64
_CHUNK_BYTES: Final = 1 << 16
_LINE_BYTES_MAX: Final = 1 << 24
_CONNECT_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = 0.5
_QUEUE_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class SocketSplit:
    """The whole of a connection; it has no position."""

    split_id: str


class SocketTextSource(Source):
    """Connects to a server and produces the lines it sends, in one subtask, until it closes.

    At most once: see above.

    Args:
        host: The server.
        port: Its port.
        delimiter: What ends a line; ``\\r`` before it is left out too if it is ``\\n``.
        max_retries: How often to connect again after a failure or the end; -1 for ever.
        charset: The encoding; bytes that are not text become U+FFFD.

    Raises:
        ValueError: If the port is not a port or the delimiter is empty.

    >>> SocketTextSource("localhost", 9999).boundedness.value
    'continuous-unbounded'
    """

    def __init__(
        self,
        host: str,
        port: int,
        delimiter: str = "\n",
        max_retries: int = 0,
        charset: str = "UTF-8",
    ) -> None:
        if not 0 < port < 65536:
            raise ValueError(f"A port is a number from 1 to 65535, found {port}")
        if not delimiter:
            raise ValueError("The delimiter must not be empty")
        self._address = (host, port)
        self._delimiter = delimiter
        self._max_retries = max_retries
        self._charset = charset

    @property
    def boundedness(self) -> Boundedness:
        return Boundedness.CONTINUOUS_UNBOUNDED

    def get_produced_type(self) -> TypeInformation:
        """Return the type of the records."""
        return Types.STRING()

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        host, port = self._address
        splits = [SocketSplit(f"{host}:{port}")] if restored is None else restored
        return SplitQueueEnumerator(context, splits)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        def open_cursor(split: SocketSplit) -> SplitCursor:
            receiver = SocketReceiver(self._address, self._max_retries, context.wake)
            return _SocketCursor(split, receiver, self._delimiter, self._charset)

        return SequentialReader(open_cursor, context.wake)


class SocketReceiver:
    """The thread that receives.

    Args:
        address: Host and port.
        max_retries: How often to connect again.
        wake: Called when something has come.
    """

    def __init__(
        self, address: tuple[str, int], max_retries: int, wake: Callable[[], None]
    ) -> None:
        self._address = address
        self._retries_left = max_retries
        self._wake = wake
        # Bytes; at last None for the end, or what went wrong.
        self.arrived: queue.Queue[bytes | Exception | None] = queue.Queue(_CHUNKS_MAX)
        self._is_closed = threading.Event()
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="socket-source", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop receiving."""
        self._is_closed.set()
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(_CONNECT_SECONDS)

    def _run(self) -> None:
        while not self._is_closed.is_set():
            problem: Exception | None = None
            try:
                self._receive()
            except OSError as error:
                host, port = self._address
                problem = SourceError(f"The connection to {host}:{port} failed: {error}")
            if self._retries_left == 0:
                self._put(problem)
                return
            self._retries_left -= self._retries_left > 0
            self._is_closed.wait(_RETRY_SECONDS)

    def _receive(self) -> None:
        with socket.create_connection(self._address, _CONNECT_SECONDS) as connection:
            connection.settimeout(None)
            self._connection = connection
            while not self._is_closed.is_set():
                chunk = connection.recv(_CHUNK_BYTES)
                if not chunk:
                    return
                self._put(chunk)

    def _put(self, item: bytes | Exception | None) -> None:
        while not self._is_closed.is_set():
            try:
                self.arrived.put(item, timeout=_QUEUE_SECONDS)
            except queue.Full:
                continue
            self._wake()
            return


class _SocketCursor(SplitCursor):
    def __init__(
        self, split: SocketSplit, receiver: SocketReceiver, delimiter: str, charset: str
    ) -> None:
        self._split = split
        self._receiver = receiver
        self._delimiter = delimiter
        self._end = delimiter.encode(charset)
        self._charset = charset
        self._carry = b""
        self._lines: list[str] = []

    def read(self, rows_max: int) -> SplitBatch | None:
        is_end = False
        while not self._lines and not is_end:
            try:
                item = self._receiver.arrived.get_nowait()
            except queue.Empty:
                return None
            is_end = self._take(item)
        lines, self._lines = self._lines[:rows_max], self._lines[rows_max:]
        if is_end and self._lines:
            # More than a batch: the end is told again when these are out.
            self._receiver.arrived.put_nowait(None)
            is_end = False
        return SplitBatch(self._split.split_id, RowBatch(lines) if lines else None, is_end)

    def split(self) -> SocketSplit:
        return self._split

    def close(self) -> None:
        self._receiver.close()

    def _take(self, item: bytes | Exception | None) -> bool:
        """Turn what has come into lines; true at the end."""
        if isinstance(item, Exception):
            raise item
        if item is None:
            if self._carry:
                self._lines = self._to_lines(self._carry)
                self._carry = b""
            return True
        data = self._carry + item
        complete, found, self._carry = data.rpartition(self._end)
        if found:
            self._lines = self._to_lines(complete)
        elif len(self._carry) > _LINE_BYTES_MAX:
            raise SourceError(
                f"{self._split.split_id} sent {len(self._carry)} bytes without the delimiter "
                f"{self._delimiter!r}"
            )
        return False

    def _to_lines(self, data: bytes) -> list[str]:
        lines = data.decode(self._charset, "replace").split(self._delimiter)
        if self._delimiter == "\n":
            lines = [line.removesuffix("\r") for line in lines]
        return lines
