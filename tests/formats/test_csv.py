from __future__ import annotations

import csv
import datetime
import io
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Row, Types
from flott.common.errors import SinkError, TypeMismatchError, UnsupportedFeature
from flott.common.time import Instant
from flott.formats.csv_files import CsvBulkWriters, CsvReaderFormat
from flott.formats.csv_row import CsvRowDeserializationSchema, CsvRowSerializationSchema
from flott.formats.csv_schema import CsvSchema, CsvSchemaBuilder
from flott.formats.stream_format import Decoded


def clicks() -> CsvSchemaBuilder:
    return CsvSchema.builder().add_number_column("id").add_string_column("user")


def decode(data: str | bytes, builder: CsvSchemaBuilder, is_last: bool = True) -> Decoded:
    data = data.encode() if isinstance(data, str) else data
    decoder = CsvReaderFormat.for_schema(builder.build()).create_decoder()
    header = decoder.read_header(data, is_last)
    assert header is not None
    return decoder.decode(data[header:], is_last)


def tuples(data: str | bytes, builder: CsvSchemaBuilder) -> list[tuple[Any, ...]]:
    decoded = decode(data, builder)
    assert decoded.malformed == []
    return [tuple(row) for row in decoded.rows]


def reasons(data: str | bytes, builder: CsvSchemaBuilder) -> list[str]:
    return [bad.reason for bad in decode(data, builder).malformed]


def test_records_become_rows_with_names() -> None:
    assert decode("1,ada\n2,bob\n", clicks()).rows == [Row(id=1, user="ada"), Row(id=2, user="bob")]


def test_quoted_values_hold_separators_quotes_and_line_ends() -> None:
    assert tuples('1,"a,b"\n2,"say ""hi"""\n3,"two\nlines"\n', clicks()) == [
        (1, "a,b"),
        (2, 'say "hi"'),
        (3, "two\nlines"),
    ]


def test_every_kind_of_line_end_and_none_at_the_end() -> None:
    assert tuples("1,a\r\n2,b\r3,c\n4,d", clicks()) == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]


def test_blank_lines_are_passed_over() -> None:
    assert tuples("\n1,a\n\n\n2,b\n", clicks()) == [(1, "a"), (2, "b")]


def test_other_notation() -> None:
    builder = clicks().set_column_separator("|").set_quote_char("'").set_escape_char("\\")
    assert tuples("1|'a|b'\n2|c\\|d\n", builder) == [(1, "a|b"), (2, "c|d")]


def test_without_quotes_a_quote_is_a_character_and_files_can_be_split() -> None:
    builder = clicks().disable_quote_char()
    assert tuples('1,"a\n2,b"\n', builder) == [(1, '"a'), (2, 'b"')]
    assert CsvReaderFormat.for_schema(builder.build()).is_splittable
    assert not CsvReaderFormat.for_schema(clicks().build()).is_splittable


def test_comments_on_demand() -> None:
    text = "# names\n1,a\n#2,b\n3,#c\n"
    assert tuples(text, clicks().set_allow_comments()) == [(1, "a"), (3, "#c")]
    assert len(reasons(text, clicks())) == 2


def test_empty_values_are_none_except_in_text_columns() -> None:
    assert tuples(",\n", clicks()) == [(None, "")]


def test_a_literal_for_none() -> None:
    assert tuples("NULL,NULL\n1,\n", clicks().set_null_value("NULL")) == [(None, None), (1, "")]


def test_columns_are_found_by_the_names_of_the_header() -> None:
    text = "user,more,id\nada,x,1\n"
    assert tuples(text, clicks().set_use_header()) == [(1, "ada")]


def test_a_header_of_other_names_is_passed_over() -> None:
    assert tuples("A,B\n1,ada\n", clicks().set_use_header()) == [(1, "ada")]


def test_a_strict_header_must_match() -> None:
    builder = clicks().set_use_header().set_strict_headers()
    assert tuples("id,user\n1,ada\n", builder) == [(1, "ada")]
    with pytest.raises(ValueError, match=r"the header is \['user', 'id'\], the schema says"):
        decode("user,id\nada,1\n", builder)


def test_columns_of_a_header_alone_are_text() -> None:
    assert decode("id,user\n1,ada\n", CsvSchema.builder().set_use_header()).rows == [
        Row(id="1", user="ada")
    ]


def test_the_first_record_is_passed_over_on_demand() -> None:
    builder = clicks().set_use_header().set_skip_first_data_row()
    assert tuples("id,user\n0,units\n1,ada\n", builder) == [(1, "ada")]


