"""Compiled projections and predicates, as operators use them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from flott.common.logical_types import DataType, RowType
from flott.common.physical_types import column_name, column_names
from flott.common.redaction import MASK, is_secret_key
from flott.common.sql_errors import RecordError
from flott.core.element import MIN_WATERMARK
from flott.core.expression import Predicate, Projection
from flott.sql.expressions import Call, Expression, InputRef
from flott.sql.functions.calls.compiled import Check
from flott.sql.functions.expression_compiler import NOW, WATERMARK, Compiler
from flott.sql.functions.settings import EvaluationSettings
from flott.sql.functions.text import literal_text

if TYPE_CHECKING:
    from flott.core.context import OperatorContext

_FAILED = "__failed"
#: The last millisecond of the year 9999: later watermarks are the end of the stream.
_LAST_MS = 253_402_300_799_999
#: What is shown of a row that fails, at most.
_SHOWN_COLUMNS = 24
_SHOWN_CHARACTERS = 100


class _Program:
    """Expressions compiled for a worker: stages, one select, and the checks."""

    __slots__ = (
        "_checks",
        "_clock",
        "_fixed_now",
        "_names",
        "_needs_now",
        "_picked",
        "_select",
        "_stages",
        "_watermark",
        "_width",
    )

    def __init__(
        self,
        expressions: Sequence[Expression],
        settings: EvaluationSettings,
        context: OperatorContext | None,
        names: Sequence[str] = (),
    ) -> None:
        self._names = names
        compiler = Compiler(settings, expressions)
        compiled = [compiler.compile(each) for each in expressions]
        self._checks = tuple(check for each in compiled for check in each.checks)
        self._stages = compiler.stages
        self._needs_now = compiler.needs_now
        self._watermark = _Watermark() if compiler.needs_watermark else None
        self._clock = None if context is None else context.clock
        self._fixed_now = settings.now_us if not settings.is_streaming else None
        if self._needs_now and not settings.is_streaming and self._fixed_now is None:
            self._fixed_now = self._now_us()
        self._width = len(compiled)
        are_columns = bool(compiled) and all(each.value.meta.is_column() for each in compiled)
        self._picked: list[str] | None = None
        if are_columns and not self._checks:
            self._picked = [each.value.meta.output_name() for each in compiled]
        self._select = [each.value.alias(column_name(i)) for i, each in enumerate(compiled)]
        if all(each.is_scalar for each in compiled):
            rows = pl.int_range(pl.len(), dtype=pl.Int64).alias(column_name(self._width))
            self._select.append(rows)
        if self._checks:
            masks = [check.mask for check in self._checks]
            self._select.append(pl.any_horizontal(masks).any().alias(_FAILED))

    def _now_us(self) -> int:
        """Whole milliseconds, as all functions of the present have them."""
        if self._fixed_now is not None:
            return self._fixed_now // 1000 * 1000
        if self._clock is not None:
            return self._clock.now_ms() * 1000
        return time.time_ns() // 1_000_000 * 1000

    def run(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns, named by position."""
        working = frame
        if self._needs_now:
            moment = pl.Series(NOW, [self._now_us()], dtype=pl.Int64).cast(pl.Datetime("us"))
            working = working.hstack([moment.new_from_index(0, working.height)])
        if self._watermark is not None:
            working = working.hstack([self._watermark.column(working.height)])
        for stage in self._stages:
            if stage:
                working = working.with_columns(stage)
        if self._picked is not None:
            return _chosen(working, self._picked)
        result = working.select(self._select)
        if self._checks and result.height and result.get_column(_FAILED)[0]:
            self._fail(working, frame.columns)
        return result if result.width == self._width else result[:, : self._width]

    def advance(self, watermark: int) -> None:
        """The watermark has risen."""
        if self._watermark is not None:
            self._watermark.current = watermark

    def _fail(self, working: pl.DataFrame, columns: Sequence[str]) -> None:
        for check in self._checks:
            rows = working.filter(check.mask)
            if rows.height:
                raise _error(check, rows.head(1), columns, self._names)


class _Watermark:
    """The watermark as a column."""

    def __init__(self) -> None:
        self.current = MIN_WATERMARK

    def column(self, height: int) -> pl.Series:
        """So many rows of it."""
        known = None if self.current == MIN_WATERMARK else min(self.current, _LAST_MS) * 1000
        moment = pl.Series(WATERMARK, [known], dtype=pl.Int64).cast(pl.Datetime("us"))
        return moment.new_from_index(0, height)


