"""All options, as tables: one entry is the key, the type, the default, the check and the text.

From these tables follow the typed getters of a configuration, the refusal of unknown keys with the
nearest name, and the reference page. A package higher up that has options puts their table here.
"""

from __future__ import annotations

from typing import Any

from flott.common.config_options import ConfigOption
from flott.common.options import (
    checkpointing,
    connectors,
    deployment,
    flott,
    pipeline,
    python,
    restart,
    state,
    table,
    table_tuning,
)
from flott.common.options.deployment import OptionFamily

__all__ = [
    "GROUPS",
    "OptionFamily",
    "all_options",
    "find_family",
    "find_option",
    "nearest_key",
]

#: The tables with their titles, in the order of the reference page.
GROUPS: dict[str, tuple[ConfigOption[Any], ...]] = {
    "Programs": pipeline.TABLE,
    "Checkpoints and savepoints": checkpointing.TABLE,
    "Failures": restart.TABLE,
    "State": state.TABLE,
    "Running jobs": deployment.TABLE,
    "Connectors": connectors.TABLE,
    "Flott's own": flott.TABLE,
    "SQL": table.TABLE,
    "SQL, accepted": table_tuning.TABLE,
    "PyFlink's bridge": python.TABLE,
}


_BY_KEY: dict[str, ConfigOption[Any]] = {
    key: option for table in GROUPS.values() for option in table for key in option.all_keys()
}


def all_options() -> list[ConfigOption[Any]]:
    """Return all options, in the order of the reference page."""
    return [option for table in GROUPS.values() for option in table]


def find_option(key: str) -> ConfigOption[Any] | None:
    """Return the option that a key sets, be it a fallback or former key; None if there is none.

    >>> find_option("state.checkpoints.dir").key
    'execution.checkpointing.dir'
    """
    return _BY_KEY.get(key)


def find_family(key: str) -> OptionFamily | None:
    """Return the family a key belongs to by its prefix; None if there is none."""
    for family in deployment.FAMILIES:
        if key.startswith(family.prefix):
            return family
    return None


def nearest_key(key: str) -> str | None:
    """Return the key most like a misspelt one; None if none is near.

    >>> nearest_key("execution.checkpoint.intervall")
    'execution.checkpointing.interval'
    """
    import difflib

    near: list[str] = difflib.get_close_matches(key, _BY_KEY, n=1, cutoff=0.75)
    if near:
        return near[0]
    # Words in another order, or one left out: "checkpointing.interval".
    words = set(key.lower().replace("-", ".").replace("_", ".").split("."))
    scores = {
        known: len(words & set(known.replace("-", ".").split("."))) / len(words)
        for known in _BY_KEY
    }
    best = max(scores, key=lambda known: (scores[known], -len(known)))
    return best if scores[best] >= 0.75 else None
