"""Runs a recorded SQL case and compares the answer with Flink's.

A plain case is one point, a case of many expressions one point for each expression. Rows are
brought into the form the recordings have: decimals, times and intervals as text, binary as hex,
MAP and MULTISET as sorted pairs, ROW and ARRAY as lists.
"""

import datetime
import decimal
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flott.common import Row, RowKind
from flott.common import logical_types as t
from flott.common.sql_errors import SqlError, SqlParserError
from flott.table import EnvironmentSettings, TableEnvironment

FOLDER = Path(__file__).parent / "sql"
#: Cases recorded later, in the same form; ``${MORE}`` is their folder of data.
MORE = Path(__file__).parent / "sql_more"
LEFT_OUT = ("quirk", "before_1970")

Case = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """One thing to get right.

    Attributes:
        name: The case's id, with ``#column`` for an expression.
        problem: What is wrong; ``None`` if the answer is Flink's.
    """

    name: str
    problem: str | None


def all_cases(area: str | None = None) -> Iterator[Case]:
    """Every recorded case that counts."""
    for path in sorted(each for f in (FOLDER, MORE) for each in f.glob(f"{area or '*'}.json")):
        for case in json.loads(path.read_text()):
            if not any(tag in LEFT_OUT for tag in case.get("tags", ())):
                yield case


def judge(case: Case, scratch: Path) -> list[Point]:
    """The points of a case."""
    try:
        answer = _run(case, case["query"], scratch)
    except Exception as error:
        return _judge_error(case, error, scratch)
    if case["error"]:
        return _each(case, f"should fail ({case['error']}): {case.get('message')}")
    if case.get("compare") == "success":
        return _each(case, None)
    if "exprs" not in case:
        return [Point(case["id"], _difference(case, answer))]
    return list(_judge_columns(case, answer))


def _each(case: Case, problem: str | None) -> list[Point]:
    if "exprs" not in case:
        return [Point(case["id"], problem)]
    return [Point(f"{case['id']}#{each['column']}", problem) for each in case["exprs"]]


def _judge_error(case: Case, error: Exception, scratch: Path) -> list[Point]:
    text = f"{type(error).__name__}: {error}"
    if case["error"]:
        at_start = isinstance(error, SqlError | NotImplementedError | ValueError)
        if case["error"] == "parse":
            right = isinstance(error, SqlParserError)
        else:
            right = at_start if case["error"] == "validation" else not isinstance(error, SqlError)
        return _each(case, None if right else f"should fail as {case['error']}, not: {text}")
    if "exprs" not in case:
        return [Point(case["id"], text)]
    return [_judge_single(case, position, scratch) for position in range(len(case["exprs"]))]


def _judge_single(case: Case, position: int, scratch: Path) -> Point:
    """One expression by itself, after the query with all of them has failed."""
    each = case["exprs"][position]
    name = f"{case['id']}#{each['column']}"
    keys = len(case["columns"]) - len(case["exprs"])
    query = case["single"].replace("<EXPR>", f"{each['expr']} AS {each['column']}")
    try:
        answer = _run(case, query, scratch / each["column"])
    except Exception as error:
        return Point(name, f"{each['expr']}: {type(error).__name__}: {error}")
    chosen = [*range(keys), keys + position]
    return Point(name, _rows_problem(case, answer.rows, chosen, each["expr"]))


def _judge_columns(case: Case, answer: "Answer") -> Iterator[Point]:
    keys = len(case["columns"]) - len(case["exprs"])
    for position, each in enumerate(case["exprs"]):
        chosen = [*range(keys), keys + position]
        rows = [[row[column] for column in chosen] for row in answer.rows]
        yield Point(
            f"{case['id']}#{each['column']}", _rows_problem(case, rows, chosen, each["expr"])
        )


def _rows_problem(case: Case, rows: list[Any], chosen: list[int], expression: str) -> str | None:
    expected = [[row[column] for column in chosen] for row in case["rows"]]
    types = [case["columns"][column]["type"] for column in chosen]
    if same_rows(rows, expected, types, case["ordered"]):
        return None
    return f"{expression}: {_shown(rows, expected)}"


@dataclass(frozen=True)
class Answer:
    """What a query gave: column names, their types, and the rows after all changes."""

    names: list[str]
    types: list[str]
    rows: list[list[Any]]
    kinds: Counter[str]


def _run(case: Case, query: str, scratch: Path) -> Answer:
    settings = EnvironmentSettings.in_streaming_mode()
    if case["mode"] == "batch":
        settings = EnvironmentSettings.in_batch_mode()
    scratch.mkdir(parents=True, exist_ok=True)
    environment = TableEnvironment.create(settings)
    configuration = environment.get_config()
    configuration.set("restart-strategy.type", "none")
    configuration.set("table.local-time-zone", "UTC")
    for key, value in case.get("config", {}).items():
        configuration.set(key, value)

    def filled(text: str) -> str:
        for name, folder in (("DATA", FOLDER / "data"), ("MORE", MORE / "data"), ("TMP", scratch)):
            text = text.replace(f"${{{name}}}", str(folder))
        return text

    for statement in case["setup"]:
        environment.execute_sql(filled(statement)).wait()
    result = environment.execute_sql(filled(query))
    schema = result.get_table_schema()
    types = schema.get_field_data_types()
    with result.collect() as changes:
        rows = list(changes)
    kinds = Counter(str(row.get_row_kind()) for row in rows)
    final = apply_changes(rows, types, case.get("upsert_key"))
    return Answer(schema.get_field_names(), [str(each) for each in types], final, kinds)


