"""Options of where keyed state lives."""

from __future__ import annotations

from typing import Any

from flott.common.config_options import ConfigOption, OptionType
from flott.common.time import Duration

STATE_BACKEND: ConfigOption[str] = ConfigOption(
    "state.backend.type",
    OptionType.STRING,
    "hashmap",
    "Where keyed state lives: `hashmap` keeps Python objects in memory.",
    deprecated_keys=("state.backend",),
)
LATENCY_TRACK: ConfigOption[bool] = ConfigOption(
    "state.latency-track.keyed-state-enabled",
    OptionType.BOOLEAN,
    False,
    "In Flink, whether access to keyed state is timed.",
    deprecated_keys=("state.backend.latency-track.keyed-state-enabled",),
    no_effect="state access is not timed.",
)
CHANGELOG: ConfigOption[bool] = ConfigOption(
    "state.changelog.enabled",
    OptionType.BOOLEAN,
    False,
    "In Flink, whether changes of state are written continuously.",
    deprecated_keys=("state.backend.changelog.enabled",),
    no_effect="checkpoints hold only what changed already.",
)
CHANGELOG_INTERVAL: ConfigOption[Duration] = ConfigOption(
    "state.changelog.periodic-materialize.interval",
    OptionType.DURATION,
    "10 min",
    "In Flink, how often state is written in full beside the changes.",
    deprecated_keys=("state.backend.changelog.periodic-materialize.interval",),
    no_effect="snapshots are compacted when it pays.",
)

TABLE: tuple[ConfigOption[Any], ...] = (
    STATE_BACKEND,
    LATENCY_TRACK,
    CHANGELOG,
    CHANGELOG_INTERVAL,
)
