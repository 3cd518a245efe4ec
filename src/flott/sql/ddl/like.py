"""CREATE TABLE ... LIKE: what is taken from the source table, and what is laid over it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from flott.common.sql_errors import SqlValidationError
from flott.sql.catalog.objects import ColumnDefinition, ColumnKind, TableObject
from flott.sql.ddl.declaration import check_nullability, check_table, with_key
from flott.sql.dialect.statements import CreateTableLike, MergeStrategy

_INCLUDING = MergeStrategy.INCLUDING
_EXCLUDING = MergeStrategy.EXCLUDING
_OVERWRITING = MergeStrategy.OVERWRITING
T = TypeVar("T")


def merge_like(statement: CreateTableLike, source: TableObject) -> TableObject:
    """The table that ``statement`` makes of ``source``.

    Raises:
        SqlValidationError: Both declare the same thing and neither may win.
    """
    merging = _Merging(statement)
    elements = statement.elements
    watermark = None if elements.watermark is None else elements.watermark.definition
    table = TableObject(
        merging.columns(source),
        watermark=merging.single("WATERMARKS", "a watermark", source.watermark, watermark),
        # EXCLUDING lets the statement have its own; without one, the source's stays.
        partition_keys=merging.single(
            "PARTITIONS", "partitions", source.partition_keys, statement.partition_keys
        )
        or source.partition_keys,
        options=merging.options(source),
        comment=statement.comment,
        distribution=merging.single(
            "DISTRIBUTION", "a distribution", source.distribution, statement.distribution
        )
        or source.distribution,
        is_temporary=statement.is_temporary,
    )
    key = elements.primary_key
    taken = source.primary_key if merging.of("CONSTRAINTS") is _INCLUDING else ()
    if key is not None:
        if taken:
            raise SqlValidationError(
                "The source table has a primary key, too", hint="Write EXCLUDING CONSTRAINTS."
            )
        check_nullability(key, source.columns)
        table = with_key(table, key)
    elif taken:
        table = replace(table, primary_key=taken, primary_key_name=source.primary_key_name)
    check_table(table)
    return table


class _Merging:
    """The strategies of a statement."""

    def __init__(self, statement: CreateTableLike) -> None:
        self._statement = statement
        told = statement.merging
        default = told.get("ALL")
        self._strategies = {
            feature: told.get(feature) or default or _INCLUDING
            for feature in (
                "CONSTRAINTS",
                "DISTRIBUTION",
                "GENERATED",
                "METADATA",
                "PARTITIONS",
                "WATERMARKS",
            )
        }
        self._strategies["OPTIONS"] = told.get("OPTIONS") or default or _OVERWRITING

    def of(self, feature: str) -> MergeStrategy:
        """What is done about a feature."""
        return self._strategies[feature]

    def single(self, feature: str, what: str, old: T | None, new: T | None) -> T | None:
        """One of two values of which a table has one."""
        strategy = self.of(feature)
        if strategy is _EXCLUDING or not old:
            return new
        if new and strategy is _INCLUDING:
            raise SqlValidationError(
                f"The source table has {what}, too",
                hint=f"Write EXCLUDING {feature}"
                + (f" or OVERWRITING {feature}." if feature == "WATERMARKS" else "."),
            )
        return new or old

    def options(self, source: TableObject) -> dict[str, str]:
        """The options of both."""
        old, new = source.options, self._statement.options
        strategy = self.of("OPTIONS")
        if strategy is _EXCLUDING:
            return dict(new)
        both = sorted(set(old) & set(new))
        if strategy is _INCLUDING and both:
            raise SqlValidationError(
                f"The source table has the option '{both[0]}', too",
                hint="Write OVERWRITING OPTIONS or EXCLUDING OPTIONS.",
            )
        return {**old, **new}

    def columns(self, source: TableObject) -> tuple[ColumnDefinition, ...]:
        """The columns of the source, then those of the statement; overwritten ones in place."""
        found = {each.name: each for each in source.columns if self._is_taken(each)}
        for change in self._statement.elements.columns:
            column = change.definition
            old = found.get(column.name)
            if old is not None and not self._overwrites(old, column):
                raise SqlValidationError(
                    f"The source table has the column '{column.name}', too",
                    hint="OVERWRITING replaces computed (GENERATED) and METADATA columns only.",
                )
            found[column.name] = column
        return tuple(found.values())

    def _is_taken(self, column: ColumnDefinition) -> bool:
        feature = _FEATURES.get(column.kind)
        return feature is None or self.of(feature) is not _EXCLUDING

    def _overwrites(self, old: ColumnDefinition, new: ColumnDefinition) -> bool:
        feature = _FEATURES.get(old.kind)
        return old.kind is new.kind and feature is not None and self.of(feature) is _OVERWRITING


_FEATURES = {ColumnKind.COMPUTED: "GENERATED", ColumnKind.METADATA: "METADATA"}
