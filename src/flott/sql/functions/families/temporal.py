"""Moments from and to text and numbers, and moments of the present."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature
from flott.sql.functions import java_dates
from flott.sql.functions.calls.site import Site
from flott.sql.functions.casting.conversion import by_distinct, by_series
from flott.sql.functions.casting.to_temporal import (
    cut_stamp,
    is_in_calendar,
    parse_date,
    parse_stamps,
)
from flott.sql.functions.entry import NOT_CONSTANT, Arguments, FunctionEntry, Resolution
from flott.sql.functions.java_date_readers import java_sql_moment, lenient_reader, strict_reader
from flott.sql.functions.java_dates import BadPattern
from flott.sql.functions.signatures import (
    AS_BIGINT,
    BIGINT,
    DATE,
    INT,
    STRING,
    TEXT,
    Kind,
    first_of,
    signature,
    to,
)
from flott.sql.functions.zones import find_java_zone, find_zone, from_local, to_local

_EPOCH = datetime(1970, 1, 1)
_STAMPS = (t.TimestampType, t.LocalZonedTimestampType)
_STAMP3: Final = t.TimestampType(3)
_LTZ3: Final = t.LocalZonedTimestampType(3)
_ERA_MS: Final = -(2**63)
_DEFAULT = "yyyy-MM-dd HH:mm:ss"
#: How many texts are printed ahead for the moments of a batch.
_FEW_STEPS: Final = 4096

STAMP: Final = Kind("TIMESTAMP", lambda given: given if isinstance(given, _STAMPS) else None)


def with_pattern(
    site: Site,
    index: int,
    pattern_index: int,
    compute: Callable[[pl.Series, str], pl.Series],
    dtype: pl.DataType,
    default: str = _DEFAULT,
    is_checked: bool = True,
    is_simple: bool = False,
) -> pl.Expr:
    """``compute`` of the operand at ``index`` and the pattern at ``pattern_index``.

    A pattern that is not a constant is taken apart by its distinct values.
    """
    value = site.arg(index)
    pattern = default if pattern_index >= len(site) else site.constant(pattern_index)
    if pattern is None:
        return pl.lit(None, dtype=dtype)
    if pattern is not NOT_CONSTANT:
        if is_checked:
            _check_pattern(pattern, is_simple)
        return by_series(value, lambda values: compute(values, pattern), dtype)

    def by_pattern(both: pl.Series) -> pl.Series:
        frame = both.struct.unnest()
        result = pl.Series(both.name, [None], dtype=dtype).new_from_index(0, frame.height)
        for each in frame["p"].unique().drop_nulls().to_list():
            rows = (frame["p"] == each).fill_null(False)
            found = compute(frame["x"], each)
            result = found.zip_with(rows, result)
        return result.rename(both.name)

    both = pl.struct(value.alias("x"), site.arg(pattern_index).alias("p"))
    return by_series(both, by_pattern, dtype)


def _check_pattern(pattern: str, is_simple: bool = False) -> None:
    from flott.common.sql_errors import SqlValidationError

    try:
        java_dates.parts_of(pattern, is_simple)
    except BadPattern as error:
        raise SqlValidationError(f"A date pattern has {error}") from None


def _read_stamps(texts: pl.Series, pattern: str) -> pl.Series:
    """The strict reader, and what java.sql.Timestamp reads where it fails."""
    try:
        strict = strict_reader(pattern)
    except BadPattern:
        # As in Flink: here no text reads as a wrong pattern, and the job does not fail.
        return pl.Series(texts.name, [None] * texts.len(), dtype=pl.Datetime("us"))

    def read(text: str) -> int | None:
        nanos = strict(text)
        if nanos is None:
            nanos = java_sql_moment(text)
        return None if nanos is None else nanos // 1000

    known = java_dates.strftime_of(pattern)
    if known is not None and set(known) <= set("%YmdHMS-: /.T3f"):
        plain = (
            texts.str.to_datetime(known, time_unit="us", strict=False) if _is_full(known) else None
        )
        if plain is not None and plain.null_count() == texts.null_count():
            return plain
    return by_distinct(texts, read, pl.Int64()).cast(pl.Datetime("us"))


def _is_full(pattern: str) -> bool:
    """Whether Polars reads the pattern as Java does."""
    return set(pattern) <= set("%YmdHMS-: /.T") and all(
        part in pattern for part in ("%Y", "%m", "%d", "%H", "%M")
    )


def _read_beginnings(texts: pl.Series) -> pl.Series:
    """The lenient reader: what follows the seconds does not count."""
    reader = lenient_reader(_DEFAULT)

    def read(text: str) -> int | None:
        found = reader(text)
        return None if found is None else found.ms

    return by_distinct(texts, read, pl.Int64()).cast(pl.Datetime("ms")).cast(pl.Datetime("us"))


def _to_timestamp(site: Site) -> pl.Expr:
    if len(site) == 1:
        return _cut(by_series(site.arg(0), parse_stamps, pl.Datetime("us")))
    read = with_pattern(site, 0, 1, _read_stamps, pl.Datetime("us"), is_checked=False)
    return _cut(read)


def _cut(value: pl.Expr) -> pl.Expr:
    return cut_stamp(value, _STAMP3)


#: From the year 0 to the end of 9999, in milliseconds.
_FIRST_MS, _LAST_MS = -62_167_219_200_000, 253_402_300_799_999


def _to_timestamp_ltz(site: Site) -> pl.Expr:
    if isinstance(site.types[0], t.NumericType):
        return _instant_of_number(site)
    value = _to_timestamp(site)
    if len(site) == 1:
        text = site.arg(0)
        wrong = text.is_not_null() & value.is_null()
        site.fail_where(wrong, lambda each: f"TO_TIMESTAMP_LTZ: '{each}' is not a timestamp", text)
    zone = site.constant(2) if len(site) > 2 else "UTC"
    if zone is None:
        return pl.lit(None, dtype=site.result_type)
    if not isinstance(zone, str):
        raise UnsupportedFeature("TO_TIMESTAMP_LTZ with a zone that is not a constant")
    return from_local(value, zone)


def _instant_of_number(site: Site) -> pl.Expr:
    value = site.arg(0)
    precision = site.constant(1) if len(site) > 1 else 3
    if precision is None:
        return pl.lit(None, dtype=site.result_type)
    if precision is NOT_CONSTANT:
        digits = site.arg(1).cast(pl.Int64)
        wide = value.cast(pl.Int64)
        coarse, fine = wide * _power_of_ten(6 - digits), wide // _power_of_ten(digits - 6)
        return pl.when(digits <= 6).then(coarse).otherwise(fine).cast(pl.Datetime("us"))
    if isinstance(site.types[0], t.DecimalType):
        value = value.truncate(0)
    elif not isinstance(site.types[0], t.IntegralType):
        value = value.floor()
    if precision > 6:
        nanos: pl.Expr = value.cast(pl.Int64, strict=False) * 10 ** (9 - precision)
        return nanos.cast(pl.Datetime("ns"))
    unit = 10 ** (6 - precision)
    inside = (value >= _FIRST_MS * 1000 // unit) & (value <= _LAST_MS * 1000 // unit)
    whole = pl.when(inside).then(value).cast(pl.Int64, strict=False)
    micros: pl.Expr = whole * unit
    return micros.cast(pl.Datetime("us"))


def _power_of_ten(digits: pl.Expr) -> pl.Expr:
    """Ten times itself so often; 1 where that is less than once."""
    return pl.lit(10, dtype=pl.Int64()).pow(pl.max_horizontal(digits, 0))


def _to_date(site: Site) -> pl.Expr:
    if len(site) == 1:
        return by_series(site.arg(0), _cast_dates, pl.Date())
    return with_pattern(site, 0, 1, _read_dates, pl.Date(), is_simple=True)


def _cast_dates(texts: pl.Series) -> pl.Series:
    plain = texts.str.to_date("%Y-%m-%d", strict=False)
    if plain.null_count() == texts.null_count() and is_in_calendar(plain):
        return plain
    return by_distinct(texts, parse_date, pl.Date())


def _read_dates(texts: pl.Series, pattern: str) -> pl.Series:
    read = lenient_reader(pattern)

    def day(text: str) -> int | None:
        found = read(text)
        return None if found is None else found.utc_ms // 86_400_000

    return by_distinct(texts, day, pl.Int32()).cast(pl.Date())


def format_stamps(values: pl.Series, pattern: str, zone: str, is_simple: bool = False) -> pl.Series:
    """Local moments printed by a Java pattern."""
    known = java_dates.strftime_of(pattern, is_simple)
    if known is None:

        def write(moment: datetime) -> str:
            nanos = moment.microsecond * 1000
            return java_dates.format_moment(pattern, moment, nanos, zone, is_simple)

        return by_distinct(values, write, pl.String())
    unit = java_dates.finest_unit_us(pattern, is_simple)
    if values.dtype != pl.Datetime("us") or unit == 1:
        return values.dt.to_string(known)
    steps = values.to_physical() // unit
    first, last = steps.min(), steps.max()
    if not isinstance(first, int) or not isinstance(last, int) or last - first >= _FEW_STEPS:
        return values.dt.to_string(known)
    # Moments of a batch lie close together: few texts, printed once and gathered.
    moments = pl.int_range(first, last + 1, eager=True, dtype=pl.Int64) * unit
    texts = moments.cast(pl.Datetime("us")).dt.to_string(known)
    return texts.gather(steps - first).rename(values.name)


def _date_format(site: Site) -> pl.Expr:
    zone = site.settings.time_zone
    given, pattern = site.types[0], site.constant(1)
    if isinstance(pattern, str):
        _check_pattern(pattern)
        letters = {part.letter for part in java_dates.parts_of(pattern)}
        if letters & set(java_dates.ZONE_LETTERS):
            site.fail_where(
                site.arg(0).is_not_null(),
                f"A timestamp has no zone for '{pattern}'",
                hint="FROM_UNIXTIME prints seconds with the zone of the session.",
            )
    value_zone = zone if isinstance(given, t.LocalZonedTimestampType) else None

    def compute(values: pl.Series, pattern: str) -> pl.Series:
        if values.dtype == pl.String:
            values = _read_beginnings(values)
        elif value_zone is not None:
            values = values.rename("x").to_frame().select(to_local(pl.col("x"), zone)).to_series()
        return format_stamps(values, pattern, zone)

    return with_pattern(site, 0, 1, compute, pl.String())


def _unix_timestamp(site: Site) -> pl.Expr:
    if not len(site):
        return site.now().dt.epoch("s")
    zone = find_zone(site.settings.time_zone)

    def compute(texts: pl.Series, pattern: str) -> pl.Series:
        read = lenient_reader(pattern)

        def seconds(text: str) -> int:
            found = read(text)
            if found is None:
                return _ERA_MS
            if found.offset_ms is not None:
                return found.utc_ms // 1000
            return (found.ms - _offset_ms(zone, found.ms)) // 1000

        return by_distinct(texts, seconds, pl.Int64())

    return with_pattern(site, 0, 1, compute, pl.Int64(), is_simple=True)


def _offset_ms(zone: Any, local_ms: int) -> int:
    if zone is None:
        return 0
    try:
        local = _EPOCH + timedelta(milliseconds=local_ms)
    except OverflowError:
        return 0
    # Where clocks show a time twice, or leave it out, Java takes standard time.
    offset = min(
        zone.utcoffset(local.replace(tzinfo=zone, fold=fold)) or timedelta() for fold in (0, 1)
    )
    return offset // timedelta(milliseconds=1)


def _from_unixtime(site: Site) -> pl.Expr:
    zone = site.settings.time_zone

    def compute(values: pl.Series, pattern: str) -> pl.Series:
        moment = (pl.col("x") * 1_000_000).cast(pl.Datetime("us"))
        local = values.rename("x").to_frame().select(to_local(moment, zone)).to_series()
        return format_stamps(local, pattern, zone, is_simple=True).rename(values.name)

    return with_pattern(site, 0, 1, compute, pl.String(), is_simple=True)


def _convert_tz(site: Site) -> pl.Expr:
    """Texts of one zone as texts of another; unknown zones are UTC, as Java's are."""

    def convert(row: dict[str, str | None]) -> str | None:
        text, source, target = row["x"], row["a"], row["b"]
        if text is None or source is None or target is None:
            return None
        found = lenient_reader(_DEFAULT)(text)
        if found is None:
            return None
        instant = found.ms - _offset_ms(_java_zone(source), found.ms)
        zone = _java_zone(target)
        try:
            moment = _EPOCH + timedelta(milliseconds=instant)
            shown = moment.replace(tzinfo=_utc()).astimezone(zone) if zone else moment
        except OverflowError:
            return None  # beyond the years 1 to 9999
        return java_dates.format_moment(_DEFAULT, shown)

    def compute(rows: pl.Series) -> pl.Series:
        return by_distinct(rows, convert, pl.String())

    names = ("x", "a", "b")
    rows = pl.struct(*(arg.alias(name) for arg, name in zip(site.args(), names, strict=True)))
    return by_series(rows, compute, pl.String())


