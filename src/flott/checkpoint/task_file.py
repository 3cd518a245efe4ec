"""The state of one task in storage: small parts inside their handles, the others in one file.

The file is the parts one after another and nothing else, so that every byte of it is under a
handle's checksum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final
from zlib import crc32

from flott.common.errors import DamagedCheckpointError
from flott.core.key_group import KeyGroupRange
from flott.core.snapshot import StateHandle, StateKind, StatePart
from flott.core.storage import CheckpointStorage

#: The default of ``execution.checkpointing.data-inline-threshold``.
INLINE_BYTES_DEFAULT: Final = 20 * 1024


@dataclass(frozen=True, slots=True)
class TaskFile:
    """What a task stores for one checkpoint.

    Attributes:
        path: Where ``chunks`` are to be written; ``None`` if everything is inline.
        chunks: The content of the file.
        handles: A handle for each part, in order; good once the file is written.
    """

    path: str | None
    chunks: tuple[bytes | memoryview, ...]
    handles: tuple[StateHandle, ...]


def encode_task_file(
    parts: Sequence[StatePart],
    *,
    path: str,
    checkpoint_id: int,
    subtask: int,
    parallelism: int,
    key_groups: KeyGroupRange,
    inline_bytes_max: int = INLINE_BYTES_DEFAULT,
) -> TaskFile:
    """Lay out ``parts``: into the file at ``path``, or inline up to ``inline_bytes_max`` each.

    Takes as long as reading all of it, for the checksums.
    """
    assert inline_bytes_max >= 0
    chunks: list[bytes | memoryview] = []
    handles: dict[int, StateHandle] = {}
    offset = 0
    # Those with buffers first: at the beginning of the file these are at whole pages.
    for place in sorted(range(len(parts)), key=lambda place: not parts[place].buffers):
        part = parts[place]
        is_inline = part.size <= inline_bytes_max
        handles[place] = StateHandle(
            operator_id=part.operator_id,
            kind=part.kind,
            full=part.full,
            subtask=subtask,
            parallelism=parallelism,
            key_groups=key_groups if part.kind is StateKind.KEYED else None,
            checkpoint_id=checkpoint_id,
            path=None if is_inline else path,
            offset=0 if is_inline else offset,
            length=part.size,
            checksum=_checksum(part),
            inline=part.content if is_inline else None,
        )
        if not is_inline:
            chunks += (part.payload, *part.buffers)
            offset += part.size
    in_order = tuple(handles[place] for place in range(len(parts)))
    return TaskFile(path if chunks else None, tuple(chunks), in_order)


def _checksum(part: StatePart) -> int:
    return reduce(lambda value, buffer: crc32(buffer, value), part.buffers, crc32(part.payload))


def write_task_file(storage: CheckpointStorage, file: TaskFile) -> None:
    """Store what is not inline; blocks, and raises ``OSError``."""
    if file.path is not None:
        storage.write(file.path, file.chunks)


def read_parts(storage: CheckpointStorage, handles: Sequence[StateHandle]) -> list[StatePart]:
    """The parts that ``handles`` stand for, in order; blocks.

    Raises:
        DamagedCheckpointError: A file is missing, or its bytes are not those that were written.
        OSError: Storage cannot be read.
    """
    return [
        StatePart(handle.operator_id, handle.kind, handle.full, read_payload(storage, handle))
        for handle in handles
    ]


def read_payload(storage: CheckpointStorage, handle: StateHandle) -> bytes:
    """The bytes of one part; see `read_parts`."""
    if handle.path is None:
        assert handle.inline is not None, "the bytes are somewhere"
        payload, place = handle.inline, "the manifest"
    else:
        place = handle.path
        try:
            payload = storage.read(handle.path, handle.offset, handle.length)
        except FileNotFoundError as error:
            raise DamagedCheckpointError(place, "the file is missing") from error
    if len(payload) != handle.length:
        raise DamagedCheckpointError(
            place,
            f"{len(payload)} of {handle.length} bytes are there from byte {handle.offset} on",
        )
    if crc32(payload) != handle.checksum:
        raise DamagedCheckpointError(
            place,
            f"wrong checksum from byte {handle.offset} on, {handle.length} bytes long",
        )
    return payload
