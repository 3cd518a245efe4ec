"""A producer of librdkafka."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from flott.connectors.kafka.client.ports import ClientError, TopicPartition
from flott.connectors.kafka.librdkafka.causes import find_cause
from flott.connectors.kafka.librdkafka.log import forward_log
from flott.connectors.kafka.librdkafka.settings import producer_settings
from flott.kernels.kafka import open_producer

if TYPE_CHECKING:
    import polars as pl

    from flott.kernels._native import KafkaLibrary, KafkaProducer

_CLOSE_TIMEOUT_MS: Final = 1000
#: librdkafka sends at once what waits for its ``linger.ms`` while it is asked to flush, but looks
#: only every 10 ms whether all has arrived, unless it was given less time than that.
_FLUSH_STEP_MS: Final = 1
#: After so long the brokers have trouble, and there is no hurry.
_FLUSH_HURRY_MS: Final = 100

#: How much longer than its own limit a call is waited for.
_GRACE_MS: Final = 500


class LibrdkafkaProducer:
    """Writes frames of records; see ``RecordProducer``.

    A record with timestamp 0 gets the time of the clock: librdkafka reads 0 as "none given".
    """

    def __init__(
        self, library: KafkaLibrary, properties: Mapping[str, str], topic: str | None
    ) -> None:
        self._native = open_producer(library, producer_settings(properties), topic or "")
        self._close = weakref.finalize(self, self._native.close, _CLOSE_TIMEOUT_MS)

    @property
    def last_error(self) -> str | None:
        """The newest error that the client tries to get over by itself, if there was one."""
        return self._native.last_error or None

    def produce(self, records: pl.DataFrame) -> int:
        """Hand over rows from the front; returns how many the queue took."""
        return self._native.produce(records)

    def check(self) -> None:
        """Raise what went wrong since; see ``RecordProducer``."""
        forward_log(self._native)
        try:
            self._native.check()
        except ClientError as error:
            raise find_cause(error, self.last_error) or error from None

    @property
    def outstanding(self) -> int:
        """How many records are not acknowledged yet."""
        return self._native.outstanding

    def flush(self, timeout_ms: int) -> bool:
        """Wait until everything is acknowledged; whether it is."""
        start = time.monotonic()
        waited_ms = 0.0
        try:
            while waited_ms < min(timeout_ms, _FLUSH_HURRY_MS):
                if self._native.flush(_FLUSH_STEP_MS):
                    return True
                waited_ms = (time.monotonic() - start) * 1000
            return self._native.flush(max(0, int(timeout_ms - waited_ms)))
        except ClientError as error:
            raise find_cause(error, self.last_error) or error from None

    def init_transactions(self, timeout_ms: int) -> None:
        """Fence former owners of the transactional id."""
        try:
            self._native.init_transactions(timeout_ms)
        except ClientError as error:
            with suppress(ClientError):
                self._native.check()  # brings the reasons
            raise find_cause(error, self.last_error) or error from None

    def begin_transaction(self) -> None:
        """Begin a transaction."""
        self._native.begin_transaction()

    def send_offsets(
        self,
        group: str,
        offsets: Mapping[TopicPartition, tuple[int, str]],
        timeout_ms: int,
    ) -> None:
        """Commit offsets with metadata as part of the transaction.

        librdkafka's call heeds no time limit and never returns when a broker dies meanwhile. It is
        made on a thread of its own; if it stays away, this producer is given up.
        """
        native = self._native
        rows = [(*partition, offset, metadata) for partition, (offset, metadata) in offsets.items()]
        call = _Call(lambda: native.send_offsets(group, rows, timeout_ms), native)
        if not call.wait(timeout_ms + _GRACE_MS):
            self._close.detach()
            raise ClientError(
                "_TIMED_OUT", "The client does not come back from sending offsets", is_fatal=True
            )

    def commit_transaction(self, timeout_ms: int) -> None:
        """Wait for deliveries and commit."""
        if self._native.outstanding:
            self.flush(timeout_ms)  # as the client itself would do now, more slowly
        self._native.commit_transaction(timeout_ms)

    def abort_transaction(self, timeout_ms: int) -> None:
        """Give the transaction up."""
        self._native.abort_transaction(timeout_ms)

    def close(self) -> None:
        """Drop what is not delivered and release the connection; waits a second at most."""
        self._close()


class _Call:
    """A call on a thread that nobody has to wait for, not even the end of the process."""

    def __init__(self, call: Callable[[], None], native: KafkaProducer) -> None:
        self._lock = threading.Lock()
        self._is_done = threading.Event()
        self._is_given_up = False
        self._error: BaseException | None = None
        self._native = native
        threading.Thread(target=self._run, args=(call,), name="kafka-call", daemon=True).start()

    def wait(self, timeout_ms: int) -> bool:
        """Whether it has returned; raises what it raised."""
        self._is_done.wait(timeout_ms / 1000)
        with self._lock:
            self._is_given_up = not self._is_done.is_set()
        if self._error is not None:
            raise self._error
        return not self._is_given_up

    def _run(self, call: Callable[[], None]) -> None:
        try:
            call()
        except BaseException as error:
            self._error = error
        with self._lock:
            self._is_done.set()
        if self._is_given_up:  # it has come back after all
            self._native.close(_CLOSE_TIMEOUT_MS)
