"""The options that say when partitions of a ``filesystem`` table are complete, and what then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from flott.common.errors import UnsupportedFeature
from flott.connectors.files.partition_commit import (
    CommitTrigger,
    CustomPolicy,
    SuccessFile,
    load_object,
)
from flott.connectors.files.partition_path import DEFAULT_PARTITION_NAME
from flott.connectors.files.partition_time import PartitionTime
from flott.connectors.tables.options import options_of
from flott.core.table import TableDescription

_PATTERN: Final = "partition.time-extractor.timestamp-pattern"
_FORMATTER: Final = "partition.time-extractor.timestamp-formatter"
_KIND: Final = "partition.time-extractor.kind"
_CLASS: Final = "partition.time-extractor.class"
_TRIGGER: Final = "sink.partition-commit.trigger"
_DELAY: Final = "sink.partition-commit.delay"
_ZONE: Final = "sink.partition-commit.watermark-time-zone"
_POLICIES: Final = "sink.partition-commit.policy.kind"
_POLICY_CLASS: Final = "sink.partition-commit.policy.class"
_PARAMETERS: Final = "sink.partition-commit.policy.class.parameters"
_SUCCESS: Final = "sink.partition-commit.success-file.name"

COMMIT_OPTIONS: Final = {
    _KIND: "How the time of a partition is found: `default` or `custom`.",
    _CLASS: "A function `(keys, values) -> datetime` that finds it, as `module:object`.",
    _PATTERN: "The text of the time, such as `$dt $hour:00:00`; the first value unless given.",
    _FORMATTER: "How that text is read, a Java pattern; `yyyy-MM-dd HH:mm:ss` unless given.",
    _TRIGGER: "When a partition is complete: `process-time`, or `partition-time` by watermarks.",
    _DELAY: "How long after its time, or its first file, a partition is complete.",
    _ZONE: "The zone of the times of partitions; UTC unless given.",
    _POLICIES: "What is done with it, in order: `success-file`, `custom`.",
    _POLICY_CLASS: "A `PartitionCommitPolicy` of your own, as `module:class`.",
    _PARAMETERS: "Texts for that class, separated by semicolons.",
    _SUCCESS: "The name of the file that announces a partition.",
}


def read_trigger(table: TableDescription) -> CommitTrigger | None:
    """When partitions are complete; ``None`` if no policy wants to know.

    Raises:
        ConfigurationError: An option has a value that means nothing.
    """
    options = options_of(table)
    kind = options.choice(_TRIGGER, "process-time", ("process-time", "partition-time"))
    delay_ms = options.duration_ms(_DELAY, 0) or 0
    time = _read_time(table) if kind == "partition-time" else None
    if not read_policies(table):
        return None
    return CommitTrigger(delay_ms, time)


def read_policies(table: TableDescription) -> tuple[SuccessFile | CustomPolicy, ...]:
    """What is done with complete partitions; nothing in tables that have none.

    Raises:
        ConfigurationError: A policy cannot be made.
        UnsupportedFeature: There is no such policy.
    """
    options = options_of(table)
    kinds = [each.strip().lower() for each in options.text(_POLICIES, "").split(",")]
    policies: list[SuccessFile | CustomPolicy] = []
    for kind in filter(None, kinds):
        if kind == "success-file":
            policies.append(SuccessFile(options.text(_SUCCESS, "_SUCCESS")))
        elif kind == "custom":
            policies.append(_read_custom(table))
        else:
            reason = "There are 'success-file' and 'custom'."
            if kind == "metastore":
                reason = "There is no metastore that would know of partitions. " + reason
            raise UnsupportedFeature(f"Partition commit policy '{kind}'", reason=reason)
    return tuple(policies) if table.partition_keys else ()


def _read_custom(table: TableDescription) -> CustomPolicy:
    options = options_of(table)
    parameters = tuple(filter(None, options.text(_PARAMETERS, "").split(";")))
    policy = CustomPolicy(options.required(_POLICY_CLASS), parameters)
    _checked(table, _POLICY_CLASS, policy.load)
    return policy


def _read_time(table: TableDescription) -> PartitionTime:
    options = options_of(table)
    extract = None
    if options.choice(_KIND, "default", ("default", "custom")) == "custom":
        name = options.required(_CLASS)
        extract = _checked(table, _CLASS, lambda: load_object(name))
    make = PartitionTime(
        table.partition_keys,
        options.text("partition.default-name", DEFAULT_PARTITION_NAME),
        options.optional(_PATTERN),
        extract=extract,
    )
    zone, formatter = options.text(_ZONE, "UTC"), options.optional(_FORMATTER)
    make = _checked(table, _ZONE, lambda: replace(make, zone=zone))
    found: PartitionTime = _checked(table, _FORMATTER, lambda: replace(make, formatter=formatter))
    return found


def _checked(table: TableDescription, option: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except (TypeError, ValueError) as error:
        raise options_of(table).error(option, str(error)) from error
