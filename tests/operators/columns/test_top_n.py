"""Top-N against sorting everything anew after each batch."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.logical_types import STRING, BigIntType, IntType
from flott.operators.columns.description import ColumnOrder
from flott.operators.columns.top_n import TopNSpec
from tests.operators.columns.harness import Change, ColumnHarness, applied

TYPES = (STRING, IntType(), BigIntType())
ORDER = (ColumnOrder(1, ascending=False, nulls_first=False),)

rows = st.tuples(
    st.sampled_from(["a", "b", None]), st.none() | st.integers(0, 4), st.integers(0, 3)
)


def spec(first: int = 1, last: int = 2, **settings: Any) -> TopNSpec:
    fixed: dict[str, Any] = {
        "partition": (0,),
        "order": ORDER,
        "rank_kind": "ROW_NUMBER",
        "has_rank": False,
        "input_types": TYPES,
    }
    return TopNSpec(first=first, last=last, **{**fixed, **settings})


def expected(
    present: list[tuple[Any, ...]], first: int, last: int, has_rank: bool, kind: str = "ROW_NUMBER"
) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for part in {row[0] for row in present}:
        mine = sorted(
            (row for row in present if row[0] == part),
            key=lambda row: (row[1] is None, -(row[1] or 0)),
        )
        for position, row in enumerate(mine):
            earlier = [other[1] for other in mine]
            rank = position + 1
            if kind == "RANK":
                rank = earlier.index(row[1]) + 1
            if kind == "DENSE_RANK":
                rank = len(dict.fromkeys(earlier[: earlier.index(row[1])])) + 1
            if first <= rank <= last:
                found[(*row, rank) if has_rank else row] += 1
    return found


@settings(deadline=None)
@given(
    st.lists(rows, max_size=20),
    st.sampled_from([1, 3, 50]),
    st.tuples(st.integers(1, 2), st.integers(2, 3)),
    st.booleans(),
    st.sampled_from(["ROW_NUMBER", "RANK", "DENSE_RANK"]),
)
def test_top_n_of_inserts(
    given_rows: list[Any], size: int, ranks: tuple[int, int], has_rank: bool, kind: str
) -> None:
    first, last = ranks
    harness = ColumnHarness(
        spec(first, last, has_rank=has_rank, rank_kind=kind, input_retracts=kind != "ROW_NUMBER"),
        TYPES,
    )
    harness.push_each([("+I", *row) for row in given_rows], size)
    assert harness.table == expected(given_rows, first, last, has_rank, kind)


def changelog(draw: Any) -> tuple[list[Change], list[tuple[Any, ...]]]:
    """Random changes, and the rows left in order of arrival."""
    changes: list[Change] = []
    present: list[tuple[Any, ...]] = []
    for row, removes, at in draw(st.lists(st.tuples(rows, st.booleans(), st.integers(0, 99)))):
        if removes and present:
            gone = present.pop(present.index(present[at % len(present)]))
            changes.append(("-D", *gone))
        else:
            changes.append(("+I", *row))
            present.append(row)
    return changes, present


@settings(deadline=None)
@given(st.data(), st.sampled_from([1, 3, 50]), st.booleans())
def test_top_n_of_changes(data: st.DataObject, size: int, has_rank: bool) -> None:
    changes, _ = changelog(data.draw)
    harness = ColumnHarness(spec(input_retracts=True, has_rank=has_rank), TYPES)
    harness.push_each(changes, size)
    left = list(applied(changes).elements())
    values = Counter((row[0], row[1]) for row in harness.table.elements())
    model = expected(left, 1, 2, False)
    assert values == Counter((row[0], row[1]) for row in model.elements())


def test_a_rank_that_shifts_is_an_update() -> None:
    harness = ColumnHarness(spec(has_rank=True), TYPES)
    harness.push(("+I", "a", 1, 0))
    harness.push(("+I", "a", 3, 0))
    assert harness.changes == [
        ("+I", "a", 1, 0, 1),
        ("-U", "a", 1, 0, 1),
        ("+U", "a", 3, 0, 1),
        ("+I", "a", 1, 0, 2),
    ]


def test_without_a_rank_a_row_leaves_and_another_comes() -> None:
    harness = ColumnHarness(spec(), TYPES)
    harness.push(("+I", "a", 1, 0), ("+I", "a", 2, 0))
    harness.push(("+I", "a", 3, 0))
    assert harness.changes[2:] == [("-D", "a", 1, 0), ("+I", "a", 3, 0)]


@pytest.mark.parametrize("emits_update_before", [True, False])
def test_the_first_row_alone_is_updated(emits_update_before: bool) -> None:
    harness = ColumnHarness(spec(last=1, emits_update_before=emits_update_before), TYPES)
    harness.push(("+I", "a", 1, 0))
    harness.push(("+I", "a", 3, 0))
    before = [("-U", "a", 1, 0)] if emits_update_before else []
    assert harness.changes[1:] == [*before, ("+U", "a", 3, 0)]


def test_a_row_that_never_shows_is_not_kept() -> None:
    harness = ColumnHarness(spec(), TYPES)
    for value in range(10):
        harness.push(("+I", "a", value, 0))
    assert harness.plain.context.keyed_store.state_bytes > 0
    assert sum(harness.table.values()) == 2


@pytest.mark.parametrize("parallelism", [1, 3])
def test_state_comes_back(parallelism: int) -> None:
    harness = ColumnHarness(spec(), TYPES)
    harness.push(*(("+I", name, 5, 0) for name in "abcdef"))
    parts = harness.snapshot(1)
    after: Counter[tuple[Any, ...]] = Counter()
    for subtask in range(parallelism):
        share = ColumnHarness(
            spec(input_retracts=True),
            TYPES,
            parallelism=parallelism,
            subtask=subtask,
            restore=[parts],
        )
        share.push(*(("-D", name, 5, 0) for name in "abcdef"))
        after.update(share.changes)
    assert after == Counter(("-D", name, 5, 0) for name in "abcdef")


def test_batch_mode_ranks_at_the_end() -> None:
    harness = ColumnHarness(spec(has_rank=True, final_only=True), TYPES)
    harness.push(("+I", "a", 1, 0), ("+I", "a", 2, 0), ("+I", "b", None, 7))
    assert harness.changes == []
    harness.end()
    assert harness.table == Counter({("a", 2, 0, 1): 1, ("a", 1, 0, 2): 1, ("b", None, 7, 1): 1})
