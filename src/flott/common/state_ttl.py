"""How long keyed state lives: time-to-live and the ways of cleaning up.

Expiry is measured in processing time. What has expired is hidden by default even before it is
cleaned up; cleaning up happens on access, in the background, in snapshots or in compaction.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from flott.common.time import Duration, Time, to_milliseconds

__all__ = ["StateTtlConfig", "StateTtlConfigBuilder", "TtlCleanupStrategies"]


class TtlCleanupStrategies:
    """When expired state is removed, besides on access.

    Args:
        strategies: the strategies chosen, by their kind.
        is_cleanup_in_background: whether the backend also cleans up by its default means.
    """

    class Strategies(Enum):
        """The kinds of cleanup."""

        FULL_STATE_SCAN_SNAPSHOT = 0
        INCREMENTAL_CLEANUP = 1
        ROCKSDB_COMPACTION_FILTER = 2

    class CleanupStrategy:
        """Base of the strategies."""

        def __eq__(self, other: object) -> bool:
            return type(self) is type(other) and self.__dict__ == other.__dict__

        def __hash__(self) -> int:
            return hash((type(self), *self.__dict__.values()))

    class EmptyCleanupStrategy(CleanupStrategy):
        """A strategy without settings."""

    class IncrementalCleanupStrategy(CleanupStrategy):
        """Look at a few entries with each access to the state.

        Args:
            cleanup_size: how many entries to look at.
            run_cleanup_for_every_record: look also when a record does not touch this state.
        """

        def __init__(self, cleanup_size: int, run_cleanup_for_every_record: bool) -> None:
            self._cleanup_size = cleanup_size
            self._run_cleanup_for_every_record = run_cleanup_for_every_record

        def get_cleanup_size(self) -> int:
            """Return how many entries are looked at."""
            return self._cleanup_size

        def run_cleanup_for_every_record(self) -> bool:
            """Return whether every record triggers a look."""
            return self._run_cleanup_for_every_record

    class RocksdbCompactFilterCleanupStrategy(CleanupStrategy):
        """Drop expired entries while RocksDB compacts its files.

        Args:
            query_time_after_num_entries: after how many entries the clock is read again.
            periodic_compaction_time: files older than this are compacted; 30 days if not given.
        """

        def __init__(
            self,
            query_time_after_num_entries: int,
            periodic_compaction_time: Duration | None = None,
        ) -> None:
            self._query_time_after_num_entries = query_time_after_num_entries
            self._periodic_compaction_time = periodic_compaction_time or Duration.of_days(30)

        def get_query_time_after_num_entries(self) -> int:
            """Return after how many entries the clock is read again."""
            return self._query_time_after_num_entries

        def get_periodic_compaction_time(self) -> Duration:
            """Return the age at which files are compacted."""
            return self._periodic_compaction_time

    EMPTY_STRATEGY = EmptyCleanupStrategy()

    def __init__(
        self, strategies: dict[Strategies, CleanupStrategy], is_cleanup_in_background: bool
    ) -> None:
        self._strategies = dict(strategies)
        self._is_cleanup_in_background = is_cleanup_in_background

    def is_cleanup_in_background(self) -> bool:
        """Return whether the backend cleans up by its default means."""
        return self._is_cleanup_in_background

    def in_full_snapshot(self) -> bool:
        """Return whether full snapshots leave expired state out."""
        return TtlCleanupStrategies.Strategies.FULL_STATE_SCAN_SNAPSHOT in self._strategies

    def get_incremental_cleanup_strategy(self) -> IncrementalCleanupStrategy | None:
        """Return the incremental cleanup; five entries an access where only the default applies."""
        chosen = self._strategies.get(TtlCleanupStrategies.Strategies.INCREMENTAL_CLEANUP)
        if chosen is None and self._is_cleanup_in_background:
            return TtlCleanupStrategies.IncrementalCleanupStrategy(5, False)
        return chosen  # type: ignore[return-value]

    def get_rocksdb_compact_filter_cleanup_strategy(
        self,
    ) -> RocksdbCompactFilterCleanupStrategy | None:
        """Return the cleanup in compaction; the clock read every 1000 entries by default."""
        chosen = self._strategies.get(TtlCleanupStrategies.Strategies.ROCKSDB_COMPACTION_FILTER)
        if chosen is None and self._is_cleanup_in_background:
            return TtlCleanupStrategies.RocksdbCompactFilterCleanupStrategy(1000)
        return chosen  # type: ignore[return-value]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TtlCleanupStrategies) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((frozenset(self._strategies.items()), self._is_cleanup_in_background))


# Nested names are written through instances in the wild, so they stay reachable both ways.
_Kinds = TtlCleanupStrategies.Strategies


class StateTtlConfigBuilder:
    """Collects the settings of a :class:`StateTtlConfig`."""

    def __init__(self, ttl: Time | Duration) -> None:
        self._ttl = Time(_checked_ttl_ms(ttl))
        self._update_type = StateTtlConfig.UpdateType.OnCreateAndWrite
        self._state_visibility = StateTtlConfig.StateVisibility.NeverReturnExpired
        self._ttl_time_characteristic = StateTtlConfig.TtlTimeCharacteristic.ProcessingTime
        self._is_cleanup_in_background = True
        self._strategies: dict[Any, Any] = {}

    def set_update_type(self, update_type: StateTtlConfig.UpdateType) -> StateTtlConfigBuilder:
        """Choose which accesses prolong the life of state."""
        self._update_type = update_type
        return self

    def update_ttl_on_create_and_write(self) -> StateTtlConfigBuilder:
        """Let only writes prolong the life of state; the default."""
        return self.set_update_type(StateTtlConfig.UpdateType.OnCreateAndWrite)

    def update_ttl_on_read_and_write(self) -> StateTtlConfigBuilder:
        """Let reads prolong the life of state as well."""
        return self.set_update_type(StateTtlConfig.UpdateType.OnReadAndWrite)

    def set_state_visibility(
        self, state_visibility: StateTtlConfig.StateVisibility
    ) -> StateTtlConfigBuilder:
        """Choose whether expired state may still be seen."""
        self._state_visibility = state_visibility
        return self

    def return_expired_if_not_cleaned_up(self) -> StateTtlConfigBuilder:
        """Show expired state until it is cleaned up."""
        return self.set_state_visibility(StateTtlConfig.StateVisibility.ReturnExpiredIfNotCleanedUp)

    def never_return_expired(self) -> StateTtlConfigBuilder:
        """Hide state from the moment it expires; the default."""
        return self.set_state_visibility(StateTtlConfig.StateVisibility.NeverReturnExpired)

    def set_ttl_time_characteristic(
        self, ttl_time_characteristic: StateTtlConfig.TtlTimeCharacteristic
    ) -> StateTtlConfigBuilder:
        """Choose the clock; there is only the machine's."""
        self._ttl_time_characteristic = ttl_time_characteristic
        return self

    def use_processing_time(self) -> StateTtlConfigBuilder:
        """Let the machine's clock decide; the default."""
        return self.set_ttl_time_characteristic(StateTtlConfig.TtlTimeCharacteristic.ProcessingTime)

    def cleanup_full_snapshot(self) -> StateTtlConfigBuilder:
        """Leave expired state out of full snapshots."""
        self._strategies[_Kinds.FULL_STATE_SCAN_SNAPSHOT] = TtlCleanupStrategies.EMPTY_STRATEGY
        return self

    def cleanup_incrementally(
        self, cleanup_size: int, run_cleanup_for_every_record: bool
    ) -> StateTtlConfigBuilder:
        """Look at ``cleanup_size`` entries with each access, or with every record.

        Raises:
            ValueError: if ``cleanup_size`` is not positive.
        """
        if cleanup_size <= 0:
            raise ValueError(f"cleanup_size must be positive, found {cleanup_size}")
        self._strategies[_Kinds.INCREMENTAL_CLEANUP] = (
            TtlCleanupStrategies.IncrementalCleanupStrategy(
                cleanup_size, run_cleanup_for_every_record
            )
        )
        return self

    def cleanup_in_rocksdb_compact_filter(
        self,
        query_time_after_num_entries: int,
        periodic_compaction_time: Duration | None = None,
    ) -> StateTtlConfigBuilder:
        """Drop expired entries while RocksDB compacts; without effect in the memory backend."""
        self._strategies[_Kinds.ROCKSDB_COMPACTION_FILTER] = (
            TtlCleanupStrategies.RocksdbCompactFilterCleanupStrategy(
                query_time_after_num_entries, periodic_compaction_time
            )
        )
        return self

    def disable_cleanup_in_background(self) -> StateTtlConfigBuilder:
        """Clean up only by the strategies chosen here."""
        self._is_cleanup_in_background = False
        return self

    def set_ttl(self, ttl: Time | Duration) -> StateTtlConfigBuilder:
        """Choose how long state lives.

        Raises:
            ValueError: if the length is not positive.
        """
        self._ttl = Time(_checked_ttl_ms(ttl))
        return self

    def build(self) -> StateTtlConfig:
        """Make the configuration."""
        return StateTtlConfig(
            self._update_type,
            self._state_visibility,
            self._ttl_time_characteristic,
            self._ttl,
            TtlCleanupStrategies(self._strategies, self._is_cleanup_in_background),
        )


