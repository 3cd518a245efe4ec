"""Finding a state backend by the value of ``state.backend.type``."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from flott.common.errors import ConfigurationError, UnsupportedFeature
from flott.core.keyed_store import KeyedStoreFactory
from flott.state.memory_store import MemoryKeyedStore

_KEY: Final = "state.backend.type"
_LATER: Final = ("rocksdb", "forst")


def find_backend(name: str) -> KeyedStoreFactory:
    """The factory of keyed stores that ``name`` stands for: ``hashmap``, or ``module:factory``.

    Raises:
        ConfigurationError: There is no such backend.
        UnsupportedFeature: A backend of Flink that is not here.

    >>> find_backend("hashmap").__name__
    'MemoryKeyedStore'
    """
    if name == "hashmap":
        return MemoryKeyedStore
    if name in _LATER:
        raise UnsupportedFeature(f"State backend '{name}'", successor=f"{_KEY}: hashmap")
    module, colon, factory_name = name.partition(":")
    if not colon:
        raise ConfigurationError(
            f"There is no state backend '{name}'. Use 'hashmap', or name a factory of your own "
            "as 'module:factory'.",
            key=_KEY,
        )
    try:
        factory: KeyedStoreFactory = getattr(import_module(module), factory_name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"State backend '{name}' cannot be imported: {error}", key=_KEY
        ) from error
    return factory
