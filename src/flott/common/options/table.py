"""Options of SQL that change what a statement means or how its changes are sent (``table.*``).

Those that only tune Flink's execution stand in ``table_tuning``.
"""

from __future__ import annotations

from typing import Any

from flott.common.config_options import ConfigOption, OptionType
from flott.common.time import Duration

DEFAULT_PARALLELISM: ConfigOption[int] = ConfigOption(
    "table.exec.resource.default-parallelism",
    OptionType.INT,
    -1,
    "How many subtasks the operators of a query have; -1 takes `parallelism.default`.",
    least=-1,
)
STATE_TTL: ConfigOption[Duration] = ConfigOption(
    "table.exec.state.ttl",
    OptionType.DURATION,
    "0 ms",
    "How long state that is not written is kept at least; 0 keeps it for ever. Results that need "
    "expired state are computed as if it had never been.",
    least=0,
)
LOCAL_TIME_ZONE: ConfigOption[str] = ConfigOption(
    "table.local-time-zone",
    OptionType.STRING,
    "default",
    "The zone of the session: TIMESTAMP_LTZ values are shown in it and windows over them begin at "
    "its days. A name (`Europe/Prague`) or an offset (`+02:00`); `default` is UTC.",
)
SOURCE_IDLE_TIMEOUT: ConfigOption[Duration] = ConfigOption(
    "table.exec.source.idle-timeout",
    OptionType.DURATION,
    "0 ms",
    "After how long without rows a source no longer holds back event time; 0 never lets it.",
    least=0,
)
CDC_EVENTS_DUPLICATE: ConfigOption[bool] = ConfigOption(
    "table.exec.source.cdc-events-duplicate",
    OptionType.BOOLEAN,
    False,
    "Whether sources of changes may send a change twice. Tables with a primary key are then "
    "normalised, which keeps their last rows in state.",
)
NOT_NULL_ENFORCER: ConfigOption[str] = ConfigOption(
    "table.exec.sink.not-null-enforcer",
    OptionType.ENUM,
    "ERROR",
    "What happens to NULL for a NOT NULL column of a sink: `ERROR` fails the job, `DROP` leaves "
    "the row out.",
    choices=("ERROR", "DROP"),
)
TYPE_LENGTH_ENFORCER: ConfigOption[str] = ConfigOption(
    "table.exec.sink.type-length-enforcer",
    OptionType.ENUM,
    "IGNORE",
    "What happens to texts and bytes longer or shorter than the sink's column: `IGNORE` writes "
    "them as they are, `TRIM_PAD` cuts and pads them, `ERROR` fails the job.",
    choices=("IGNORE", "TRIM_PAD", "ERROR"),
)
NESTED_CONSTRAINT_ENFORCER: ConfigOption[str] = ConfigOption(
    "table.exec.sink.nested-constraint-enforcer",
    OptionType.ENUM,
    "IGNORE",
    "Whether NOT NULL and lengths hold inside of ROW, ARRAY and MAP columns too; only `IGNORE` is "
    "there, the others are refused.",
    choices=("IGNORE", "ROWS", "ROWS_AND_COLLECTIONS"),
)
UPSERT_MATERIALIZE: ConfigOption[str] = ConfigOption(
    "table.exec.sink.upsert-materialize",
    OptionType.ENUM,
    "AUTO",
    "Whether rows are put in order before a sink with a primary key: `AUTO` where the query's key "
    "is another, `FORCE` always, `NONE` never.",
    choices=("AUTO", "FORCE", "NONE"),
)
REQUIRE_ON_CONFLICT: ConfigOption[bool] = ConfigOption(
    "table.exec.sink.require-on-conflict",
    OptionType.BOOLEAN,
    True,
    "Whether INSERT must say ON CONFLICT where rows of different keys of the query may meet in one "
    "row of the sink.",
)
KEYED_SHUFFLE: ConfigOption[str] = ConfigOption(
    "table.exec.sink.keyed-shuffle",
    OptionType.ENUM,
    "AUTO",
    "Whether changes are brought together by the sink's primary key: `AUTO` where the sink has "
    "another parallelism, `FORCE` always, `NONE` never.",
    choices=("AUTO", "FORCE", "NONE"),
)
ROWTIME_INSERTER: ConfigOption[str] = ConfigOption(
    "table.exec.sink.rowtime-inserter",
    OptionType.ENUM,
    "ENABLED",
    "In Flink, whether event time is written into records beside their columns, so that a query "
    "with several columns of event time is refused unless this is `DISABLED`. Here nothing is "
    "written beside the columns; the query is refused all the same.",
    choices=("ENABLED", "DISABLED"),
)
LEGACY_CAST: ConfigOption[str] = ConfigOption(
    "table.exec.legacy-cast-behaviour",
    OptionType.ENUM,
    "DISABLED",
    "`DISABLED`: a CAST that is not possible fails the job; TRY_CAST gives NULL. `ENABLED`, where "
    "CAST gives NULL, is refused.",
    choices=("ENABLED", "DISABLED"),
)
LEGACY_TRANSFORMATION_UIDS: ConfigOption[bool] = ConfigOption(
    "table.exec.legacy-transformation-uids",
    OptionType.BOOLEAN,
    False,
    "In Flink, whether operators get no ids of their own.",
    no_effect="ids follow from what an operator means.",
)
UID_GENERATION: ConfigOption[str] = ConfigOption(
    "table.exec.uid.generation",
    OptionType.ENUM,
    "PLAN_ONLY",
    "Whether operators of queries get stable ids.",
    choices=("PLAN_ONLY", "ALWAYS", "DISABLED"),
    no_effect="operators always have ids that follow from what they mean.",
)
MINI_BATCH: ConfigOption[bool] = ConfigOption(
    "table.exec.mini-batch.enabled",
    OptionType.BOOLEAN,
    False,
    "In Flink, whether rows wait to be worked on together. Here rows that are there are always "
    "worked on together and none waits; intermediate changes are fewer, final results equal. Below "
    "TO_CHANGELOG every change is sent unless this is set, at the cost of working row by row.",
)
MINI_BATCH_LATENCY: ConfigOption[Duration] = ConfigOption(
    "table.exec.mini-batch.allow-latency",
    OptionType.DURATION,
    "0 ms",
    "In Flink, how long rows may wait for others.",
    least=0,
    no_effect="rows that are there are worked on together, and none waits for others.",
)
MINI_BATCH_SIZE: ConfigOption[int] = ConfigOption(
    "table.exec.mini-batch.size",
    OptionType.LONG,
    -1,
    "In Flink, how many rows are worked on together at most.",
    least=-1,
    no_effect="`flott.batch.size-max` says how many rows are worked on together at most.",
)
UNBOUNDED_OVER_VERSION: ConfigOption[int] = ConfigOption(
    "table.exec.unbounded-over.version",
    OptionType.INT,
    2,
    "In Flink, which code computes OVER windows.",
    least=1,
    no_effect="there is one, and Flink's two give the same rows.",
)
EARLY_FIRE: ConfigOption[bool] = ConfigOption(
    "table.exec.emit.early-fire.enabled",
    OptionType.BOOLEAN,
    False,
    "Whether GROUP BY TUMBLE(...), HOP(...), SESSION(...) sends results before a window ends.",
)
EARLY_FIRE_DELAY: ConfigOption[Duration | None] = ConfigOption(
    "table.exec.emit.early-fire.delay",
    OptionType.DURATION,
    None,
    "How often it does; 0 with every change.",
    least=0,
)
LATE_FIRE: ConfigOption[bool] = ConfigOption(
    "table.exec.emit.late-fire.enabled",
    OptionType.BOOLEAN,
    False,
    "Whether such a window sends results again for rows that come after its end.",
)
LATE_FIRE_DELAY: ConfigOption[Duration | None] = ConfigOption(
    "table.exec.emit.late-fire.delay",
    OptionType.DURATION,
    None,
    "How often it does; 0 with every change.",
    least=0,
)
ALLOW_LATENESS: ConfigOption[Duration | None] = ConfigOption(
    "table.exec.emit.allow-lateness",
    OptionType.DURATION,
    None,
    "How long after its end such a window takes rows; not set: as long as state is kept "
    "(`table.exec.state.ttl`).",
    least=0,
)
DML_SYNC: ConfigOption[bool] = ConfigOption(
    "table.dml-sync",
    OptionType.BOOLEAN,
    False,
    "Whether INSERT returns only when its job has ended.",
)
DYNAMIC_OPTIONS: ConfigOption[bool] = ConfigOption(
    "table.dynamic-table-options.enabled",
    OptionType.BOOLEAN,
    True,
    "Whether the hint OPTIONS may change a table's options in a statement.",
)
SQL_DIALECT: ConfigOption[str] = ConfigOption(
    "table.sql-dialect",
    OptionType.ENUM,
    "default",
    "The dialect of statements; there is one.",
    choices=("default",),
)
COLUMN_EXPANSION: ConfigOption[list[str] | None] = ConfigOption(
    "table.column-expansion-strategy",
    OptionType.LIST,
    None,
    "Which columns `*` leaves out: `EXCLUDE_ALIASED_VIRTUAL_METADATA_COLUMNS`, "
    "`EXCLUDE_DEFAULT_VIRTUAL_METADATA_COLUMNS`. Refused: `*` leaves nothing out.",
)
BUILT_IN_CATALOG: ConfigOption[str] = ConfigOption(
    "table.builtin-catalog-name",
    OptionType.STRING,
    "default_catalog",
    "The name of the first catalog of a table environment.",
)
BUILT_IN_DATABASE: ConfigOption[str] = ConfigOption(
    "table.builtin-database-name",
    OptionType.STRING,
    "default_database",
    "The name of that catalog's first database.",
)
AGG_PHASE_STRATEGY: ConfigOption[str] = ConfigOption(
    "table.optimizer.agg-phase-strategy",
    OptionType.ENUM,
    "AUTO",
    "Whether aggregates that can be merged are computed before rows are exchanged and merged "
    "after: `AUTO` where it pays, `TWO_PHASE` wherever possible, `ONE_PHASE` never.",
    choices=("AUTO", "TWO_PHASE", "ONE_PHASE"),
)
DISTINCT_AGG_SPLIT: ConfigOption[bool] = ConfigOption(
    "table.optimizer.distinct-agg.split.enabled",
    OptionType.BOOLEAN,
    False,
    "Whether DISTINCT aggregates are computed in two steps, each value of a group once and then "
    "the group of its values, which spreads a group that has most of the rows.",
)
DISTINCT_AGG_BUCKETS: ConfigOption[int] = ConfigOption(
    "table.optimizer.distinct-agg.split.bucket-num",
    OptionType.INT,
    1024,
    "In Flink, into how many buckets the values of a group are divided.",
    no_effect="values are divided by themselves.",
    least=1,
)
REUSE_SUB_PLAN: ConfigOption[bool] = ConfigOption(
    "table.optimizer.reuse-sub-plan-enabled",
    OptionType.BOOLEAN,
    True,
    "Whether equal parts of a plan run once.",
)
NON_DETERMINISTIC_UPDATE: ConfigOption[str] = ConfigOption(
    "table.optimizer.non-deterministic-update.strategy",
    OptionType.ENUM,
    "IGNORE",
    "Whether queries are refused whose updates may come out wrong since an expression gives "
    "another value each time: `TRY_RESOLVE` refuses them, `IGNORE` runs them.",
    choices=("TRY_RESOLVE", "IGNORE"),
)
DISPLAY_COLUMN_WIDTH: ConfigOption[int] = ConfigOption(
    "table.display.max-column-width",
    OptionType.INT,
    30,
    "How wide a column of a printed result may be, in characters.",
    least=1,
    deprecated_keys=("sql-client.display.max-column-width",),
)
RESULT_MODE: ConfigOption[str] = ConfigOption(
    "sql-client.execution.result-mode",
    OptionType.ENUM,
    "table",
    "How `flott sql` begins to show the result of a query: `table`, as it is by now; `changelog`, "
    "change by change; or `tableau`, all rows one after the other.",
    choices=("table", "changelog", "tableau"),
)
CTAS_ATOMICITY: ConfigOption[bool] = ConfigOption(
    "table.rtas-ctas.atomicity-enabled",
    OptionType.BOOLEAN,
    False,
    "Whether CREATE TABLE AS leaves no table if its query fails.",
    no_effect="the table is created first and stays.",
)