class StateTtlConfig:
    """How long state lives after its last update.

    >>> config = StateTtlConfig.new_builder(Time.hours(1)).update_ttl_on_read_and_write().build()
    >>> config.is_enabled(), config.get_ttl().to_milliseconds()
    (True, 3600000)
    """

    class UpdateType(Enum):
        """Which accesses prolong the life of state."""

        Disabled = 0
        """State does not expire."""

        OnCreateAndWrite = 1
        """Life begins anew with every write."""

        OnReadAndWrite = 2
        """Life begins anew with every write and every read."""

    class StateVisibility(Enum):
        """Whether state that expired may still be seen."""

        ReturnExpiredIfNotCleanedUp = 0
        """Seen until it is cleaned up."""

        NeverReturnExpired = 1
        """Hidden from the moment it expires."""

    class TtlTimeCharacteristic(Enum):
        """The clock that decides about expiry."""

        ProcessingTime = 0
        """The clock of the machine."""

    CleanupStrategies = TtlCleanupStrategies
    Builder = StateTtlConfigBuilder

    def __init__(
        self,
        update_type: UpdateType,
        state_visibility: StateVisibility,
        ttl_time_characteristic: TtlTimeCharacteristic,
        ttl: Time | Duration,
        cleanup_strategies: TtlCleanupStrategies,
    ) -> None:
        self._update_type = update_type
        self._state_visibility = state_visibility
        self._ttl_time_characteristic = ttl_time_characteristic
        self._ttl = Time(_checked_ttl_ms(ttl))
        self._cleanup_strategies = cleanup_strategies

    @staticmethod
    def new_builder(ttl: Time | Duration) -> StateTtlConfigBuilder:
        """Begin a configuration for state that lives this long.

        Raises:
            ValueError: if the length is not positive.
        """
        return StateTtlConfigBuilder(ttl)

    def get_update_type(self) -> UpdateType:
        """Return which accesses prolong the life of state."""
        return self._update_type

    def get_state_visibility(self) -> StateVisibility:
        """Return whether expired state may still be seen."""
        return self._state_visibility

    def get_ttl(self) -> Time:
        """Return how long state lives."""
        return self._ttl

    def get_ttl_time_characteristic(self) -> TtlTimeCharacteristic:
        """Return the clock that decides."""
        return self._ttl_time_characteristic

    def is_enabled(self) -> bool:
        """Return whether state expires at all."""
        return self._update_type is not StateTtlConfig.UpdateType.Disabled

    def get_cleanup_strategies(self) -> TtlCleanupStrategies:
        """Return when expired state is removed."""
        return self._cleanup_strategies

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StateTtlConfig) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))

    def __repr__(self) -> str:
        return (
            f"StateTtlConfig<update_type={self._update_type}, "
            f"state_visibility={self._state_visibility}, "
            f"ttl_time_characteristic={self._ttl_time_characteristic}, ttl={self._ttl}>"
        )


def _checked_ttl_ms(ttl: Time | Duration) -> int:
    milliseconds = to_milliseconds(ttl)
    if milliseconds <= 0:
        raise ValueError(f"The time-to-live must be positive, found {milliseconds} ms")
    return milliseconds