def test_a_header_waits_for_its_end() -> None:
    decoder = CsvReaderFormat.for_schema(clicks().set_use_header().build()).create_decoder()
    assert decoder.read_header(b"id,us", False) is None
    assert decoder.read_header(b'"id\n', False) is None
    assert decoder.read_header(b"\xef\xbb\xbfid,user\n1,a", False) == 11


def test_arrays() -> None:
    builder = clicks().add_array_column("a", element_type=Types.INT()).add_array_column("b", "/")
    assert tuples("1,x,1;2;3,p/q\n2,y,,\n", builder) == [
        (1, "x", [1, 2, 3], ["p", "q"]),
        (2, "y", None, None),
    ]


def test_array_separators_for_all_or_none() -> None:
    builder = clicks().add_array_column("a").set_array_element_separator("-")
    assert tuples("1,x,a-b\n", builder) == [(1, "x", ["a", "b"])]
    builder.remove_array_element_separator(2)
    assert tuples("1,x,a-b\n", builder) == [(1, "x", ["a-b"])]
    builder = clicks().add_array_column("a").disable_array_element_separator()
    assert tuples("1,x,a;b\n", builder) == [(1, "x", ["a;b"])]


def column(type_info: Any) -> CsvSchemaBuilder:
    return CsvSchema.builder().add_column("v", type_info).add_string_column("rest")


@pytest.mark.parametrize(
    ("type_info", "text", "value"),
    [
        (Types.INT(), "007", 7),
        (Types.INT(), "+1", 1),
        (Types.BYTE(), " 5 ", 5),
        (Types.BIG_INT(), "1" * 30, int("1" * 30)),
        (Types.DOUBLE(), "1e3", 1000.0),
        (Types.DOUBLE(), "7", 7.0),
        (Types.FLOAT(), "Infinity", float("inf")),
        (Types.BOOLEAN(), "TRUE", True),
        (Types.BIG_DEC(), "1.10", Decimal("1.10")),
        (Types.SQL_DATE(), "2026-07-01", datetime.date(2026, 7, 1)),
        (Types.SQL_TIME(), "12:30:00", datetime.time(12, 30)),
        (Types.SQL_TIMESTAMP(), "2026-07-01 12:00:00", datetime.datetime(2026, 7, 1, 12)),
        (Types.INSTANT(), "1970-01-01T00:00:01.5Z", Instant(1, 500_000_000)),
        (Types.PRIMITIVE_ARRAY(Types.BYTE()), "AQI=", b"\x01\x02"),
    ],
)
def test_values_of_each_type(type_info: Any, text: str, value: Any) -> None:
    assert tuples(f"{text},x\n", column(type_info)) == [(value, "x")]
    written = io.BytesIO()
    writer = CsvBulkWriters.for_schema(column(type_info).build()).create(written)
    writer.add_elements([Row(value, "x"), Row(None, "y")])
    assert tuples(written.getvalue(), column(type_info)) == [(value, "x"), (None, "y")]


@pytest.mark.parametrize(
    ("type_info", "text", "reason"),
    [
        (Types.INT(), "x", "expected a whole number, found 'x'"),
        (Types.INT(), "1.5", "expected a whole number, found '1.5'"),
        (Types.INT(), "1_000", "expected a whole number, found '1_000'"),
        (Types.INT(), "2147483648", "2147483648 is not between -2147483648 and 2147483647"),
        (Types.INT(), '"1,2"', "expected a whole number, found '1,2'"),
        (Types.LONG(), "9" * 20, "99999999999999999999 is not between"),
        (Types.DOUBLE(), "1_0.0", "expected a number, found '1_0.0'"),
        (Types.DOUBLE(), "true", "expected a number, found 'true'"),
        (Types.BOOLEAN(), "yes", "expected true or false, found 'yes'"),
        (Types.BIG_DEC(), "1,1", "expected 2 columns, found 3"),
        (Types.BIG_DEC(), "x", "expected a decimal number, found 'x'"),
        (Types.SQL_DATE(), "1 July", "expected a date, found '1 July'"),
        (Types.PRIMITIVE_ARRAY(Types.BYTE()), "?", "expected Base64 text, found '?'"),
    ],
)
def test_values_of_wrong_types(type_info: Any, text: str, reason: str) -> None:
    (found,) = reasons(f"{text},x\n", column(type_info))
    assert found.removeprefix("column 'v': ").startswith(reason)


