"""Count windows that fire when they are full."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.constants import MAX_LONG_VALUE
from flott.operators.rows.windows.count import CountWindowOperator
from flott.operators.window import (
    CountSlidingWindowAssigner,
    CountTrigger,
    CountTumblingWindowAssigner,
    CountWindow,
    PurgingTrigger,
)
from tests.operators.harness import Harness
from tests.operators.rows.windows.window_cases import Sum, push, shown, spec, values, windowed


def test_only_full_windows_fire() -> None:
    harness = windowed(CountSlidingWindowAssigner.of(4, 2))
    push(harness, "a", *range(1, 8))
    harness.end()
    assert values(harness) == [[1, 2, 3, 4], [3, 4, 5, 6]]


def test_each_key_counts_for_itself() -> None:
    harness = windowed(CountTumblingWindowAssigner.of(2))
    harness.push(("a", 1), ("b", 2), ("b", 3), ("a", 4), ("a", 5))
    assert shown(harness) == [
        ("b", CountWindow(0), [2, 3]),
        ("a", CountWindow(0), [1, 4]),
    ]


def test_windows_fire_in_the_order_in_which_they_fill_up() -> None:
    harness = windowed(CountTumblingWindowAssigner.of(2), Sum(), "aggregate")
    harness.push(("a", 1), ("b", 20), ("a", 2), ("a", 3), ("b", 40), ("a", 4))
    assert harness.values == [3, 60, 7]


def test_results_have_the_last_time_there_is() -> None:
    harness = windowed(CountTumblingWindowAssigner.of(1))
    push(harness, "a", 5)
    assert [time for _, time in harness.records] == [MAX_LONG_VALUE]


def test_a_slide_longer_than_the_size_leaves_records_out() -> None:
    harness = windowed(CountSlidingWindowAssigner.of(2, 3))
    push(harness, "a", 1, 2, 3, 4)
    push(harness, "a", 5, 6, 7, 8)
    assert values(harness) == [[1, 2], [4, 5], [7, 8]]


@pytest.mark.parametrize("kind", ["aggregate", "reduce", "apply"])
def test_counts_and_contents_are_restored(kind: str) -> None:
    functions: dict[str, Any] = {
        "aggregate": Sum(),
        "reduce": lambda a, b: (a[0], a[1] + b[1]),
        "apply": lambda key, window, rows: [(window.id, sum(v for _, v in rows))],
    }
    expected: dict[str, Any] = {"aggregate": [6, 9], "reduce": [("a", 6), ("a", 9)]}
    given_spec = spec(CountSlidingWindowAssigner.of(3, 1), functions[kind], kind)
    harness = Harness(given_spec)
    push(harness, "a", 1, 2)
    harness = Harness(given_spec, restore=[harness.snapshot(1)])
    push(harness, "a", 3, 4)
    assert harness.values == expected.get(kind, [(0, 6), (1, 9)])


def test_large_windows_are_kept_in_chunks() -> None:
    harness = windowed(CountTumblingWindowAssigner.of(1500))
    for first in range(0, 3200, 100):
        push(harness, "a", *range(first, first + 100))
    assert values(harness) == [list(range(1500)), list(range(1500, 3000))]


def test_a_window_is_cleared_when_it_has_fired() -> None:
    class Note:
        def __init__(self) -> None:
            self.cleared: list[Any] = []

        def process(self, key: Any, context: Any, elements: Any) -> Any:
            return None

        def clear(self, context: Any) -> None:
            self.cleared.append(context.window())

    function = Note()
    push(windowed(CountTumblingWindowAssigner.of(2), function), "a", 1, 2, 3)
    assert function.cleared == [CountWindow(0)]


def test_windows_of_the_whole_stream_count_all_records() -> None:
    harness = windowed(
        CountTumblingWindowAssigner.of(3), lambda window, rows: [len(rows)], "apply", keyed=False
    )
    harness.push(("a", 1), ("b", 2), ("a", 3), ("b", 4))
    assert harness.values == [3]


@settings(max_examples=60, deadline=None)
@given(
    size=st.integers(1, 6),
    slide=st.integers(1, 6),
    batches=st.lists(st.lists(st.sampled_from("ab"), min_size=1, max_size=9), max_size=6),
)
def test_the_general_operator_gives_the_same(size: int, slide: int, batches: Any) -> None:
    assigner = CountSlidingWindowAssigner.of(size, slide)
    fast = windowed(assigner)
    slow = windowed(assigner, trigger=PurgingTrigger.of(CountTrigger.of(size)))
    assert type(fast.operator) is CountWindowOperator
    assert type(slow.operator) is not CountWindowOperator
    serial = 0
    for keys in batches:
        rows = [(key, serial + n) for n, key in enumerate(keys)]
        serial += len(rows)
        fast.push(*rows)
        slow.push(*rows)
    assert fast.values == slow.values
