"""Choosing a backend by configuration."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from flott.common.configuration import Configuration
from flott.common.errors import ConfigurationError, UnsupportedFeature
from flott.core.key_group import KeyGroupRange
from flott.state.backends import keyed_store_factory
from flott.state.memory_store import MemoryKeyedStore
from tests.state.stores import VALUE, ManualClock, keyed


def configured(name: str | None = None, **more: str) -> Configuration:
    configuration = Configuration()
    if name is not None:
        configuration.set_string("state.backend.type", name)
    for key, value in more.items():
        configuration.set_string(key, value)
    return configuration


def context(checkpoints_enabled: bool = True) -> Any:
    return SimpleNamespace(
        operator_id="op",
        operator_name="Map",
        key_groups=KeyGroupRange(0, 15),
        max_parallelism=16,
        clock=ManualClock(),
        checkpoints_enabled=checkpoints_enabled,
    )


def own_backend(context: Any) -> Any:
    return ("a store for", context.operator_id)


@pytest.mark.parametrize("name", [None, "hashmap"])
def test_the_default_keeps_state_in_memory(name: str | None) -> None:
    assert isinstance(keyed_store_factory(configured(name))(context()), MemoryKeyedStore)


def test_without_periodic_checkpoints_changes_are_not_recorded() -> None:
    store: Any = keyed_store_factory(configured())(context(checkpoints_enabled=False))
    keyed(store, "k").state(VALUE).update(1)
    store.snapshot(False)
    assert store.snapshot(False).full


@pytest.mark.parametrize("name", ["rocksdb", "forst"])
def test_backends_of_flink_that_are_missing_are_named(name: str) -> None:
    with pytest.raises(UnsupportedFeature, match=f"State backend '{name}'.*hashmap"):
        keyed_store_factory(configured(name))


def test_a_backend_of_the_users_own_is_imported() -> None:
    made = keyed_store_factory(configured(f"{__name__}:own_backend"))(context())
    assert made == ("a store for", "op")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hashmpa", "no state backend 'hashmpa'"),
        ("no_such_module:make", "cannot be imported"),
        ("os:no_such_name", "cannot be imported"),
        ("os:sep", "is not a function"),
    ],
)
def test_a_backend_that_does_not_exist_is_a_configuration_error(name: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        keyed_store_factory(configured(name))
