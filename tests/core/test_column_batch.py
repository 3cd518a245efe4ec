"""Batches of columns travel between workers as they are."""

import datetime
import pickle

import polars as pl
import pytest

from flott.core.column_batch import ColumnBatch

FRAMES = [
    pl.DataFrame({"f0": [1, None], "f1": ["a", "a text that is too long for a view"]}),
    pl.DataFrame({"f0": [[1], []], "f1": [{"a": 1, "b": None}, {"a": None, "b": "x"}]}),
    pl.DataFrame({"f0": [datetime.datetime(2024, 1, 1), None], "f1": [b"\x00", None]}),
    pl.DataFrame({"f0": pl.Series([None, None], dtype=pl.Null)}),
    pl.DataFrame(height=2),
]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("has_kinds", [False, True])
def test_a_batch_comes_out_as_it_went_in(frame: pl.DataFrame, has_kinds: bool) -> None:
    kinds = pl.Series([0, 3], dtype=pl.Int8) if has_kinds else None
    again = pickle.loads(pickle.dumps(ColumnBatch(frame, kinds), 5))
    assert again.frame.equals(frame)
    assert again.frame.schema == frame.schema
    assert again.row_count == 2
    assert (again.kinds is None) == (kinds is None)
    if kinds is not None:
        assert again.kinds.to_list() == kinds.to_list()
        assert again.kinds.dtype == pl.Int8
