"""Options of what happens after a failure."""

from __future__ import annotations

from typing import Any

from flott.common.config_options import ConfigOption, OptionType
from flott.common.time import Duration

RESTART_STRATEGY: ConfigOption[str | None] = ConfigOption(
    "restart-strategy.type",
    OptionType.ENUM,
    None,
    "What happens when the job fails: `none` (or `off`, `disable`) ends it; `fixed-delay`, "
    "`failure-rate` and `exponential-delay` begin again from the latest checkpoint. By default "
    "`exponential-delay` if checkpoints are taken, else `none`.",
    choices=(
        "none",
        "off",
        "disable",
        "fixed-delay",
        "fixeddelay",
        "failure-rate",
        "failurerate",
        "exponential-delay",
        "exponentialdelay",
    ),
    deprecated_keys=("restart-strategy",),
)
FIXED_DELAY_ATTEMPTS: ConfigOption[int] = ConfigOption(
    "restart-strategy.fixed-delay.attempts",
    OptionType.INT,
    1,
    "How often the job is begun again before it counts as failed.",
    least=0,
)
FIXED_DELAY_DELAY: ConfigOption[Duration] = ConfigOption(
    "restart-strategy.fixed-delay.delay",
    OptionType.DURATION,
    "1 s",
    "How long to wait before each new beginning.",
    least=0,
)
FAILURE_RATE_MAX_FAILURES: ConfigOption[int] = ConfigOption(
    "restart-strategy.failure-rate.max-failures-per-interval",
    OptionType.INT,
    1,
    "How many failures within the interval are borne.",
    least=0,
)
FAILURE_RATE_INTERVAL: ConfigOption[Duration] = ConfigOption(
    "restart-strategy.failure-rate.failure-rate-interval",
    OptionType.DURATION,
    "1 min",
    "The interval in which failures are counted.",
    least="1 ms",
)
FAILURE_RATE_DELAY: ConfigOption[Duration] = ConfigOption(
    "restart-strategy.failure-rate.delay",
    OptionType.DURATION,
    "1 s",
    "How long to wait before each new beginning.",
    least=0,
)
EXPONENTIAL_DELAY_INITIAL_BACKOFF: ConfigOption[Duration] = ConfigOption(
    "restart-strategy.exponential-delay.initial-backoff",
    OptionType.DURATION,
    "1 s",
    "How long to wait before the first new beginning.",
    least="1 ms",
)
EXPONENTIAL_DELAY_MAX_BACKOFF: ConfigOption[Duration] = ConfigOption(
    "restart-strategy.exponential-delay.max-backoff",
    OptionType.DURATION,
    "1 min",
    "How long to wait at most.",
    least="1 ms",
)
EXPONENTIAL_DELAY_MULTIPLIER: ConfigOption[float] = ConfigOption(
    "restart-strategy.exponential-delay.backoff-multiplier",
    OptionType.DOUBLE,
    1.5,
    "By how much each wait is longer than the one before.",
    least=1,
)
EXPONENTIAL_DELAY_RESET_THRESHOLD: ConfigOption[Duration] = ConfigOption(
    "restart-strategy.exponential-delay.reset-backoff-threshold",
    OptionType.DURATION,
    "1 h",
    "After how long without failure the wait is short again.",
    least="1 ms",
)
EXPONENTIAL_DELAY_JITTER: ConfigOption[float] = ConfigOption(
    "restart-strategy.exponential-delay.jitter-factor",
    OptionType.DOUBLE,
    0.1,
    "Which part of the wait is random, so that jobs don't all begin at once.",
    least=0,
)
EXPONENTIAL_DELAY_ATTEMPTS: ConfigOption[int] = ConfigOption(
    "restart-strategy.exponential-delay.attempts-before-reset-backoff",
    OptionType.INT,
    2**31 - 1,
    "How often the job is begun again, without a quiet time between, before it counts as failed.",
    least=0,
)

TABLE: tuple[ConfigOption[Any], ...] = (
    RESTART_STRATEGY,
    FIXED_DELAY_ATTEMPTS,
    FIXED_DELAY_DELAY,
    FAILURE_RATE_MAX_FAILURES,
    FAILURE_RATE_INTERVAL,
    FAILURE_RATE_DELAY,
    EXPONENTIAL_DELAY_INITIAL_BACKOFF,
    EXPONENTIAL_DELAY_MAX_BACKOFF,
    EXPONENTIAL_DELAY_MULTIPLIER,
    EXPONENTIAL_DELAY_RESET_THRESHOLD,
    EXPONENTIAL_DELAY_JITTER,
    EXPONENTIAL_DELAY_ATTEMPTS,
)