def test_a_broken_record_spoils_only_itself() -> None:
    decoded = decode('1,a\nx,b\n2,"c"d\n3\n4,e,f\n5,g\n', clicks())
    assert [row.id for row in decoded.rows] == [1, 5]
    assert [(bad.offset, bad.length) for bad in decoded.malformed] == [
        (4, 3),
        (8, 6),
        (15, 1),
        (17, 5),
    ]
    assert decoded.malformed[1].reason == "',' expected after '\"'"


def test_bytes_that_are_no_text_spoil_only_their_record() -> None:
    decoded = decode(b'1,a\n2,"\n\xff"\n3,c\n', clicks())
    assert [row.id for row in decoded.rows] == [1, 3]
    assert len(decoded.malformed) == 1


def test_a_quote_that_is_never_closed_spoils_only_its_line() -> None:
    decoded = decode('1,a\n2,"b\n3,c\n', clicks())
    assert [row.id for row in decoded.rows] == [1, 3]
    assert decoded.malformed[0].reason == "a quote is opened and never closed"


def test_an_open_record_waits_for_the_rest() -> None:
    decoded = decode('1,a\n2,"two\nlines', clicks(), is_last=False)
    assert (len(decoded.rows), decoded.consumed) == (1, 4)
    assert decode('2,"two\n', clicks(), is_last=False).consumed == 0


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1) | st.none(), cells), max_size=8))
def test_written_records_come_back(records: list[tuple[Any, str]]) -> None:
    stream = io.BytesIO()
    writer = CsvBulkWriters.for_schema(clicks().build()).create(stream)
    writer.add_elements(records)
    assert tuples(stream.getvalue(), clicks()) == records


@given(text=st.text('1x",\n\r#', max_size=30), cut=st.integers(0, 30))
def test_decoding_in_two_parts_gives_the_same(text: str, cut: int) -> None:
    data = text.encode()
    whole = decode(data, clicks())
    first = decode(data[:cut], clicks(), is_last=False)
    rest = decode(data[first.consumed :], clicks())
    assert first.rows + rest.rows == whole.rows
    shifted = [bad.offset + first.consumed for bad in rest.malformed]
    assert [bad.offset for bad in first.malformed] + shifted == [b.offset for b in whole.malformed]


@given(text=st.text('1x",\n\r', max_size=30))
def test_good_records_are_those_of_the_standard_library(text: str) -> None:
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return
    builder = CsvSchema.builder().add_string_column("a").add_string_column("b")
    assert tuples_or_none(text, builder) == [tuple(each) for each in found if len(each) == 2]


def tuples_or_none(text: str, builder: CsvSchemaBuilder) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in decode(text, builder).rows]


@given(text=st.text('1x",\n\r', max_size=30))
def test_offsets_point_at_the_beginnings_of_records(text: str) -> None:
    data = text.encode()
    decoder = CsvReaderFormat.for_schema(clicks().build()).create_decoder()
    offsets = list(decoder.record_offsets(data, True))
    assert [decode(data[offset:], clicks()).rows[0] for offset in offsets] == decode(
        data, clicks()
    ).rows


def written(builder: CsvSchemaBuilder, *records: Any) -> bytes:
    stream = io.BytesIO()
    writer = CsvBulkWriters.for_schema(builder.build()).create(stream)
    writer.add_elements(list(records))
    writer.flush()
    writer.finish()
    return stream.getvalue()


def test_rows_tuples_and_dicts_are_written() -> None:
    assert written(clicks(), Row(user="ada", id=1), (2, "bob"), {"id": 3}) == b"1,ada\n2,bob\n3,\n"


def test_a_file_with_header_and_other_notation() -> None:
    builder = clicks().set_use_header().set_line_separator("\r\n").set_column_separator(";")
    assert written(builder.set_null_value("-"), (1, "a;b"), (None, None)) == (
        b'id;user\r\n1;"a;b"\r\n-;-\r\n'
    )


def test_what_is_no_such_record_is_not_written() -> None:
    with pytest.raises(TypeMismatchError, match="field 'id'"):
        written(clicks(), Row("x", "ada"))


def test_what_needs_quotes_is_not_written_without() -> None:
    with pytest.raises(SinkError, match="Allow quotes or set an escape character"):
        written(clicks().disable_quote_char(), (1, "a,b"))


