"""flott.common offers the names of pyflink.common, in the same modules, and loads them late."""

import importlib
import subprocess
import sys

import pytest

import flott.common

# What PyFlink's modules define, for programs that import from the modules themselves.
MODULES = {
    "completable_future": ["CompletableFuture"],
    "config_options": ["ConfigOption", "ConfigOptions"],
    "configuration": ["Configuration"],
    "constants": ["DEFAULT_OUTPUT_TAG", "MAX_LONG_VALUE", "MIN_LONG_VALUE"],
    "execution_config": ["ExecutionConfig"],
    "input_dependency_constraint": ["InputDependencyConstraint"],
    "io": ["InputFormat"],
    "job_client": ["JobClient"],
    "job_execution_result": ["JobExecutionResult"],
    "job_id": ["JobID"],
    "job_status": ["JobStatus"],
    "restart_strategy": ["RestartStrategies", "RestartStrategyConfiguration"],
    "serialization": [
        "SerializationSchema", "DeserializationSchema", "SimpleStringSchema", "ByteArraySchema",
        "Encoder", "BulkWriterFactory", "RowDataBulkWriterFactory", "RowFieldExtractorSchema",
    ],
    "serializer": ["TypeSerializer", "VoidNamespaceSerializer"],
    "time": ["Duration", "Instant", "Time"],
    "typeinfo": [
        "TypeInformation", "Types", "BasicType", "BasicTypeInfo", "InstantTypeInfo",
        "SqlTimeTypeInfo", "PrimitiveArrayTypeInfo", "BasicArrayTypeInfo", "ObjectArrayTypeInfo",
        "PickledBytesTypeInfo", "RowTypeInfo", "TupleTypeInfo", "DateTypeInfo", "TimeTypeInfo",
        "TimestampTypeInfo", "ListTypeInfo", "MapTypeInfo", "LocalTimeTypeInfo",
        "ExternalTypeInfo",
    ],
    "types": ["Row", "RowKind"],
    "utils": ["JavaObjectWrapper"],
    "watermark_strategy": [
        "WatermarkStrategy", "TimestampAssigner", "AssignerWithPeriodicWatermarksWrapper",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in MODULES.items() for name in names]
)
def test_names_stand_where_pyflink_has_them(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(f"flott.common.{module}"), name)


@pytest.mark.parametrize("name", flott.common.__all__)
def test_exported_names_are_there(name: str) -> None:
    value = getattr(flott.common, name)
    assert value is getattr(importlib.import_module(value.__module__), name)


def test_exported_names_are_sorted_and_listed() -> None:
    assert flott.common.__all__ == sorted(flott.common.__all__)
    assert set(flott.common.__all__) <= set(dir(flott.common))


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        flott.common.Nothing  # noqa: B018


def test_importing_the_package_loads_no_module_of_it() -> None:
    code = "import sys, flott.common; print([n for n in sys.modules if 'flott.common.' in n])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_words_and_rows_need_neither_options_nor_threads() -> None:
    code = (
        "import sys; from flott.common import Row, Types, Duration, WatermarkStrategy\n"
        "print(sorted({'threading', 'dataclasses', 'inspect', 'flott.common.options',"
        " 'flott.common.redaction'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
