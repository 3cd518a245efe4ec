import threading
from pathlib import Path

import polars as pl
import pytest

from flott.common import Configuration
from flott.common.errors import UnpicklableError
from flott.deploy.composition import checkpoint_root
from flott.deploy.programs import isolate


def test_isolated_copy_shares_nothing_mutable() -> None:
    seen: list[int] = []
    copy = isolate(lambda n: seen.append(n) or len(seen))
    assert (copy(1), copy(2), seen) == (1, 2, [])


def test_an_isolated_copy_shares_the_columns_of_a_frame_but_not_its_names() -> None:
    frame = pl.DataFrame({"a": range(1000)})
    copy = isolate([frame, frame["a"]])
    copy[0].columns = ["b"]
    assert frame.columns == ["a"]
    assert copy[1].to_list() == list(range(1000))
    own, shared = frame["a"].to_arrow().buffers()[1], copy[0]["b"].to_arrow().buffers()[1]
    assert own.address == shared.address


def test_what_cannot_travel_is_refused_with_advice() -> None:
    lock = threading.Lock()
    with pytest.raises(UnpicklableError, match=r"open\(\)"):
        isolate(lambda: lock)


def test_checkpoints_without_a_folder_go_to_a_temporary_one() -> None:
    root, is_temporary = checkpoint_root(Configuration(), "job")
    assert is_temporary
    Path(root).rmdir()


def test_every_job_has_its_own_folder_of_checkpoints() -> None:
    configuration = Configuration()
    configuration.set_string("execution.checkpointing.dir", "/data/checkpoints/")
    assert checkpoint_root(configuration, "job") == ("/data/checkpoints/job", False)


def test_jobs_may_share_a_folder_if_told_so() -> None:
    configuration = Configuration()
    configuration.set_string("execution.checkpointing.dir", "/data/checkpoints")
    configuration.set_string("execution.checkpointing.create-subdir", "false")
    assert checkpoint_root(configuration, "job") == ("/data/checkpoints", False)
