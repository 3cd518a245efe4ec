"""Partitions of a table that are named one by one: ALTER TABLE ADD and DROP, SHOW PARTITIONS.

A catalog in memory keeps what it is told; which folders hold rows is the connector's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flott.common.sql_errors import SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql.catalog.objects import TableObject
from flott.sql.dialect.statements import AlterTablePartitions, PartitionSpec


def change_partitions(table: TableObject, statement: AlterTablePartitions) -> TableObject:
    """The table with partitions more, or fewer.

    Raises:
        SqlValidationError: The table has no such partition columns, or a partition is there
            already, or is not.
    """
    present = list(table.partitions)
    for spec in statement.specs:
        partition = _in_order(table, spec, is_whole=True)
        if (partition in present) is not statement.is_drop:
            if statement.ignores:
                continue
            state = "does not exist" if statement.is_drop else "exists already"
            raise SqlValidationError(f"The partition {partition_text(partition)} {state}")
        if statement.is_drop:
            present.remove(partition)
        else:
            present.append(partition)
    return replace(table, partitions=tuple(present))


def list_partitions(table: TableObject, wanted: PartitionSpec) -> Sequence[str]:
    """The partitions that have these values, as text.

    Raises:
        SqlValidationError: The table has no such partition columns.
    """
    found = _in_order(table, wanted, is_whole=False)
    shown = [each for each in table.partitions if set(found) <= set(each)]
    return sorted(map(partition_text, shown))


def partition_text(partition: PartitionSpec) -> str:
    """A partition as paths have it.

    >>> partition_text((("day", "2024-05-01"), ("hour", "7")))
    'day=2024-05-01/hour=7'
    """
    return "/".join(f"{name}={value}" for name, value in partition)


def _in_order(table: TableObject, spec: PartitionSpec, is_whole: bool) -> PartitionSpec:
    """Values in the order of the partition columns."""
    keys = table.partition_keys
    if not keys:
        raise SqlValidationError(
            "The table is not partitioned", hint="PARTITIONED BY (...) names partition columns."
        )
    values = dict(spec)
    unknown = next((name for name in values if name not in keys), None)
    if unknown is not None:
        raise SqlValidationError(
            f"'{unknown}' is not a partition column of the table",
            hint=did_you_mean(unknown, keys) or f"They are {', '.join(keys)}.",
        )
    missing = [key for key in keys if key not in values]
    if missing and is_whole:
        raise SqlValidationError(f"The partition has no value for {', '.join(missing)}")
    return tuple((key, values[key]) for key in keys if key in values)
