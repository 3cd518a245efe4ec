"""CheckpointConfig: each setter writes an option, each getter reads it."""

from typing import Any

import pytest

from flott.common import Configuration, Duration
from flott.common.errors import ConfigurationError
from flott.datastream import CheckpointConfig, CheckpointingMode, ExternalizedCheckpointRetention


@pytest.fixture
def config() -> CheckpointConfig:
    return CheckpointConfig(Configuration())


@pytest.mark.parametrize(
    ("name", "default", "value"),
    [
        ("checkpoint_interval", -1, 500),
        ("checkpoint_timeout", 600_000, 5_000),
        ("min_pause_between_checkpoints", 0, 70),
        ("max_concurrent_checkpoints", 1, 3),
        ("tolerable_checkpoint_failure_number", 0, 2),
        (
            "externalized_checkpoint_retention",
            ExternalizedCheckpointRetention.NO_EXTERNALIZED_CHECKPOINTS,
            ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION,
        ),
        ("aligned_checkpoint_timeout", Duration.of_millis(0), Duration.of_seconds(3)),
        ("alignment_timeout", Duration.of_millis(0), Duration.of_seconds(3)),
    ],
)
def test_what_is_set_is_got(config: CheckpointConfig, name: str, default: Any, value: Any) -> None:
    assert getattr(config, f"get_{name}")() == default
    assert getattr(config, f"set_{name}")(value) is config
    assert getattr(config, f"get_{name}")() == value


def test_the_mode_counts_once_checkpoints_are_taken(config: CheckpointConfig) -> None:
    assert config.get_checkpointing_mode() is CheckpointingMode.AT_LEAST_ONCE
    config.set_checkpoint_interval(10)
    assert config.get_checkpointing_mode() is CheckpointingMode.EXACTLY_ONCE
    config.set_checkpointing_mode(CheckpointingMode.AT_LEAST_ONCE)
    assert config.get_checkpointing_mode() is CheckpointingMode.AT_LEAST_ONCE


def test_an_interval_enables_checkpoints(config: CheckpointConfig) -> None:
    assert not config.is_checkpointing_enabled()
    assert config.set_checkpoint_interval(10).is_checkpointing_enabled()


def test_failing_on_errors_is_tolerating_none(config: CheckpointConfig) -> None:
    assert config.is_fail_on_checkpointing_errors()
    config.set_fail_on_checkpointing_errors(False)
    assert config.get_tolerable_checkpoint_failure_number() == 2**31 - 1
    assert config.set_fail_on_checkpointing_errors(True).is_fail_on_checkpointing_errors()


def test_externalized_checkpoints_are_those_that_may_stay(config: CheckpointConfig) -> None:
    assert not config.is_externalized_checkpoints_enabled()
    config.set_externalized_checkpoint_retention(
        ExternalizedCheckpointRetention.DELETE_ON_CANCELLATION
    )
    assert config.is_externalized_checkpoints_enabled()


def test_unaligned_checkpoints_are_remembered(config: CheckpointConfig) -> None:
    assert config.enable_unaligned_checkpoints().is_unaligned_checkpoints_enabled()
    assert not config.disable_unaligned_checkpoints().is_unaligned_checkpoints_enabled()
    assert config.set_force_unaligned_checkpoints().is_force_unaligned_checkpoints()


def test_impossible_values_are_refused(config: CheckpointConfig) -> None:
    with pytest.raises(ConfigurationError, match=r"execution\.checkpointing\.interval"):
        config.set_checkpoint_interval(0)
    with pytest.raises(ConfigurationError, match="at least 1"):
        config.set_max_concurrent_checkpoints(0)