def _chosen(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Columns named by position; Polars' engine would cost more than the columns themselves."""
    names = column_names(len(columns))
    return pl.DataFrame(
        [frame.get_column(column).alias(name) for name, column in zip(names, columns, strict=True)]
    )


def _error(
    check: Check, row: pl.DataFrame, columns: Sequence[str], names: Sequence[str]
) -> RecordError:
    subject: Any = None
    if check.subject is not None:
        subject = row.select(check.subject).to_series()[0]
    values = row.select(columns).row(0) if columns else ()
    row_text = _row_text(values, names)
    return RecordError(check.explain(subject), check.expression, row_text, check.hint)


def _row_text(values: Sequence[Any], names: Sequence[str]) -> str:
    """A row for an error: its columns by name where they have one, none of them long or secret."""
    if not values:
        return ""  # a constant failed
    texts = [_cut(literal_text(value)) for value in values[:_SHOWN_COLUMNS]]
    if len(names) == len(values):
        shown = (MASK if is_secret_key(name) else text for name, text in zip(names, texts))
        texts = [f"{name} = {text}" for name, text in zip(names, shown)]
    if len(values) > _SHOWN_COLUMNS:
        texts.append("...")
    return f"({', '.join(texts)})"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 3] + "..."


def _pick_of(expression: Expression) -> tuple[int, str] | None:
    """The column, and the field of it or ``""``, if the expression is no more than that."""
    if isinstance(expression, InputRef):
        return expression.index, ""
    if isinstance(expression, Call) and expression.function == "FIELD":
        [row] = expression.args
        if isinstance(row, InputRef) and isinstance(row.data_type, RowType):
            return row.index, str(dict(expression.settings)["name"])
    return None


class CompiledProjection(Projection):
    """Computes ``expressions`` over columns of ``input_types``; ``names`` are for errors only."""

    def __init__(
        self,
        expressions: Sequence[Expression],
        input_types: Sequence[DataType],
        settings: EvaluationSettings,
        names: Sequence[str] = (),
    ) -> None:
        self.expressions = tuple(expressions)
        self.input_types = tuple(input_types)
        self.settings = settings
        self.names = tuple(names)
        self._program: _Program | None = None
        picks = [_pick_of(each) for each in self.expressions]
        self._picks = [each for each in picks if each is not None]
        self._only_picks = bool(picks) and len(self._picks) == len(picks)

    def open(self, context: OperatorContext | None) -> None:
        self._program = _Program(self.expressions, self.settings, context, self.names)

    def advance(self, watermark: int) -> None:
        if self._program is not None:
            self._program.advance(watermark)

    def evaluate(self, frame: pl.DataFrame) -> pl.DataFrame:
        picked = self._picked(frame) if self._only_picks else None
        if picked is not None:
            return picked
        if self._program is None:
            self.open(None)
        assert self._program is not None
        return self._program.run(frame)

    def _picked(self, frame: pl.DataFrame) -> pl.DataFrame | None:
        """Columns and fields of rows as they are, without Polars' engine, which would cost more
        than they do; ``None`` where a row is NULL, whose fields must be."""
        columns = frame.get_columns()
        fields: dict[int, pl.DataFrame] = {}
        for place, field in self._picks:
            if field and place not in fields:
                if columns[place].null_count():
                    return None
                fields[place] = columns[place].struct.unnest()
        names = column_names(len(self._picks))
        return pl.DataFrame(
            [
                (fields[place].get_column(field) if field else columns[place]).alias(name)
                for name, (place, field) in zip(names, self._picks, strict=True)
            ]
        )

    @property
    def _meaning(self) -> tuple[Any, ...]:
        return self.expressions, self.input_types, self.settings

    def __reduce__(self) -> tuple[Any, ...]:
        return CompiledProjection, (*self._meaning, self.names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompiledProjection) and self._meaning == other._meaning

    def __hash__(self) -> int:
        return hash((self.expressions, self.input_types))


class CompiledPredicate(Predicate):
    """Tells for which rows ``expression`` is true; NULL is not. ``names`` are for errors only."""

    def __init__(
        self,
        expression: Expression,
        input_types: Sequence[DataType],
        settings: EvaluationSettings,
        names: Sequence[str] = (),
    ) -> None:
        self.expression = expression
        self.input_types = tuple(input_types)
        self.settings = settings
        self.names = tuple(names)
        self._program: _Program | None = None

    def open(self, context: OperatorContext | None) -> None:
        self._program = _Program((self.expression,), self.settings, context, self.names)

    def advance(self, watermark: int) -> None:
        if self._program is not None:
            self._program.advance(watermark)

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        if self._program is None:
            self.open(None)
        assert self._program is not None
        truth = self._program.run(frame).to_series()
        return truth.fill_null(False) if truth.null_count() else truth

    @property
    def _meaning(self) -> tuple[Any, ...]:
        return self.expression, self.input_types, self.settings

    def __reduce__(self) -> tuple[Any, ...]:
        return CompiledPredicate, (*self._meaning, self.names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompiledPredicate) and self._meaning == other._meaning

    def __hash__(self) -> int:
        return hash((self.expression, self.input_types))
