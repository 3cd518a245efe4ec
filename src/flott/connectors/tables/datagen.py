"""The ``datagen`` table: made-up rows, random or counting up, with Flink's options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature
from flott.common.option_values import parse_float, parse_int
from flott.common.physical_types import polars_type
from flott.common.suggestions import did_you_mean
from flott.common.table_options import TableOptions
from flott.connectors.column_generators import (
    ColumnGenerator,
    CountUp,
    ListOf,
    PastTime,
    RandomBoolean,
    RandomReal,
    RandomText,
    RandomWhole,
    RowOf,
    SomeNull,
    make_frame,
    salt_of,
)
from flott.connectors.datagen import LimitedReader
from flott.connectors.number_sequence import NumberSplit, NumberSplitEnumerator, divide_range
from flott.connectors.rate_limit import RateLimiterStrategy
from flott.connectors.split_reader import SplitCursor
from flott.connectors.tables.options import options_of, refuse_write
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)
from flott.core.table import TableDescription, TableFactory, TableSink, TableSource

#: What can be said about a column, or an element or field of it.
_FIELD_OPTIONS: Final = frozenset(
    ("kind", "min", "max", "max-past", "length", "var-len", "null-rate", "start", "end")
)
_FOREVER: Final = 2**62
_TEXT_LENGTH: Final = 100
_COLLECTION_LENGTH: Final = 3
_FLOAT_MAX: Final = 3.4028235e38
_DOUBLE_MAX: Final = 1.7976931348623157e308


class DatagenTableFactory(TableFactory):
    """Makes ``datagen`` tables."""

    identifier = "datagen"
    options = {
        "rows-per-second": "How fast, for all subtasks together.",
        "number-of-rows": "How many rows; without it, and without sequences, there is no end.",
        "fields.*": "What a column holds: fields.NAME.kind, .min, .max, .length, ...",
    }

    def create_source(self, table: TableDescription) -> TableSource:
        options = options_of(table)
        _check_field_options(table, options)
        built = {
            field.name: _FieldPlan.of(field, options.below(f"fields.{field.name}."))
            for field in table.columns
        }
        ends = [plan.count for plan in built.values() if plan.count is not None]
        if options.given("number-of-rows"):
            ends.append(options.number("number-of-rows", 0))
        return DatagenTableSource(
            {name: plan.generator for name, plan in built.items()},
            min(ends) if ends else None,
            options.number("rows-per-second", 10_000, least=1),
        )

    def create_sink(self, table: TableDescription) -> TableSink:
        raise refuse_write(self.identifier)


def _check_field_options(table: TableDescription, options: TableOptions) -> None:
    names = {field.name for field in table.columns}
    for key in options.matching("fields."):
        last = key.rpartition(".")[2]
        if last not in _FIELD_OPTIONS:
            hint = did_you_mean(last, _FIELD_OPTIONS, "Options of columns") or ""
            raise options.error(f"fields.{key}", f"there is no such option. {hint}".rstrip())
        # A name may hold points itself.
        if not any(key.startswith(f"{name}.") for name in names):
            raise options.error(
                f"fields.{key}", f"the table has no such column; it has {', '.join(sorted(names))}"
            )


@dataclass(frozen=True)
class _FieldPlan:
    """How a field is made, and after how many rows its sequence ends."""

    generator: ColumnGenerator
    count: int | None

    @staticmethod
    def of(field: t.RowField, options: TableOptions) -> _FieldPlan:
        kind = options.choice("kind", "random", ("random", "sequence"))
        if kind == "sequence":
            return _sequence(field.data_type, options)
        return _FieldPlan(random_generator(field.data_type, options, salt_of(field.name)), None)


def _sequence(data_type: t.DataType, options: TableOptions) -> _FieldPlan:
    if not isinstance(data_type, t.NumericType | t.CharType | t.VarCharType):
        raise UnsupportedFeature(f"Connector 'datagen': a sequence of {data_type}")
    bounds = []
    for key in ("start", "end"):
        options.required(key)
        bounds.append(options.read(key, 0, parse_int))
    start, end = bounds
    if end < start:
        raise options.error("end", f"the sequence ends at {end}, before its start {start}")
    return _FieldPlan(CountUp(start, polars_type(data_type)), end - start + 1)


def random_generator(data_type: t.DataType, options: TableOptions, salt: int) -> ColumnGenerator:
    """The generator of random values of a type.

    Raises:
        ConfigurationError: One of the options is wrong.
        UnsupportedFeature: There are no random values of the type.
    """
    generator = _random(data_type, options, salt)
    rate = options.read("null-rate", 0.0, parse_float)
    if not 0 <= rate <= 1:
        raise options.error("null-rate", f"expected a share from 0 to 1, found {rate}")
    return SomeNull(generator, rate, salt) if rate else generator


def _random(data_type: t.DataType, options: TableOptions, salt: int) -> ColumnGenerator:
    match data_type:
        case t.BooleanType():
            return RandomBoolean(salt)
        case t.IntegralType():
            half = 1 << data_type.bits - 1
            return _whole(data_type, options, -half, half - 1, salt)
        case t.YearMonthIntervalType():
            return _whole(data_type, options, 0, 120_000, salt)
        case t.DayTimeIntervalType():
            return _whole(data_type, options, -(1 << 31), (1 << 31) - 1, salt)
        case t.FloatType() | t.DoubleType() | t.DecimalType():
            return _real(data_type, options, salt)
        case t.CharType() | t.VarCharType() | t.BinaryType() | t.VarBinaryType():
            return _text(data_type, options, salt)
        case t.DateType() | t.TimeType() | t.TimestampType() | t.LocalZonedTimestampType():
            past_ms = options.duration_ms("max-past", 0) or 0
            return PastTime(past_ms, polars_type(data_type), salt)
    return _nested(data_type, options, salt)


def _nested(data_type: t.DataType, options: TableOptions, salt: int) -> ColumnGenerator:
    match data_type:
        case t.RowType():
            return RowOf(
                data_type.field_names(),
                [
                    random_generator(
                        field.data_type, options.below(f"{field.name}."), salt + salt_of(field.name)
                    )
                    for field in data_type
                ],
            )
        case t.ArrayType():
            inner = random_generator(data_type.element_type, options.below("element."), salt + 1)
            return ListOf(inner, _length(options))
        case t.MapType():
            key = random_generator(data_type.key_type, options.below("key."), salt + 1)
            value = random_generator(data_type.value_type, options.below("value."), salt + 2)
            return ListOf(key, _length(options), value)
        case t.MultisetType():
            key = random_generator(data_type.element_type, options.below("element."), salt + 1)
            return ListOf(key, _length(options), RandomWhole(0, 100, pl.Int32(), salt + 2))
    raise UnsupportedFeature(f"Connector 'datagen': random values of {data_type}")


def _length(options: TableOptions) -> int:
    return options.number("length", _COLLECTION_LENGTH)


def _whole(
    data_type: t.DataType, options: TableOptions, least: int, most: int, salt: int
) -> ColumnGenerator:
    low = options.read("min", least, lambda text: parse_int(text, least, most))
    high = options.read("max", most, lambda text: parse_int(text, least, most))
    _check_order(options, low, high)
    return RandomWhole(low, high, polars_type(data_type), salt)


def _real(data_type: t.DataType, options: TableOptions, salt: int) -> ColumnGenerator:
    if isinstance(data_type, t.DecimalType):
        most = 10.0 ** (data_type.precision - data_type.scale) - 1
        # Doubles have room for so many digits.
        most = min(most, 1e15)
    else:
        most = _FLOAT_MAX if isinstance(data_type, t.FloatType) else _DOUBLE_MAX / 2
    low = options.read("min", 0.0, parse_float)
    high = options.read("max", most, parse_float)
    _check_order(options, low, high)
    return RandomReal(low, high, polars_type(data_type), salt)


def _check_order(options: TableOptions, low: float, high: float) -> None:
    if high < low:
        raise options.error("max", f"{high} is less than the least value {low}")


def _text(data_type: Any, options: TableOptions, salt: int) -> ColumnGenerator:
    is_fixed = isinstance(data_type, t.CharType | t.BinaryType)
    is_binary = isinstance(data_type, t.BinaryType | t.VarBinaryType)
    longest = data_type.length
    default = longest if longest != t.MAX_LENGTH else _TEXT_LENGTH
    length = options.number("length", default, least=1)
    if length > longest or (is_fixed and length != longest):
        raise options.error("length", f"{length} does not fit the type {data_type}")
    varies = options.flag("var-len")
    if varies and is_fixed:
        raise options.error("var-len", f"values of {data_type} are all of one length")
    return RandomText(length, varies, is_binary, salt)


@dataclass(frozen=True)
class DatagenTableSource(TableSource):
    """Rows to read.

    Attributes:
        generators: What makes each column.
        count: How many rows; ``None`` for no end.
        rows_per_second: How fast.
    """

    generators: Mapping[str, ColumnGenerator]
    count: int | None
    rows_per_second: int

    @property
    def is_bounded(self) -> bool:
        return self.count is not None

    @property
    def row_count(self) -> int | None:
        return self.count

    def create_source(self, columns: Sequence[str], metadata: Sequence[str]) -> Source:
        return DatagenSource(self, tuple(columns))


class DatagenSource(Source):
    """Produces made-up rows; each reader makes a part of the numbers, in order."""

    def __init__(self, table: DatagenTableSource, columns: tuple[str, ...]) -> None:
        self._table = table
        self._columns = columns

    @property
    def boundedness(self) -> Boundedness:
        if self._table.count is None:
            return Boundedness.CONTINUOUS_UNBOUNDED
        return Boundedness.BOUNDED

    @property
    def name(self) -> str:
        return "Datagen"

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        if restored is None:
            count = self._table.count
            stop = _FOREVER if count is None else count
            restored = divide_range(0, stop, context.parallelism)
        return NumberSplitEnumerator(context, restored)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        def open_cursor(split: NumberSplit) -> SplitCursor:
            return _DatagenCursor(split, self._table.generators, self._columns, context)

        strategy = RateLimiterStrategy.per_second(self._table.rows_per_second)
        return LimitedReader(context, open_cursor, strategy)

    def record_count(self) -> int | None:
        return self._table.count


class _DatagenCursor(SplitCursor):
    def __init__(
        self,
        split: NumberSplit,
        generators: Mapping[str, ColumnGenerator],
        columns: tuple[str, ...],
        context: OperatorContext,
    ) -> None:
        self._split_id = split.split_id
        self._next = split.start
        self._stop = split.stop
        self._generators = generators
        self._columns = columns
        self._clock = context.clock

    def read(self, rows_max: int) -> SplitBatch:
        start = self._next
        stop = self._next = min(start + rows_max, self._stop)
        frame = make_frame(
            self._generators, self._columns, start, stop - start, self._clock.now_ms()
        )
        batch = ColumnBatch(frame) if frame.height else None
        return SplitBatch(self._split_id, batch, stop == self._stop)

    def split(self) -> NumberSplit:
        return NumberSplit(self._split_id, self._next, self._stop)