def test_columns_that_are_no_text_are_refused() -> None:
    builder = clicks().add_column("m", Types.MAP(Types.STRING(), Types.STRING()))
    with pytest.raises(ValueError, match="Column 'm': a map cannot be written"):
        CsvBulkWriters.for_schema(builder.build())
    with pytest.raises(ValueError, match="a map cannot be read"):
        CsvReaderFormat.for_schema(builder.build()).create_decoder()


def test_schemas_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="found twice: id"):
        clicks().add_string_column("id").build()
    with pytest.raises(ValueError, match="Add columns"):
        CsvSchema.builder().build()
    with pytest.raises(ValueError, match="needs columns"):
        CsvBulkWriters.for_schema(CsvSchema.builder().set_use_header().build())
    with pytest.raises(ValueError, match="must be a single char"):
        clicks().set_column_separator("||")
    with pytest.raises(UnsupportedFeature, match="set_any_property_name"):
        clicks().set_any_property_name("rest")


def test_columns_are_counted_copied_and_cleared() -> None:
    schema = clicks().build()
    builder = CsvSchema.builder().add_columns_from(schema).add_boolean_column("ok")
    assert (len(schema), schema.size(), len(builder), builder.size()) == (2, 2, 3, 3)
    assert builder.clear_columns().size() == 0


CLICK = Types.ROW_NAMED(["id", "tags"], [Types.INT(), Types.LIST(Types.STRING())])


def test_messages_become_rows_and_back() -> None:
    reader = CsvRowDeserializationSchema.Builder(CLICK).set_array_element_delimiter("/").build()
    writer = CsvRowSerializationSchema.Builder(CLICK).set_array_element_delimiter("/").build()
    row = Row(id=1, tags=["a", "b"])
    assert writer.serialize(row) == b"1,a/b\n"
    assert pickle.loads(pickle.dumps(reader)).deserialize(b"1,a/b") == row
    assert pickle.loads(pickle.dumps(writer)).serialize(row) == b"1,a/b\n"
    assert reader.get_produced_type() == CLICK


def test_notation_of_messages() -> None:
    reader = CsvRowDeserializationSchema.Builder(CLICK)
    reader.set_field_delimiter("|").set_quote_character("'").set_escape_character("\\")
    reader.set_null_literal("-").set_allow_comments(True)
    assert reader.build().deserialize(b"#x\n-|'a;b'\n") == Row(id=None, tags=["a", "b"])
    writer = CsvRowSerializationSchema.Builder(CLICK)
    writer.set_field_delimiter("|").set_quote_character("'").set_escape_character("\\")
    writer.set_null_literal("-").set_line_delimiter("").disable_quote_character()
    assert writer.build().serialize(Row(None, ["a|b"])) == b"-|a\\|b"


def test_messages_that_hold_no_record() -> None:
    reader = CsvRowDeserializationSchema.Builder(CLICK).build()
    for data, reason in ((b"x,", "whole number"), (b"1,a\n2,b", "found 2"), (b"", "found 0")):
        with pytest.raises(ValueError, match=reason):
            reader.deserialize(data)
    ignoring = CsvRowDeserializationSchema.Builder(CLICK).set_ignore_parse_errors(True).build()
    assert ignoring.deserialize(b"x,") is None


def test_only_rows_make_messages() -> None:
    with pytest.raises(TypeError, match="must not be None"):
        CsvRowDeserializationSchema.Builder(None)
    with pytest.raises(TypeError, match="Expected the type of a row"):
        CsvRowSerializationSchema.Builder(Types.INT())
    with pytest.raises(ValueError, match="Expected a line end"):
        CsvRowSerializationSchema.Builder(CLICK).set_line_delimiter("x")


def test_texts_and_numbers_of_messages_are_written_as_flink_does() -> None:
    types = [Types.STRING(), Types.DOUBLE(), Types.FLOAT(), Types.LONG()]
    schema = CsvRowSerializationSchema.Builder(Types.ROW_NAMED(["s", "d", "f", "n"], types)).build()
    plain = CsvRowSerializationSchema.Builder(Types.ROW_NAMED(["s", "d"], types[:2])).build()
    for text, written in (
        ("ada", "ada"),
        ("two words", '"two words"'),
        ("a" * 25, f'"{"a" * 25}"'),
    ):
        assert schema.serialize(Row(text, 1e7, 0.1, -1)) == f"{written},1.0E7,0.1,-1\n".encode()
        assert plain.serialize_batch([Row(text, 1e-5)]) == [f"{written},1.0E-5\n".encode()]
        assert plain.serialize(Row(text, 1e-5)) == f"{written},1.0E-5\n".encode()
