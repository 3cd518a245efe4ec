"""Options Flink has no word for; all begin with ``flott.``."""

from __future__ import annotations

from typing import Any

from flott.common.config_options import ConfigOption, OptionType
from flott.common.time import Duration

LATENCY_TARGET: ConfigOption[Duration] = ConfigOption(
    "flott.batch.latency-target",
    OptionType.DURATION,
    "1 ms",
    "How long a task may work on one batch. Batches never wait to be filled; this bounds how large "
    "they grow under load. Higher is faster, lower answers sooner.",
    least="1 ns",
)
BATCH_SIZE_MAX: ConfigOption[int] = ConfigOption(
    "flott.batch.size-max",
    OptionType.INT,
    16384,
    "How many records a batch has at most, however fast they are.",
    least=1,
)
BATCH_SIZE_MIN: ConfigOption[int] = ConfigOption(
    "flott.batch.size-min",
    OptionType.INT,
    1,
    "Batches are never cut smaller than this to meet the latency target, though they are as small "
    "as what there is. SQL uses 4096 where it is not set: columns cost per batch, not per record.",
    least=1,
)
CHANNEL_CREDIT: ConfigOption[int] = ConfigOption(
    "flott.channel.credit",
    OptionType.INT,
    4,
    "How many batches may be on their way between two tasks before the sender has to wait.",
    least=1,
)
CHANNEL_ROWS: ConfigOption[int] = ConfigOption(
    "flott.channel.rows",
    OptionType.INT,
    65_536,
    "How many records may be on their way between two tasks before the sender has to wait; one "
    "batch may be, whatever its size.",
    least=1,
)
SOURCE_ON_ERROR: ConfigOption[str] = ConfigOption(
    "flott.source.on-error",
    OptionType.ENUM,
    "fail",
    "What a source does with a malformed record: `fail` the job, `skip` and count it, or send it "
    "to the `dead-letter` side output. Other records of the batch are unharmed.",
    choices=("fail", "skip", "dead-letter"),
)
STRICT: ConfigOption[bool] = ConfigOption(
    "flott.strict",
    OptionType.BOOLEAN,
    False,
    "Whether a program is refused where it is only warned otherwise: options without effect, "
    "former keys.",
)
STATUS_LINE: ConfigOption[str] = ConfigOption(
    "flott.status-line",
    OptionType.ENUM,
    "auto",
    "Whether a running job shows its rates, watermark and checkpoints: `auto` in a terminal only, "
    "`on`, `off`, or `table` for a line for each operator.",
    choices=("auto", "on", "off", "table"),
)
NO_OUTPUT_HINT_AFTER: ConfigOption[Duration] = ConfigOption(
    "flott.no-output-hint.after",
    OptionType.DURATION,
    "10 s",
    "After how much time with input and without output one line says why; 0 never says it.",
    least=0,
)
ERRORS_ENGINE_FRAMES: ConfigOption[bool] = ConfigOption(
    "flott.errors.engine-frames",
    OptionType.BOOLEAN,
    False,
    "Whether tracebacks also show the engine's own frames.",
)
ERRORS_RECORD_LENGTH: ConfigOption[int] = ConfigOption(
    "flott.errors.record-length",
    OptionType.INT,
    200,
    "How many characters of a record an error shows at most.",
    least=0,
)

TABLE: tuple[ConfigOption[Any], ...] = (
    LATENCY_TARGET,
    BATCH_SIZE_MAX,
    BATCH_SIZE_MIN,
    CHANNEL_CREDIT,
    CHANNEL_ROWS,
    SOURCE_ON_ERROR,
    STRICT,
    STATUS_LINE,
    NO_OUTPUT_HINT_AFTER,
    ERRORS_ENGINE_FRAMES,
    ERRORS_RECORD_LENGTH,
)
