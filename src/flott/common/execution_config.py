"""``ExecutionConfig``: the options of a program as methods.

Every setter writes one option into the configuration behind it, so that methods, files and the
command line all speak of the same thing.
"""

from __future__ import annotations

from typing import Any

from flott.common.config_options import ConfigOption
from flott.common.configuration import Configuration
from flott.common.errors import ConfigurationError
from flott.common.options import checkpointing, deployment, pipeline

__all__ = ["ExecutionConfig"]

#: Key groups are numbered with 15 bits.
_MAX_PARALLELISM_MOST = 1 << 15


class ExecutionConfig:
    """How a program is executed.

    >>> config = ExecutionConfig().set_parallelism(4).set_auto_watermark_interval(50)
    >>> config.get_parallelism(), config.get_auto_watermark_interval()
    (4, 50)

    Args:
        configuration: where the options are kept; shared, not copied.
    """

    PARALLELISM_DEFAULT = -1
    """Stands for: as many as the environment says."""

    PARALLELISM_UNKNOWN = -2
    """Stands for: leave it as it is."""

    __slots__ = ("_configuration",)

    def __init__(self, configuration: Configuration | None = None) -> None:
        self._configuration = Configuration() if configuration is None else configuration

    @property
    def configuration(self) -> Configuration:
        """The options behind this object."""
        return self._configuration

    def _set(self, option: ConfigOption[Any], value: Any) -> ExecutionConfig:
        self._configuration.set(option, value)
        return self

    def _get_ms(self, option: ConfigOption[Any]) -> int:
        return self._configuration.get(option).to_millis()  # type: ignore[no-any-return]

    def set_parallelism(self, parallelism: int) -> ExecutionConfig:
        """Let operators that don't say otherwise have this many subtasks.

        Raises:
            ConfigurationError: if it is less than one and not PARALLELISM_DEFAULT.
        """
        if parallelism == self.PARALLELISM_UNKNOWN:
            return self
        if parallelism != self.PARALLELISM_DEFAULT and parallelism < 1:
            raise ConfigurationError(
                f"The parallelism must be at least 1, or ExecutionConfig.PARALLELISM_DEFAULT, "
                f"found {parallelism}",
                key=pipeline.DEFAULT_PARALLELISM.key,
            )
        return self._set(pipeline.DEFAULT_PARALLELISM, parallelism)

    def get_parallelism(self) -> int:
        """Return how many subtasks operators have; PARALLELISM_DEFAULT if nothing was said."""
        return self._configuration.get(pipeline.DEFAULT_PARALLELISM, self.PARALLELISM_DEFAULT)

    def set_max_parallelism(self, max_parallelism: int) -> ExecutionConfig:
        """Fix the number of key groups, from 1 to 32768.

        Raises:
            ConfigurationError: if it is another number.
        """
        if not 0 < max_parallelism <= _MAX_PARALLELISM_MOST:
            raise ConfigurationError(
                f"The highest parallelism must be from 1 to {_MAX_PARALLELISM_MOST}, "
                f"found {max_parallelism}",
                key=pipeline.MAX_PARALLELISM.key,
            )
        return self._set(pipeline.MAX_PARALLELISM, max_parallelism)

    def get_max_parallelism(self) -> int:
        """Return the number of key groups; -1 if it is to be derived."""
        return self._configuration.get(pipeline.MAX_PARALLELISM)

    def set_auto_watermark_interval(self, interval: int) -> ExecutionConfig:
        """Ask watermark generators every ``interval`` ms.

        Raises:
            ConfigurationError: if it is negative.
        """
        return self._set(pipeline.AUTO_WATERMARK_INTERVAL, interval)

    def get_auto_watermark_interval(self) -> int:
        """Return how often watermark generators are asked, in ms."""
        return self._get_ms(pipeline.AUTO_WATERMARK_INTERVAL)

    def set_latency_tracking_interval(self, interval: int) -> ExecutionConfig:
        """Send a latency marker every ``interval`` ms; 0 or less sends none."""
        return self._set(deployment.LATENCY_INTERVAL, max(interval, 0))

    def get_latency_tracking_interval(self) -> int:
        """Return how often latency markers are sent, in ms."""
        return self._get_ms(deployment.LATENCY_INTERVAL)

    def set_task_cancellation_interval(self, interval: int) -> ExecutionConfig:
        """Remind a task that does not react to cancellation every ``interval`` ms."""
        return self._set(deployment.TASK_CANCELLATION_INTERVAL, interval)

    def get_task_cancellation_interval(self) -> int:
        """Return how often such a task is reminded, in ms."""
        return self._get_ms(deployment.TASK_CANCELLATION_INTERVAL)

    def set_task_cancellation_timeout(self, timeout: int) -> ExecutionConfig:
        """Kill a worker that does not react to cancellation after ``timeout`` ms; 0 never.

        Raises:
            ConfigurationError: if it is negative.
        """
        if timeout < 0:
            raise ConfigurationError(
                f"The cancellation timeout must not be negative, found {timeout} ms",
                key=deployment.TASK_CANCELLATION_TIMEOUT.key,
            )
        return self._set(deployment.TASK_CANCELLATION_TIMEOUT, timeout)

    def get_task_cancellation_timeout(self) -> int:
        """Return after how long such a worker is killed, in ms."""
        return self._get_ms(deployment.TASK_CANCELLATION_TIMEOUT)

    def set_global_job_parameters(
        self, global_job_parameters_dict: dict[str, Any]
    ) -> ExecutionConfig:
        """Set parameters of your own, in place of the ones before; values become text.

        >>> ExecutionConfig().set_global_job_parameters({"limit": 5}).get_global_job_parameters()
        {'limit': '5'}
        """
        parameters = {
            str(key): value if isinstance(value, str) else str(value)
            for key, value in global_job_parameters_dict.items()
        }
        return self._set(pipeline.GLOBAL_JOB_PARAMETERS, parameters)

    def get_global_job_parameters(self) -> dict[str, str]:
        """Return your own parameters."""
        parameters: dict[str, str] | None = self._configuration.get(pipeline.GLOBAL_JOB_PARAMETERS)
        return dict(parameters or {})

    def enable_auto_generated_uids(self) -> ExecutionConfig:
        """Let operators without ``uid`` have a derived one; the default."""
        return self._set(pipeline.AUTO_GENERATE_UIDS, True)

    def disable_auto_generated_uids(self) -> ExecutionConfig:
        """Demand a ``uid`` of every operator, so that state survives changes of the program."""
        return self._set(pipeline.AUTO_GENERATE_UIDS, False)

    def has_auto_generated_uids_enabled(self) -> bool:
        """Return whether operators without ``uid`` have a derived one."""
        return self._configuration.get(pipeline.AUTO_GENERATE_UIDS)

    def enable_generic_types(self) -> ExecutionConfig:
        """Let values of undeclared type be pickled; the default."""
        return self._set(pipeline.GENERIC_TYPES, True)

    def disable_generic_types(self) -> ExecutionConfig:
        """Refuse streams and state whose type is neither declared nor inferred."""
        return self._set(pipeline.GENERIC_TYPES, False)

    def has_generic_types_disabled(self) -> bool:
        """Return whether values of undeclared type are refused."""
        return not self._configuration.get(pipeline.GENERIC_TYPES)

    def set_use_snapshot_compression(self, use_snapshot_compression: bool) -> ExecutionConfig:
        """Compress keyed state in checkpoints, or not."""
        return self._set(checkpointing.SNAPSHOT_COMPRESSION, use_snapshot_compression)

    def is_use_snapshot_compression(self) -> bool:
        """Return whether keyed state is compressed in checkpoints."""
        return self._configuration.get(checkpointing.SNAPSHOT_COMPRESSION)

    def enable_object_reuse(self) -> ExecutionConfig:
        """Accepted: chained functions always get the same object here."""
        return self._set(pipeline.OBJECT_REUSE, True)

    def disable_object_reuse(self) -> ExecutionConfig:
        """Accepted: chained functions always get the same object here."""
        return self._set(pipeline.OBJECT_REUSE, False)

    def is_object_reuse_enabled(self) -> bool:
        """Return what was set."""
        return self._configuration.get(pipeline.OBJECT_REUSE)

    def enable_closure_cleaner(self) -> ExecutionConfig:
        """Accepted: there are no Java closures here."""
        return self._set(pipeline.CLOSURE_CLEANER_LEVEL, "RECURSIVE")

    def disable_closure_cleaner(self) -> ExecutionConfig:
        """Accepted: there are no Java closures here."""
        return self._set(pipeline.CLOSURE_CLEANER_LEVEL, "NONE")

    def is_closure_cleaner_enabled(self) -> bool:
        """Return what was set."""
        return self._configuration.get(pipeline.CLOSURE_CLEANER_LEVEL) != "NONE"

    def enable_force_kryo(self) -> ExecutionConfig:
        """Accepted: there are no Java objects here."""
        return self._set(pipeline.FORCE_KRYO, True)

    def disable_force_kryo(self) -> ExecutionConfig:
        """Accepted: there are no Java objects here."""
        return self._set(pipeline.FORCE_KRYO, False)

    def is_force_kryo_enabled(self) -> bool:
        """Return what was set."""
        return self._configuration.get(pipeline.FORCE_KRYO)

    def enable_force_avro(self) -> ExecutionConfig:
        """Accepted: there are no Java objects here."""
        return self._set(pipeline.FORCE_AVRO, True)

    def disable_force_avro(self) -> ExecutionConfig:
        """Accepted: there are no Java objects here."""
        return self._set(pipeline.FORCE_AVRO, False)

    def is_force_avro_enabled(self) -> bool:
        """Return what was set."""
        return self._configuration.get(pipeline.FORCE_AVRO)

    def get_default_kryo_serializer_classes(self) -> dict[str, str]:
        """Return none: there are no Java classes here."""
        return {}

    def get_registered_kryo_types(self) -> list[str]:
        """Return none: there are no Java classes here."""
        return []

    def get_registered_pojo_types(self) -> list[str]:
        """Return none: there are no Java classes here."""
        return []

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExecutionConfig) and self._configuration == other._configuration

    def __hash__(self) -> int:
        return hash(self._configuration)

    def __repr__(self) -> str:
        return f"ExecutionConfig({self._configuration})"
