"""The windows in flight of a key, and their state windows."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flott.operators.rows.windows.merging import MergingWindows
from flott.operators.window import EventTimeSessionWindows, TimeWindow
from flott.state.memory_table import MemoryTable
from flott.state.table_kind import TableKind, TableSpec

SESSIONS = EventTimeSessionWindows.with_gap(5)


def merging_windows() -> tuple[MergingWindows, MemoryTable]:
    table = MemoryTable(TableSpec("merging", TableKind.TABLE))
    return MergingWindows(SESSIONS, table), table


class Merges:
    """Notes what was merged."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def __call__(self, merged: Any, parts: Any, state_window: Any, moved: Any) -> None:
        self.seen.append((merged, parts, state_window, moved))


def test_a_window_for_itself_is_its_own_state_window() -> None:
    windows, _ = merging_windows()
    windows.load("a")
    merges = Merges()
    assert windows.add(TimeWindow(0, 5), merges) == TimeWindow(0, 5)
    assert windows.state_window(TimeWindow(0, 5)) == TimeWindow(0, 5)
    assert merges.seen == []


def test_a_merged_window_keeps_a_state_window_and_moves_the_others() -> None:
    windows, _ = merging_windows()
    windows.load("a")
    merges = Merges()
    first, second = TimeWindow(0, 5), TimeWindow(8, 13)
    windows.add(first, merges)
    windows.add(second, merges)
    merged = windows.add(TimeWindow(4, 9), merges)
    assert merged == TimeWindow(0, 13)
    assert merges.seen == [(merged, [first, second], first, [second])]
    assert windows.state_window(merged) == first
    assert windows.state_window(first) is windows.state_window(second) is None


def test_a_window_inside_another_changes_nothing() -> None:
    windows, _ = merging_windows()
    windows.load("a")
    merges = Merges()
    windows.add(TimeWindow(0, 50), merges)
    assert windows.add(TimeWindow(3, 8), merges) == TimeWindow(0, 50)
    assert windows.add(TimeWindow(0, 50), merges) == TimeWindow(0, 50)
    assert merges.seen == []


def test_windows_of_a_key_are_saved_only_when_they_change() -> None:
    windows, table = merging_windows()
    windows.load("a")
    windows.add(TimeWindow(0, 5), Merges())
    windows.save()
    saved = table.get(None, "a")
    windows.load("a")
    windows.add(TimeWindow(0, 5), Merges())
    windows.save()
    assert table.get(None, "a") is saved
    windows.load("b")
    assert windows.state_window(TimeWindow(0, 5)) is None


def test_a_key_without_windows_leaves_nothing() -> None:
    windows, table = merging_windows()
    windows.load("a")
    windows.add(TimeWindow(0, 5), Merges())
    windows.save()
    windows.load("a")
    windows.retire(TimeWindow(0, 5))
    windows.save()
    assert table.entry_count == 0


@given(st.lists(st.integers(0, 60), max_size=20))
def test_windows_in_flight_never_touch_and_have_state_windows_of_their_own(times: Any) -> None:
    windows, table = merging_windows()
    for time in times:
        windows.load("a")
        found = windows.add(TimeWindow(time, time + 5), Merges())
        assert found.start <= time < found.end
        windows.save()
    entries = dict(table.get(None, "a", ()))
    in_flight = sorted(entries)
    assert not any(a.intersects(b) for a, b in pairwise(in_flight))
    assert len(set(entries.values())) == len(entries)
