"""Options of CSV that say what a record may lack, and have too much: answers of Flink 2.3."""

import pytest

from flott.common import logical_types as t
from tests.formats.columns.decoding import decode, decode_messages, reasons

COLUMNS = {"a": t.IntType(), "b": t.STRING, "c": t.STRING}
LINES = """\
 2 , b , y \n3," c ",z\n4, "d" ,w\n5,,\n6,"",\n7,g\n8,h,v,extra\n9,i,u,\n10,j,t,,\n12,m,n, \n13
14,  ,q\n15,\t p\t,r\n "21",g,h\n22,"a""b" , "c"\n23,x,"",\n24,n,o, ,
"""
USUAL = {
    2: (" b ", " y "), 3: (" c ", "z"), 4: (' "d" ', "w"), 5: ("", ""), 6: ("", ""),
    7: ("g", None), 9: ("i", "u"), 12: ("m", "n"), 13: (None, None), 14: ("  ", "q"),
    15: ("\t p\t", "r"), None: ("g", "h"), 22: ('a"b', ' "c"'), 23: ("x", ""),
}  # fmt: skip
TRIMMED = {
    2: ("b", "y"), 4: ("d", "w"), 14: ("", "q"), 15: ("p", "r"), 21: ("g", "h"),
    22: ('a"b', "c"), None: None,
}  # fmt: skip
SURPLUS = {8: ("h", "v"), 10: ("j", "t"), 24: ("n", "o")}

Rows = dict[int | None, tuple[str | None, str | None] | None]


@pytest.mark.parametrize(
    ("options", "changes"),
    [
        ({}, {}),
        ({"trim_spaces": "true"}, TRIMMED),
        ({"ignore_trailing_unmappable": "true"}, SURPLUS),
        ({"allow_trailing_comma": "false"}, {9: None, 12: None, 23: None}),
        ({"allow_trailing_comma": "false", "ignore_trailing_unmappable": "true"}, SURPLUS),
        ({"fail_on_missing_columns": "true"}, {7: None, 13: None}),
        (
            {"empty_string_as_null": "true"},
            {5: (None, None), 6: (None, None), 23: ("x", None)},
        ),
        (
            {"empty_string_as_null": "true", "trim_spaces": "true"},
            TRIMMED | {5: (None, None), 6: (None, None), 14: (None, "q"), 23: ("x", None)},
        ),
    ],
)
def test_records_that_do_not_fit(options: dict[str, str], changes: Rows) -> None:
    wanted = {key: value for key, value in (USUAL | changes).items() if value is not None}
    given = {"ignore-parse-errors": "true"}
    given |= {key.replace("_", "-"): value for key, value in options.items()}
    frame = decode("csv", COLUMNS, LINES, given).rows.frame
    assert {row[0]: row[1:] for row in frame.rows()} == wanted
    messages = [line.encode() for line in LINES.splitlines()]
    frame = decode_messages("csv", COLUMNS, messages, given).frame
    assert {row[0]: row[1:] for row in frame.rows()} == wanted


def test_a_missing_field_is_an_error_where_errors_are() -> None:
    given = {"ignore-trailing-unmappable": "true"}
    assert reasons("csv", COLUMNS, "7,g\n", given) == ["expected 3 columns, found 2"]
