"""Rows stand as narrow as their values allow, and come back as they were whatever comes later."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.kernels.columns.row_store import KeyedRows

SCHEMA = {"f0": pl.Int64(), "f1": pl.Int64(), "f2": pl.String(), "f3": pl.Datetime("us")}
MANY = 6000
KINDS = {"+I": 0, "-D": 3}

EDGES = [0, -1, 2**31 - 1, -(2**31), 2**31, -(2**31) - 1, 2**63 - 1, -(2**63)]
NUMBERS = st.integers(-5, 5) | st.sampled_from(EDGES) | st.none()
TEXTS = (
    st.text("äb", max_size=14)
    | st.sampled_from(["a text of more than twelve bytes", "x" * 65_535, "y" * 65_536])
    | st.none()
)
TIMES = st.integers(-5, 5) | st.sampled_from([1_700_000_000_000_000, -(2**31), 2**31])
ROWS = st.tuples(st.integers(0, 2), NUMBERS, TEXTS, TIMES)
BATCHES = st.lists(st.lists(ROWS, min_size=1, max_size=4), min_size=1, max_size=6)


def frame_of(rows: list[Any]) -> pl.DataFrame:
    columns = {name: [row[i] for row in rows] for i, name in enumerate(SCHEMA)}
    times = pl.Series("f3", columns.pop("f3"), dtype=pl.Int64()).cast(pl.Datetime("us"))
    return pl.DataFrame(columns, schema={name: SCHEMA[name] for name in columns}).with_columns(
        times
    )


def plain(frame: pl.DataFrame) -> list[Any]:
    return frame.with_columns(pl.col("f3").cast(pl.Int64())).rows()


def long_texts(count: int, distinct: int) -> list[Any]:
    """Rows whose texts are long, so that they stand as references once there are enough."""
    return [(n % 3, n, f"the text number {n % distinct} of a long column", n) for n in range(count)]


def append(rows: KeyedRows, batch: list[Any]) -> list[int]:
    frame = frame_of(batch)
    return rows.append(rows.slots(frame), frame).to_list()


def assert_kept(rows: KeyedRows, kept: dict[int, Any]) -> None:
    assert plain(rows.gather(pl.Series(list(kept), dtype=pl.UInt32))) == list(kept.values())


@given(BATCHES)
def test_numbers_and_times_come_back_whatever_their_size(batches: list[list[Any]]) -> None:
    rows = KeyedRows(SCHEMA, (0,), 128, identity=False)
    kept: dict[int, Any] = {}
    for batch in batches:
        kept.update(zip(append(rows, batch), batch, strict=True))
        assert_kept(rows, kept)


@settings(max_examples=30)
@given(st.sampled_from([7, MANY]), BATCHES, st.randoms(use_true_random=False))
def test_texts_come_back_whatever_follows_long_ones(
    distinct: int, batches: list[list[Any]], random: Any
) -> None:
    rows = KeyedRows(SCHEMA, (0,), 128, identity=False)
    kept: dict[int, Any] = {}
    for batch in [long_texts(MANY, distinct), long_texts(10, distinct), *batches]:
        kept.update(zip(append(rows, batch), batch, strict=True))
        gone = random.sample(sorted(kept), len(kept) // 10)
        rows.remove(pl.Series(gone, dtype=pl.UInt32))
        for each in gone:
            del kept[each]
    assert_kept(rows, kept)


@settings(max_examples=30)
@given(BATCHES)
def test_rows_are_found_by_their_values_in_any_form(batches: list[list[Any]]) -> None:
    rows = KeyedRows(SCHEMA, (0,), 128, identity=True)
    everything = [each for batch in [long_texts(MANY, MANY), *batches] for each in batch]
    for kind in ("+I", "-D"):
        frame = frame_of(everything)
        kinds = pl.Series([KINDS[kind]] * frame.height, dtype=pl.Int8)
        rows.apply(rows.slots(frame), frame, kinds)
        assert len(rows) == (len(set(everything)) if kind == "+I" else 0)


@pytest.mark.parametrize(
    ("name", "late", "least"),
    [
        ("wide", (0, 2**40, "a text of more than twelve bytes", 0), 4),
        ("null", (0, None, "a text of more than twelve bytes", 0), 1),
        ("huge", (0, 0, "z" * 70_000, 0), 8),
    ],
)
def test_a_value_that_does_not_fit_makes_rows_wider(name: str, late: Any, least: int) -> None:
    rows = KeyedRows(SCHEMA, (0,), 128, identity=False)
    batch = long_texts(MANY, 7)
    kept = dict(zip(append(rows, batch), batch, strict=True))
    kept[append(rows, [batch[0]])[0]] = batch[0]
    before = rows.memory_bytes
    kept[append(rows, [late])[0]] = late
    assert rows.memory_bytes - before >= least * MANY, name
    assert_kept(rows, kept)


def test_snapshots_do_not_know_of_forms() -> None:
    rows = KeyedRows(SCHEMA, (0,), 128, identity=False)
    batch = [*long_texts(MANY, 50), (1, None, "short", 2**40), (2, 2**50, None, 0)]
    append(rows, batch)
    payload = rows.snapshot(full=True, detached=False)
    assert payload is not None
    restored = KeyedRows(SCHEMA, (0,), 128, identity=False)
    restored.restore([payload], 0, 127)
    ids = pl.Series(range(len(batch)), dtype=pl.UInt32)
    found = sorted(plain(restored.gather(ids)), key=repr)
    assert found == sorted(batch, key=repr)
