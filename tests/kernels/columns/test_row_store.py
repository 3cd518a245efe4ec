"""Rows by key against plain Python: a dict of lists, of counters, of rows."""

from collections import Counter
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.kernels.columns.partition import pack_rows
from flott.kernels.columns.row_payload import RowPayload, from_bytes, replay, to_bytes
from flott.kernels.columns.row_store import KeyedRows

SCHEMA = {"f0": pl.Int64(), "f1": pl.String(), "f2": pl.List(pl.Int64())}
TEXTS = st.sampled_from(["", "short", "a text of more than twelve bytes"]) | st.none()
ROWS = st.tuples(
    st.integers(0, 3) | st.none(), TEXTS, st.lists(st.integers(0, 2), max_size=2) | st.none()
)
BATCHES = st.lists(st.lists(ROWS, min_size=1, max_size=6), max_size=6)
KINDS = {"+I": 0, "-U": 1, "+U": 2, "-D": 3}


def frame_of(rows: list[Any], schema: dict[str, Any] | None = None) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema or SCHEMA, orient="row")


def kinds_of(kinds: list[str]) -> pl.Series:
    return pl.Series([KINDS[kind] for kind in kinds], dtype=pl.Int8)


def hashable(rows: list[Any]) -> Counter[str]:
    return Counter(map(repr, rows))


def everything(rows: KeyedRows, keys: list[Any]) -> list[Any]:
    """All rows of ``keys``, by way of their slots."""
    distinct = list(dict.fromkeys(keys))
    asked = frame_of([(key, None, None) for key in distinct])
    _, ids = rows.of(rows.slots(asked))
    return rows.gather(ids).rows()


@given(BATCHES)
def test_rows_of_a_key_come_back_in_order(batches: list[list[Any]]) -> None:
    rows = KeyedRows(SCHEMA, (0,), 128, identity=False)
    model: dict[Any, list[Any]] = {}
    for batch in batches:
        frame = frame_of(batch)
        rows.append(rows.slots(frame), frame)
        for row in batch:
            model.setdefault(row[0], []).append(row)
    assert everything(rows, list(model)) == [row for kept in model.values() for row in kept]


