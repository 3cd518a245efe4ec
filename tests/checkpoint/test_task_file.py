"""The state of a task in one file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.checkpoint.task_file import TaskFile, encode_task_file, read_parts, write_task_file
from flott.common.errors import DamagedCheckpointError
from flott.core.snapshot import StatePart
from tests.checkpoint.memory_storage import GROUPS, MemoryStorage, keyed_part, operator_part

PATH = "chk-7/r-0-0.state"


def encoded(parts: list[StatePart], inline_bytes_max: int = 0) -> TaskFile:
    return encode_task_file(
        parts,
        path=PATH,
        checkpoint_id=7,
        subtask=1,
        parallelism=2,
        key_groups=GROUPS,
        inline_bytes_max=inline_bytes_max,
    )


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.booleans(), st.binary(max_size=40)), max_size=5),
    st.integers(0, 50),
)
def test_parts_come_back_as_they_were(
    content: list[tuple[str, bool, bytes]], inline_bytes_max: int
) -> None:
    parts = [keyed_part(payload, full, name) for name, full, payload in content]
    file = encoded(parts, inline_bytes_max)
    storage = MemoryStorage()
    write_task_file(storage, file)
    assert read_parts(storage, file.handles) == parts


def test_small_parts_are_inline_and_large_ones_in_the_file() -> None:
    file = encoded([keyed_part(b"s" * 10), keyed_part(b"l" * 11), operator_part(b"m" * 12)], 10)
    assert [one.inline is not None for one in file.handles] == [True, False, False]
    assert [(one.path, one.offset, one.length) for one in file.handles[1:]] == [
        (PATH, 0, 11),
        (PATH, 11, 12),
    ]
    assert b"".join(file.chunks) == b"l" * 11 + b"m" * 12


def test_without_large_parts_there_is_no_file() -> None:
    file = encoded([keyed_part(b"small")], 10)
    assert (file.path, file.chunks) == (None, ())
    storage = MemoryStorage()
    write_task_file(storage, file)
    assert storage.files == {}


def test_handles_say_who_wrote_what() -> None:
    keyed, operator = encoded([keyed_part(b"k", full=False), operator_part(b"o")]).handles
    assert (keyed.subtask, keyed.parallelism, keyed.checkpoint_id) == (1, 2, 7)
    assert (keyed.full, keyed.key_groups, operator.key_groups) == (False, GROUPS, None)


def test_a_missing_file_is_damage() -> None:
    file = encoded([keyed_part(b"abc")])
    with pytest.raises(DamagedCheckpointError, match=f"{PATH} is damaged: the file is missing"):
        read_parts(MemoryStorage(), file.handles)


def test_a_cut_off_file_is_damage() -> None:
    file = encoded([keyed_part(b"abc"), keyed_part(b"defg")])
    storage = MemoryStorage({PATH: b"abcde"})
    with pytest.raises(DamagedCheckpointError, match="2 of 4 bytes are there from byte 3 on"):
        read_parts(storage, file.handles)


def test_each_changed_byte_of_the_file_is_noticed() -> None:
    file = encoded([keyed_part(b"abc"), operator_part(b"defg")])
    whole = b"".join(file.chunks)
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        with pytest.raises(DamagedCheckpointError, match="wrong checksum"):
            read_parts(MemoryStorage({PATH: bytes(damaged)}), file.handles)


def test_damage_of_inline_bytes_names_the_manifest() -> None:
    (one,) = encoded([keyed_part(b"abc")], 10).handles
    with pytest.raises(DamagedCheckpointError, match="the manifest is damaged"):
        read_parts(MemoryStorage(), [replace(one, inline=b"abd")])


def with_buffers(payload: bytes, *buffers: bytes) -> StatePart:
    return replace(operator_part(payload), buffers=tuple(memoryview(each) for each in buffers))


def test_buffers_follow_their_payload_under_one_checksum() -> None:
    parts = [keyed_part(b"abc"), with_buffers(b"de", b"fgh", b"i")]
    file = encoded(parts)
    assert [(one.offset, one.length) for one in file.handles] == [(6, 3), (0, 6)]
    storage = MemoryStorage()
    write_task_file(storage, file)
    assert storage.files[PATH] == b"defghiabc"
    assert [part.payload for part in read_parts(storage, file.handles)] == [b"abc", b"defghi"]


def test_few_bytes_are_inline_with_their_buffers() -> None:
    (one,) = encoded([with_buffers(b"de", b"fgh")], 10).handles
    assert one.inline == b"defgh"