def apply_changes(
    rows: Iterable[Row], types: list[t.DataType], upsert_key: list[int] | None
) -> list[list[Any]]:
    """The table that the changes leave behind, in order of first arrival."""
    table: list[list[Any]] = []
    for row in rows:
        values = [normalised(value, each) for value, each in zip(row, types, strict=True)]
        removes = row.get_row_kind() in (RowKind.UPDATE_BEFORE, RowKind.DELETE)
        if upsert_key is not None:
            key = [values[position] for position in upsert_key]
            table = [old for old in table if [old[position] for position in upsert_key] != key]
        elif removes:
            table.remove(values)
        if not removes:
            table.append(values)
    return table


def normalised(value: Any, data_type: t.DataType) -> Any:
    """``value`` in the form of the recordings."""
    if value is None:
        return None
    match data_type:
        case t.DecimalType():
            return format(decimal.Decimal(value), "f")
        case t.FloatType() | t.DoubleType():
            return _float(float(value))
        case t.BinaryType() | t.VarBinaryType():
            return bytes(value).hex()
        case t.DateType():
            return value.isoformat()
        case t.TimeType():
            return _fraction(value.strftime("%H:%M:%S"), value, data_type.precision)
        case t.TimestampType() | t.LocalZonedTimestampType():
            return _timestamp(value, data_type.precision)
        case t.YearMonthIntervalType():
            sign = "-" if value < 0 else "+"
            return f"{sign}{abs(value) // 12}-{abs(value) % 12:02}"
        case t.DayTimeIntervalType():
            return _day_time(value)
        case t.ArrayType():
            return [normalised(each, data_type.element_type) for each in value]
        case t.RowType():
            return [normalised(a, b) for a, b in zip(value, data_type.field_types(), strict=True)]
        case t.MapType():
            return _pairs(value, data_type.key_type, data_type.value_type)
        case t.MultisetType():
            return _pairs(value, data_type.element_type, t.IntType())
    return value


def _pairs(value: Any, key: t.DataType, item: t.DataType) -> list[Any]:
    entries = value.items() if isinstance(value, dict) else value
    pairs = [[normalised(a, key), normalised(b, item)] for a, b in entries]
    return sorted(pairs, key=repr)


def _float(value: float) -> Any:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _timestamp(value: Any, precision: int) -> str:
    assert isinstance(value, datetime.datetime), value
    if value.tzinfo is not None:
        value = value.replace(tzinfo=None)
    text = f"{value.year:04}-{value:%m-%d %H:%M:%S}"
    return _fraction(text, value, precision)


def _fraction(text: str, value: Any, precision: int) -> str:
    digits = f"{value.microsecond:06}".ljust(9, "0")[:precision]
    return f"{text}.{digits}" if digits else text


def _day_time(value: Any) -> str:
    milliseconds = value
    if isinstance(value, datetime.timedelta):
        milliseconds = value // datetime.timedelta(milliseconds=1)
    sign = "-" if milliseconds < 0 else "+"
    seconds, rest = divmod(abs(milliseconds), 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{sign}{day} {hour:02}:{minute:02}:{second:02}.{rest:03}"


def _difference(case: Case, answer: Answer) -> str | None:
    expected = [column["name"] for column in case["columns"]]
    if answer.names != expected:
        return f"columns {answer.names}, expected {expected}"
    types = [column["type"] for column in case["columns"]]
    if not same_rows(answer.rows, case["rows"], types, case["ordered"]):
        return _shown(answer.rows, case["rows"])
    return None


def same_rows(rows: list[Any], expected: list[Any], types: list[str], ordered: bool) -> bool:
    """Whether the rows are equal: floats to 11 significant digits (FLOAT 6), decimals by value."""
    mine = [_comparable(row, types) for row in rows]
    theirs = [_comparable(row, types) for row in expected]
    return mine == theirs if ordered else sorted(mine, key=repr) == sorted(theirs, key=repr)


def _comparable(row: list[Any], types: list[str]) -> list[Any]:
    return [_rounded(value, each) for value, each in zip(row, types, strict=True)]


def _rounded(value: Any, type_text: str) -> Any:
    if isinstance(value, list):
        return [_rounded(each, type_text) for each in value]
    if isinstance(value, float):
        digits = 6 if type_text.startswith("FLOAT") else 11
        return float(f"{value:.{digits - 1}e}")
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and ("DOUBLE" in type_text or "FLOAT" in type_text):
        return float(value)
    if isinstance(value, str):
        if type_text.startswith("DECIMAL"):
            return str(decimal.Decimal(value).normalize())
        if "TIMESTAMP" in type_text and len(value) > 26:
            return value[:26]
    return value


def _shown(rows: list[Any], expected: list[Any]) -> str:
    missing = [row for row in expected if row not in rows]
    surplus = [row for row in rows if row not in expected]
    sizes = f"{len(rows)} rows, expected {len(expected)}"
    return f"missing {missing[:4]!r:.400}, surplus {surplus[:4]!r:.400} ({sizes})"
