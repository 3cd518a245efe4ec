"""Calc, union, expansion and the drop of -U: columns in, columns out, no state."""

import polars as pl
import pytest

from flott.common.logical_types import STRING, BigIntType, IntType
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.expression import Predicate, Projection
from flott.operators.columns.calc import CalcSpec
from flott.operators.columns.drop_update_before import DropUpdateBeforeSpec
from flott.operators.columns.expand import ExpandSpec
from flott.operators.columns.union import UnionSpec
from tests.operators.columns.harness import ColumnHarness

INT, BIGINT = IntType(), BigIntType()


class Positive(Predicate):
    """Rows whose first column is above zero."""

    def open(self, context: OperatorContext | None) -> None:
        self.is_open = True

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        assert self.is_open
        return frame.select(pl.col("f0") > 0).to_series()


class Doubled(Projection):
    """The first column twice as large."""

    def open(self, context: OperatorContext | None) -> None:
        self.is_open = True

    def evaluate(self, frame: pl.DataFrame) -> pl.DataFrame:
        assert self.is_open
        return frame.select((pl.col("f0") * 2).alias("f0"))


def test_calc_filters_before_it_computes() -> None:
    calc = ColumnHarness(CalcSpec(Positive(), Doubled()), [INT])
    calc.push(("+I", 1), ("+I", -1), ("+I", 2))
    assert calc.changes == [("+I", 2), ("+I", 4)]


def test_calc_keeps_the_kind_of_each_row() -> None:
    calc = ColumnHarness(CalcSpec(Positive(), None), [INT])
    calc.push(("+I", 1), ("-U", 1), ("+U", -1), ("-D", 3))
    assert calc.changes == [("+I", 1), ("-U", 1), ("-D", 3)]


def test_calc_sends_nothing_where_nothing_passes() -> None:
    calc = ColumnHarness(CalcSpec(Positive(), Doubled()), [INT])
    calc.push(("+I", -1), ("+I", 0))
    assert calc.plain.output.events == []


def test_calc_hands_on_the_batch_itself_where_all_rows_pass() -> None:
    calc = ColumnHarness(CalcSpec(Positive(), None), [INT])
    batch = ColumnBatch(pl.DataFrame({"f0": [1, 2]}))
    calc.plain.operator.process_batch(batch, 0)
    assert calc.plain.output.events == [("batch", batch)]


def test_dropping_update_before_keeps_all_else() -> None:
    drop = ColumnHarness(DropUpdateBeforeSpec(), [INT])
    drop.push(("+I", 1), ("-U", 1), ("+U", 2), ("-D", 2))
    drop.push(("-U", 5))
    drop.push(("+I", 7))
    assert drop.changes == [("+I", 1), ("+U", 2), ("-D", 2), ("+I", 7)]


def test_union_passes_every_input() -> None:
    union = ColumnHarness(UnionSpec(2), [INT], [INT])
    union.push(("+I", 1))
    union.push(("-D", 2), side=1)
    assert union.changes == [("+I", 1), ("-D", 2)]


EXPAND = ExpandSpec(
    ((0, 1, 0, 1, (0,)), (0, 1, 0, None, (1,)), (0, 1, None, None, (2,))),
    (STRING, INT, STRING, INT, BIGINT),
)


def test_expansion_repeats_rows_with_the_keys_of_each_set() -> None:
    expand = ColumnHarness(EXPAND, [STRING, INT])
    expand.push(("+I", "a", 1))
    assert expand.changes == [
        ("+I", "a", 1, "a", 1, 0),
        ("+I", "a", 1, "a", None, 1),
        ("+I", "a", 1, None, None, 2),
    ]


def test_expansion_keeps_the_copies_of_a_change_together() -> None:
    expand = ColumnHarness(EXPAND, [STRING, INT])
    expand.push(("-U", "a", 1), ("+U", "a", 2))
    assert [change[0] for change in expand.changes] == ["-U"] * 3 + ["+U"] * 3
    assert [change[-1] for change in expand.changes] == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("spec", [CalcSpec(None, None), UnionSpec(2), DropUpdateBeforeSpec()])
def test_operators_without_state_say_so(spec: CalcSpec) -> None:
    assert spec.is_stateless
