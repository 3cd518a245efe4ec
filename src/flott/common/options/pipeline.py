"""Options of a program as a whole: its name, parallelism, chaining, types and mode."""

from __future__ import annotations

from typing import Any

from flott.common.config_options import ConfigOption, OptionType
from flott.common.execution_mode import RuntimeExecutionMode
from flott.common.time import Duration

_NO_JVM = "there is no Java code here to be cleaned, shipped or serialized."

NAME: ConfigOption[str | None] = ConfigOption(
    "pipeline.name", OptionType.STRING, None, "The name of the job, where `execute` gives none."
)
DEFAULT_PARALLELISM: ConfigOption[int] = ConfigOption(
    "parallelism.default",
    OptionType.INT,
    1,
    "How many subtasks an operator has that does not say otherwise; -1 stands for unset.",
    least=-1,
)
MAX_PARALLELISM: ConfigOption[int] = ConfigOption(
    "pipeline.max-parallelism",
    OptionType.INT,
    -1,
    "The number of key groups of operators that don't say otherwise, and so the highest "
    "parallelism their state can ever have; at most 32768. With -1 it is derived from the "
    "parallelism of the first start. It cannot change while state is to be kept.",
    least=-1,
)
RUNTIME_MODE: ConfigOption[RuntimeExecutionMode] = ConfigOption(
    "execution.runtime-mode",
    OptionType.ENUM,
    RuntimeExecutionMode.STREAMING,
    "Whether the program runs as a stream, as a batch (final results only, all sources must end), "
    "or as a batch if all sources end.",
    choices=RuntimeExecutionMode,
)
AUTO_WATERMARK_INTERVAL: ConfigOption[Duration] = ConfigOption(
    "pipeline.auto-watermark-interval",
    OptionType.DURATION,
    "200 ms",
    "How often watermark generators are asked for a watermark; 0 never asks.",
    least=0,
)
GLOBAL_JOB_PARAMETERS: ConfigOption[dict[str, str] | None] = ConfigOption(
    "pipeline.global-job-parameters",
    OptionType.MAP,
    None,
    "Parameters of your own, readable in every function by `get_job_parameter`.",
)
OPERATOR_CHAINING: ConfigOption[bool] = ConfigOption(
    "pipeline.operator-chaining.enabled",
    OptionType.BOOLEAN,
    True,
    "Whether operators that can run in one loop do so. Turn it off only to look at each of them.",
    deprecated_keys=("pipeline.operator-chaining",),
)
CHAIN_WITH_DIFFERENT_MAX_PARALLELISM: ConfigOption[bool] = ConfigOption(
    "pipeline.operator-chaining.chain-operators-with-different-max-parallelism",
    OptionType.BOOLEAN,
    True,
    "Whether operators of different highest parallelism may be chained.",
)
AUTO_GENERATE_UIDS: ConfigOption[bool] = ConfigOption(
    "pipeline.auto-generate-uids",
    OptionType.BOOLEAN,
    True,
    "Whether operators without `uid` get a derived one. Turned off, each must name its own.",
)
GENERIC_TYPES: ConfigOption[bool] = ConfigOption(
    "pipeline.generic-types",
    OptionType.BOOLEAN,
    True,
    "Whether values of undeclared type may be pickled. Turned off, a stream or state whose type is "
    "neither declared nor inferred is an error.",
    no_effect="`flott plan` shows which types are known; the others are never refused.",
)
OBJECT_REUSE: ConfigOption[bool] = ConfigOption(
    "pipeline.object-reuse",
    OptionType.BOOLEAN,
    False,
    "Whether several consumers of a stream get the same objects. Turned off, those that could be "
    "changed are copied, so that no consumer sees what another does to them.",
)
VERTEX_DESCRIPTION_MODE: ConfigOption[str] = ConfigOption(
    "pipeline.vertex-description-mode",
    OptionType.ENUM,
    "TREE",
    "How the description of a chain is laid out.",
    choices=("TREE", "CASCADING"),
    no_effect="plans have one form.",
)
VERTEX_NAME_INDEX_PREFIX: ConfigOption[bool] = ConfigOption(
    "pipeline.vertex-name-include-index-prefix",
    OptionType.BOOLEAN,
    False,
    "Whether names of tasks begin with their number.",
    no_effect="plans have one form.",
)
PARALLELISM_OVERRIDES: ConfigOption[dict[str, str] | None] = ConfigOption(
    "pipeline.jobvertex-parallelism-overrides",
    OptionType.MAP,
    None,
    "Another parallelism for single tasks, by the id or uid of their first operator: "
    "`id:parallelism,...`. The plan shows ids.",
)
ALLOW_UNALIGNED_SOURCE_SPLITS: ConfigOption[bool] = ConfigOption(
    "pipeline.watermark-alignment.allow-unaligned-source-splits",
    OptionType.BOOLEAN,
    False,
    "Whether a source that cannot pause single splits may take part in watermark alignment.",
    no_effect="such a source takes part and is held as a whole.",
)
BUFFER_TIMEOUT: ConfigOption[Duration] = ConfigOption(
    "execution.buffer-timeout.interval",
    OptionType.DURATION,
    "100 ms",
    "In Flink, how long records may wait in a network buffer.",
    deprecated_keys=("execution.buffer-timeout",),
    no_effect="records never wait for a batch to fill; see 'flott.batch.latency-target'.",
)
BUFFER_TIMEOUT_ENABLED: ConfigOption[bool] = ConfigOption(
    "execution.buffer-timeout.enabled",
    OptionType.BOOLEAN,
    True,
    "In Flink, whether network buffers are sent before they are full.",
    no_effect="records never wait for a batch to fill; see 'flott.batch.latency-target'.",
)
BATCH_SHUFFLE_MODE: ConfigOption[str] = ConfigOption(
    "execution.batch-shuffle-mode",
    OptionType.ENUM,
    "ALL_EXCHANGES_BLOCKING",
    "How tasks exchange data in batch mode.",
    choices=(
        "ALL_EXCHANGES_PIPELINED",
        "ALL_EXCHANGES_BLOCKING",
        "ALL_EXCHANGES_HYBRID_FULL",
        "ALL_EXCHANGES_HYBRID_SELECTIVE",
    ),
    no_effect="exchanges are always pipelined.",
)
SORT_PARTITION_MEMORY: ConfigOption[Any] = ConfigOption(
    "execution.sort-partition.memory",
    OptionType.MEMORY_SIZE,
    "128 mb",
    "In Flink, the memory for sorting a partition of a full window.",
    deprecated_keys=("execution.sort.partition.memory",),
    no_effect="partitions are sorted in the memory of the worker.",
)
SORT_KEYED_PARTITION_MEMORY: ConfigOption[Any] = ConfigOption(
    "execution.sort-keyed-partition.memory",
    OptionType.MEMORY_SIZE,
    "128 mb",
    "In Flink, the memory for sorting a keyed partition of a full window.",
    deprecated_keys=("execution.sort.keyed.partition.memory",),
    no_effect="partitions are sorted in the memory of the worker.",
)
SORT_INPUTS: ConfigOption[bool] = ConfigOption(
    "execution.sorted-inputs.enabled",
    OptionType.BOOLEAN,
    True,
    "In Flink, whether batch mode sorts the input of keyed operators.",
    no_effect="batch mode gives the same final results without sorting.",
)
USE_BATCH_STATE_BACKEND: ConfigOption[bool] = ConfigOption(
    "execution.batch-state-backend.enabled",
    OptionType.BOOLEAN,
    True,
    "In Flink, whether batch mode keeps the state of one key at a time.",
    no_effect="batch mode gives the same final results with the backend of streaming.",
)
CLOSURE_CLEANER_LEVEL: ConfigOption[str] = ConfigOption(
    "pipeline.closure-cleaner-level",
    OptionType.ENUM,
    "RECURSIVE",
    "In Flink, how deep unused references are removed from Java closures.",
    choices=("NONE", "TOP_LEVEL", "RECURSIVE"),
    no_effect=_NO_JVM,
)
FORCE_AVRO: ConfigOption[bool] = ConfigOption(
    "pipeline.force-avro",
    OptionType.BOOLEAN,
    False,
    "In Flink, whether Java objects are serialized by Avro.",
    no_effect=_NO_JVM,
)
FORCE_KRYO: ConfigOption[bool] = ConfigOption(
    "pipeline.force-kryo",
    OptionType.BOOLEAN,
    False,
    "In Flink, whether Java objects are serialized by Kryo.",
    no_effect=_NO_JVM,
)
SERIALIZATION_CONFIG: ConfigOption[list[str] | None] = ConfigOption(
    "pipeline.serialization-config",
    OptionType.LIST,
    None,
    "In Flink, serializers of single Java classes.",
    no_effect=_NO_JVM,
)
JARS: ConfigOption[list[str] | None] = ConfigOption(
    "pipeline.jars",
    OptionType.LIST,
    None,
    "In Flink, Java archives to ship with the job.",
    no_effect=_NO_JVM,
)
CLASSPATHS: ConfigOption[list[str] | None] = ConfigOption(
    "pipeline.classpaths",
    OptionType.LIST,
    None,
    "In Flink, addresses of Java archives.",
    no_effect=_NO_JVM,
)
CACHED_FILES: ConfigOption[list[str] | None] = ConfigOption(
    "pipeline.cached-files",
    OptionType.LIST,
    None,
    "Files to hand to every worker, each as `name:NAME,path:PATH`.",
)