@given(BATCHES, st.randoms(use_true_random=False))
def test_rows_go_by_id_and_keys_without_rows_are_forgotten(
    batches: list[list[Any]], random: Any
) -> None:
    rows = KeyedRows(SCHEMA, (0,), 128, identity=False)
    kept: dict[int, Any] = {}
    for batch in batches:
        frame = frame_of(batch)
        ids = rows.append(rows.slots(frame), frame).to_list()
        assert not set(ids) & set(kept)
        kept.update(zip(ids, batch, strict=True))
        gone = random.sample(sorted(kept), len(kept) // 2)
        rows.remove(pl.Series(gone, dtype=pl.UInt32))
        for each in gone:
            del kept[each]
    assert len(rows) == len(kept)
    assert len(rows.index) == len({row[0] for row in kept.values()})
    found = rows.gather(pl.Series(list(kept), dtype=pl.UInt32)).rows()
    assert found == list(kept.values())


CHANGES = st.lists(st.tuples(st.sampled_from(sorted(KINDS)), ROWS), min_size=1, max_size=8)


@settings(max_examples=150)
@given(st.lists(CHANGES, max_size=5))
def test_equal_rows_are_counted_and_changes_are_net(batches: list[Any]) -> None:
    rows = KeyedRows(SCHEMA, (0,), 128)
    model: Counter[str] = Counter()
    for batch in batches:
        frame = frame_of([row for _, row in batch])
        changed, kinds = rows.apply(rows.slots(frame), frame, kinds_of([kind for kind, _ in batch]))
        before = Counter(model)
        for kind, row in batch:
            model[repr(row)] += 1 if kind in ("+I", "+U") else -1
            model[repr(row)] = max(model[repr(row)], 0)
        net = Counter[str]()
        all_kinds = [0] * changed.height if kinds is None else kinds.to_list()
        for kind, row in zip(all_kinds, changed.rows(), strict=True):
            net[repr(row)] += 1 if kind in (0, 2) else -1
        expected = {row: model[row] - before[row] for row in model if model[row] != before[row]}
        assert dict(net) == expected
        assert sum(map(abs, expected.values())) == changed.height
    present = [row for batch in batches for _, row in batch]
    assert hashable(everything(rows, [row[0] for row in present])) == +model


@settings(max_examples=150)
@given(st.lists(CHANGES, max_size=5))
def test_a_unique_key_keeps_the_last_row(batches: list[Any]) -> None:
    rows = KeyedRows(SCHEMA, (0,), 128, unique=())
    table: dict[Any, Any] = {}
    shown: dict[Any, Any] = {}
    for batch in batches:
        # A -U carries the row that it takes back; -D needs no more than the key.
        batch = [(kind, row) for kind, row in batch if kind != "-U"]
        if not batch:
            continue
        frame = frame_of([row for _, row in batch])
        changed, kinds = rows.apply(rows.slots(frame), frame, kinds_of([kind for kind, _ in batch]))
        for kind, row in batch:
            if kind == "-D":
                table.pop(row[0], None)
            else:
                table[row[0]] = row
        all_kinds = [0] * changed.height if kinds is None else kinds.to_list()
        for kind, row in zip(all_kinds, changed.rows(), strict=True):
            if kind in (1, 3):
                assert shown.pop(row[0]) == row
            else:
                assert row[0] not in shown
                shown[row[0]] = row
        assert shown == table
    assert len(rows) == len(table)


@settings(max_examples=100)
@given(st.lists(CHANGES, max_size=6), st.integers(1, 3), st.booleans())
def test_snapshots_of_changes_restore_to_any_parallelism(
    batches: list[Any], parallelism: int, has_detached: bool
) -> None:
    rows = KeyedRows(SCHEMA, (0,), 128)
    payloads = []
    for at, batch in enumerate(batches):
        frame = frame_of([row for _, row in batch])
        rows.apply(rows.slots(frame), frame, kinds_of([kind for kind, _ in batch]))
        payload = rows.snapshot(at == 0, False)
        if payload is not None:
            payloads.append(payload)
        if has_detached:
            detached = rows.snapshot(True, True)
            if detached is not None:
                assert from_bytes(detached).is_full
    keys = [row[0] for batch in batches for _, row in batch]
    found: Counter[str] = Counter()
    for subtask in range(parallelism):
        first = (subtask * 128 + parallelism - 1) // parallelism
        last = ((subtask + 1) * 128 - 1) // parallelism
        part = KeyedRows(SCHEMA, (0,), 128)
        part.restore(payloads, first, last)
        found += hashable(everything(part, keys))
    assert found == hashable(everything(rows, keys))


def test_a_snapshot_has_only_what_changed_since_the_last() -> None:
    rows = KeyedRows(SCHEMA, (0,), 128, identity=False)
    frame = frame_of([(key, "a", None) for key in range(100)])
    ids = rows.append(rows.slots(frame), frame)
    assert from_bytes(rows.snapshot(True, False) or b"").rows.height == 100
    assert rows.snapshot(False, False) is None
    rows.remove(ids[:3])
    one = frame_of([(7, "b", None)])
    rows.append(rows.slots(one), one)
    change = from_bytes(rows.snapshot(False, False) or b"")
    assert not change.is_full
    assert change.rows["f1"].to_list() == ["b"]
    # The new row has taken the place of one that went.
    assert change.gone.len() == 2


def test_clearing_is_in_the_next_snapshot() -> None:
    rows = KeyedRows(SCHEMA, (0,), 128, identity=False, is_tracked=False)
    frame = frame_of([(1, "a", None)])
    rows.append(rows.slots(frame), frame)
    payloads = [rows.snapshot(True, False)]
    rows.clear()
    payloads.append(rows.snapshot(False, False))
    left = replay(payload for payload in payloads if payload is not None)
    assert left is not None
    assert left.height == 0


def test_a_payload_comes_back_as_it_was() -> None:
    rows = frame_of([(1, "a", [1])]).with_columns(id=pl.lit(4, pl.UInt32))
    gone = pl.Series("id", [7], dtype=pl.UInt32)
    back = from_bytes(to_bytes(RowPayload(False, rows, gone)))
    assert (back.is_full, back.rows.rows(), back.gone.to_list()) == (False, rows.rows(), [7])


def test_rows_expire_unless_they_are_written_again() -> None:
    rows = KeyedRows(SCHEMA, (0,), 128, ttl_ms=100)
    frame = frame_of([(1, "a", None), (2, "b", None)])
    rows.expire(1_000)
    rows.apply(rows.slots(frame), frame, None)
    rows.expire(1_050)
    rows.apply(rows.slots(frame[1:]), frame[1:], None)
    rows.expire(1_100)
    assert len(rows) == 1
    rows.expire(1_150)
    assert (len(rows), len(rows.index)) == (0, 0)


def test_rows_with_null_in_a_key_that_is_never_equal_are_not_kept() -> None:
    rows = KeyedRows(SCHEMA, (0,), 128, identity=False, never_null=(0,))
    ids = rows.add(frame_of([(None, "a", None), (1, "b", None)]))
    assert [each is None for each in ids] == [True, False]
    assert len(rows) == 1


def test_rows_of_a_key_stand_by_time() -> None:
    schema = {"f0": pl.Int64(), "f1": pl.Int64()}
    rows = KeyedRows(schema, (0,), 128, sorted_by=1)
    rows.add(frame_of([(1, 30), (1, 10), (2, 5), (1, 20), (1, 20)], schema))
    _, ids = rows.of(rows.slots(frame_of([(1, 0)], schema)))
    assert rows.gather(ids)["f1"].to_list() == [10, 20, 20, 30]


def test_without_a_key_all_rows_are_of_one() -> None:
    rows = KeyedRows(SCHEMA, (), 128, identity=False)
    frame = frame_of([(1, "a", None), (None, "b", [])])
    rows.append(rows.slots(frame), frame)
    _, ids = rows.of(pl.Series([0], dtype=pl.UInt32))
    assert rows.gather(ids).rows() == frame.rows()


def test_another_type_than_the_stores_is_refused() -> None:
    rows = KeyedRows({"f0": pl.Int64(), "f1": pl.Int64()}, (0,), 128)
    with pytest.raises(ValueError, match="column 1 has Arrow format"):
        rows.add(pl.DataFrame({"f0": [1], "f1": [1]}, schema={"f0": pl.Int64, "f1": pl.Int32}))
    with pytest.raises(TypeError, match="different types on both sides"):
        rows.add(pl.DataFrame({"f0": [1], "f1": [1]}, schema={"f0": pl.Int32, "f1": pl.Int64}))


def test_an_id_of_no_row_is_refused() -> None:
    rows = KeyedRows(SCHEMA, (0,), 128)
    with pytest.raises(IndexError, match="no such row"):
        rows.gather(pl.Series([3], dtype=pl.UInt32))


def test_memory_is_reported_and_grows_with_rows() -> None:
    rows = KeyedRows(SCHEMA, (0,), 128, identity=False)
    before = rows.memory_bytes
    rows.add(frame_of([(key, "a text of more than twelve bytes", None) for key in range(1000)]))
    assert rows.memory_bytes > before + 1000 * 32


def test_a_column_may_be_in_the_key_twice() -> None:
    store = KeyedRows({"f0": pl.Int64(), "f1": pl.Int64()}, (1, 1), 128)
    store.add(pl.DataFrame({"f0": [1, 2], "f1": [7, 8]}))
    slots = store.slots(pl.DataFrame({"f0": [0], "f1": [8]}))
    _, ids = store.of(slots)
    assert store.gather(ids)["f0"].to_list() == [2]


REPEATED = st.sampled_from([f"text number {number}, of some length" for number in range(5)])
TEXT_SCHEMA = {"f0": pl.Int64(), "f1": pl.String()}


@given(
    st.lists(st.lists(REPEATED | st.text(min_size=13, max_size=20), min_size=1), max_size=5),
    st.randoms(use_true_random=False),
)
def test_texts_that_rows_share_stay_until_the_last_of_them_goes(
    batches: list[list[str]], random: Any
) -> None:
    rows = KeyedRows(TEXT_SCHEMA, (0,), 128, identity=False)
    kept: dict[int, str] = {}
    for texts in batches:
        frame = pl.DataFrame([(1, text) for text in texts], schema=TEXT_SCHEMA, orient="row")
        kept.update(zip(rows.append(rows.slots(frame), frame).to_list(), texts, strict=True))
        gone = random.sample(sorted(kept), len(kept) // 2)
        rows.remove(pl.Series(gone, dtype=pl.UInt32))
        for each in gone:
            del kept[each]
        found = rows.gather(pl.Series(list(kept), dtype=pl.UInt32))["f1"]
        assert found.to_list() == list(kept.values())


POOL = pl.Series([f"text number {number}, which more than one row has" for number in range(300)])


@given(
    st.lists(st.lists(st.integers(0, 299), min_size=100, max_size=300), min_size=1, max_size=3),
    st.integers(0, 3),
)
def test_texts_at_the_same_place_are_found_again_in_batches_of_any_size(
    batches: list[list[int]], novelty: int
) -> None:
    rows = KeyedRows(TEXT_SCHEMA, (0,), 128, identity=False, is_lean=True)
    ids, expected = [], []
    for number, picks in enumerate(batches):
        known = POOL.gather(picks)
        fresh = pl.Series([f"new in batch {number} at {at}" for at in range(novelty * 50)])
        texts = pl.concat([known, fresh.cast(pl.String), known[:7]])
        ids.append(
            rows.add(pl.DataFrame({"f0": texts.str.len_bytes().cast(pl.Int64), "f1": texts}))
        )
        expected += texts.to_list()
    everything = pl.concat(ids)
    assert rows.gather(everything)["f1"].to_list() == expected
    rows.remove(everything[::2])
    assert rows.gather(everything[1::2])["f1"].to_list() == expected[1::2]


def memory_of(texts: list[str]) -> int:
    rows = KeyedRows(TEXT_SCHEMA, (0,), 128, identity=False)
    frame = pl.DataFrame({"f0": [1] * len(texts), "f1": texts})
    for start in range(0, len(texts), 1000):
        rows.add(frame.slice(start, 1000))
    return rows.memory_bytes


def test_texts_that_come_again_take_memory_once() -> None:
    repeated = memory_of([f"{number % 500:0200}" for number in range(20_000)])
    assert repeated + 3_000_000 < memory_of([f"{number:0200}" for number in range(20_000)])


def test_texts_that_never_come_again_are_kept_as_they_are() -> None:
    texts = [f"{number:030}" for number in range(30_000)]
    rows = KeyedRows(TEXT_SCHEMA, (0,), 128, identity=False)
    frame = pl.DataFrame({"f0": list(range(30_000)), "f1": texts})
    ids = [rows.add(frame.slice(start, 1000)) for start in range(0, 30_000, 1000)]
    assert rows.gather(pl.concat(ids))["f1"].to_list() == texts
    rows.remove(pl.concat(ids[::2]))
    assert rows.gather(ids[1])["f1"].to_list() == texts[1000:2000]


def test_a_shared_text_is_written_once_into_what_is_gathered() -> None:
    rows = KeyedRows(TEXT_SCHEMA, (0,), 128, identity=False)
    ids = rows.add(pl.DataFrame({"f0": list(range(100)), "f1": ["x" * 1000] * 100}))
    for _ in range(2):
        gathered = rows.gather(ids)
        assert gathered["f1"].to_list() == ["x" * 1000] * 100
        assert len(pack_rows(gathered) or b"") < 10_000


def test_lean_rows_come_go_and_come_back_from_a_snapshot() -> None:
    rows = KeyedRows(TEXT_SCHEMA, (0,), 128, identity=False, is_lean=True)
    ids = rows.add(pl.DataFrame({"f0": [1, 1, 2], "f1": ["a", "b", "c"]}))
    rows.remove(ids.gather([1]))
    restored = KeyedRows(TEXT_SCHEMA, (0,), 128, identity=False, is_lean=True)
    payload = rows.snapshot(True, False)
    assert payload is not None
    restored.restore([payload], 0, 127)
    assert sorted(everything_of(restored, [1, 2])) == [(1, "a"), (2, "c")]


def test_a_lean_store_cannot_find_rows_by_their_columns() -> None:
    with pytest.raises(ValueError, match="lean"):
        KeyedRows(TEXT_SCHEMA, (0,), 128, is_lean=True)


def everything_of(rows: KeyedRows, keys: list[int]) -> list[Any]:
    asked = pl.DataFrame({"f0": keys, "f1": [""] * len(keys)})
    return rows.gather(rows.of(rows.slots(asked))[1]).rows()
