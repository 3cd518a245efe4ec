"""State backends: where keyed state lives.

The objects are a way to write options: ``HashMapStateBackend()`` is ``state.backend.type =
hashmap``. Flink 2 wants the option; the classes are there for programs that still name them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from typing import Any, NoReturn

from flott.common.configuration import Configuration
from flott.common.errors import UnsupportedFeature
from flott.common.options import state

__all__ = [
    "CustomStateBackend",
    "EmbeddedRocksDBStateBackend",
    "HashMapStateBackend",
    "PredefinedOptions",
    "StateBackend",
]


class StateBackend(ABC):
    """A place for keyed state."""

    @property
    @abstractmethod
    def backend_type(self) -> str:
        """The value of the option ``state.backend.type`` that stands for it."""

    def to_configuration(self) -> Configuration:
        """Return the options that choose this backend."""
        return Configuration().set(state.STATE_BACKEND, self.backend_type)

    def __str__(self) -> str:
        return type(self).__name__


class HashMapStateBackend(StateBackend):
    """Keeps state as Python objects in the memory of the worker."""

    @property
    def backend_type(self) -> str:
        return "hashmap"


class PredefinedOptions(Enum):
    """Settings of RocksDB for kinds of hardware."""

    DEFAULT = 0
    SPINNING_DISK_OPTIMIZED = 1
    SPINNING_DISK_OPTIMIZED_HIGH_MEM = 2
    FLASH_SSD_OPTIMIZED = 3


class EmbeddedRocksDBStateBackend(StateBackend):
    """Keeps state in RocksDB, on disk.

    The object holds the settings; whether the backend itself is installed shows when the job
    starts.
    """

    @property
    def backend_type(self) -> str:
        return "rocksdb"

    def __init__(self, enable_incremental_checkpointing: bool | None = None) -> None:
        if enable_incremental_checkpointing not in (None, True, False):
            raise TypeError(
                "enable_incremental_checkpointing must be True, False or None, "
                f"found {enable_incremental_checkpointing!r}"
            )
        self._incremental = bool(enable_incremental_checkpointing)
        self._storage_paths: list[str] = []
        self._predefined_options = PredefinedOptions.DEFAULT
        self._transfer_threads = 4

    def set_db_storage_paths(self, *paths: str) -> None:
        """Set the folders of the database; none stands for the worker's own."""
        self._storage_paths = list(paths)

    def get_db_storage_paths(self) -> list[str]:
        """Return the folders of the database."""
        return list(self._storage_paths)

    def is_incremental_checkpoints_enabled(self) -> bool:
        """Return whether checkpoints are to hold only what changed."""
        return self._incremental

    def set_predefined_options(self, options: PredefinedOptions) -> None:
        """Choose settings for a kind of hardware."""
        self._predefined_options = options

    def get_predefined_options(self) -> PredefinedOptions:
        """Return the settings chosen."""
        return self._predefined_options

    def set_options(self, options_factory_class_name: str) -> NoReturn:
        """Not available: it names a Java class.

        Raises:
            UnsupportedFeature: always.
        """
        raise UnsupportedFeature(
            "EmbeddedRocksDBStateBackend.set_options", successor="set_predefined_options"
        )

    def get_options(self) -> str | None:
        """Return the name of the Java class; there is none."""
        return None

    def get_number_of_transfer_threads(self) -> int:
        """Return how many threads upload snapshots."""
        return self._transfer_threads

    def set_number_of_transfer_threads(self, number_of_transfering_threads: int) -> None:
        """Set how many threads upload snapshots.

        Raises:
            ValueError: if it is less than 1.
        """
        if number_of_transfering_threads < 1:
            raise ValueError(
                f"At least one thread is needed, found {number_of_transfering_threads}"
            )
        self._transfer_threads = number_of_transfering_threads


class CustomStateBackend(StateBackend):
    """A backend written in Java.

    Raises:
        UnsupportedFeature: always.
    """

    @property
    def backend_type(self) -> str:
        raise UnsupportedFeature("CustomStateBackend")

    def __init__(self, j_custom_state_backend: Any = None) -> None:
        raise UnsupportedFeature("CustomStateBackend", successor="the option 'state.backend.type'")
