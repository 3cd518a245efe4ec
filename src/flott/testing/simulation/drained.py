"""What a job had read when it drained, from the last checkpoint it took."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace

from flott.checkpoint.manifest import Manifest, OperatorState
from flott.checkpoint.task_file import read_parts
from flott.core.storage import CheckpointStorage
from flott.state.operator_store import MemoryOperatorStore
from flott.testing.simulation.records import InputShape, NumberedSplit
from flott.testing.simulation.workloads import JobShape


def read_before_drain(storage: CheckpointStorage, manifest: Manifest, shape: JobShape) -> JobShape:
    """The shape of a job that reads no further than a checkpoint says."""
    left = [
        split
        for operator in manifest.operators
        if operator.coordinator is not None
        for split in _unread(storage, operator)
    ]
    return replace(shape, main=_until(shape.main, left), other=_until(shape.other, left))


def _unread(storage: CheckpointStorage, operator: OperatorState) -> Iterator[NumberedSplit]:
    assert operator.coordinator is not None
    yield from pickle.loads(operator.coordinator)
    for handle in operator.handles:
        store = MemoryOperatorStore(operator.operator_id, handle.subtask, operator.parallelism)
        store.restore(read_parts(storage, [handle]), handle.subtask, operator.parallelism)
        yield from store.list_state("splits").get()


def _until(shape: InputShape, left: Sequence[NumberedSplit]) -> InputShape:
    names = {split.split_id for split in shape.splits_of()}
    return replace(shape, unread=tuple(split for split in left if split.split_id in names))
