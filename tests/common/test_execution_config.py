"""ExecutionConfig is a face of the configuration: each setter writes one option."""

from collections.abc import Callable

import pytest

from flott.common import Configuration, ExecutionConfig
from flott.common.errors import ConfigurationError

Switch = tuple[
    Callable[[ExecutionConfig], ExecutionConfig],
    Callable[[ExecutionConfig], ExecutionConfig],
    Callable[[ExecutionConfig], bool],
]
SWITCHES: list[Switch] = [
    (ExecutionConfig.enable_closure_cleaner, ExecutionConfig.disable_closure_cleaner,
     ExecutionConfig.is_closure_cleaner_enabled),
    (ExecutionConfig.enable_force_kryo, ExecutionConfig.disable_force_kryo,
     ExecutionConfig.is_force_kryo_enabled),
    (ExecutionConfig.enable_force_avro, ExecutionConfig.disable_force_avro,
     ExecutionConfig.is_force_avro_enabled),
    (ExecutionConfig.enable_object_reuse, ExecutionConfig.disable_object_reuse,
     ExecutionConfig.is_object_reuse_enabled),
    (ExecutionConfig.enable_auto_generated_uids, ExecutionConfig.disable_auto_generated_uids,
     ExecutionConfig.has_auto_generated_uids_enabled),
    (ExecutionConfig.disable_generic_types, ExecutionConfig.enable_generic_types,
     ExecutionConfig.has_generic_types_disabled),
]  # fmt: skip


@pytest.mark.parametrize(("turn_on", "turn_off", "is_on"), SWITCHES)
def test_switches(
    turn_on: Callable[[ExecutionConfig], ExecutionConfig],
    turn_off: Callable[[ExecutionConfig], ExecutionConfig],
    is_on: Callable[[ExecutionConfig], bool],
) -> None:
    config = ExecutionConfig()
    assert turn_on(config) is config
    assert is_on(config)
    assert turn_off(config) is config
    assert not is_on(config)


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("auto_watermark_interval", 200),
        ("latency_tracking_interval", 0),
        ("task_cancellation_interval", 30_000),
        ("task_cancellation_timeout", 180_000),
        ("parallelism", ExecutionConfig.PARALLELISM_DEFAULT),
        ("max_parallelism", -1),
    ],
)
def test_numbers(name: str, default: int) -> None:
    config = ExecutionConfig()
    assert getattr(config, f"get_{name}")() == default
    assert getattr(config, f"set_{name}")(7) is config
    assert getattr(config, f"get_{name}")() == 7


def test_options_and_methods_speak_of_the_same_thing() -> None:
    configuration = Configuration.from_dict({"parallelism.default": "3"})
    config = ExecutionConfig(configuration)
    assert config.get_parallelism() == 3
    config.set_auto_watermark_interval(50)
    assert config.configuration is configuration
    assert configuration.to_dict()["pipeline.auto-watermark-interval"] == "50 ms"
    assert configuration.validate() == []


def test_parallelism_can_be_unset_and_left_alone() -> None:
    config = ExecutionConfig().set_parallelism(4)
    assert config.set_parallelism(ExecutionConfig.PARALLELISM_UNKNOWN).get_parallelism() == 4
    assert config.set_parallelism(ExecutionConfig.PARALLELISM_DEFAULT).get_parallelism() == -1


@pytest.mark.parametrize(
    ("setter", "value"),
    [
        ("set_parallelism", 0),
        ("set_parallelism", -3),
        ("set_max_parallelism", 0),
        ("set_max_parallelism", 32769),
        ("set_auto_watermark_interval", -1),
        ("set_task_cancellation_timeout", -1),
    ],
)
def test_impossible_numbers(setter: str, value: int) -> None:
    with pytest.raises(ConfigurationError, match=f"found {value}"):
        getattr(ExecutionConfig(), setter)(value)


def test_latency_tracking_is_turned_off_by_negative_intervals() -> None:
    config = ExecutionConfig().set_latency_tracking_interval(-5)
    assert config.get_latency_tracking_interval() == 0


def test_job_parameters_become_text() -> None:
    config = ExecutionConfig()
    assert config.get_global_job_parameters() == {}
    config.set_global_job_parameters({"greeting": "hello, 'you'", "limit": 5})
    assert config.get_global_job_parameters() == {"greeting": "hello, 'you'", "limit": "5"}
    config.set_global_job_parameters({"other": True})
    assert config.get_global_job_parameters() == {"other": "True"}


def test_job_parameters_survive_the_way_through_text() -> None:
    config = ExecutionConfig().set_global_job_parameters({"a": "x:y,z", "b": ""})
    again = ExecutionConfig(Configuration.from_dict(config.configuration.to_dict()))
    assert again.get_global_job_parameters() == {"a": "x:y,z", "b": ""}


def test_snapshot_compression() -> None:
    assert not ExecutionConfig().is_use_snapshot_compression()
    assert ExecutionConfig().set_use_snapshot_compression(True).is_use_snapshot_compression()


def test_there_are_no_java_classes() -> None:
    config = ExecutionConfig()
    assert config.get_default_kryo_serializer_classes() == {}
    assert config.get_registered_kryo_types() == []
    assert config.get_registered_pojo_types() == []


def test_equality() -> None:
    assert ExecutionConfig().set_parallelism(2) == ExecutionConfig().set_parallelism(2)
    assert hash(ExecutionConfig()) == hash(ExecutionConfig())
    assert ExecutionConfig() != ExecutionConfig().set_parallelism(2)
    assert repr(ExecutionConfig().set_parallelism(2)) == "ExecutionConfig({parallelism.default=2})"
