"""The first rows of each key against plain Python: every row sorted anew after every batch."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from flott.kernels.columns.top_n import SortColumn, TopRows

#: A key, then columns of every width to sort by; together they are longer than an entry's words.
SCHEMA = {
    "f0": pl.Int64(),
    "f1": pl.Int64(),
    "f2": pl.Int16(),
    "f3": pl.Float64(),
    "f4": pl.Decimal(38, 2),
    "f5": pl.Boolean(),
    "f6": pl.String(),
}
VALUES = (
    st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 2),
    st.integers(-3, 3),
    st.sampled_from([-1.5, -0.25, 0.0, 2.5, 1e300]),
    st.sampled_from([Decimal("-12345678901234567890.12"), Decimal("-1.00"), Decimal("0.01")]),
    st.booleans(),
    st.sampled_from(["", "a", "a\0", "ab", "a text of more than twelve bytes"]),
)
ROWS = st.tuples(st.integers(0, 2), *(value | st.none() for value in VALUES))
BATCHES = st.lists(st.lists(ROWS, min_size=1, max_size=12), min_size=1, max_size=5)
COLUMNS = st.builds(SortColumn, st.integers(1, 6), st.booleans(), st.booleans())
ORDERS = st.lists(COLUMNS, min_size=1, max_size=6, unique_by=lambda column: column.position)
Row = tuple[Any, ...]


def comparison(order: list[SortColumn]) -> Callable[[Row, Row], int]:
    def compare(first: Row, second: Row) -> int:
        for column in order:
            a, b = first[column.position], second[column.position]
            if a == b:
                continue
            if a is None or b is None:
                return -1 if (a is None) == column.nulls_first else 1
            return -1 if (a < b) == column.is_ascending else 1
        return 0

    return compare


def shown_of(rows: list[Row], order: list[SortColumn], first: int, last: int) -> Counter[str]:
    shown: Counter[str] = Counter()
    for key in {row[0] for row in rows}:
        mine = sorted((r for r in rows if r[0] == key), key=cmp_to_key(comparison(order)))
        shown.update(map(repr, mine[first - 1 : last]))
    return shown


def top_rows(order: list[SortColumn], first: int, last: int, retracts: bool) -> TopRows:
    return TopRows(
        SCHEMA,
        (0,),
        order,
        first,
        last,
        has_rank=False,
        retracts=retracts,
        emits_update_before=True,
        max_parallelism=128,
    )


def frame_of(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def apply_to(shown: Counter[str], changed: pl.DataFrame, kinds: pl.Series) -> None:
    for row, kind in zip(changed.rows(), kinds.to_list(), strict=True):
        shown[repr(row)] += 1 if kind in (0, 2) else -1


@given(BATCHES, ORDERS, st.integers(1, 2), st.integers(0, 3))
def test_the_rows_shown_are_the_first_by_every_order(
    batches: list[list[Row]], order: list[SortColumn], first: int, more: int
) -> None:
    top = top_rows(order, first, first + more, retracts=False)
    rows: list[Row] = []
    shown: Counter[str] = Counter()
    for batch in batches:
        rows += batch
        apply_to(shown, *top.process(frame_of(batch), None))
        assert +shown == shown_of(rows, order, first, first + more)


@given(BATCHES, ORDERS, st.randoms(use_true_random=False))
def test_rows_that_go_let_the_next_ones_in(
    batches: list[list[Row]], order: list[SortColumn], random: Any
) -> None:
    top = top_rows([*order], 1, 2, retracts=True)
    rows: list[Row] = []
    shown: Counter[str] = Counter()
    for batch in batches:
        gone = random.sample(rows, len(rows) // 2)
        for each in gone:
            rows.remove(each)
        rows += batch
        kinds = pl.Series([3] * len(gone) + [0] * len(batch), dtype=pl.Int8)
        apply_to(shown, *top.process(frame_of([*gone, *batch]), kinds))
        assert not -shown
        assert +shown == shown_of(rows, order, 1, 2) or has_ties(rows, order)


def has_ties(rows: list[Row], order: list[SortColumn]) -> bool:
    """Whether which of two rows is shown is a matter of which came first: of two equal in all
    columns a row may take back either."""
    keys = [(row[0], *(row[column.position] for column in order)) for row in rows]
    return len(set(keys)) < len(keys)


@given(BATCHES, ORDERS)
def test_a_restored_order_goes_on_where_it_was(
    batches: list[list[Row]], order: list[SortColumn]
) -> None:
    top = top_rows(order, 1, 3, retracts=False)
    for batch in batches[:-1]:
        top.process(frame_of(batch), None)
    payload = top.snapshot(full=True, detached=True)
    restored = top_rows(order, 1, 3, retracts=False)
    if payload is not None:
        restored.restore([payload], 0, 127)
    expected, kinds = top.process(frame_of(batches[-1]), None)
    found, found_kinds = restored.process(frame_of(batches[-1]), None)
    assert Counter(map(repr, zip(found.rows(), found_kinds, strict=True))) == Counter(
        map(repr, zip(expected.rows(), kinds, strict=True))
    )
