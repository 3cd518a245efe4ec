"""Finding a state backend by the value of ``state.backend.type``."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from flott.common.configuration import Configuration
from flott.common.errors import ConfigurationError, UnsupportedFeature
from flott.common.options.checkpointing import SNAPSHOT_COMPRESSION
from flott.common.options.state import STATE_BACKEND
from flott.core.context import OperatorContext
from flott.core.keyed_store import KeyedStore
from flott.state.memory_store import MemoryKeyedStore

#: Makes the keyed store of an operator subtask.
StoreFactory = Callable[[OperatorContext], KeyedStore]

_LATER: Final = ("rocksdb", "forst")


def keyed_store_factory(configuration: Configuration) -> StoreFactory:
    """The factory that the configuration asks for: ``hashmap``, or ``module:factory`` for a
    function of ours or the user's that takes the operator's context.

    Raises:
        ConfigurationError: There is no such backend.
        UnsupportedFeature: A backend of Flink that is not here.
    """
    name = configuration.get(STATE_BACKEND)
    if name == "hashmap":
        return _memory_stores(configuration)
    if name in _LATER:
        raise UnsupportedFeature(
            f"State backend '{name}'", successor=f"{STATE_BACKEND.key}: hashmap"
        )
    module, colon, factory_name = name.partition(":")
    if not colon:
        raise ConfigurationError(
            f"There is no state backend '{name}'. Use 'hashmap', or name a factory of your own "
            "as 'module:factory'.",
            key=STATE_BACKEND.key,
        )
    try:
        factory: Any = getattr(import_module(module), factory_name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"State backend '{name}' cannot be imported: {error}", key=STATE_BACKEND.key
        ) from error
    if not callable(factory):
        raise ConfigurationError(
            f"State backend '{name}' is not a function of an operator's context.",
            key=STATE_BACKEND.key,
        )
    made: StoreFactory = factory
    return made


def _memory_stores(configuration: Configuration) -> StoreFactory:
    compressed = configuration.get(SNAPSHOT_COMPRESSION)

    def make(context: OperatorContext) -> KeyedStore:
        return MemoryKeyedStore(
            context.operator_id,
            context.key_groups,
            context.max_parallelism,
            context.clock,
            operator_name=context.operator_name,
            incremental=context.checkpoints_enabled,
            compressed=compressed,
        )

    return make
