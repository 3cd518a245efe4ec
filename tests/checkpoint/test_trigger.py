"""When checkpoints are due."""

from __future__ import annotations

from typing import Any

import pytest

from flott.checkpoint.trigger import (
    CheckpointTrigger,
    Never,
    TriggerNow,
    TriggerPolicy,
    WaitForEnd,
    WaitUntil,
)


def trigger(**policy: Any) -> CheckpointTrigger:
    return CheckpointTrigger(TriggerPolicy(**{"interval_ms": 100, **policy}), now_ms=1000)


def test_without_an_interval_there_are_no_periodic_checkpoints() -> None:
    assert trigger(interval_ms=None).decide(10**9) == Never()


def test_the_first_is_due_after_one_interval() -> None:
    one = trigger()
    assert one.decide(1099) == WaitUntil(1100)
    assert one.decide(1100) == TriggerNow()


def test_the_next_is_due_one_interval_after_the_one_before() -> None:
    one = trigger()
    one.started(1, 1104)
    one.completed(1, 1110)
    assert one.decide(1120) == WaitUntil(1200)


def test_only_as_many_as_allowed_are_under_way() -> None:
    one = trigger(concurrent_max=2)
    one.started(1, 1100)
    assert one.decide(1200) == TriggerNow()
    one.started(2, 1200)
    assert one.decide(1300) == WaitForEnd()
    one.completed(1, 1310)
    assert one.decide(1310) == TriggerNow()


def test_a_long_checkpoint_is_followed_by_one_not_by_many() -> None:
    one = trigger()
    one.started(1, 1100)
    one.completed(1, 1950)
    assert one.decide(1950) == TriggerNow()
    one.started(2, 1950)
    one.completed(2, 1955)
    assert one.decide(1955) == WaitUntil(2050)


def test_the_pause_begins_with_the_end_of_the_one_before() -> None:
    one = trigger(min_pause_ms=70)
    one.started(1, 1100)
    one.completed(1, 1190)
    assert one.decide(1200) == WaitUntil(1260)
    assert one.decide(1260) == TriggerNow()


def test_the_pause_follows_a_failed_one_as_well() -> None:
    one = trigger(min_pause_ms=70, failures_tolerable=5)
    one.started(1, 1100)
    one.failed(1, 1190)
    assert one.decide(1200) == WaitUntil(1260)


def test_with_a_pause_nothing_is_concurrent() -> None:
    one = trigger(min_pause_ms=1, concurrent_max=5)
    one.started(1, 1100)
    assert one.decide(1300) == WaitForEnd()


def test_a_checkpoint_asked_for_does_not_move_the_periodic_ones() -> None:
    one = trigger()
    one.started(1, 1050, periodic=False)
    one.completed(1, 1060)
    assert one.decide(1060) == WaitUntil(1100)


def test_what_takes_too_long_expires() -> None:
    one = trigger(timeout_ms=50, concurrent_max=2)
    assert one.next_expiry_ms() is None
    one.started(1, 1100)
    one.started(2, 1120)
    assert one.next_expiry_ms() == 1150
    assert one.expired(1149) == []
    assert one.expired(1150) == [1]
    one.failed(1, 1150)
    assert one.next_expiry_ms() == 1170


@pytest.mark.parametrize("tolerable", [0, 1, 3])
def test_the_job_fails_with_one_failure_more_than_tolerable(tolerable: int) -> None:
    one = trigger(failures_tolerable=tolerable)
    for number in range(1, tolerable + 1):
        one.started(number, 1100)
        assert not one.failed(number, 1110)
    one.started(99, 1100)
    assert one.failed(99, 1110)


def test_a_complete_checkpoint_forgives_failures() -> None:
    one = trigger(failures_tolerable=1)
    for number in (1, 3):
        one.started(number, 1100)
        assert not one.failed(number, 1110)
        one.started(number + 1, 1200)
        one.completed(number + 1, 1210)


def test_what_is_no_fault_does_not_count() -> None:
    one = trigger()
    one.started(1, 1100)
    assert not one.failed(1, 1110, counts=False)


def test_news_of_a_checkpoint_that_has_ended_changes_nothing() -> None:
    one = trigger()
    one.started(1, 1100)
    one.completed(1, 1110)
    assert not one.failed(1, 1120)
    one.completed(1, 1500)
    assert one.decide(1150) == WaitUntil(1200)


def test_after_a_restart_the_interval_begins_anew() -> None:
    one = trigger(min_pause_ms=500)
    one.started(1, 1100)
    one.restarted(2000)
    assert one.decide(2099) == WaitUntil(2100)
    assert one.decide(2100) == TriggerNow()
    assert one.next_expiry_ms() is None
