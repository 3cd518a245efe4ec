"""The environment's options: every method writes one, and reads it back."""

import pytest

from flott.common import Configuration
from flott.common.default_options import set_default_options
from flott.common.errors import ProgramError
from flott.datastream import (
    CheckpointingMode,
    EmbeddedRocksDBStateBackend,
    HashMapStateBackend,
    RuntimeExecutionMode,
    SlotSharingGroup,
    StreamExecutionEnvironment,
)

Env = StreamExecutionEnvironment


def option(env: Env, key: str) -> str:
    return env._configuration.to_dict()[key]


def test_parallelism_is_an_option(env: Env) -> None:
    assert env.set_parallelism(3) is env
    assert env.get_parallelism() == 3
    assert option(env, "parallelism.default") == "3"
    env.set_default_local_parallelism(5)
    assert env.get_default_local_parallelism() == env.get_parallelism() == 5


def test_max_parallelism_is_an_option(env: Env) -> None:
    assert env.get_max_parallelism() == -1
    assert env.set_max_parallelism(64).get_max_parallelism() == 64


@pytest.mark.parametrize("method", ["set_parallelism", "set_max_parallelism"])
def test_a_parallelism_of_zero_is_refused(env: Env, method: str) -> None:
    with pytest.raises(ProgramError, match=f"{method}: expected a whole number from 1 to 32768"):
        getattr(env, method)(0)


def test_the_configuration_given_comes_on_top_of_the_command_line() -> None:
    set_default_options({"parallelism.default": "2", "pipeline.name": "from the line"})
    try:
        given = Configuration.from_dict({"parallelism.default": "4"})
        env = Env.get_execution_environment(given)
    finally:
        set_default_options({})
    assert env.get_parallelism() == 4
    assert option(env, "pipeline.name") == "from the line"
    assert given.to_dict() == {"parallelism.default": "4"}


def test_configure_takes_over_options(env: Env) -> None:
    env.configure(Configuration.from_dict({"execution.checkpointing.interval": "2 s"}))
    assert env.get_checkpoint_interval() == 2000


def test_the_runtime_mode_is_an_option(env: Env) -> None:
    env.set_runtime_mode(RuntimeExecutionMode.BATCH)
    assert option(env, "execution.runtime-mode") == "BATCH"


def test_the_buffer_timeout_may_be_off(env: Env) -> None:
    assert env.get_buffer_timeout() == 100
    assert env.set_buffer_timeout(7).get_buffer_timeout() == 7
    assert env.set_buffer_timeout(-1).get_buffer_timeout() == -1
    with pytest.raises(ProgramError, match="must be -1 or more"):
        env.set_buffer_timeout(-2)


def test_chaining_can_be_disabled(env: Env) -> None:
    assert env.is_chaining_enabled()
    assert not env.disable_operator_chaining().is_chaining_enabled()
    assert env.is_chaining_of_operators_with_different_max_parallelism_enabled()


def test_checkpointing_is_enabled_by_an_interval(env: Env) -> None:
    assert env.get_checkpoint_interval() == -1
    env.enable_checkpointing(1000, CheckpointingMode.AT_LEAST_ONCE)
    assert env.get_checkpoint_config().get_checkpoint_interval() == 1000
    assert env.get_checkpointing_mode() is CheckpointingMode.AT_LEAST_ONCE
    assert env.get_checkpointing_consistency_mode() is CheckpointingMode.AT_LEAST_ONCE


def test_unaligned_checkpoints_can_be_asked_for(env: Env) -> None:
    assert not env.is_unaligned_checkpoints_enabled()
    assert not env.is_force_unaligned_checkpoints()
    env.get_checkpoint_config().enable_unaligned_checkpoints()
    assert env.is_unaligned_checkpoints_enabled()


def test_savepoints_have_a_default_directory(env: Env) -> None:
    assert env.get_default_savepoint_directory() is None
    env.set_default_savepoint_directory("/data/savepoints")
    assert env.get_default_savepoint_directory() == "/data/savepoints"


def test_a_state_backend_is_an_option(env: Env) -> None:
    env.set_state_backend(HashMapStateBackend())
    assert option(env, "state.backend.type") == "hashmap"
    env.set_state_backend(EmbeddedRocksDBStateBackend())
    assert option(env, "state.backend.type") == "rocksdb"


def test_the_changelog_backend_is_accepted(env: Env) -> None:
    assert env.is_changelog_state_backend_enabled() is None
    assert env.enable_changelog_state_backend(True).is_changelog_state_backend_enabled()


def test_slot_sharing_groups_are_registered(env: Env) -> None:
    assert env.register_slot_sharing_group(SlotSharingGroup.builder("a").build()) is env
