"""What a sink's table declares holds for every row: NOT NULL and lengths."""

import pytest

from flott.common.logical_types import STRING, BinaryType, CharType, IntType, VarCharType
from flott.common.sql_errors import RecordError
from flott.operators.columns.constraints import ConstraintSpec
from tests.operators.columns.harness import ColumnHarness

INT = IntType()
NAMES = ("id", "name")


def not_null(drops: bool = False) -> ColumnHarness:
    return ColumnHarness(ConstraintSpec("c.d.t", NAMES, (0,), drops), [INT, STRING])


def test_rows_without_null_pass_as_they_are() -> None:
    rows = not_null()
    rows.push(("+I", 1, None), ("-D", 1, None))
    assert rows.changes == [("+I", 1, None), ("-D", 1, None)]


def test_null_fails_naming_column_table_and_row() -> None:
    with pytest.raises(RecordError) as caught:
        not_null().push(("+I", 1, "a"), ("+I", None, "b"))
    assert "'id'" in str(caught.value)
    assert "'c.d.t'" in str(caught.value)
    assert "'b'" in str(caught.value)
    assert "not-null-enforcer" in str(caught.value)


def test_null_is_dropped_where_that_is_wanted() -> None:
    rows = not_null(drops=True)
    rows.push(("+I", None, "a"), ("+I", 2, "b"))
    rows.push(("+I", None, "c"))
    assert rows.changes == [("+I", 2, "b")]


LENGTHS = ((0, CharType(3)), (1, VarCharType(2)))


def lengths(pads: bool) -> ColumnHarness:
    spec = ConstraintSpec("t", NAMES, lengths=LENGTHS, pads=pads)
    return ColumnHarness(spec, [CharType(3), VarCharType(2)])


def test_texts_are_cut_and_padded() -> None:
    rows = lengths(pads=True)
    rows.push(("+I", "a", "xyz"), ("+I", "abcd", "x"), ("+I", None, None))
    assert rows.changes == [("+I", "a  ", "xy"), ("+I", "abc", "x"), ("+I", None, None)]


@pytest.mark.parametrize("row", [("abc", "xyz"), ("ab", "x")])
def test_texts_of_a_wrong_length_fail(row: tuple[str, str]) -> None:
    with pytest.raises(RecordError, match="does not fit into"):
        lengths(pads=False).push(("+I", *row))


def test_bytes_are_padded_with_zeros() -> None:
    kind = BinaryType(3)
    spec = ConstraintSpec("t", ("b",), lengths=((0, kind),), pads=True)
    rows = ColumnHarness(spec, [kind])
    rows.push(("+I", b"a"), ("+I", b"abcd"), ("+I", None))
    assert rows.changes == [("+I", b"a\0\0"), ("+I", b"abc"), ("+I", None)]
