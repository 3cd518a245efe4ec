"""The tables of options are sound, and the reference page says what they say."""

from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from flott.common import ConfigOption, Configuration
from flott.common.config_options import OptionType
from flott.common.option_values import format_value
from flott.common.options import GROUPS, all_options, find_family, find_option, nearest_key
from flott.common.options.deployment import FAMILIES
from flott.common.options.reference import render_markdown

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "configuration.md"
OPTIONS = all_options()

# Keys Flink's users set most, with their defaults there; ours must not differ without a reason.
FLINK_DEFAULTS = {
    "execution.runtime-mode": "STREAMING",
    "parallelism.default": "1",
    "pipeline.max-parallelism": "-1",
    "pipeline.object-reuse": "false",
    "pipeline.operator-chaining.enabled": "true",
    "pipeline.auto-watermark-interval": "200 ms",
    "pipeline.auto-generate-uids": "true",
    "pipeline.generic-types": "true",
    "execution.buffer-timeout.interval": "100 ms",
    "execution.checkpointing.mode": "EXACTLY_ONCE",
    "execution.checkpointing.timeout": "10 min",
    "execution.checkpointing.min-pause": "0 ms",
    "execution.checkpointing.max-concurrent-checkpoints": "1",
    "execution.checkpointing.tolerable-failed-checkpoints": "0",
    "execution.checkpointing.unaligned.enabled": "false",
    "execution.checkpointing.aligned-checkpoint-timeout": "0 ms",
    "execution.checkpointing.incremental": "false",
    "execution.checkpointing.num-retained": "1",
    "execution.checkpointing.externalized-checkpoint-retention": "NO_EXTERNALIZED_CHECKPOINTS",
    "execution.checkpointing.snapshot-compression": "false",
    "execution.state-recovery.claim-mode": "NO_CLAIM",
    "execution.state-recovery.ignore-unclaimed-state": "false",
    "state.backend.type": "hashmap",
    "restart-strategy.fixed-delay.attempts": "1",
    "restart-strategy.fixed-delay.delay": "1 s",
    "restart-strategy.exponential-delay.backoff-multiplier": "1.5",
    "taskmanager.numberOfTaskSlots": "1",
    "metrics.latency.interval": "0 ms",
    "python.execution-mode": "process",
    "python.fn-execution.bundle.size": "1000",
}


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.key)
def test_option_is_described_and_its_default_reads(option: ConfigOption[Any]) -> None:
    assert option.description.endswith(".")
    assert option.no_effect == "" or option.no_effect.endswith(".")
    if option.default is not None:
        assert option.parse(format_value(option.default)) == option.default
    if option.option_type is OptionType.ENUM:
        assert isinstance(option.choices, tuple) or issubclass(option.choices, Enum)  # type: ignore[arg-type]


@pytest.mark.parametrize(("key", "default"), FLINK_DEFAULTS.items())
def test_defaults_are_those_of_flink(key: str, default: str) -> None:
    option = find_option(key)
    assert option is not None
    assert option.key == key
    assert format_value(option.default) == default


def test_no_key_means_two_things() -> None:
    keys = [key for option in OPTIONS for key in option.all_keys()]
    assert sorted(keys) == sorted(set(keys))


def test_our_own_options_work_and_are_known_by_their_prefix() -> None:
    for option in GROUPS["Flott's own"]:
        assert option.key.startswith("flott.")
        assert not option.no_effect


@pytest.mark.parametrize(
    ("former", "key"),
    [
        ("state.checkpoints.dir", "execution.checkpointing.dir"),
        ("state.savepoints.dir", "execution.checkpointing.savepoint-dir"),
        ("state.checkpoints.num-retained", "execution.checkpointing.num-retained"),
        ("state.backend", "state.backend.type"),
        ("restart-strategy", "restart-strategy.type"),
        ("execution.savepoint.path", "execution.state-recovery.path"),
        ("execution.checkpointing.unaligned", "execution.checkpointing.unaligned.enabled"),
    ],
)
def test_former_keys(former: str, key: str) -> None:
    option = find_option(former)
    assert option is not None
    assert option.key == key


def test_unknown_keys() -> None:
    assert find_option("mine") is None
    assert find_family("mine") is None
    assert nearest_key("mine") is None
    assert nearest_key("checkpointing.interval") == "execution.checkpointing.interval"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.prefix)
def test_families_are_accepted(family: Any) -> None:
    key = f"{family.prefix}something"
    assert find_family(key) == family
    assert Configuration.from_dict({key: "1"}).validate() == [
        f"'{key}' has no effect: {family.no_effect}"
    ]


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text() == render_markdown(), "run python -m flott.common.options.reference"


def test_page_names_every_option_and_family() -> None:
    page = render_markdown()
    for option in OPTIONS:
        assert f"`{option.key}`" in page
    for family in FAMILIES:
        assert f"`{family.prefix}*`" in page
