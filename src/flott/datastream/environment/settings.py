"""Options of the whole program: parallelism, mode, chaining, state."""

from __future__ import annotations

from typing import Self

from flott.common.configuration import Configuration
from flott.common.errors import ProgramError
from flott.common.execution_config import ExecutionConfig
from flott.common.execution_mode import RuntimeExecutionMode
from flott.common.options import pipeline, state
from flott.datastream.environment.base_environment import BaseEnvironment
from flott.datastream.slot_sharing_group import SlotSharingGroup
from flott.datastream.state_backend import StateBackend
from flott.datastream.streams.checks import check_parallelism

__all__ = ["Settings"]


class Settings(BaseEnvironment):
    """The part of the environment that holds options."""

    def get_config(self) -> ExecutionConfig:
        """Return the options of execution; changes there count here."""
        return self._execution_config

    def configure(self, configuration: Configuration) -> Self:
        """Take over all options of a configuration.

        Example::

            env.configure(Configuration.from_dict({"execution.checkpointing.interval": "1 s"}))
        """
        self._configuration.add_all(configuration)
        return self

    def set_parallelism(self, parallelism: int) -> Self:
        """Set how many subtasks operations have that don't say otherwise.

        Raises:
            ProgramError: if it is less than 1.
        """
        self._execution_config.set_parallelism(check_parallelism(parallelism, "set_parallelism"))
        return self

    def get_parallelism(self) -> int:
        """Return how many subtasks operations have that don't say otherwise."""
        return max(1, self._execution_config.get_parallelism())

    def set_max_parallelism(self, max_parallelism: int) -> Self:
        """Set the number of key groups: the highest parallelism that state can ever have.

        Raises:
            ProgramError: if it is not from 1 to 32768.
        """
        self._execution_config.set_max_parallelism(
            check_parallelism(max_parallelism, "set_max_parallelism")
        )
        return self

    def get_max_parallelism(self) -> int:
        """Return the number of key groups; -1 if it is derived from the parallelism."""
        return self._execution_config.get_max_parallelism()

    def set_default_local_parallelism(self, parallelism: int) -> None:
        """Set the parallelism of programs that set none. Here that is the same option."""
        self.set_parallelism(parallelism)

    def get_default_local_parallelism(self) -> int:
        """Return the parallelism of programs that set none."""
        return self.get_parallelism()

    def set_runtime_mode(self, execution_mode: RuntimeExecutionMode) -> Self:
        """Choose between STREAMING, BATCH and AUTOMATIC (BATCH if all sources end).

        In BATCH mode keyed aggregations give their final results only.
        """
        self._configuration.set(pipeline.RUNTIME_MODE, execution_mode)
        return self

    def set_buffer_timeout(self, timeout_millis: int) -> Self:
        """Accepted without effect: records never wait for a batch to fill here.

        Raises:
            ProgramError: if it is less than -1.
        """
        if timeout_millis < -1:
            raise ProgramError(f"The buffer timeout must be -1 or more, found {timeout_millis} ms")
        enabled = timeout_millis >= 0
        self._configuration.set(pipeline.BUFFER_TIMEOUT_ENABLED, enabled)
        self._configuration.set(pipeline.BUFFER_TIMEOUT, timeout_millis if enabled else None)
        return self

    def get_buffer_timeout(self) -> int:
        """Return what ``set_buffer_timeout`` set, in ms."""
        if not self._configuration.get(pipeline.BUFFER_TIMEOUT_ENABLED):
            return -1
        return self._configuration.get(pipeline.BUFFER_TIMEOUT).to_millis()

    def disable_operator_chaining(self) -> Self:
        """Run every operation in a task of its own, to look at each of them."""
        self._configuration.set(pipeline.OPERATOR_CHAINING, False)
        return self

    def is_chaining_enabled(self) -> bool:
        """Return whether operations that can share a task do so."""
        return self._configuration.get(pipeline.OPERATOR_CHAINING)

    def is_chaining_of_operators_with_different_max_parallelism_enabled(self) -> bool:
        """Return whether operations with different numbers of key groups may share a task."""
        return self._configuration.get(pipeline.CHAIN_WITH_DIFFERENT_MAX_PARALLELISM)

    def register_slot_sharing_group(self, slot_sharing_group: SlotSharingGroup) -> Self:
        """Name the resources of a slot sharing group; shown, not enforced."""
        self._slot_sharing_groups[slot_sharing_group.get_name()] = slot_sharing_group
        return self

    def set_state_backend(self, state_backend: StateBackend) -> Self:
        """Choose where keyed state lives; the same as the option ``state.backend.type``.

        PyFlink 2 knows the option only.
        """
        self._configuration.add_all(state_backend.to_configuration())
        return self

    def enable_changelog_state_backend(self, enabled: bool) -> Self:
        """Accepted without effect: checkpoints hold only what changed anyway."""
        self._configuration.set(state.CHANGELOG, enabled)
        return self

    def is_changelog_state_backend_enabled(self) -> bool | None:
        """Return what ``enable_changelog_state_backend`` set; None if nothing."""
        contained = self._configuration.contains(state.CHANGELOG)
        return self._configuration.get(state.CHANGELOG) if contained else None
