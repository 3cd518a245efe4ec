"""A record of Kafka that could not be read: what the side output gets, and what the error says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flott.common.errors import MalformedRecordError
from flott.connectors.bad_records import shorten_raw
from flott.connectors.kafka.client.ports import KEY, OFFSET, VALUE, Fetched
from flott.connectors.kafka.records.codecs import MalformedRecord
from flott.core.source import RejectedRecord


@dataclass(frozen=True, slots=True)
class RejectedMessage(RejectedRecord):
    """A record that could not be read; ``source`` is "topic-partition", ``position`` its offset.

    Attributes:
        topic: Its topic.
        partition: Its partition.
        key: Its key, if it has one.
    """

    topic: str
    partition: int
    key: bytes | None


def rejected_messages(
    fetched: Fetched, malformed: Sequence[MalformedRecord]
) -> list[RejectedMessage]:
    """What is known of the broken records; ``fetched`` has ``OFFSET`` and ``VALUE``."""
    frame = fetched.frame
    has_key = KEY in frame.columns
    found = []
    parts = iter(fetched.parts)
    partition, end = next(parts)
    for row, reason in malformed:
        while row >= end:
            partition, count = next(parts)
            end += count
        found.append(
            RejectedMessage(
                str(partition),
                frame[OFFSET][row],
                None,
                reason,
                frame[VALUE][row] or b"",
                partition.topic,
                partition.partition,
                frame[KEY][row] if has_key else None,
            )
        )
    return found


def derive_message_error(message: RejectedMessage) -> MalformedRecordError:
    """The error about a broken record, its text shortened and secrets masked."""
    return MalformedRecordError(
        message.reason,
        file=f"topic '{message.topic}', partition {message.partition}, offset {message.position}",
        record=shorten_raw(message.raw),
    )
