"""Time-to-live is configured step by step, with PyFlink's names and defaults."""

import pickle
from typing import Any

import pytest

from flott.common import Duration, Time
from flott.common.state import StateTtlConfig

Updates = StateTtlConfig.UpdateType
Visibility = StateTtlConfig.StateVisibility
Clock = StateTtlConfig.TtlTimeCharacteristic
Builder = StateTtlConfig.Builder


def test_defaults() -> None:
    config = StateTtlConfig.new_builder(Time.seconds(5)).build()
    assert config.get_ttl() == Time.seconds(5)
    assert config.get_update_type() is Updates.OnCreateAndWrite
    assert config.get_state_visibility() is Visibility.NeverReturnExpired
    assert config.get_ttl_time_characteristic() is Clock.ProcessingTime
    assert config.is_enabled()


def test_default_cleanup_looks_at_five_entries_in_the_background() -> None:
    cleanup = StateTtlConfig.new_builder(Time.seconds(5)).build().get_cleanup_strategies()
    assert cleanup.is_cleanup_in_background()
    assert not cleanup.in_full_snapshot()
    incremental = cleanup.get_incremental_cleanup_strategy()
    assert incremental is not None
    assert incremental.get_cleanup_size() == 5
    assert not incremental.run_cleanup_for_every_record()
    compaction = cleanup.get_rocksdb_compact_filter_cleanup_strategy()
    assert compaction is not None
    assert compaction.get_query_time_after_num_entries() == 1000
    assert compaction.get_periodic_compaction_time() == Duration.of_days(30)


@pytest.mark.parametrize(
    ("step", "getter", "expected"),
    [
        (Builder.update_ttl_on_read_and_write, "get_update_type", Updates.OnReadAndWrite),
        (Builder.update_ttl_on_create_and_write, "get_update_type", Updates.OnCreateAndWrite),
        (Builder.return_expired_if_not_cleaned_up, "get_state_visibility",
         Visibility.ReturnExpiredIfNotCleanedUp),
        (Builder.never_return_expired, "get_state_visibility", Visibility.NeverReturnExpired),
        (Builder.use_processing_time, "get_ttl_time_characteristic", Clock.ProcessingTime),
        (lambda b: b.set_ttl(Duration.of_minutes(1)), "get_ttl", Time.minutes(1)),
        (lambda b: b.set_update_type(Updates.Disabled), "is_enabled", False),
    ],
)  # fmt: skip
def test_steps(step: Any, getter: str, expected: object) -> None:
    builder = StateTtlConfig.new_builder(Time.seconds(5))
    assert step(builder) is builder
    assert getattr(builder.build(), getter)() == expected


def test_chosen_cleanup() -> None:
    cleanup = (
        StateTtlConfig.new_builder(Time.seconds(5))
        .cleanup_full_snapshot()
        .cleanup_incrementally(10, True)
        .cleanup_in_rocksdb_compact_filter(7, Duration.of_days(1))
        .disable_cleanup_in_background()
        .build()
        .get_cleanup_strategies()
    )
    assert cleanup.in_full_snapshot()
    assert not cleanup.is_cleanup_in_background()
    incremental = cleanup.get_incremental_cleanup_strategy()
    compaction = cleanup.get_rocksdb_compact_filter_cleanup_strategy()
    assert incremental is not None
    assert compaction is not None
    assert (incremental.get_cleanup_size(), incremental.run_cleanup_for_every_record()) == (
        10,
        True,
    )
    assert compaction.get_query_time_after_num_entries() == 7
    assert compaction.get_periodic_compaction_time() == Duration.of_days(1)


def test_without_background_there_is_only_the_chosen_cleanup() -> None:
    builder = StateTtlConfig.new_builder(Time.seconds(5)).disable_cleanup_in_background()
    cleanup = builder.build().get_cleanup_strategies()
    assert cleanup.get_incremental_cleanup_strategy() is None
    assert cleanup.get_rocksdb_compact_filter_cleanup_strategy() is None


def test_a_builder_can_go_on_after_build() -> None:
    builder = StateTtlConfig.new_builder(Time.seconds(5))
    first = builder.build()
    builder.cleanup_full_snapshot().set_ttl(Time.seconds(6))
    assert not first.get_cleanup_strategies().in_full_snapshot()
    assert first.get_ttl() == Time.seconds(5)


def test_pickling_and_equality() -> None:
    config = StateTtlConfig.new_builder(Time.seconds(5)).cleanup_incrementally(1, False).build()
    again = pickle.loads(pickle.dumps(config))
    assert again == config
    assert hash(again) == hash(config)
    assert config != StateTtlConfig.new_builder(Time.seconds(5)).build()


def test_printed_form() -> None:
    config = StateTtlConfig.new_builder(Time.seconds(5)).build()
    assert repr(config).startswith("StateTtlConfig<update_type=UpdateType.OnCreateAndWrite, ")
    assert repr(config).endswith("ttl=5000 ms>")


@pytest.mark.parametrize("ttl", [Time.seconds(0), Duration.of_seconds(-1)])
def test_life_must_be_positive(ttl: Time | Duration) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        StateTtlConfig.new_builder(ttl)
    with pytest.raises(ValueError, match="must be positive"):
        StateTtlConfig.new_builder(Time.seconds(1)).set_ttl(ttl)


def test_life_must_be_a_length() -> None:
    with pytest.raises(TypeError, match="Duration, Time"):
        StateTtlConfig.new_builder("1 h")  # type: ignore[arg-type]


def test_cleanup_size_must_be_positive() -> None:
    with pytest.raises(ValueError, match="cleanup_size"):
        StateTtlConfig.new_builder(Time.seconds(1)).cleanup_incrementally(0, False)
