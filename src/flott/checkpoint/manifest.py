"""The manifest: what a complete checkpoint consists of.

    FLOTT-MANIFEST 1\\n
    {json}\\n
    crc32 of everything before this line, 8 hexadecimal digits\\n

It is data only: JSON, with the few bytes of small states and of enumerators in base64; reading it
executes nothing. Paths of files in the manifest's own folder begin with ``./``, so a folder that
depends on no other can be moved and renamed.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

import orjson

from flott.common.errors import DamagedCheckpointError
from flott.core.element import SnapshotKind
from flott.core.key_group import KeyGroupRange
from flott.core.snapshot import StateHandle, StateKind

FORMAT_VERSION: Final = 1
_MAGIC: Final = b"FLOTT-MANIFEST "
_TRAILER_LENGTH: Final = 10  # newline, eight digits, newline


@dataclass(frozen=True, slots=True)
class OperatorState:
    """What a checkpoint has of one operator.

    Attributes:
        operator_id: State is found by it.
        name: What users see.
        parallelism: Number of subtasks.
        max_parallelism: Number of key groups.
        handles: State of all subtasks, in order of their index, that of one oldest first.
        coordinator: State of the operator's half at the coordinator, e.g. an enumerator.
    """

    operator_id: str
    name: str
    parallelism: int
    max_parallelism: int
    handles: tuple[StateHandle, ...] = ()
    coordinator: bytes | None = None

    @property
    def has_state(self) -> bool:
        """Whether anything would be lost without it."""
        return bool(self.handles) or self.coordinator is not None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A complete checkpoint or savepoint.

    Attributes:
        checkpoint_id: Its number.
        timestamp_ms: When it was triggered, epoch milliseconds.
        kind: Checkpoint or savepoint.
        job_name: The job's name.
        operators: All operators of the job, those without state as well.
        folder: The folder it was read from or is written to, relative to the storage.
        has_drained: Whether it was taken after the job had drained because it was being stopped:
            who starts from it has nothing more to read.
    """

    checkpoint_id: int
    timestamp_ms: int
    kind: SnapshotKind
    job_name: str
    operators: tuple[OperatorState, ...]
    folder: str
    has_drained: bool = False

    @property
    def is_savepoint(self) -> bool:
        """Whether it belongs to the user."""
        return self.kind is not SnapshotKind.CHECKPOINT

    def handles(self) -> Iterator[StateHandle]:
        """Every handle of every operator."""
        for operator in self.operators:
            yield from operator.handles

    def paths(self) -> frozenset[str]:
        """Every file it refers to, itself not included."""
        return frozenset(handle.path for handle in self.handles() if handle.path is not None)

    @property
    def state_bytes(self) -> int:
        """How many bytes of state it stands for."""
        return sum(handle.length for handle in self.handles())


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest as the content of its file."""
    content = {
        "checkpoint_id": manifest.checkpoint_id,
        "timestamp_ms": manifest.timestamp_ms,
        "kind": manifest.kind.value,
        "job_name": manifest.job_name,
        "has_drained": manifest.has_drained,
        "operators": [_encode_operator(one, manifest.folder) for one in manifest.operators],
    }
    body = b"%s%d\n%s" % (_MAGIC, FORMAT_VERSION, orjson.dumps(content))
    return b"%s\n%08x\n" % (body, crc32(body))


def decode_manifest(data: bytes, path: str) -> Manifest:
    """Read the content of the file at ``path``.

    Raises:
        DamagedCheckpointError: It is not what was written; says in what.
    """
    body = _checked_body(data, path)
    folder = path.rpartition("/")[0]
    try:
        content = orjson.loads(body[body.index(b"\n") + 1 :])
        return Manifest(
            checkpoint_id=content["checkpoint_id"],
            timestamp_ms=content["timestamp_ms"],
            kind=SnapshotKind(content["kind"]),
            job_name=content["job_name"],
            operators=tuple(_decode_operator(one, folder) for one in content["operators"]),
            folder=folder,
            has_drained=content.get("has_drained", False),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, binascii.Error) as error:
        # The checksum holds, so a program wrote it this way; none of this version would.
        raise DamagedCheckpointError(path, f"unreadable manifest ({error!r})") from error


def _checked_body(data: bytes, path: str) -> bytes:
    if not data.startswith(_MAGIC):
        raise DamagedCheckpointError(path, "not a manifest" if data else "empty file")
    if len(data) <= _TRAILER_LENGTH or data[-1:] != b"\n" or data[-10:-9] != b"\n":
        raise DamagedCheckpointError(path, f"cut off after {len(data)} bytes")
    body = data[:-_TRAILER_LENGTH]
    if data[-9:-1] != b"%08x" % crc32(body):
        raise DamagedCheckpointError(path, "wrong checksum")
    version = body[len(_MAGIC) : body.index(b"\n")]
    if version != b"%d" % FORMAT_VERSION:
        raise DamagedCheckpointError(
            path,
            f"written in version {version.decode(errors='replace')} of the format; this version "
            f"of Flott reads version {FORMAT_VERSION}",
        )
    return body


def _encode_operator(operator: OperatorState, folder: str) -> dict[str, Any]:
    coordinator = operator.coordinator
    return {
        "operator_id": operator.operator_id,
        "name": operator.name,
        "parallelism": operator.parallelism,
        "max_parallelism": operator.max_parallelism,
        "coordinator": None if coordinator is None else b64encode(coordinator).decode(),
        "handles": [_encode_handle(handle, folder) for handle in operator.handles],
    }


def _decode_operator(content: dict[str, Any], folder: str) -> OperatorState:
    operator_id = content["operator_id"]
    coordinator = content["coordinator"]
    return OperatorState(
        operator_id=operator_id,
        name=content["name"],
        parallelism=content["parallelism"],
        max_parallelism=content["max_parallelism"],
        handles=tuple(_decode_handle(one, operator_id, folder) for one in content["handles"]),
        coordinator=None if coordinator is None else b64decode(coordinator, validate=True),
    )


def _encode_handle(handle: StateHandle, folder: str) -> dict[str, Any]:
    groups = handle.key_groups
    content: dict[str, Any] = {
        "kind": handle.kind.value,
        "full": handle.full,
        "subtask": handle.subtask,
        "parallelism": handle.parallelism,
        "key_groups": None if groups is None else [groups.first, groups.last],
        "checkpoint_id": handle.checkpoint_id,
        "length": handle.length,
        "checksum": handle.checksum,
    }
    if handle.path is None:
        assert handle.inline is not None, "the bytes are somewhere"
        content["inline"] = b64encode(handle.inline).decode()
    else:
        content["path"] = _relative(handle.path, folder)
        content["offset"] = handle.offset
    return content


def _decode_handle(content: dict[str, Any], operator_id: str, folder: str) -> StateHandle:
    groups = content["key_groups"]
    inline = content.get("inline")
    return StateHandle(
        operator_id=operator_id,
        kind=StateKind(content["kind"]),
        full=content["full"],
        subtask=content["subtask"],
        parallelism=content["parallelism"],
        key_groups=None if groups is None else KeyGroupRange(*groups),
        checkpoint_id=content["checkpoint_id"],
        path=None if inline is not None else _absolute(content["path"], folder),
        offset=content.get("offset", 0),
        length=content["length"],
        checksum=content["checksum"],
        inline=None if inline is None else b64decode(inline, validate=True),
    )


def _relative(path: str, folder: str) -> str:
    prefix = f"{folder}/"
    return f"./{path.removeprefix(prefix)}" if path.startswith(prefix) else path


def _absolute(path: str, folder: str) -> str:
    if not path.startswith("./"):
        return path
    return f"{folder}/{path[2:]}" if folder else path[2:]
