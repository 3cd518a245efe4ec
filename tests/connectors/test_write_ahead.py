"""Markers remember how far writers came, and say when they do not know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.connectors.write_ahead import (
    INCARNATIONS_MAX,
    Epoch,
    Incarnation,
    Marker,
    Verdict,
    WriterId,
    judge,
    register,
)

WRITER = WriterId("sink", 0, 0)


def epoch(incarnation: Incarnation | None, number: int, count: int = 1) -> Epoch:
    return Epoch(WRITER, number, incarnation, count, b"", "topic")


def test_a_writer_has_a_name_of_its_own() -> None:
    names = {
        WriterId(owner, *numbers).name for owner in "ab" for numbers in [(0, 0), (0, 1), (1, 0)]
    }
    assert len(names) == 6


def test_an_epoch_is_missing_until_its_marker_says_otherwise() -> None:
    marker, writer = register(None, "a")
    assert judge(marker, epoch(writer, 5)) is Verdict.MISSING
    marker = marker.commit(writer, 5)
    assert judge(marker, epoch(writer, 5)) is Verdict.COMMITTED
    assert judge(marker, epoch(writer, 4)) is Verdict.COMMITTED
    assert judge(marker, epoch(writer, 6)) is Verdict.MISSING


def test_numbers_of_other_incarnations_do_not_count() -> None:
    marker, first = register(None, "a")
    marker = marker.commit(first, 7)
    marker, second = register(marker, "b")
    assert judge(marker, epoch(second, 7)) is Verdict.MISSING


def test_an_epoch_without_records_is_always_there() -> None:
    assert judge(None, epoch(None, 5, count=0)) is Verdict.COMMITTED


def test_without_a_marker_nobody_can_tell() -> None:
    _, writer = register(None, "a")
    assert judge(None, epoch(writer, 5)) is Verdict.LOST


def test_a_marker_made_anew_does_not_know_former_writers() -> None:
    _, writer = register(None, "a")
    anew, _ = register(None, "b")
    assert judge(anew, epoch(writer, 5)) is Verdict.LOST
    assert anew.is_superseded(writer)


def test_the_oldest_commit_is_forgotten_first_and_that_is_remembered() -> None:
    marker, first = register(None, "first")
    marker, idle = register(marker, "idle")
    marker = marker.commit(first, 1)
    for number in range(INCARNATIONS_MAX):
        marker, writer = register(marker, f"t{number}")
        marker = marker.commit(writer, 1)
    assert judge(marker, epoch(first, 1)) is Verdict.FORGOTTEN
    assert judge(marker, epoch(first, 2)) is Verdict.FORGOTTEN
    assert judge(marker, epoch(writer, 1)) is Verdict.COMMITTED
    assert judge(marker, epoch(idle, 1)) is Verdict.MISSING


def test_attempts_that_commit_nothing_crowd_out_nobody() -> None:
    marker, first = register(None, "first")
    marker = marker.commit(first, 1)
    for number in range(10 * INCARNATIONS_MAX):
        marker, _ = register(marker, f"t{number}")
    assert judge(marker, epoch(first, 1)) is Verdict.COMMITTED


def test_a_writer_is_superseded_by_the_next_one() -> None:
    marker, first = register(None, "a")
    assert not marker.is_superseded(first)
    marker, second = register(marker, "b")
    assert marker.is_superseded(first)
    assert not marker.is_superseded(second)


def test_a_full_marker_fits_into_the_metadata_of_an_offset() -> None:
    marker, writer = register(None, "f" * 16)
    for number in range(2 * INCARNATIONS_MAX):
        marker, writer = register(marker, f"{number:016x}")
        marker = marker.commit(writer, 10**9 + number)
    text = marker.to_text(job="0" * 32, subtask=127)
    assert len(text.encode()) < 2_000
    assert Marker.from_text(text) == marker


@pytest.mark.parametrize("text", ["", "{}", "[]", "7", '{"v":2}', '{"v":1,"progress":[[]]}'])
def test_text_that_is_no_marker_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Marker.from_text(text)


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=120))
def test_a_marker_is_never_wrong(steps: list[tuple[int, bool]]) -> None:
    """Against a plain list of all that was ever committed."""
    marker, writer = register(None, "t0")
    writers, there = [writer], set[tuple[int, int]]()
    for number, (choice, is_new) in enumerate(steps, 1):
        if is_new:
            marker, writer = register(marker, f"t{len(writers)}")
            writers.append(writer)
        chosen = writers[choice % len(writers)]
        if judge(marker, epoch(chosen, number)) is Verdict.MISSING:
            marker = marker.commit(chosen, number)
            there.add((chosen.generation, number))
    for each in writers:
        for number in range(len(steps) + 2):
            verdict = judge(marker, epoch(each, number))
            committed = [n for generation, n in there if generation == each.generation]
            expected = (
                Verdict.COMMITTED if number <= max(committed, default=-1) else Verdict.MISSING
            )
            assert verdict in (expected, Verdict.FORGOTTEN)
