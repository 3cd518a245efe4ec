"""The rows of a running query."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from flott.cli.shell.live_rows import CHANGES_KEPT, LiveRows
from flott.common.types import RowKind

PLUS, BEFORE, AFTER, MINUS = RowKind


def test_updates_keep_their_line() -> None:
    live = LiveRows()
    for kind, text in ((PLUS, "a"), (PLUS, "b"), (BEFORE, "a"), (AFTER, "c")):
        live.add(kind, (text,))
    assert live.table(0, 10) == [("c",), ("b",)]
    assert live.table(1, 1) == [("b",)]


def test_a_row_that_nothing_replaces_goes() -> None:
    live = LiveRows()
    for kind, text in ((PLUS, "a"), (PLUS, "b"), (BEFORE, "a")):
        live.add(kind, (text,))
    assert live.row_count == 2
    live.add(PLUS, ("c",))
    assert live.table(0, 10) == [("b",), ("c",)]


def test_changes_are_kept_up_to_a_number() -> None:
    live = LiveRows()
    for number in range(CHANGES_KEPT + 5):
        live.add(PLUS, (str(number),))
    assert (live.change_count, live.kept_changes) == (CHANGES_KEPT + 5, CHANGES_KEPT)
    assert live.changes(0, 1) == [("+I", "5")]


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from("abc"))))
def test_the_table_is_what_counting_leaves(steps: list[tuple[bool, bool, str]]) -> None:
    live, left = LiveRows(), Counter[str]()
    for adds, is_update, text in steps:
        if not adds and not left[text]:
            continue
        left[text] += 1 if adds else -1
        if adds:
            live.add(AFTER if is_update else PLUS, (text,))
        else:
            live.add(BEFORE if is_update else MINUS, (text,))
    live.add(MINUS, ("nothing",))
    assert Counter(text for (text,) in live.table(0, 1000)) == +left
