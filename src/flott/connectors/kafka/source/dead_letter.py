"""The topic that takes what could not be read, with the reason in its headers.

At least once: everything handed over is acknowledged before the reader's positions go into a
checkpoint. A record that is read again after a failure is rejected, and written here, again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import polars as pl

from flott.common.errors import SourceError
from flott.connectors.kafka.client.errors import explain
from flott.connectors.kafka.client.ports import (
    HEADERS,
    KEY,
    TIMESTAMP,
    VALUE,
    ClientError,
    Fetched,
    KafkaClients,
)
from flott.connectors.kafka.client.properties import check_servers
from flott.connectors.kafka.source.rejected import RejectedMessage

#: What dead letters need of the records fetched.
DEAD_LETTER_COLUMNS: Final = frozenset({KEY, VALUE, TIMESTAMP, HEADERS})

_FLUSH_MS: Final = 60_000
_CLOSE_MS: Final = 5_000
_SCHEMA: Final[Mapping[str, Any]] = {
    KEY: pl.Binary,
    VALUE: pl.Binary,
    TIMESTAMP: pl.Int64,
    HEADERS: pl.List(pl.Struct({"key": pl.String, "value": pl.Binary})),
}


class DeadLetterTopic:
    """Writes rejected records as they came, with headers that say what was wrong.

    The headers are those of the record, and ``flott.error``, ``flott.topic``, ``flott.partition``,
    ``flott.offset`` and ``flott.job``, all text.

    Args:
        clients: Makes the producer.
        properties: The producer's, librdkafka's names.
        topic: Where to write.
        job_name: Goes into the headers.
    """

    def __init__(
        self, clients: KafkaClients, properties: Mapping[str, str], topic: str, job_name: str
    ) -> None:
        self._topic = topic
        self._job_name = job_name
        self._servers = check_servers(properties)
        self._producer = self._do(lambda: clients.producer({**properties, "acks": "all"}, topic))
        self._has_open = False

    def send(
        self, fetched: Fetched, rows: Sequence[int], rejected: Sequence[RejectedMessage]
    ) -> None:
        """Hand over records.

        Args:
            fetched: What was fetched, with ``DEAD_LETTER_COLUMNS``.
            rows: The rows that were rejected.
            rejected: What is known of them.

        Raises:
            SourceError: The topic does not take them.
        """
        frame = fetched.frame.select(list(_SCHEMA))[list(rows)]
        headers = [
            [*(own or ()), *self._headers_of(message)]
            for own, message in zip(frame[HEADERS].to_list(), rejected, strict=True)
        ]
        frame = frame.with_columns(pl.Series(HEADERS, headers, dtype=_SCHEMA[HEADERS]))
        while True:
            self._has_open = True
            taken = self._do(partial(self._producer.produce, frame))
            if taken >= frame.height:
                return
            frame = frame.slice(taken)
            self.flush()

    def flush(self) -> None:
        """Wait until all records are acknowledged.

        Raises:
            SourceError: Some are not.
        """
        if not self._has_open:
            return
        if not self._do(lambda: self._producer.flush(_FLUSH_MS)):
            raise SourceError(
                f"The dead-letter topic '{self._topic}' at {self._servers} has not taken "
                f"{self._producer.outstanding} records within {_FLUSH_MS // 1000} s"
            )
        self._has_open = False

    def close(self) -> None:
        """Give what is under way a moment, and release the connection."""
        with contextlib.suppress(ClientError):
            if self._has_open:
                self._producer.flush(_CLOSE_MS)
            self._producer.close()

    def _headers_of(self, message: RejectedMessage) -> list[dict[str, Any]]:
        texts = {
            "flott.error": message.reason,
            "flott.topic": message.topic,
            "flott.partition": str(message.partition),
            "flott.offset": str(message.position),
            "flott.job": self._job_name,
        }
        return [{"key": name, "value": text.encode()} for name, text in texts.items()]

    def _do(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except ClientError as error:
            doing = f"writing to the dead-letter topic '{self._topic}'"
            raise SourceError(explain(error, doing, self._servers)) from error
