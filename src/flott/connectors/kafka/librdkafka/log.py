"""What librdkafka has to say, in Python's logging.

It reports every lost connection as an error, though it connects again by itself, so nothing that
it can get over is louder than ``INFO`` here. What it cannot get over is raised.
"""

from __future__ import annotations

import logging
from typing import Final, Protocol

_logger: Final = logging.getLogger("flott.connectors.kafka")
_CRITICAL: Final = 2  # of syslog, as librdkafka counts; 3 is an error, 4 a warning, 7 debug
_WARNING: Final = 4


class _Talkative(Protocol):
    @property
    def has_log(self) -> bool: ...

    def take_log(self) -> list[tuple[int, str, str]]: ...


def forward_log(client: _Talkative) -> None:
    """Log what a native client has collected."""
    if not client.has_log:
        return
    for severity, facility, text in client.take_log():
        _logger.log(level_of(severity), "%s: %s", facility, text)


def level_of(severity: int) -> int:
    """Python's level for one of syslog.

    >>> level_of(3) == logging.INFO
    True
    """
    if severity <= _CRITICAL:
        return logging.WARNING
    return logging.INFO if severity <= _WARNING else logging.DEBUG


class QuietLogger:
    """A logger as confluent-kafka calls it."""

    def log(self, level: int, message: str, *parts: object) -> None:
        """Log at ``DEBUG`` what librdkafka thinks deserves ``level``."""
        _logger.debug(message, *parts)
