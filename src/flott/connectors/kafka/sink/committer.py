"""Commits what a Kafka sink has kept in checkpoints, on a thread beside the task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flott.connectors.kafka.client.ports import ClientError
from flott.connectors.kafka.sink.on_lost_marker import OnLostMarker
from flott.connectors.kafka.sink.settling import Settler, split_by_writer
from flott.connectors.kafka.sink.transactions import Access
from flott.connectors.kafka.sink.writer_transactions import WriterTransactions
from flott.connectors.write_ahead import WriterId
from flott.core.sink import Committer


class KafkaCommitter(Committer):
    """Commits epochs: those of the running writer, and those that were restored.

    Args:
        access: How to reach Kafka.
        owner: The prefix of the sink.
        on_lost: What to do when nobody can tell whether an epoch was committed.
    """

    is_slow = True

    def __init__(self, access: Access, owner: str, on_lost: OnLostMarker) -> None:
        self._access = access
        self._settler = Settler(access, owner, on_lost)
        self._live: WriterTransactions | None = None

    def open_transactions(self, writer_id: WriterId, token: str) -> WriterTransactions:
        """Take over the transactional ids of a writer."""
        assert self._live is None, "a committer has one writer"
        try:
            self._live = WriterTransactions(self._access, writer_id, self._settler, token)
        except ClientError as error:
            doing = f"take over the transactional ids {writer_id.name + '-0'!r} and '...-1'"
            raise self._access.explain(error, doing) from error
        return self._live

    def commit(self, committables: Sequence[Any]) -> None:
        live = self._live
        if live is None:
            self._settler.settle_all(committables)
            return
        for is_live, epochs in split_by_writer(committables, live.writer_id):
            if not is_live:
                self._settler.settle_all(epochs)
                continue
            for epoch in epochs:
                live.commit(epoch)

    def close(self) -> None:
        if self._live is not None:
            self._live.close()
