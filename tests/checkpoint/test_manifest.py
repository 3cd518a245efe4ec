"""The manifest as bytes: whole and unaltered, or noticed."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.checkpoint.manifest import (
    Manifest,
    OperatorState,
    decode_manifest,
    encode_manifest,
)
from flott.common.errors import DamagedCheckpointError
from flott.core.element import SnapshotKind
from flott.core.key_group import KeyGroupRange
from flott.core.snapshot import StateHandle, StateKind
from tests.checkpoint.memory_storage import handle

PATH = "chk-7/manifest"

SMALL = Manifest(
    checkpoint_id=7,
    timestamp_ms=1_700_000_000_000,
    kind=SnapshotKind.CHECKPOINT,
    job_name="job",
    operators=(
        OperatorState("a" * 32, "Source", 1, 128, coordinator=b"\0splits"),
        OperatorState(
            "b" * 32,
            "Map",
            2,
            128,
            handles=(
                handle("chk-3/r-0-0.state", operator_id="b" * 32),
                handle("chk-7/r-0-0.state", operator_id="b" * 32, full=False, offset=5),
                handle(None, 3, operator_id="b" * 32, inline=b"abc", key_groups=None),
            ),
        ),
    ),
    folder="chk-7",
)

_texts = st.text(max_size=8)
_numbers = st.integers(0, 2**62)
_ranges = st.builds(KeyGroupRange, st.integers(0, 9), st.integers(0, 9))
_in_files = st.builds(
    StateHandle,
    operator_id=st.just("op"),
    kind=st.sampled_from(StateKind),
    full=st.booleans(),
    subtask=_numbers,
    parallelism=_numbers,
    key_groups=st.none() | _ranges,
    checkpoint_id=_numbers,
    path=st.sampled_from(["chk-7/a.state", "chk-3/b.state", "savepoint-1-x/c.state"]),
    offset=_numbers,
    length=_numbers,
    checksum=st.integers(0, 2**32 - 1),
)
_inline = st.builds(handle, st.none(), _numbers, inline=st.binary(max_size=9))
_operators = st.builds(
    OperatorState,
    operator_id=st.just("op"),
    name=_texts,
    parallelism=_numbers,
    max_parallelism=_numbers,
    handles=st.lists(_in_files | _inline, max_size=3).map(tuple),
    coordinator=st.none() | st.binary(max_size=9),
)
manifests = st.builds(
    Manifest,
    checkpoint_id=_numbers,
    timestamp_ms=_numbers,
    kind=st.sampled_from(SnapshotKind),
    job_name=_texts,
    operators=st.lists(_operators, max_size=3).map(tuple),
    folder=st.just("chk-7"),
)


@given(manifests)
def test_a_manifest_comes_back_as_it_was(manifest: Manifest) -> None:
    assert decode_manifest(encode_manifest(manifest), PATH) == manifest


def test_each_flipped_byte_is_noticed() -> None:
    whole = encode_manifest(SMALL)
    for position in range(len(whole)):
        for flip in (0x01, 0x20, 0x80):
            damaged = bytearray(whole)
            damaged[position] ^= flip
            with pytest.raises(DamagedCheckpointError, match=PATH):
                decode_manifest(bytes(damaged), PATH)


def test_each_length_but_the_right_one_is_noticed() -> None:
    whole = encode_manifest(SMALL)
    for length in range(len(whole)):
        with pytest.raises(DamagedCheckpointError):
            decode_manifest(whole[:length], PATH)
    with pytest.raises(DamagedCheckpointError):
        decode_manifest(whole + b"\n", PATH)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file"),
        (b"PK\x03\x04", "not a manifest"),
        (b"FLOTT-MANIFEST 1\n{", "cut off after 18 bytes"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(DamagedCheckpointError, match=reason):
        decode_manifest(data, PATH)


def signed(body: bytes) -> bytes:
    from zlib import crc32

    return b"%s\n%08x\n" % (body, crc32(body))


def test_a_later_version_is_not_read_as_this_one() -> None:
    with pytest.raises(DamagedCheckpointError, match=r"version 2 of the format; .* version 1"):
        decode_manifest(signed(b"FLOTT-MANIFEST 2\n{}"), PATH)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"{", b'{"checkpoint_id": 1}'])
def test_a_sound_file_with_the_wrong_content_is_damage(body: bytes) -> None:
    with pytest.raises(DamagedCheckpointError, match="unreadable manifest"):
        decode_manifest(signed(b"FLOTT-MANIFEST 1\n" + body), PATH)


def test_the_content_is_plain_json() -> None:
    middle = encode_manifest(SMALL).splitlines()[1]
    assert orjson.loads(middle)["operators"][1]["name"] == "Map"


def test_files_in_its_own_folder_move_with_the_manifest() -> None:
    moved = decode_manifest(encode_manifest(SMALL), "elsewhere/renamed/manifest")
    assert moved.paths() == {"chk-3/r-0-0.state", "elsewhere/renamed/r-0-0.state"}
    at_the_root = decode_manifest(encode_manifest(SMALL), "manifest")
    assert "r-0-0.state" in at_the_root.paths()


def test_what_a_manifest_stands_for() -> None:
    assert SMALL.paths() == {"chk-3/r-0-0.state", "chk-7/r-0-0.state"}
    assert SMALL.state_bytes == 203
    assert not SMALL.is_savepoint
    assert [one.has_state for one in SMALL.operators] == [True, True]