def _java_zone(name: str) -> Any:
    """The zone Java finds: an offset needs GMT before it."""
    return None if re.match(r"(UTC)?[+-]", name) else find_java_zone(name)


def _utc() -> Any:
    return find_zone("UTC")


def _now(site: Site) -> pl.Expr:
    return site.now()


def _local_now(site: Site) -> pl.Expr:
    return to_local(site.now(), site.settings.time_zone)


def _present(
    name: str,
    data_type: t.DataType,
    evaluate: Callable[[Site], pl.Expr],
    doc: str,
    *aliases: str,
) -> FunctionEntry:
    infer = signature(returns=data_type, nullable=False)
    return FunctionEntry(name, infer, evaluate, doc, "", (), aliases, is_deterministic=False)


def _time_now(site: Site) -> pl.Expr:
    return _local_now(site).dt.truncate("1s").dt.time()


def _instant_type(call: Arguments) -> t.DataType:
    """With the digits of its number, three at least."""
    precision = call.constant(1) if len(call) > 1 else 3
    return t.LocalZonedTimestampType(max(precision, 3)) if isinstance(precision, int) else _LTZ3


def _infer_ltz(call: Arguments) -> Resolution | None:
    if len(call) > 1 and isinstance(call.types[1], t.IntegralType):
        precision = call.constant(1)
        if isinstance(precision, int) and not 0 <= precision <= 9:
            return None
    zone = call.constant(2) if len(call) > 2 else NOT_CONSTANT
    if isinstance(zone, str) and find_zone(zone) is None:
        return None
    pattern = call.constant(1) if len(call) > 1 else NOT_CONSTANT
    if isinstance(pattern, str):
        _check_pattern(pattern)
    number = Kind("number", lambda given: given if isinstance(given, t.NumericType) else None)
    whole = to("INT", INT, t.IntegralType)
    found = first_of(
        signature(number, optional=(whole,), returns=_instant_type, nullable=True),
        signature(TEXT, optional=(TEXT, TEXT), returns=_LTZ3, nullable=True),
    )(call)
    return found


