"""Records that are kept come back as they were, from blocks that are used again."""

from __future__ import annotations

import pickle

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from flott.common.errors import SinkError
from flott.connectors.kafka.sink.blocks import BLOCK_BYTES, Blocks, SpillFile
from flott.connectors.kafka.sink.record_log import LogWriter, RecordLog


def frame(size: int = 1_000_000, rows: int = 5) -> pl.DataFrame:
    """A frame of about so many bytes; several of them do not fit into a block."""
    values = [bytes([97 + row]) * (size // rows) for row in range(rows)]
    return pl.DataFrame({"value": values}, schema={"value": pl.Binary})


def written(count: int, blocks: Blocks | None = None, in_memory_max: int = 100) -> RecordLog:
    writer = LogWriter(blocks or Blocks(), in_memory_max)
    for _ in range(count):
        writer.append(frame())
    return writer.seal()


def test_frames_may_begin_in_one_block_and_end_in_another() -> None:
    frames = list(written(10).frames())
    assert len(frames) == 10
    for each in frames:
        assert_frame_equal(each, frame())


def test_a_frame_may_be_larger_than_a_block() -> None:
    writer = LogWriter(Blocks())
    large = frame(3 * BLOCK_BYTES)
    writer.append(large)
    assert_frame_equal(next(writer.frames()), large)
    assert_frame_equal(next(writer.seal().frames()), large)


def test_frames_can_be_read_while_others_are_added() -> None:
    writer = LogWriter(Blocks())
    for size in (1000, 2000, 3000):
        writer.append(frame(size))
    assert_frame_equal(next(writer.frames(1)), frame(2000))
    writer.append(frame(4000))
    assert_frame_equal(next(writer.frames(3)), frame(4000))


def test_records_at_the_front_are_skipped_without_being_read() -> None:
    (last,) = written(3).frames(skipped=12)
    assert_frame_equal(last, frame().slice(2))


@pytest.mark.parametrize("protocol", [4, 5])
def test_a_log_survives_pickling(protocol: int) -> None:
    copy = pickle.loads(pickle.dumps(written(10), protocol))
    assert [each.height for each in copy.frames()] == [5] * 10


def test_blocks_leave_a_pickle_without_being_copied() -> None:
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(written(10), 5, buffer_callback=buffers.append)
    assert len(data) < 1000
    views = [buffer.raw() for buffer in buffers]
    assert all(view.readonly and len(view) % 4096 == 0 for view in views)
    assert [each.height for each in pickle.loads(data, buffers=views).frames()] == [5] * 10


def test_a_block_is_used_again_once_nobody_refers_to_a_part_of_it() -> None:
    blocks = Blocks()
    log = written(10, blocks)
    buffers: list[pickle.PickleBuffer] = []
    pickle.dumps(log, 5, buffer_callback=buffers.append)
    used = len(buffers)
    del log
    assert blocks.idle_count == 0  # as while a checkpoint is being stored
    part = buffers[0].raw()[:10]
    del buffers
    assert blocks.idle_count == used - 1
    del part
    assert blocks.idle_count == used


def test_what_is_left_of_former_records_is_not_stored() -> None:
    blocks = Blocks()
    block = blocks.take()
    block[:] = b"x" * BLOCK_BYTES
    del block
    writer = LogWriter(blocks)
    writer.append(frame(10))
    buffers: list[pickle.PickleBuffer] = []
    pickle.dumps(writer.seal(), 5, buffer_callback=buffers.append)
    assert b"xx" not in bytes(buffers[0].raw())


def test_records_of_a_long_epoch_are_put_aside() -> None:
    blocks = Blocks()
    log = written(40, blocks, in_memory_max=2)
    assert blocks.idle_count == 0  # the one that was used again and again is in use
    for each in log.frames():
        assert_frame_equal(each, frame())
    copy = pickle.loads(pickle.dumps(log, 5))
    del log
    assert blocks.idle_count == 3
    assert sum(each.height for each in copy.frames()) == 200


def test_there_may_be_no_room_for_spilled_records() -> None:
    class FullFile:
        def write(self, data: memoryview) -> int:
            raise OSError(28, "No space left on device")

    spill = SpillFile()
    spill._file = FullFile()  # type: ignore[assignment]
    with pytest.raises(SinkError, match=r"No space left on device.*TMPDIR"):
        spill.write(Blocks().take())
