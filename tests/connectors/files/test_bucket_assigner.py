from __future__ import annotations

import datetime
import os.path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import SinkError
from flott.connectors.files.bucket_assigner import BucketAssigner, BucketContext, check_bucket_id
from flott.connectors.files.rolling_policy import PartInfo, RollingPolicy
from tests.connectors.fakes import travel

NINE_OCLOCK_MS = 1_782_896_400_000  # 2026-07-01 09:00 UTC


def test_one_folder_for_everything() -> None:
    assigner = BucketAssigner.base_path_bucket_assigner()
    assert assigner.common_bucket_id(0) == ""
    assert assigner.get_bucket_id("x", BucketContext(None, 0)) == ""


def test_a_folder_for_each_hour() -> None:
    assigner = travel(BucketAssigner.date_time_bucket_assigner(timezone_id="UTC"))
    assert assigner.common_bucket_id(NINE_OCLOCK_MS - 1) == "2026-07-01--08"
    assert assigner.get_bucket_id("x", BucketContext(7, NINE_OCLOCK_MS)) == "2026-07-01--09"


def test_other_spans_and_zones() -> None:
    assigner = BucketAssigner.date_time_bucket_assigner("'day='yyyy-MM-dd/HH", "GMT-10:00")
    assert assigner.common_bucket_id(NINE_OCLOCK_MS) == "day=2026-06-30/23"


def test_the_local_zone_by_default() -> None:
    local = datetime.datetime.fromtimestamp(NINE_OCLOCK_MS / 1000)
    bucket_id = BucketAssigner.date_time_bucket_assigner().common_bucket_id(NINE_OCLOCK_MS)
    assert bucket_id == f"{local:%Y-%m-%d--%H}"


def test_patterns_and_zones_are_checked_at_once() -> None:
    with pytest.raises(ValueError, match="letter 'b'"):
        BucketAssigner.date_time_bucket_assigner("bad")
    with pytest.raises(ValueError, match="no time zone"):
        BucketAssigner.date_time_bucket_assigner(timezone_id="Nowhere")


class ByKind(BucketAssigner):
    def get_bucket_id(self, element: Any, context: BucketContext) -> str:
        return str(element)


def test_an_assigner_by_record_has_no_common_bucket() -> None:
    assert ByKind().common_bucket_id(0) is None


@given(st.text("ab./\\\0", max_size=8))
def test_a_bucket_id_that_passes_stays_below_the_base_path(bucket_id: str) -> None:
    try:
        checked = check_bucket_id(bucket_id)
    except SinkError:
        return
    path = os.path.normpath(os.path.join("/base", checked))
    assert path == "/base" or path.startswith("/base/")
    assert "/." not in path
    assert os.path.join("/base", checked).rstrip("/") == path


def test_the_refusal_shows_bucket_and_record() -> None:
    with pytest.raises(SinkError, match=r"'\.\./etc' would leave .* the record \{'user': 'eve'\}"):
        check_bucket_id("../etc", {"user": "eve"})


def info(size: int = 0, created: int = 0, updated: int = 0) -> PartInfo:
    return PartInfo("", size, created, updated)


def test_the_default_policy_goes_by_size_age_and_silence() -> None:
    policy = RollingPolicy.default_rolling_policy(100, 1000, 300)
    assert [policy.should_roll_on_event(info(size)) for size in (99, 100)] == [False, True]
    assert [policy.should_roll_on_checkpoint(info(size)) for size in (99, 100)] == [False, True]
    old = [policy.should_roll_on_processing_time(info(1, 0, now), now) for now in (999, 1000)]
    assert old == [False, True]
    silent = [policy.should_roll_on_processing_time(info(1, 0, 0), now) for now in (299, 300)]
    assert silent == [False, True]


def test_the_other_policy_goes_by_checkpoints_only() -> None:
    policy = RollingPolicy.on_checkpoint_rolling_policy()
    assert policy.should_roll_on_checkpoint(info())
    assert not policy.should_roll_on_event(info(10**12))
    assert not policy.should_roll_on_processing_time(info(), 10**15)


@pytest.mark.parametrize("position", range(3))
def test_limits_that_are_not_positive_are_refused(position: int) -> None:
    limits = [1, 1, 1]
    limits[position] = 0
    with pytest.raises(ValueError, match="must be positive, found 0"):
        RollingPolicy.default_rolling_policy(*limits)