TABLE: tuple[ConfigOption[Any], ...] = (
    NAME,
    DEFAULT_PARALLELISM,
    MAX_PARALLELISM,
    RUNTIME_MODE,
    AUTO_WATERMARK_INTERVAL,
    GLOBAL_JOB_PARAMETERS,
    OPERATOR_CHAINING,
    CHAIN_WITH_DIFFERENT_MAX_PARALLELISM,
    AUTO_GENERATE_UIDS,
    GENERIC_TYPES,
    PARALLELISM_OVERRIDES,
    ALLOW_UNALIGNED_SOURCE_SPLITS,
    CACHED_FILES,
    OBJECT_REUSE,
    VERTEX_DESCRIPTION_MODE,
    VERTEX_NAME_INDEX_PREFIX,
    BUFFER_TIMEOUT,
    BUFFER_TIMEOUT_ENABLED,
    BATCH_SHUFFLE_MODE,
    SORT_PARTITION_MEMORY,
    SORT_KEYED_PARTITION_MEMORY,
    SORT_INPUTS,
    USE_BATCH_STATE_BACKEND,
    CLOSURE_CLEANER_LEVEL,
    FORCE_AVRO,
    FORCE_KRYO,
    SERIALIZATION_CONFIG,
    JARS,
    CLASSPATHS,
)
