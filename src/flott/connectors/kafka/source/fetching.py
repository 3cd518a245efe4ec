"""What is worked out about a batch that was fetched: where it is cut, which records of the decoded
batch are of which partition, and where a record came from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

from flott.connectors.kafka.client.ports import OFFSET, Fetched, TopicPartition
from flott.connectors.kafka.records.codecs import DecodedRecords
from flott.core.batch import RowBatch


def cut_at_ends(fetched: Fetched, stops: Mapping[TopicPartition, int | None]) -> Fetched:
    """Leave out records at and beyond the stop of their partition, and those of partitions that are
    not read any more.

    Args:
        fetched: What came.
        stops: The partitions that are read, each with the first offset that is not.
    """
    keep = [_rows_to_keep(fetched, index, stops) for index in range(len(fetched.parts))]
    positions = {
        partition: each for partition, each in fetched.positions.items() if partition in stops
    }
    if all(kept == rows for kept, (_, rows) in zip(keep, fetched.parts, strict=True)):
        if len(positions) == len(fetched.positions):
            return fetched
        return replace(fetched, positions=positions)
    starts = accumulate((rows for _, rows in fetched.parts), initial=0)
    frame = fetched.frame.clear()
    for start, kept in zip(starts, keep, strict=False):
        frame = frame.vstack(fetched.frame.slice(start, kept))
    parts = [
        (partition, kept) for (partition, _), kept in zip(fetched.parts, keep, strict=True) if kept
    ]
    return Fetched(frame, parts, positions, fetched.ends)


def _rows_to_keep(fetched: Fetched, index: int, stops: Mapping[TopicPartition, int | None]) -> int:
    partition, rows = fetched.parts[index]
    if partition not in stops:
        return 0
    stop = stops[partition]
    if stop is None or fetched.positions.get(partition, stop + 1) <= stop:
        return rows
    start = sum(each for _, each in fetched.parts[:index])
    offsets = fetched.frame[OFFSET]
    return bisect_left(offsets, stop, start, start + rows) - start


def parts_of(fetched: Fetched, decoded: DecodedRecords) -> Sequence[tuple[str, int]]:
    """How many records of the decoded batch are of which partition; none without any."""
    counts = [rows for _, rows in fetched.parts]
    if decoded.rows is not None:
        rows = decoded.rows
        found = [bisect_left(rows, end) for end in accumulate(counts)]
        counts = [end - start for start, end in pairwise([0, *found])]
    assert sum(counts) == decoded.batch.row_count, "each record was made of a row"
    return [
        (str(partition), count) for (partition, _), count in zip(fetched.parts, counts) if count
    ]


def origin_of(value: Any, fetched: Fetched, decoded: DecodedRecords) -> str:
    """Where a record of the batch came from: its offset, or of several the first and last."""
    batch = decoded.batch
    if isinstance(batch, RowBatch):
        for index, each in enumerate(batch.values):
            if each is value:
                row = index if decoded.rows is None else int(decoded.rows[index])
                return f"{fetched.partition_of(row)} @ {fetched.frame[OFFSET][row]}"
    start = 0
    names = []
    offsets = fetched.frame[OFFSET]
    for partition, rows in fetched.parts:
        names.append(f"{partition} @ {offsets[start]} to {offsets[start + rows - 1]}")
        start += rows
    return ", ".join(names)
