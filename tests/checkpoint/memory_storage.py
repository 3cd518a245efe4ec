"""Checkpoint storage in a dict, and handles and parts for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flott.core.key_group import KeyGroupRange
from flott.core.snapshot import StateHandle, StateKind, StatePart
from flott.core.storage import CheckpointStorage

GROUPS = KeyGroupRange(0, 127)


class MemoryStorage(CheckpointStorage):
    """Files in a dict."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = dict(files or {})

    def write(self, path: str, chunks: Sequence[bytes | memoryview]) -> None:
        self.files[path] = b"".join(chunks)

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(path)
        end = None if length is None else offset + length
        return self.files[path][offset:end]

    def list_paths(self, folder: str) -> list[str]:
        prefix = f"{folder}/" if folder else ""
        return sorted(path for path in self.files if path.startswith(prefix))

    def delete(self, path: str) -> None:
        self.files.pop(path, None)

    def describe(self) -> str:
        return "memory"


def keyed_part(payload: bytes, full: bool = True, operator_id: str = "op") -> StatePart:
    return StatePart(operator_id, StateKind.KEYED, full, payload)


def operator_part(payload: bytes, operator_id: str = "op") -> StatePart:
    return StatePart(operator_id, StateKind.OPERATOR, True, payload)


def handle(
    path: str | None = "chk-1/r-0-0.state", length: int = 100, **changes: Any
) -> StateHandle:
    fields: dict[str, Any] = {
        "operator_id": "op",
        "kind": StateKind.KEYED,
        "full": True,
        "subtask": 0,
        "parallelism": 1,
        "key_groups": GROUPS,
        "checkpoint_id": 1,
        "offset": 0,
        "checksum": 0,
    }
    return StateHandle(**{**fields, **changes}, path=path, length=length)
