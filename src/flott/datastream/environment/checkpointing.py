"""Checkpoints and savepoints of the program."""

from __future__ import annotations

from typing import Self

from flott.common.checkpointing import CheckpointingMode
from flott.common.options import checkpointing
from flott.datastream.checkpoint_config import CheckpointConfig
from flott.datastream.environment.base_environment import BaseEnvironment

__all__ = ["Checkpointing"]


class Checkpointing(BaseEnvironment):
    """The part of the environment that speaks of checkpoints."""

    def enable_checkpointing(self, interval: int, mode: CheckpointingMode | None = None) -> Self:
        """Take checkpoints, so that the job survives failures.

        Args:
            interval: from the start of one checkpoint to the next, in ms.
            mode: exactly once unless said otherwise.

        >>> from flott.datastream import StreamExecutionEnvironment
        >>> env = StreamExecutionEnvironment.get_execution_environment()
        >>> env.enable_checkpointing(1000).get_checkpoint_interval()
        1000
        """
        self._checkpoint_config.set_checkpoint_interval(interval)
        if mode is not None:
            self._checkpoint_config.set_checkpointing_mode(mode)
        return self

    def get_checkpoint_config(self) -> CheckpointConfig:
        """Return the options of checkpoints; changes there count here."""
        return self._checkpoint_config

    def get_checkpoint_interval(self) -> int:
        """Return the interval in ms; -1 if no checkpoints are taken."""
        return self._checkpoint_config.get_checkpoint_interval()

    def get_checkpointing_mode(self) -> CheckpointingMode:
        """Return the guarantee."""
        return self._checkpoint_config.get_checkpointing_mode()

    def get_checkpointing_consistency_mode(self) -> CheckpointingMode:
        """Return the guarantee."""
        return self._checkpoint_config.get_checkpointing_mode()

    def is_unaligned_checkpoints_enabled(self) -> bool:
        """Return whether unaligned checkpoints were asked for."""
        return self._checkpoint_config.is_unaligned_checkpoints_enabled()

    def is_force_unaligned_checkpoints(self) -> bool:
        """Return whether unaligned checkpoints were asked for in any case."""
        return self._checkpoint_config.is_force_unaligned_checkpoints()

    def set_default_savepoint_directory(self, directory: str) -> Self:
        """Set where savepoints go whose request names no place."""
        self._configuration.set(checkpointing.SAVEPOINT_DIRECTORY, directory)
        return self

    def get_default_savepoint_directory(self) -> str | None:
        """Return where savepoints go whose request names no place; None if nowhere yet."""
        return self._configuration.get(checkpointing.SAVEPOINT_DIRECTORY)
