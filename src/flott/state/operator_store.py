"""State of a subtask rather than of keys: lists, union lists, broadcast dicts.

It is small and always written in full, as one part: magic "FLTO", version (1 byte), length of the
header (4 bytes), header as JSON (subtask, parallelism, dataclasses), and one pickle of
``{kind: {name: items}}``.

Large pieces that items give as read-only buffers (``pickle.PickleBuffer``) are not copied. They
stand behind the pickle, from the next multiple of 4096 bytes on, and the header has their lengths.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Final

from flott.common.errors import RestoreError
from flott.core.operator_store import OperatorListState, OperatorStore
from flott.core.snapshot import StateKind, StatePart
from flott.state.codec import Decoder, Encoder
from flott.state.culprit import derive_culprit

_MAGIC: Final = b"FLTO"
_VERSION: Final = 1
_PREFIX: Final = struct.Struct("<4sBI")
#: Buffers of whole pages stay at whole pages in a file.
_PAGE_BYTES: Final = 4096

_LIST: Final = "list"
_UNION: Final = "union"
_BROADCAST: Final = "broadcast"
_WORDS: Final = {_LIST: "list state", _UNION: "union list state", _BROADCAST: "broadcast state"}


class MemoryOperatorListState(OperatorListState):
    """A list in memory."""

    __slots__ = ("items",)

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def get(self) -> list[Any]:
        return self.items.copy()

    def add(self, item: Any) -> None:
        self.items.append(item)

    def add_all(self, items: Iterable[Any]) -> None:
        self.items.extend(items)

    def update(self, items: Iterable[Any]) -> None:
        self.items[:] = list(items)

    def clear(self) -> None:
        self.items.clear()


class MemoryOperatorStore(OperatorStore):
    """Operator state of one subtask, in memory.

    Args:
        operator_id: The operator.
        subtask: Index of the subtask; `restore` says it, too.
        parallelism: Number of subtasks.
        operator_name: For error messages; the id if empty.
    """

    def __init__(
        self, operator_id: str, subtask: int = 0, parallelism: int = 1, operator_name: str = ""
    ) -> None:
        assert 0 <= subtask < parallelism
        self._operator_id = operator_id
        self._operator_name = operator_name or operator_id
        self._subtask = subtask
        self._parallelism = parallelism
        self._states: dict[str, dict[str, Any]] = {_LIST: {}, _UNION: {}, _BROADCAST: {}}

    def list_state(self, name: str) -> OperatorListState:
        return self._list(_LIST, name)

    def union_list_state(self, name: str) -> OperatorListState:
        return self._list(_UNION, name)

    def broadcast_state(self, name: str) -> dict[Any, Any]:
        self._check_kind(_BROADCAST, name)
        found: dict[Any, Any] = self._states[_BROADCAST].setdefault(name, {})
        return found

    def snapshot(self) -> StatePart | None:
        if self._is_empty:
            return None  # and no part: an operator that keeps nothing may be left out later
        content = {
            _LIST: {name: state.items for name, state in self._states[_LIST].items()},
            _UNION: {name: state.items for name, state in self._states[_UNION].items()},
            _BROADCAST: self._states[_BROADCAST],
        }
        encoder = Encoder()
        buffers: list[memoryview] = []
        try:
            body = encoder.dumps(content, buffers)
        except Exception as error:
            raise self._culprit(content, error) from error
        payload = self._encode(encoder.classes, body, [len(buffer) for buffer in buffers])
        return StatePart(self._operator_id, StateKind.OPERATOR, True, payload, tuple(buffers))

    def restore(self, parts: Iterable[StatePart], subtask: int, parallelism: int) -> None:
        assert not any(self._states.values()), "state is restored before it is used"
        assert 0 <= subtask < parallelism
        self._subtask, self._parallelism = subtask, parallelism
        former = [_read(part.content, self._operator_name) for part in parts]
        if not former:
            return
        lists = {
            _LIST: _dealt(former, subtask, parallelism),
            _UNION: _joined([one.content[_UNION] for one in former]),
        }
        for kind, by_name in lists.items():
            for name, items in by_name.items():
                self._states[kind][name] = MemoryOperatorListState(items)
        copies = [one.content[_BROADCAST] for one in former]
        for name in {name for copy in copies for name in copy}:
            holders = [copy[name] for copy in copies if name in copy]
            self._states[_BROADCAST][name] = holders[subtask % len(holders)]

    def _encode(self, classes: dict[str, list[str]], body: bytes, lengths: list[int]) -> bytes:
        fields = {"subtask": self._subtask, "parallelism": self._parallelism, "classes": classes}
        header = json.dumps({**fields, "buffers": lengths}).encode()
        payload = b"".join((_PREFIX.pack(_MAGIC, _VERSION, len(header)), header, body))
        return payload + bytes(-len(payload) % _PAGE_BYTES) if lengths else payload

    @property
    def _is_empty(self) -> bool:
        lists = (*self._states[_LIST].values(), *self._states[_UNION].values())
        return not any(state.items for state in lists) and not any(
            self._states[_BROADCAST].values()
        )

    def _list(self, kind: str, name: str) -> MemoryOperatorListState:
        self._check_kind(kind, name)
        state = self._states[kind].get(name)
        if state is None:
            state = self._states[kind][name] = MemoryOperatorListState([])
        assert isinstance(state, MemoryOperatorListState)
        return state

    def _check_kind(self, kind: str, name: str) -> None:
        for other, states in self._states.items():
            if other != kind and name in states:
                raise RestoreError(
                    f"State '{name}' of operator {self._operator_name} is {_WORDS[other]}, by an "
                    f"earlier declaration or in the checkpoint; it cannot be {_WORDS[kind]} as "
                    "well. Give each state a name of its own."
                )

    def _culprit(self, content: dict[str, dict[str, Any]], error: Exception) -> Exception:
        for states in content.values():
            for name, items in states.items():
                try:
                    Encoder().dumps(items)
                except Exception as cause:
                    entries = items.items() if isinstance(items, dict) else enumerate(items)
                    return derive_culprit(name, [(None, dict(entries))], cause)
        return error


@dataclass(frozen=True, slots=True)
class _Former:
    """What one subtask had."""

    subtask: int
    parallelism: int
    content: dict[str, dict[str, Any]]


def _dealt(former: list[_Former], subtask: int, parallelism: int) -> dict[str, list[Any]]:
    """What a subtask gets of lists: its own at the same parallelism, else every so-many-th item."""
    if any(one.parallelism == parallelism for one in former):
        own = [one for one in former if (one.subtask, one.parallelism) == (subtask, parallelism)]
        return _joined([one.content[_LIST] for one in own])
    joined = _joined([one.content[_LIST] for one in former])
    return {name: items[subtask::parallelism] for name, items in joined.items()}


def _read(payload: bytes, operator: str) -> _Former:
    if len(payload) < _PREFIX.size or payload[:4] != _MAGIC:
        raise RestoreError(
            f"What is stored for operator {operator} is not operator state of Flott."
        )
    _, version, header_length = _PREFIX.unpack_from(payload)
    if version != _VERSION:
        raise RestoreError(
            f"The operator state of {operator} is stored in version {version} of the format; "
            f"this version of Flott reads version {_VERSION}."
        )
    begin = _PREFIX.size + header_length
    header = json.loads(payload[_PREFIX.size : begin])
    decoder = Decoder(header["classes"], f"the operator state of {operator}")
    view, lengths = memoryview(payload), header.get("buffers", [])
    ends = list(accumulate(lengths, initial=len(payload) - sum(lengths)))
    buffers = [view[start:end] for start, end in pairwise(ends)]
    content = decoder.loads(view[begin : ends[0]], buffers)
    return _Former(header["subtask"], header["parallelism"], content)


def _joined(many: Iterable[dict[str, list[Any]]]) -> dict[str, list[Any]]:
    joined: dict[str, list[Any]] = {}
    for lists in many:
        for name, items in lists.items():
            joined.setdefault(name, []).extend(items)
    return joined
