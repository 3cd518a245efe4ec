"""Settling epochs that were found in a checkpoint: commit them unless the marker says it was done.

First both transactional ids of the writer are taken over: that fences whoever may still be writing
and settles transactions in progress. Only then is the marker's answer final.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from flott.common.errors import SinkError
from flott.connectors.kafka.client.ports import ClientError, Cluster
from flott.connectors.kafka.sink.errors import is_fencing, is_final
from flott.connectors.kafka.sink.marker import has_marker, read_marker
from flott.connectors.kafka.sink.on_lost_marker import OnLostMarker
from flott.connectors.kafka.sink.transactions import Access, ProducerPair
from flott.connectors.write_ahead import Epoch, Marker, Verdict, WriterId, judge

_log = logging.getLogger(__name__)

#: How often an epoch is tried again with new producers.
ATTEMPTS_MAX: Final = 3

#: After so many subtasks without a marker nobody looks for further ones.
_MISSING_MAX: Final = 2


class Settler:
    """Settles restored epochs.

    Args:
        access: How to reach Kafka.
        owner: The prefix of the sink by now; epochs may have been written under another.
        on_lost: What to do when nobody can tell whether an epoch was committed.
    """

    def __init__(self, access: Access, owner: str, on_lost: OnLostMarker) -> None:
        self._access = access
        self._owner = owner
        self._on_lost = on_lost

    def settle_all(self, epochs: Sequence[Epoch]) -> None:
        """Settle epochs of any writers, those of each in order.

        Raises:
            SinkError: At least one is not settled.
        """
        for writer_id, of_writer in groupby(epochs, key=lambda epoch: epoch.writer_id):
            self._settle_writer(writer_id, list(of_writer))

    def settle(self, pair: ProducerPair, marker: Marker | None, epoch: Epoch) -> Marker | None:
        """Settle an epoch of a writer whose transactional ids are ours; give the new marker.

        Raises:
            ClientError: It could not be written.
            SinkError: Nobody can tell whether it was committed.
        """
        verdict = judge(marker, epoch)
        if verdict is Verdict.COMMITTED:
            return marker
        if verdict is not Verdict.MISSING:
            if self._on_lost is OnLostMarker.FAIL:
                if self._access.is_missing(epoch.marker_location):
                    error = ClientError("UNKNOWN_TOPIC_OR_PART", "The sink's marker went with it")
                    doing = f"commit what checkpoint {epoch.checkpoint_id} covers"
                    raise self._access.explain(error, doing)
                raise _unknown(epoch, verdict)
            _log.warning("%s", _unknown(epoch, verdict))
            if self._on_lost is OnLostMarker.AT_MOST_ONCE:
                return marker
        return self._write(pair, marker, epoch)

    def _settle_writer(self, writer_id: WriterId, epochs: list[Epoch]) -> None:
        for attempt in range(ATTEMPTS_MAX):
            try:
                if writer_id.owner == self._owner or not self._are_committed(writer_id, epochs):
                    self._take_over(writer_id, epochs)
                return
            except ClientError as error:
                is_last = attempt == ATTEMPTS_MAX - 1
                if is_last or is_fencing(error) or is_final(error):
                    numbers = ", ".join(str(epoch.checkpoint_id) for epoch in epochs)
                    doing = f"commit what checkpoint {numbers} covers under {writer_id.name!r}"
                    raise self._access.explain(error, doing) from error
                _log.info("Settling %s again: %s", writer_id.name, error)

    def _are_committed(self, writer_id: WriterId, epochs: list[Epoch]) -> bool:
        """Whether nothing is left to do, seen without fencing anybody: the writer is of a sink with
        another prefix, which may be running."""
        marker = self._read(writer_id, epochs)
        return all(judge(marker, epoch) is Verdict.COMMITTED for epoch in epochs)

    def _take_over(self, writer_id: WriterId, epochs: list[Epoch]) -> None:
        pair = ProducerPair(self._access, writer_id)
        try:
            marker = self._read(writer_id, epochs)
            for epoch in epochs:
                marker = self.settle(pair, marker, epoch)
        finally:
            pair.close()

    def _read(self, writer_id: WriterId, epochs: list[Epoch]) -> Marker | None:
        topic = next((epoch.marker_location for epoch in epochs if epoch.count), None)
        if topic is None:
            return None
        return self._access.ask(lambda cluster: read_marker(cluster, writer_id, topic))

    def _write(self, pair: ProducerPair, marker: Marker | None, epoch: Epoch) -> Marker:
        assert epoch.incarnation is not None
        incarnation = epoch.incarnation
        if epoch.content is None:
            raise SinkError(
                f"The transaction with {epoch.count} records was lost, and a job without "
                "checkpoints does not keep them. It has to run again; raise "
                "transaction.timeout.ms if it takes long, or take checkpoints."
            )
        if marker is None or marker.origin != incarnation.origin:
            registered = incarnation.generation + 1
            marker = Marker(incarnation.origin, registered, 0, ())
        after = marker.commit(incarnation, epoch.checkpoint_id)
        frames = epoch.content.frames()
        pair.commit(pair.producers[0], frames, after, epoch.marker_location, epoch.checkpoint_id)
        return after


def abort_vanished(
    access: Access, writer_id: WriterId, parallelism: int, marker_topic: str | None
) -> None:
    """Abort what subtasks have left open that are not there any more, after a failed attempt from
    the same checkpoint at a higher parallelism: readers would wait until it times out.

    Each subtask looks after those with its remainder. Nobody else uses their ids: restored epochs
    are of earlier ones.

    Args:
        access: How to reach Kafka.
        writer_id: The subtask's writer.
        parallelism: How many subtasks there are by now.
        marker_topic: The topic that holds the markers of all subtasks; ``None`` if it may be any.

    Raises:
        ClientError: The cluster cannot be asked, or a transaction cannot be aborted.
    """

    def find(cluster: Cluster) -> list[WriterId]:
        topics = cluster.topics() if marker_topic is None else [marker_topic]
        found: list[WriterId] = []
        subtask, missing = writer_id.subtask + parallelism, 0
        while missing < _MISSING_MAX:
            vanished = replace(writer_id, subtask=subtask)
            if not has_marker(cluster, vanished, topics):
                missing += 1
            else:
                missing = 0
                found.append(vanished)
            subtask += parallelism
        return found

    for vanished in access.ask(find):
        ProducerPair(access, vanished).close()


def split_by_writer(
    epochs: Sequence[Epoch], writer_id: WriterId
) -> Iterator[tuple[bool, list[Epoch]]]:
    """Runs of epochs, and whether they are of ``writer_id``."""
    for is_of_writer, run in groupby(epochs, key=lambda epoch: epoch.writer_id == writer_id):
        yield is_of_writer, list(run)


def _unknown(epoch: Epoch, verdict: Verdict) -> SinkError:
    writer_id = epoch.writer_id
    if verdict is Verdict.LOST:
        reason = (
            f"The marker of the sink (offsets of consumer group {writer_id.name!r} for partition "
            f"{epoch.marker_location}-0) is gone: offsets expire after offsets.retention.minutes "
            "without a checkpoint (7 days by default), go with their topic, and stay behind when "
            "one moves to another cluster."
        )
    else:
        reason = (
            f"The marker of the sink (consumer group {writer_id.name!r}) has forgotten the attempt "
            "that took the checkpoint, after many others started from the same one."
        )
    return SinkError(
        f"Nobody can tell whether the {epoch.count} records that checkpoint {epoch.checkpoint_id} "
        f"holds for subtask {writer_id.subtask} were committed. {reason} "
        "Set sink.on-lost-marker (set_on_lost_marker) to 'at-least-once' to write them, perhaps "
        "for the second time, or to 'at-most-once' to leave them out if you know that they are "
        "there."
    )
