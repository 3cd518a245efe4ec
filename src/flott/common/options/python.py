"""Options by which PyFlink tunes its bridge between Java and Python, accepted without effect."""

from __future__ import annotations

from typing import Any

from flott.common.config_options import ConfigOption, OptionType

_NO_BRIDGE = "functions run in the engine's own process; there is no bridge to tune."
_NO_SHIPPING = "workers run on this machine and see the same files and packages."
_OPTION = OptionType


def _bridge(key: str, kind: OptionType, default: Any, what: str) -> ConfigOption[Any]:
    return ConfigOption(key, kind, default, f"In PyFlink, {what}", no_effect=_NO_BRIDGE)


def _shipping(key: str, what: str) -> ConfigOption[Any]:
    return ConfigOption(key, OptionType.STRING, None, f"In PyFlink, {what}", no_effect=_NO_SHIPPING)


TABLE: tuple[ConfigOption[Any], ...] = (
    _bridge("python.execution-mode", _OPTION.STRING, "process", "the place functions run in."),
    _bridge("python.fn-execution.bundle.size", _OPTION.INT, 1000, "records in a bundle."),
    _bridge("python.fn-execution.bundle.time", _OPTION.LONG, 1000, "milliseconds of a bundle."),
    _bridge("python.fn-execution.arrow.batch.size", _OPTION.INT, 1000, "rows in an Arrow batch."),
    _bridge("python.fn-execution.memory.managed", _OPTION.BOOLEAN, True, "who owns its memory."),
    _bridge("python.fn-execution.buffer.memory.size", _OPTION.MEMORY_SIZE, None, "a buffer size."),
    _bridge("python.operator-chaining.enabled", _OPTION.BOOLEAN, True, "chaining of functions."),
    _bridge("python.state.cache-size", _OPTION.INT, 1000, "cached states."),
    _bridge("python.map-state.read-cache-size", _OPTION.INT, 1000, "cached reads of a map."),
    _bridge("python.map-state.write-cache-size", _OPTION.INT, 1000, "cached writes of a map."),
    _bridge("python.map-state.iterate-response-batch-size", _OPTION.INT, 1000, "keys a message."),
    _bridge("python.metric.enabled", _OPTION.BOOLEAN, True, "whether functions have metrics."),
    _bridge("python.profile.enabled", _OPTION.BOOLEAN, False, "whether functions are profiled."),
    _bridge("python.systemenv.enabled", _OPTION.BOOLEAN, True, "whether the environment is kept."),
    _shipping("python.archives", "archives to unpack for functions."),
    _shipping("python.client.executable", "the interpreter that builds the job."),
    _shipping("python.executable", "the interpreter that runs functions."),
    _shipping("python.files", "modules to ship with the job."),
    _shipping("python.pythonpath", "where functions look for modules."),
    _shipping("python.requirements", "packages to install for functions."),
)
