"""What users and engine both say: types, rows, time, options, watermarks, state names, errors.

This is the lowest layer: it imports nothing else of Flott and only the standard library. The names
below are those of ``pyflink.common``; further modules here hold what both PyFlink's other packages
and the engine build on (``state``, ``errors``, ``type_conversion``, ``options``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flott.common.completable_future import CompletableFuture
    from flott.common.config_options import ConfigOption, ConfigOptions
    from flott.common.configuration import Configuration
    from flott.common.execution_config import ExecutionConfig
    from flott.common.input_dependency_constraint import InputDependencyConstraint
    from flott.common.job_client import JobClient
    from flott.common.job_execution_result import JobExecutionResult
    from flott.common.job_id import JobID
    from flott.common.job_status import JobStatus
    from flott.common.restart_strategy import RestartStrategies, RestartStrategyConfiguration
    from flott.common.serialization import (
        ByteArraySchema,
        DeserializationSchema,
        Encoder,
        SerializationSchema,
        SimpleStringSchema,
    )
    from flott.common.serializer import TypeSerializer
    from flott.common.time import Duration, Instant, Time
    from flott.common.typeinfo import TypeInformation, Types
    from flott.common.types import Row, RowKind
    from flott.common.watermark_strategy import (
        AssignerWithPeriodicWatermarksWrapper,
        WatermarkStrategy,
    )

__all__ = [
    "AssignerWithPeriodicWatermarksWrapper",
    "ByteArraySchema",
    "CompletableFuture",
    "ConfigOption",
    "ConfigOptions",
    "Configuration",
    "DeserializationSchema",
    "Duration",
    "Encoder",
    "ExecutionConfig",
    "InputDependencyConstraint",
    "Instant",
    "JobClient",
    "JobExecutionResult",
    "JobID",
    "JobStatus",
    "RestartStrategies",
    "RestartStrategyConfiguration",
    "Row",
    "RowKind",
    "SerializationSchema",
    "SimpleStringSchema",
    "Time",
    "TypeInformation",
    "TypeSerializer",
    "Types",
    "WatermarkStrategy",
]

# Modules are imported when a name of theirs is first asked for: a program that only counts words
# does not wait for schemas, clients and option tables.
_HOME = {
    "AssignerWithPeriodicWatermarksWrapper": "watermark_strategy",
    "ByteArraySchema": "serialization",
    "CompletableFuture": "completable_future",
    "ConfigOption": "config_options",
    "ConfigOptions": "config_options",
    "Configuration": "configuration",
    "DeserializationSchema": "serialization",
    "Duration": "time",
    "Encoder": "serialization",
    "ExecutionConfig": "execution_config",
    "InputDependencyConstraint": "input_dependency_constraint",
    "Instant": "time",
    "JobClient": "job_client",
    "JobExecutionResult": "job_execution_result",
    "JobID": "job_id",
    "JobStatus": "job_status",
    "RestartStrategies": "restart_strategy",
    "RestartStrategyConfiguration": "restart_strategy",
    "Row": "types",
    "RowKind": "types",
    "SerializationSchema": "serialization",
    "SimpleStringSchema": "serialization",
    "Time": "time",
    "TypeInformation": "typeinfo",
    "TypeSerializer": "serializer",
    "Types": "typeinfo",
    "WatermarkStrategy": "watermark_strategy",
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
