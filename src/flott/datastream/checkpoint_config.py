"""``CheckpointConfig``: the options of checkpoints as methods; each reads or writes one option."""

from __future__ import annotations

from typing import Any, Final

from flott.common.checkpointing import CheckpointingMode, ExternalizedCheckpointRetention
from flott.common.config_options import ConfigOption
from flott.common.configuration import Configuration
from flott.common.options import checkpointing
from flott.common.time import Duration

__all__ = ["CheckpointConfig"]

#: What "tolerate any number of failures" is in Flink.
_INT_MAX: Final = 2**31 - 1


class CheckpointConfig:
    """When checkpoints are taken and what they must fulfil.

    >>> config = CheckpointConfig(Configuration()).set_checkpoint_interval(500)
    >>> config.is_checkpointing_enabled(), config.get_checkpoint_interval()
    (True, 500)

    Args:
        configuration: where the options are kept; shared, not copied.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    def _set(self, option: ConfigOption[Any], value: Any) -> CheckpointConfig:
        self._configuration.set(option, value)
        return self

    def _get(self, option: ConfigOption[Any]) -> Any:
        return self._configuration.get(option)

    def is_checkpointing_enabled(self) -> bool:
        """Return whether checkpoints are taken at an interval."""
        return self._get(checkpointing.CHECKPOINTING_INTERVAL) is not None

    def get_checkpointing_mode(self) -> CheckpointingMode:
        """Return the guarantee: exactly once, or at least once; as in Flink the latter if there are
        no checkpoints."""
        if not self.is_checkpointing_enabled():
            return CheckpointingMode.AT_LEAST_ONCE
        return self._get(checkpointing.CHECKPOINTING_MODE)  # type: ignore[no-any-return]

    def set_checkpointing_mode(self, checkpointing_mode: CheckpointingMode) -> CheckpointConfig:
        """Choose the guarantee."""
        return self._set(checkpointing.CHECKPOINTING_MODE, checkpointing_mode)

    def get_checkpoint_interval(self) -> int:
        """Return how often a checkpoint begins, in ms; -1 if there are none."""
        interval = self._get(checkpointing.CHECKPOINTING_INTERVAL)
        return -1 if interval is None else interval.to_millis()

    def set_checkpoint_interval(self, checkpoint_interval: int) -> CheckpointConfig:
        """Take a checkpoint every ``checkpoint_interval`` ms; 1 at least."""
        return self._set(checkpointing.CHECKPOINTING_INTERVAL, checkpoint_interval)

    def get_checkpoint_timeout(self) -> int:
        """Give after how many ms an unfinished checkpoint is given up."""
        return self._get(checkpointing.CHECKPOINTING_TIMEOUT).to_millis()  # type: ignore[no-any-return]

    def set_checkpoint_timeout(self, checkpoint_timeout: int) -> CheckpointConfig:
        """Give up an unfinished checkpoint after this many ms."""
        return self._set(checkpointing.CHECKPOINTING_TIMEOUT, checkpoint_timeout)

    def get_min_pause_between_checkpoints(self) -> int:
        """Return how many ms must pass from the end of one checkpoint to the next."""
        return self._get(checkpointing.MIN_PAUSE_BETWEEN_CHECKPOINTS).to_millis()  # type: ignore[no-any-return]

    def set_min_pause_between_checkpoints(
        self, min_pause_between_checkpoints: int
    ) -> CheckpointConfig:
        """Let this many ms pass between the end of one checkpoint and the start of the next."""
        return self._set(checkpointing.MIN_PAUSE_BETWEEN_CHECKPOINTS, min_pause_between_checkpoints)

    def get_max_concurrent_checkpoints(self) -> int:
        """Return how many checkpoints may be in progress at once."""
        return self._get(checkpointing.MAX_CONCURRENT_CHECKPOINTS)  # type: ignore[no-any-return]

    def set_max_concurrent_checkpoints(self, max_concurrent_checkpoints: int) -> CheckpointConfig:
        """Let this many checkpoints be in progress at once."""
        return self._set(checkpointing.MAX_CONCURRENT_CHECKPOINTS, max_concurrent_checkpoints)

    def is_fail_on_checkpointing_errors(self) -> bool:
        """Return whether the first failed checkpoint fails the job."""
        return self.get_tolerable_checkpoint_failure_number() == 0

    def set_fail_on_checkpointing_errors(
        self, fail_on_checkpointing_errors: bool
    ) -> CheckpointConfig:
        """Fail the job with the first failed checkpoint, or never."""
        return self.set_tolerable_checkpoint_failure_number(
            0 if fail_on_checkpointing_errors else _INT_MAX
        )

    def get_tolerable_checkpoint_failure_number(self) -> int:
        """Return how many checkpoints in a row may fail before the job does."""
        return self._get(checkpointing.TOLERABLE_FAILURE_NUMBER)  # type: ignore[no-any-return]

    def set_tolerable_checkpoint_failure_number(
        self, tolerable_checkpoint_failure_number: int
    ) -> CheckpointConfig:
        """Let this many checkpoints in a row fail before the job does."""
        return self._set(
            checkpointing.TOLERABLE_FAILURE_NUMBER, tolerable_checkpoint_failure_number
        )

    def set_externalized_checkpoint_retention(
        self, retention_mode: ExternalizedCheckpointRetention
    ) -> CheckpointConfig:
        """Say whether checkpoints stay when the job is cancelled."""
        return self._set(checkpointing.EXTERNALIZED_CHECKPOINT_RETENTION, retention_mode)

    def is_externalized_checkpoints_enabled(self) -> bool:
        """Return whether checkpoints can outlive the job."""
        never = ExternalizedCheckpointRetention.NO_EXTERNALIZED_CHECKPOINTS
        return self.get_externalized_checkpoint_retention() is not never

    def get_externalized_checkpoint_retention(self) -> ExternalizedCheckpointRetention:
        """Return whether checkpoints stay when the job is cancelled."""
        return self._get(checkpointing.EXTERNALIZED_CHECKPOINT_RETENTION)  # type: ignore[no-any-return]

    def is_unaligned_checkpoints_enabled(self) -> bool:
        """Return whether unaligned checkpoints were asked for."""
        return self._get(checkpointing.ENABLE_UNALIGNED)  # type: ignore[no-any-return]

    def enable_unaligned_checkpoints(self, enabled: bool = True) -> CheckpointConfig:
        """Ask that barriers overtake records. Accepted; barriers are aligned for now."""
        return self._set(checkpointing.ENABLE_UNALIGNED, enabled)

    def disable_unaligned_checkpoints(self) -> CheckpointConfig:
        """Ask for aligned barriers."""
        return self.enable_unaligned_checkpoints(False)

    def set_aligned_checkpoint_timeout(self, alignment_timeout: Duration) -> CheckpointConfig:
        """Ask that barriers begin to overtake records after this long. Accepted, see above."""
        return self._set(checkpointing.ALIGNED_CHECKPOINT_TIMEOUT, alignment_timeout)

    def get_aligned_checkpoint_timeout(self) -> Duration:
        """Return after how long barriers are to overtake records."""
        return self._get(checkpointing.ALIGNED_CHECKPOINT_TIMEOUT)  # type: ignore[no-any-return]

    def set_alignment_timeout(self, alignment_timeout: Duration) -> CheckpointConfig:
        """The former name of ``set_aligned_checkpoint_timeout``."""
        return self.set_aligned_checkpoint_timeout(alignment_timeout)

    def get_alignment_timeout(self) -> Duration:
        """The former name of ``get_aligned_checkpoint_timeout``."""
        return self.get_aligned_checkpoint_timeout()

    def set_force_unaligned_checkpoints(
        self, force_unaligned_checkpoints: bool = True
    ) -> CheckpointConfig:
        """Ask for unaligned checkpoints also where Flink would refuse them. Accepted, see above."""
        return self._set(checkpointing.FORCE_UNALIGNED, force_unaligned_checkpoints)

    def is_force_unaligned_checkpoints(self) -> bool:
        """Return whether unaligned checkpoints were asked for in any case."""
        return self._get(checkpointing.FORCE_UNALIGNED)  # type: ignore[no-any-return]
