"""What to do with restored records when nobody can tell whether they were committed."""

from __future__ import annotations

from enum import Enum

from flott.common.errors import ConfigurationError


class OnLostMarker(Enum):
    """The choices of ``sink.on-lost-marker``."""

    FAIL = "fail"
    """The job fails, and says why."""
    AT_LEAST_ONCE = "at-least-once"
    """They are written, perhaps for the second time."""
    AT_MOST_ONCE = "at-most-once"
    """They are left out."""

    @staticmethod
    def parse(value: OnLostMarker | str) -> OnLostMarker:
        """Read the option's value.

        Raises:
            ConfigurationError: If there is no such choice.

        >>> OnLostMarker.parse("fail")
        <OnLostMarker.FAIL: 'fail'>
        """
        try:
            return OnLostMarker(value)
        except ValueError:
            choices = ", ".join(choice.value for choice in OnLostMarker)
            raise ConfigurationError(
                f"sink.on-lost-marker cannot be {value!r}; choose one of {choices}",
                key="sink.on-lost-marker",
            ) from None
