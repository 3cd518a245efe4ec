"""Changes to frames."""

import datetime
from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.table.frames import frame_of

ROWS = st.tuples(st.integers(0, 2), st.sampled_from(["a", None]))


@given(st.lists(st.tuples(st.booleans(), ROWS)))
def test_changes_leave_what_counting_leaves(steps: list[tuple[bool, tuple[int, str]]]) -> None:
    left: Counter[tuple[int, str]] = Counter()
    changes = []
    for adds, row in steps:
        if adds or left[row]:
            left[row] += 1 if adds else -1
            changes.append((0 if adds else 3, row))
    frame = frame_of(changes, ["n", "s"], [t.IntType(), t.STRING])
    assert Counter(frame.rows()) == +left


def test_updates_replace_rows() -> None:
    changes = [(0, (1, "a")), (0, (1, "a")), (1, (1, "a")), (2, (1, "b"))]
    frame = frame_of(changes, ["n", "s"], [t.IntType(), t.STRING])
    assert frame.rows() == [(1, "a"), (1, "b")]


def test_rows_with_nested_values_can_go() -> None:
    types = [t.ArrayType(t.IntType()), t.MapType(t.STRING, t.IntType())]
    first = ([1, 2], [{"key": "k", "value": 1}])
    second = ([], [])
    frame = frame_of([(0, first), (0, second), (3, first)], ["a", "m"], types)
    assert frame.rows() == [second]


def test_a_frame_has_the_types_and_names_of_the_result() -> None:
    types = [t.TinyIntType(), t.DecimalType(5, 2), t.LocalZonedTimestampType(3)]
    moment = datetime.datetime(2024, 1, 1)
    frame = frame_of([(0, (1, Decimal("1.50"), moment))], ["a", "b", "a"], types)
    assert frame.columns == ["a", "b", "a_1"]
    assert frame.rows() == [(1, Decimal("1.50"), moment.replace(tzinfo=datetime.UTC))]


def test_no_rows_keep_the_columns() -> None:
    frame = frame_of([], ["a", "i"], [t.IntType(), t.DayTimeIntervalType()])
    assert (frame.shape, frame.columns) == ((0, 2), ["a", "i"])
