"""Sources of a group stay within reach of the slowest."""

from hypothesis import given
from hypothesis import strategies as st

from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.progress.source_alignment import AlignmentLimit, AlignmentMember, SourceAlignment

FAST, SLOW = AlignmentMember("clicks", 0), AlignmentMember("orders", 1)


def test_the_slowest_sets_the_limit_of_all() -> None:
    alignment = SourceAlignment()
    alignment.report("g", FAST, 9_000, max_drift_ms=1_000)
    alignment.report("g", SLOW, 2_000, max_drift_ms=1_000)
    assert alignment.max_watermark("g", FAST) == 3_000
    assert alignment.slowest("g") == SLOW


def test_each_source_keeps_its_own_drift() -> None:
    alignment = SourceAlignment()
    alignment.report("g", FAST, 9_000, max_drift_ms=500)
    alignment.report("g", SLOW, 2_000, max_drift_ms=0)
    assert alignment.take_changes() == [
        AlignmentLimit("g", FAST, 2_500),
        AlignmentLimit("g", SLOW, 2_000),
    ]


def test_an_idle_subtask_does_not_count() -> None:
    alignment = SourceAlignment()
    alignment.report("g", FAST, 9_000, max_drift_ms=1_000)
    alignment.report("g", SLOW, None, max_drift_ms=1_000)
    assert alignment.max_watermark("g", FAST) == 10_000


def test_nobody_is_held_when_all_are_idle_or_gone() -> None:
    alignment = SourceAlignment()
    alignment.report("g", FAST, None, max_drift_ms=1_000)
    alignment.report("g", SLOW, 1_000, max_drift_ms=1_000)
    alignment.remove(SLOW)
    assert alignment.max_watermark("g", FAST) == MAX_WATERMARK
    assert alignment.slowest("g") is None


def test_a_subtask_without_watermark_holds_the_others() -> None:
    alignment = SourceAlignment()
    alignment.report("g", FAST, 9_000, max_drift_ms=1_000)
    alignment.report("g", SLOW, MIN_WATERMARK, max_drift_ms=1_000)
    assert alignment.max_watermark("g", FAST) == MIN_WATERMARK + 1_000


def test_groups_do_not_touch_each_other() -> None:
    alignment = SourceAlignment()
    alignment.report("one", FAST, 9_000, max_drift_ms=1_000)
    alignment.report("other", SLOW, 2_000, max_drift_ms=1_000)
    assert alignment.max_watermark("one", FAST) == 10_000
    assert alignment.max_watermark("one", SLOW) == MAX_WATERMARK


def test_only_changed_limits_are_announced() -> None:
    alignment = SourceAlignment()
    alignment.report("g", FAST, 9_000, max_drift_ms=1_000)
    assert len(alignment.take_changes()) == 1
    alignment.report("g", FAST, 9_000, max_drift_ms=1_000)
    assert alignment.take_changes() == []
    alignment.report("g", SLOW, 5_000, max_drift_ms=1_000)
    assert alignment.take_changes()[0] == AlignmentLimit("g", FAST, 6_000)


def test_a_limit_that_disappears_is_announced() -> None:
    alignment = SourceAlignment()
    alignment.report("g", FAST, 9_000, max_drift_ms=1_000)
    alignment.take_changes()
    alignment.report("g", FAST, None, max_drift_ms=1_000)
    assert alignment.take_changes() == [AlignmentLimit("g", FAST, MAX_WATERMARK)]


@given(st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(0, 99)), max_size=20))
def test_announced_limits_add_up_to_the_current_ones(
    reports: list[tuple[int, int | None]],
) -> None:
    alignment = SourceAlignment()
    last: dict[int, int | None] = {}
    announced: dict[AlignmentMember, int] = {}
    for subtask, watermark in reports:
        last[subtask] = watermark
        alignment.report("g", AlignmentMember("s", subtask), watermark, max_drift_ms=10)
        announced.update({each.member: each.max_watermark for each in alignment.take_changes()})
    active = [each for each in last.values() if each is not None]
    limit = min(active) + 10 if active else MAX_WATERMARK
    for subtask in last:
        assert announced.get(AlignmentMember("s", subtask), MAX_WATERMARK) == limit
