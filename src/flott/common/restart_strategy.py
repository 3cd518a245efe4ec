"""Names Flink 2 removed: restart strategies are chosen by options."""

from __future__ import annotations

from typing import Any, NoReturn

from flott.common.errors import UnsupportedFeature

__all__ = ["RestartStrategies", "RestartStrategyConfiguration"]

_TYPE = "the option 'restart-strategy.type'"


class RestartStrategyConfiguration:
    """Was the base of the configurations; now there are options."""

    def __init__(self, *args: Any) -> None:
        raise UnsupportedFeature("RestartStrategyConfiguration", successor=_TYPE)

    def get_description(self) -> str:
        """Was the text for the web page."""
        raise UnsupportedFeature("RestartStrategyConfiguration", successor=_TYPE)


class RestartStrategies:
    """Made the configurations; each method names the options that took its place."""

    class NoRestartStrategyConfiguration(RestartStrategyConfiguration):
        """Now ``restart-strategy.type: none``."""

    class FixedDelayRestartStrategyConfiguration(RestartStrategyConfiguration):
        """Now ``restart-strategy.type: fixed-delay``."""

    class FailureRateRestartStrategyConfiguration(RestartStrategyConfiguration):
        """Now ``restart-strategy.type: failure-rate``."""

    class FallbackRestartStrategyConfiguration(RestartStrategyConfiguration):
        """Now: leave ``restart-strategy.type`` unset."""

    @staticmethod
    def no_restart() -> NoReturn:
        """Refuse, naming ``restart-strategy.type: none``."""
        raise UnsupportedFeature("RestartStrategies.no_restart", successor=f"{_TYPE} = 'none'")

    @staticmethod
    def fall_back_restart() -> NoReturn:
        """Refuse; without ``restart-strategy.type`` the default applies."""
        raise UnsupportedFeature(
            "RestartStrategies.fall_back_restart",
            reason="Without 'restart-strategy.type' the default strategy applies.",
        )

    @staticmethod
    def fixed_delay_restart(restart_attempts: int, delay_between_attempts: Any) -> NoReturn:
        """Refuse, naming ``restart-strategy.type: fixed-delay`` and its two options."""
        raise UnsupportedFeature(
            "RestartStrategies.fixed_delay_restart",
            successor=f"{_TYPE} = 'fixed-delay' with 'restart-strategy.fixed-delay.attempts' = "
            f"{restart_attempts} and 'restart-strategy.fixed-delay.delay'",
        )

    @staticmethod
    def failure_rate_restart(
        failure_rate: int, failure_interval: Any, delay_interval: Any
    ) -> NoReturn:
        """Refuse, naming ``restart-strategy.type: failure-rate`` and its three options."""
        raise UnsupportedFeature(
            "RestartStrategies.failure_rate_restart",
            successor=f"{_TYPE} = 'failure-rate' with "
            f"'restart-strategy.failure-rate.max-failures-per-interval' = {failure_rate}, "
            "'restart-strategy.failure-rate.failure-rate-interval' and "
            "'restart-strategy.failure-rate.delay'",
        )