def _watermark(site: Site) -> pl.Expr:
    return site.watermark()


def _infer_watermark(call: Arguments) -> Resolution | None:
    if len(call) != 1 or not isinstance(call.types[0], _STAMPS):
        return None
    return Resolution(call.types[0].nullable_(), call.types)


ENTRIES: Final = (
    FunctionEntry("TO_DATE", signature(TEXT, optional=(TEXT,), returns=DATE, nullable=True),
                  _to_date, "The date a text reads as; NULL for none.", "string, [pattern]",
                  [("TO_DATE('2024-02-29')", "2024-02-29")]),
    FunctionEntry("TO_TIMESTAMP", signature(TEXT, optional=(TEXT,), returns=_STAMP3, nullable=True),
                  _to_timestamp, "The timestamp a text reads as; NULL for none.",
                  "string, [pattern]",
                  [("TO_TIMESTAMP('2024-02-29 12:34:56')", "2024-02-29 12:34:56.000")]),
    FunctionEntry("TO_TIMESTAMP_LTZ", _infer_ltz, _to_timestamp_ltz,
                  "The instant of a number of seconds (0) or milliseconds (3), or of a text.",
                  "number, [precision] or string, [pattern, [zone]]",
                  [("TO_TIMESTAMP_LTZ(1000, 3)", "1970-01-01 00:00:01.000")]),
    FunctionEntry("DATE_FORMAT",
                  first_of(signature(STAMP, TEXT, returns=STRING, nullable=True),
                           signature(TEXT, TEXT, returns=STRING, nullable=True)),
                  _date_format, "A moment printed by a pattern of Java's.",
                  "TIMESTAMP or string, pattern",
                  [("DATE_FORMAT(TIMESTAMP '2024-02-29 12:34:56', 'yyyy/MM/dd')", "2024/02/29")]),
    FunctionEntry("UNIX_TIMESTAMP",
                  first_of(signature(TEXT, optional=(TEXT,), returns=BIGINT),
                           signature(returns=BIGINT, nullable=False)),
                  _unix_timestamp, "Seconds since 1970, of now or of a text in the session's zone.",
                  "[string, [pattern]]", [("UNIX_TIMESTAMP('1970-01-01 00:00:01')", 1)],
                  is_deterministic=False),
    FunctionEntry("FROM_UNIXTIME", signature(AS_BIGINT, optional=(TEXT,), returns=STRING,
                                             nullable=True),
                  _from_unixtime, "Seconds since 1970 as text in the session's zone.",
                  "seconds, [pattern]", [("FROM_UNIXTIME(0)", "1970-01-01 00:00:00")]),
    FunctionEntry("CONVERT_TZ", signature(TEXT, TEXT, TEXT, returns=STRING, nullable=True),
                  _convert_tz, "A text with the time of one zone as the time of another.",
                  "string, zone, zone",
                  [("CONVERT_TZ('1970-01-01 00:00:00', 'UTC', 'America/Los_Angeles')",
                    "1969-12-31 16:00:00")]),
    _present("CURRENT_TIMESTAMP", _LTZ3, _now, "The present instant.", "NOW"),
    _present("CURRENT_ROW_TIMESTAMP", _LTZ3, _now, "The present instant, in BATCH too."),
    _present("PROCTIME", _LTZ3, _now, "The instant when a row is processed."),
    _present("LOCALTIMESTAMP", _STAMP3, _local_now, "The present in the session's zone."),
    _present("CURRENT_DATE", DATE, lambda site: _local_now(site).dt.date(), "Today."),
    _present("LOCALTIME", t.TimeType(0), _time_now, "The time of day.", "CURRENT_TIME"),
    FunctionEntry("CURRENT_WATERMARK", _infer_watermark, _watermark,
                  "The watermark that came before the row, NULL before the first.",
                  "time attribute", is_deterministic=False),
)  # fmt: skip