TABLE: tuple[ConfigOption[Any], ...] = (
    DEFAULT_PARALLELISM,
    STATE_TTL,
    LOCAL_TIME_ZONE,
    SOURCE_IDLE_TIMEOUT,
    CDC_EVENTS_DUPLICATE,
    NOT_NULL_ENFORCER,
    TYPE_LENGTH_ENFORCER,
    NESTED_CONSTRAINT_ENFORCER,
    UPSERT_MATERIALIZE,
    REQUIRE_ON_CONFLICT,
    KEYED_SHUFFLE,
    ROWTIME_INSERTER,
    LEGACY_CAST,
    LEGACY_TRANSFORMATION_UIDS,
    UID_GENERATION,
    MINI_BATCH,
    MINI_BATCH_LATENCY,
    MINI_BATCH_SIZE,
    UNBOUNDED_OVER_VERSION,
    EARLY_FIRE,
    EARLY_FIRE_DELAY,
    LATE_FIRE,
    LATE_FIRE_DELAY,
    ALLOW_LATENESS,
    DML_SYNC,
    DYNAMIC_OPTIONS,
    SQL_DIALECT,
    COLUMN_EXPANSION,
    BUILT_IN_CATALOG,
    BUILT_IN_DATABASE,
    AGG_PHASE_STRATEGY,
    DISTINCT_AGG_SPLIT,
    DISTINCT_AGG_BUCKETS,
    REUSE_SUB_PLAN,
    NON_DETERMINISTIC_UPDATE,
    DISPLAY_COLUMN_WIDTH,
    RESULT_MODE,
    CTAS_ATOMICITY,
)
